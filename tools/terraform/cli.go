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
	// versionTimeout is for the version command of an executable.
	versionTimeout = 30 * time.Second

	// connectTimeout is for a response of the download site. It is short for machines
	// without internet access.
	connectTimeout = 5 * time.Second

	// downloadTimeout is for the whole download, some 30 MB.
	downloadTimeout = 5 * time.Minute
)

// cliVersion returns the version of an executable, Terraform or OpenTofu.
func cliVersion(ctx context.Context, path string) (*version.Version, error) {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()

	cmd := exec.CommandContext(ctx, path, "version", "-json")
	// The user's CLI configuration does not matter here, and a missing file would make the
	// command fail.
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "CHECKPOINT_DISABLE=1")
	// The children of a killed shim may keep the pipe open.
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("version -json: %w", err)
	}
	var response struct {
		// OpenTofu uses this name, too.
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &response); err != nil {
		return nil, fmt.Errorf("version -json: %w", err)
	}
	return version.NewVersion(response.Version)
}

// downloadTerraform downloads the newest stable Terraform into dir and returns its path. It
// verifies the checksum and the signature of the checksum.
func downloadTerraform(ctx context.Context, dir string) (string, error) {
	// The installer's own client retries several times. Here, a failure must be quick, because
	// the caller then builds OpenTofu.
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

// buildOpenTofu builds the OpenTofu of a module into dir and returns its path.
func buildOpenTofu(ctx context.Context, module, dir string) (string, error) {
	const pkg = "github.com/opentofu/opentofu"
	path := filepath.Join(dir, "tofu")
	cmd := exec.CommandContext(ctx, "go", "build", "-C", module,
		// OpenTofu's releases set this. Otherwise, the build is a development version.
		"-ldflags", "-s -w -X "+pkg+"/version.dev=no",
		"-o", path, pkg+"/cmd/tofu")
	// This needs no C compiler. A Go workspace of the user does not have this module.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	// Standard output is only for the path.
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building OpenTofu: %w", err)
	}
	return path, nil
}
