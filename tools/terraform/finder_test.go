package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var errOffline = errors.New("offline")

// A testFinder is a finder with an empty PATH and an empty cache.
type testFinder struct {
	*finder
	pathDir string
	log     strings.Builder
	// installedBy has the calls of download and build.
	installedBy []string
}

func newTestFinder(t *testing.T) *testFinder {
	t.Helper()
	m := &testFinder{pathDir: t.TempDir()}
	t.Setenv("PATH", m.pathDir)
	t.Setenv(pathVariable, "")
	m.finder = &finder{
		cacheDir: filepath.Join(t.TempDir(), "bin"),
		getenv:   os.Getenv,
		lookPath: exec.LookPath,
		version:  cliVersion,
		download: func(_ context.Context, dir string) (string, error) {
			m.installedBy = append(m.installedBy, "download")
			return fakeCLI(t, filepath.Join(dir, "terraform"), "1.99.0"), nil
		},
		build: func(_ context.Context, dir string) (string, error) {
			m.installedBy = append(m.installedBy, "build")
			return fakeCLI(t, filepath.Join(dir, "tofu"), "1.12.6"), nil
		},
		log: &m.log,
	}
	return m
}

// fakeCLI writes an executable that prints a version. It is a script with the path of its
// interpreter, because the tests' PATH is empty.
func fakeCLI(t *testing.T, path, version string) string {
	t.Helper()
	script := fmt.Sprintf("#!/bin/sh\necho '{\"terraform_version\": %q}'\n", version)
	return fakeScript(t, path, script)
}

func fakeScript(t *testing.T, path, script string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (m *testFinder) onPath(t *testing.T, name, version string) string {
	t.Helper()
	return fakeCLI(t, filepath.Join(m.pathDir, name), version)
}

func (m *testFinder) cached(t *testing.T, name, version string) string {
	t.Helper()
	return fakeCLI(t, filepath.Join(m.cacheDir, name), version)
}

func (m *testFinder) checkPath(t *testing.T, find func(context.Context) (string, error), want string, got ...string) {
	t.Helper()
	path, err := find(t.Context())
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
	if path != want {
		t.Errorf("chose %q, want %q", path, want)
	}
	if !filepath.IsAbs(path) {
		t.Errorf("%q is not absolute", path)
	}
	if strings.Join(m.installedBy, " ") != strings.Join(got, " ") {
		t.Errorf("installed by %q, want %q", m.installedBy, got)
	}
}

// TestAnyOrder removes each choice, and checks the next one.
func TestAnyOrder(t *testing.T) {
	m := newTestFinder(t)
	named := fakeCLI(t, filepath.Join(t.TempDir(), "mine"), "1.9.0")
	t.Setenv(pathVariable, named)
	pathTerraform := m.onPath(t, "terraform", "1.14.0")
	pathTofu := m.onPath(t, "tofu", "1.8.0")
	cachedTerraform := m.cached(t, "terraform", "1.14.0")
	cachedTofu := m.cached(t, "tofu", "1.12.6")

	m.checkPath(t, m.any, named)
	t.Setenv(pathVariable, "")

	for _, path := range []string{pathTerraform, pathTofu, cachedTerraform, cachedTofu} {
		m.checkPath(t, m.any, path)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if m.log.String() != "" {
		t.Errorf("logged a message although it skipped nothing: %s", m.log.String())
	}

	m.checkPath(t, m.any, cachedTerraform, "download")
	// The executable is cached.
	m.checkPath(t, m.any, cachedTerraform, "download")
}

func TestAnyBuildsIfDownloadFails(t *testing.T) {
	m := newTestFinder(t)
	m.download = func(_ context.Context, dir string) (string, error) {
		// A partial download must not stay.
		fakeCLI(t, filepath.Join(dir, "terraform"), "1.99.0")
		return "", errOffline
	}

	tofu := filepath.Join(m.cacheDir, "tofu")
	m.checkPath(t, m.any, tofu, "build")
	if log := m.log.String(); !strings.Contains(log, errOffline.Error()) || !strings.Contains(log, "some minutes") {
		t.Errorf("does not log why it builds OpenTofu, and that this takes some minutes: %s", log)
	}
	m.checkPath(t, m.any, tofu, "build")

	entries, err := os.ReadDir(m.cacheDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the cache has more than the executable: %v", entries)
	}
}

func TestAnyDoesNotBuildWhenInterrupted(t *testing.T) {
	m := newTestFinder(t)
	ctx, cancel := context.WithCancel(t.Context())
	m.download = func(context.Context, string) (string, error) {
		cancel()
		return "", ctx.Err()
	}
	if path, err := m.any(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("any = %q, %v, want an error of the cancelled context", path, err)
	}
	if len(m.installedBy) > 0 {
		t.Errorf("continued with %q", m.installedBy)
	}
}

func TestAnyReportsAFailedBuild(t *testing.T) {
	m := newTestFinder(t)
	fail := func(context.Context, string) (string, error) { return "", errOffline }
	m.download, m.build = fail, fail
	if path, err := m.any(t.Context()); !errors.Is(err, errOffline) {
		t.Errorf("any = %q, %v, want the build's error", path, err)
	}
}

// A named executable is used with any version, by path or by name. A missing one is an
// error, even if there are others.
func TestAnyNamed(t *testing.T) {
	m := newTestFinder(t)
	m.onPath(t, "terraform", "1.14.0")
	tofu := m.onPath(t, "tofu", "1.6.0")

	t.Setenv(pathVariable, "tofu")
	m.checkPath(t, m.any, tofu)

	t.Setenv(pathVariable, filepath.Join(m.pathDir, "missing"))
	if path, err := m.any(t.Context()); err == nil || !strings.Contains(err.Error(), pathVariable) {
		t.Errorf("any = %q, %v, want an error that names %s", path, err, pathVariable)
	}
}

func TestAnySkipsUnusable(t *testing.T) {
	for name, script := range map[string]string{
		"too old":      "#!/bin/sh\necho '{\"terraform_version\": \"1.7.5\"}'\n",
		"failing shim": "#!/bin/sh\necho no version is set >&2\nexit 126\n",
		"not JSON":     "#!/bin/sh\necho Terraform v0.11.0\n",
		"no version":   "#!/bin/sh\necho '{}'\n",
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestFinder(t)
			bad := fakeScript(t, filepath.Join(m.pathDir, "terraform"), script)
			tofu := m.onPath(t, "tofu", "1.12.6-dev")
			m.checkPath(t, m.any, tofu)
			if !strings.Contains(m.log.String(), bad) {
				t.Errorf("does not say that the finder skipped %s: %s", bad, m.log.String())
			}
		})
	}
}

func TestOpenTofuOrder(t *testing.T) {
	m := newTestFinder(t)
	// These are not used.
	t.Setenv(pathVariable, m.onPath(t, "terraform", "1.14.0"))
	m.cached(t, "terraform", "1.14.0")
	pathTofu := m.onPath(t, "tofu", "1.12.0-dev")
	cachedTofu := m.cached(t, "tofu", "1.12.6")

	m.checkPath(t, m.openTofu, pathTofu)
	m.onPath(t, "tofu", "1.11.9")
	m.checkPath(t, m.openTofu, cachedTofu)
	if err := os.Remove(cachedTofu); err != nil {
		t.Fatal(err)
	}
	m.checkPath(t, m.openTofu, cachedTofu, "build")
	m.checkPath(t, m.openTofu, cachedTofu, "build")
}

// The version command runs without the user's settings, which could make it fail or mix a
// log into its output.
func TestCLIVersionHidesSettings(t *testing.T) {
	t.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(t.TempDir(), "missing"))
	script := "#!/bin/sh\n[ -z \"$TF_CLI_CONFIG_FILE\" ] && [ -n \"$CHECKPOINT_DISABLE\" ] || exit 1\necho '{\"terraform_version\": \"1.8.0\"}'\n"
	path := fakeScript(t, filepath.Join(t.TempDir(), "terraform"), script)
	have, err := cliVersion(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if have.String() != "1.8.0" {
		t.Errorf("version %s, want 1.8.0", have)
	}
}
