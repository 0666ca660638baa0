package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// build is the provider's binary, which the open workspaces of a process share:
// linking it takes longer than most of what they do.
var build struct {
	mu sync.Mutex
	// path is where it is while there are users.
	path  string
	users int
}

// acquireProvider returns the provider's binary, built unless a workspace is open
// that has it.
func acquireProvider(ctx context.Context) (path string, err error) {
	build.mu.Lock()
	defer build.mu.Unlock()
	if build.users == 0 {
		dir, err := os.MkdirTemp("", "d360-provider-")
		if err != nil {
			return "", err
		}
		path := filepath.Join(dir, "terraform-provider-d360")
		command := exec.CommandContext(ctx, "go", "build", "-o", path, "-ldflags", "-X main.version="+version, "github.com/d360/terraform-provider-d360")
		if output, err := command.CombinedOutput(); err != nil {
			return "", errors.Join(fmt.Errorf("build the provider: %w\n%s", err, output), os.RemoveAll(dir))
		}
		build.path = path
	}
	build.users++
	return build.path, nil
}

// releaseProvider removes the binary once no one uses it.
func releaseProvider() error {
	build.mu.Lock()
	defer build.mu.Unlock()
	build.users--
	if build.users > 0 {
		return nil
	}
	return os.RemoveAll(filepath.Dir(build.path))
}

// place puts an executable into a mirror.
func place(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}
