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

// build is the provider's binary. The open workspaces of a process share it, because
// linking takes longer than most of what they do.
var build struct {
	mu sync.Mutex
	// path is valid while users is greater than zero.
	path  string
	users int
}

// acquireProvider returns the provider's binary, and builds it for the first user.
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

// releaseProvider removes the binary after its last user.
func releaseProvider() error {
	build.mu.Lock()
	defer build.mu.Unlock()
	build.users--
	if build.users > 0 {
		return nil
	}
	return os.RemoveAll(filepath.Dir(build.path))
}

// linkOrCopy makes a hard link, or a copy where the file system has none.
func linkOrCopy(from, to string) error {
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
