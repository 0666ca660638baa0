// Package workspace runs a Terraform or OpenTofu of its own in a directory of
// its own, with the provider built from this checkout: for the demo, the
// benchmarks and tests that want a real process.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/address"
)

// version is the one under which the built provider is installed.
const version = "0.0.1"

// Workspace is a directory with a configuration, and a CLI set up for it.
type Workspace struct {
	// Dir holds the configuration and the state.
	Dir string
	// CLI is the Terraform or OpenTofu binary.
	CLI string
	// Provider is the provider's binary.
	Provider string

	root string
	env  []string
	// release gives back what is shared with other workspaces, nil if nothing is.
	release func() error
}

// New builds the provider and makes an empty workspace in a temporary
// directory. cli is the binary to run; if empty, TF_ACC_TERRAFORM_PATH names it,
// or else it is terraform or tofu on PATH. env is added to the environment of
// the CLI, from which settings of the user's own are taken out.
func New(ctx context.Context, cli string, env ...string) (*Workspace, error) {
	cli, err := findCLI(cli)
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "d360-")
	if err != nil {
		return nil, err
	}
	w := &Workspace{Dir: filepath.Join(root, "work"), CLI: cli, root: root}
	if err := w.install(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TF_") && !strings.HasPrefix(pair, "D360_") {
			w.env = append(w.env, pair)
		}
	}
	w.env = append(w.env,
		"TF_CLI_CONFIG_FILE="+filepath.Join(root, "cli.tfrc"),
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	w.env = append(w.env, env...)
	return w, nil
}

func findCLI(cli string) (string, error) {
	for _, candidate := range []string{cli, os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform", "tofu"} {
		if candidate == "" {
			continue
		}
		if path, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", errors.New("neither terraform nor tofu is on PATH")
}

// install builds the provider into a filesystem mirror, the way an archive of
// the registry is unpacked, and tells the CLI to look nowhere else.
func (w *Workspace) install(ctx context.Context) error {
	mirror := filepath.Join(w.root, "mirror")
	w.Provider = filepath.Join(mirror, address.Provider, version, runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-d360_v"+version)
	built, err := acquireProvider(ctx)
	if err != nil {
		return err
	}
	w.release = releaseProvider
	if err := place(built, w.Provider); err != nil {
		return err
	}
	if err := os.Mkdir(w.Dir, 0o755); err != nil {
		return err
	}
	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	return os.WriteFile(filepath.Join(w.root, "cli.tfrc"), []byte(config), 0o600)
}

// Copy puts the files of a directory into the workspace.
func (w *Workspace) Copy(from string) error {
	return os.CopyFS(w.Dir, os.DirFS(from))
}

// Write puts one file into the workspace, in place of one of that name.
func (w *Workspace) Write(name, content string) error {
	return os.WriteFile(filepath.Join(w.Dir, name), []byte(content), 0o600)
}

// Read returns a file of the workspace.
func (w *Workspace) Read(name string) (string, error) {
	content, err := fs.ReadFile(os.DirFS(w.Dir), name)
	return string(content), err
}

// Command prepares the CLI to run in the workspace. An interrupt of this process
// reaches it, so that it ends in its own order.
func (w *Workspace) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.CLI, args...)
	cmd.Dir = w.Dir
	cmd.Env = w.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

// Run runs the CLI and returns what it printed on both streams. The error holds
// the end of it.
func (w *Workspace) Run(ctx context.Context, args ...string) (string, error) {
	output, err := w.Command(ctx, args...).CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("%s %s: %w\n%s", filepath.Base(w.CLI), strings.Join(args, " "), err, tail(string(output), 4000))
	}
	return string(output), nil
}

// Beside returns a workspace with an empty directory of its own that uses the
// CLI and what init has installed in w, and hence needs no init. It goes when w
// is closed, or before.
func (w *Workspace) Beside() (*Workspace, error) {
	dir, err := os.MkdirTemp(w.root, "beside-")
	if err != nil {
		return nil, err
	}
	const locks = ".terraform.lock.hcl"
	locked, err := w.Read(locks)
	if err != nil {
		return nil, fmt.Errorf("a workspace beside another needs that to be initialised: %w", err)
	}
	beside := &Workspace{Dir: dir, CLI: w.CLI, Provider: w.Provider, root: dir}
	beside.env = append(slices.Clip(w.env), "TF_DATA_DIR="+filepath.Join(w.Dir, ".terraform"))
	return beside, beside.Write(locks, locked)
}

func tail(s string, most int) string {
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}

// Close removes everything that the workspace made.
func (w *Workspace) Close() error {
	err := os.RemoveAll(w.root)
	if w.release != nil {
		err = errors.Join(err, w.release())
	}
	return err
}
