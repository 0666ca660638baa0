package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

const (
	// versionTimeout bounds the question which version an executable is.
	versionTimeout = 30 * time.Second

	// connectTimeout bounds how long the download site may take to answer: a
	// machine without internet access shall notice soon.
	connectTimeout = 5 * time.Second

	// downloadTimeout bounds the whole download, some 30 MB.
	downloadTimeout = 5 * time.Minute
)

// cliVersion asks the executable at path, Terraform or OpenTofu, for its version.
func cliVersion(ctx context.Context, path string) (*version.Version, error) {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()

	cmd := exec.CommandContext(ctx, path, "version", "-json")
	// The user's CLI configuration has no say in what version this is, and one
	// that names a missing file makes every command fail.
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "CHECKPOINT_DISABLE=1")
	// A shim's children may hold the pipe open after it was killed.
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("version -json: %w", err)
	}
	var answer struct {
		// OpenTofu has kept the name.
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("version -json: %w", err)
	}
	return version.NewVersion(answer.Version)
}

// downloadTerraform puts the newest stable Terraform into dir and returns its
// path. Its checksum and the checksum's signature are verified on the way.
func downloadTerraform(ctx context.Context, dir string) (string, error) {
	// Not the installer's own client, which tries again several times before it
	// gives up: here a failure is a response, for there is another way.
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: 2 * connectTimeout,
	}
	defer transport.CloseIdleConnections()

	terraform := &releases.LatestVersion{
		Product:    product.Terraform,
		InstallDir: dir,
		Timeout:    downloadTimeout,
		HTTPClient: &http.Client{Transport: transport},
	}
	return terraform.Install(ctx)
}

// buildOpenTofu builds the OpenTofu that the module in directory module names
// into dir and returns its path.
func buildOpenTofu(ctx context.Context, module, dir string) (string, error) {
	const pkg = "github.com/opentofu/opentofu"
	path := filepath.Join(dir, "tofu")
	cmd := exec.CommandContext(ctx, "go", "build", "-C", module,
		// As in OpenTofu's own releases: without it the build counts as one of
		// a version in development.
		"-ldflags", "-s -w -X "+pkg+"/version.dev=no",
		"-o", path, pkg+"/cmd/tofu")
	// No C compiler is needed this way. A workspace file of the user's does not
	// list this module.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	// Standard output is for the path alone.
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building OpenTofu: %w", err)
	}
	return path, nil
}
