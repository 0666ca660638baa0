package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-version"
)

// pathVariable names the environment variable by which the caller, and
// terraform-plugin-testing after it, is told which executable to use.
const pathVariable = "TF_ACC_TERRAFORM_PATH"

var (
	// minimum is the oldest Terraform and OpenTofu the provider is tested
	// with: the first Terraform with provider-defined functions, which OpenTofu
	// has had since 1.7. A test holds the workflow and the docs to it.
	minimum = version.Must(version.NewVersion("1.8.0"))

	// minimumOpenTofu is what a caller who insists on OpenTofu gets at least,
	// so that such a run means the same on every machine.
	minimumOpenTofu = version.Must(version.NewVersion("1.12.0"))
)

// A finder chooses an executable. All it needs from outside is a field, for
// the tests to put something else in its place.
type finder struct {
	// cacheDir is where executables that were got are kept.
	cacheDir string

	getenv   func(name string) string
	lookPath func(name string) (string, error)

	// version tells which version the executable at path is.
	version func(ctx context.Context, path string) (*version.Version, error)

	// download puts the newest Terraform into dir, and build an OpenTofu; both
	// return the executable's path.
	download func(ctx context.Context, dir string) (string, error)
	build    func(ctx context.Context, dir string) (string, error)

	log io.Writer
}

// any returns the path of whichever of the two there is, Terraform first.
func (f *finder) any(ctx context.Context) (string, error) {
	if name := f.getenv(pathVariable); name != "" {
		// Anyone who names one wants that one. Taking another where it cannot be
		// run would let a test matrix test the same version in every job.
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

// usable resolves name, a path or something to look for on PATH, and tells
// whether it is there, runs and is new enough. One that is there and will not
// do is told of: a version manager's shim with no version chosen, for example.
func (f *finder) usable(ctx context.Context, name string, atLeast *version.Version) (string, bool) {
	path, err := f.lookPath(name)
	if err != nil {
		return "", false
	}
	have, err := f.version(ctx, path)
	if err != nil {
		f.logf("passing over %s: %v", path, err)
		return "", false
	}
	// A development build counts as the version it is to become: OpenTofu from
	// source may call itself 1.12.6-dev.
	if have.Core().LessThan(atLeast) {
		f.logf("passing over %s: its version is %s, at least %s is needed", path, have, atLeast)
		return "", false
	}
	return path, true
}

// install has get put an executable into a directory of its own, and moves it
// to the cache only when it is whole, so that a run that was broken off leaves
// nothing there that looks usable.
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
