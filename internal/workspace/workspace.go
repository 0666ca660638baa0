// Package workspace runs a real Terraform or OpenTofu in a temporary directory, with the
// provider built from this checkout, for the demo, the benchmarks and tests.
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

	"github.com/d360/terraform-provider-d360/internal/provider"
)

// version is the installed provider's. The constraints of the examples allow it.
const version = "0.1.0"

// Hosts are the default registries of Terraform and OpenTofu.
var Hosts = [...]string{"registry.terraform.io", "registry.opentofu.org"}

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
	// release releases the shared build; nil in a workspace from Beside.
	release func() error
}

// New builds the provider and makes an empty workspace in a temporary directory. It
// runs the binary that [FindCLI] finds. The CLI gets this process's environment, without
// its TF_ and D360_ variables, and env.
func New(ctx context.Context, cli string, env ...string) (*Workspace, error) {
	cli, err := FindCLI(cli)
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "d360-")
	if err != nil {
		return nil, err
	}
	w := &Workspace{Dir: filepath.Join(root, "work"), CLI: cli, root: root}
	if w.Provider, w.release, err = Install(ctx, root); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if err := os.Mkdir(w.Dir, 0o755); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TF_") && !strings.HasPrefix(pair, "D360_") {
			w.env = append(w.env, pair)
		}
	}
	w.env = append(w.env,
		"TF_CLI_CONFIG_FILE="+CLIConfig(root),
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	w.env = append(w.env, env...)
	return w, nil
}

// FindCLI returns the path of the first binary that exists: cli, the one that
// TF_ACC_TERRAFORM_PATH names, terraform or tofu.
func FindCLI(cli string) (string, error) {
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

// CLIConfig is the CLI configuration file that [Install] writes into a directory.
func CLIConfig(dir string) string { return filepath.Join(dir, "cli.tfrc") }

// Install builds the provider into a filesystem mirror in a directory, and writes a CLI
// configuration that takes this provider from the mirror and all others from their
// registries. It returns the path of the provider's binary in the mirror, and a function
// that releases the shared build.
func Install(ctx context.Context, dir string) (binary string, release func() error, err error) {
	built, err := acquireProvider(ctx)
	if err != nil {
		return "", nil, err
	}
	mirror := filepath.Join(dir, "mirror")
	if err := os.RemoveAll(mirror); err != nil {
		return "", nil, errors.Join(err, releaseProvider())
	}
	var names []string
	var first string
	for _, host := range Hosts {
		names = append(names, fmt.Sprintf("%q", host+"/"+provider.Source))
		target := filepath.Join(mirror, host, provider.Source, version, runtime.GOOS+"_"+runtime.GOARCH)
		if first == "" {
			first = target
			binary = filepath.Join(target, "terraform-provider-d360_v"+version)
			err = linkOrCopy(built, binary)
		} else if err = os.MkdirAll(filepath.Dir(target), 0o755); err == nil {
			// A link, so that the running provider has one path. Neither CLI follows links above
			// this folder.
			err = os.Symlink(first, target)
		}
		if err != nil {
			return "", nil, errors.Join(err, releaseProvider())
		}
	}
	ours := strings.Join(names, ", ")
	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [%s]\n  }\n  direct {\n    exclude = [%s]\n  }\n}\n", mirror, ours, ours)
	if err := os.WriteFile(CLIConfig(dir), []byte(config), 0o600); err != nil {
		return "", nil, errors.Join(err, releaseProvider())
	}
	return binary, releaseProvider, nil
}

// Setenv adds a variable, as NAME=value, to the environment of the CLI.
func (w *Workspace) Setenv(pair string) { w.env = append(w.env, pair) }

// Copy puts the files of a directory into the workspace.
func (w *Workspace) Copy(from string) error {
	return os.CopyFS(w.Dir, os.DirFS(from))
}

// Write writes a file of the workspace.
func (w *Workspace) Write(name, content string) error {
	return os.WriteFile(filepath.Join(w.Dir, name), []byte(content), 0o600)
}

// Read returns a file of the workspace.
func (w *Workspace) Read(name string) (string, error) {
	content, err := fs.ReadFile(os.DirFS(w.Dir), name)
	return string(content), err
}

// Command prepares the CLI to run in the workspace. If the context ends, the CLI is
// interrupted rather than killed, so that it can save its state.
func (w *Workspace) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.CLI, args...)
	cmd.Dir = w.Dir
	cmd.Env = w.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

// Run runs the CLI and returns its output. The error holds the end of the output.
func (w *Workspace) Run(ctx context.Context, args ...string) (string, error) {
	output, err := w.Command(ctx, args...).CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("%s %s: %w\n%s", filepath.Base(w.CLI), strings.Join(args, " "), err, tail(string(output), 4000))
	}
	return string(output), nil
}

// Beside returns an empty workspace that needs no init, because it uses what init has
// installed in w. Closing w removes it too.
func (w *Workspace) Beside() (*Workspace, error) {
	dir, err := os.MkdirTemp(w.root, "beside-")
	if err != nil {
		return nil, err
	}
	const locks = ".terraform.lock.hcl"
	locked, err := w.Read(locks)
	if err != nil {
		return nil, fmt.Errorf("a workspace beside another needs init in that one: %w", err)
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
