package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-version"
)

// pathVariable is the environment variable with the executable to use, as in
// terraform-plugin-testing.
const pathVariable = "TF_ACC_TERRAFORM_PATH"

var (
	// minimum is the oldest tested version of Terraform and OpenTofu: the first Terraform
	// with provider-defined functions. A test compares the workflow and the docs with it.
	minimum = version.Must(version.NewVersion("1.8.0"))

	// minimumOpenTofu is the oldest version for callers that need OpenTofu, so that the
	// result is the same on every machine.
	minimumOpenTofu = version.Must(version.NewVersion("1.12.0"))
)

// A finder chooses an executable. Tests replace its fields.
type finder struct {
	// cacheDir has downloaded and built executables.
	cacheDir string

	getenv   func(name string) string
	lookPath func(name string) (string, error)

	// version returns the version of an executable.
	version func(ctx context.Context, path string) (*version.Version, error)

	// download downloads the newest Terraform into dir, build builds an OpenTofu. Both
	// return the path of the executable.
	download func(ctx context.Context, dir string) (string, error)
	build    func(ctx context.Context, dir string) (string, error)

	log io.Writer
}

// any returns the path of Terraform, or of OpenTofu if there is no Terraform.
func (f *finder) any(ctx context.Context) (string, error) {
	if name := f.getenv(pathVariable); name != "" {
		// The caller wants this executable. With another one, a test matrix could test the
		// same version in every job.
		path, err := f.lookPath(name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", pathVariable, err)
		}
		return filepath.Abs(path)
	}

	for _, name := range []string{
		"terraform",
		"tofu",
		filepath.Join(f.cacheDir, "terraform"),
		filepath.Join(f.cacheDir, "tofu"),
	} {
		if path, ok := f.usable(ctx, name, minimum); ok {
			return filepath.Abs(path)
		}
	}

	f.logf("no Terraform or OpenTofu of at least %s here, getting the newest Terraform", minimum)
	path, err := f.install(ctx, "terraform", f.download)
	if err == nil {
		return path, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	f.logf("Terraform could not be downloaded (%v): building OpenTofu from source instead, which takes some minutes, once", err)
	return f.install(ctx, "tofu", f.build)
}

// openTofu returns the path of an OpenTofu of at least minimumOpenTofu.
func (f *finder) openTofu(ctx context.Context) (string, error) {
	for _, name := range []string{"tofu", filepath.Join(f.cacheDir, "tofu")} {
		if path, ok := f.usable(ctx, name, minimumOpenTofu); ok {
			return filepath.Abs(path)
		}
	}
	f.logf("no OpenTofu of at least %s here: building it from source, which takes some minutes, once", minimumOpenTofu)
	return f.install(ctx, "tofu", f.build)
}

// usable resolves a path or the name of a command, and reports whether it exists, runs and
// is new enough. It logs why it skips one that exists, such as a shim of a version manager
// without a chosen version.
func (f *finder) usable(ctx context.Context, name string, atLeast *version.Version) (string, bool) {
	path, err := f.lookPath(name)
	if err != nil {
		return "", false
	}
	have, err := f.version(ctx, path)
	if err != nil {
		f.logf("skipping %s: %v", path, err)
		return "", false
	}
	// A development build counts as its release: OpenTofu from source may have the version
	// 1.12.6-dev.
	if have.Core().LessThan(atLeast) {
		f.logf("skipping %s: its version is %s, at least %s is needed", path, have, atLeast)
		return "", false
	}
	return path, true
}

// install gets an executable in a temporary directory, and moves it to the cache only once
// it is complete, so that an interrupted run leaves no broken executable there.
func (f *finder) install(ctx context.Context, name string, get func(ctx context.Context, dir string) (string, error)) (string, error) {
	if err := os.MkdirAll(f.cacheDir, 0o755); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(f.cacheDir, name+"-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)

	got, err := get(ctx, dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(f.cacheDir, name)
	if err := os.Rename(got, path); err != nil {
		return "", err
	}
	return path, nil
}

func (f *finder) logf(format string, args ...any) {
	fmt.Fprintf(f.log, "terraform: "+format+"\n", args...)
}
