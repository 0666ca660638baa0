package release_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/provider"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// TestAccInstall installs the release from a registry and from a mirror, and plans with it.
func TestAccInstall(t *testing.T) {
	r := open(t)
	here := platform{runtime.GOOS, runtime.GOARCH}
	if !slices.Contains(platforms, here) {
		t.Skipf("there are no releases for %s", here)
	}
	t.Run("registry", func(t *testing.T) {
		t.Parallel()
		config, registry := "provider_installation {\n  direct {}\n}\n", startRegistry(t, r)
		for _, host := range workspace.Hosts {
			config += fmt.Sprintf("host %q {\n  services = { \"providers.v1\" = %q }\n}\n", host, registry)
		}
		output := install(t, r, config)
		// Terraform calls a key self-signed if HashiCorp has not signed it.
		if !regexp.MustCompile(`\((self-)?signed, key ID`).MatchString(output) {
			t.Errorf("the signature was not checked:\n%s", output)
		}
	})
	t.Run("mirror", func(t *testing.T) {
		t.Parallel()
		mirror := t.TempDir()
		name := r.file(here.String() + ".zip")
		for _, host := range workspace.Hosts {
			write(t, filepath.Join(mirror, host, provider.Source, name), r.read(t, name), 0o644)
		}
		install(t, r, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))
	})
}

func write(t *testing.T, path string, content []byte, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
}

// install runs init and plan with a CLI configuration, and returns the output of init. The
// configuration excludes the provider that the workspace builds from the checkout.
func install(t *testing.T, r release, cliConfig string) string {
	t.Helper()
	api := fakeapi.New(fakeapi.Options{})
	baseURL := acctest.Serve(t, api)
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	write(t, config, []byte(cliConfig), 0o600)
	work, err := workspace.New(t.Context(), "",
		"TF_CLI_CONFIG_FILE="+config, "D360_BASE_URL="+baseURL, "D360_API_KEY="+fakeapi.DefaultKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := work.Close(); err != nil {
			t.Error(err)
		}
	})
	// A snapshot is a prerelease, so it needs an exact version.
	err = work.Write("main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    d360 = {
      source  = %q
      version = %q
    }
  }
}

resource "d360_blocked_user" "spammer" {
  user = "+1 650 555 0123"
}

data "d360_blocked_users" "all" {}
`, provider.Source, r.Version))
	if err != nil {
		t.Fatal(err)
	}

	installed, err := work.Run(t.Context(), "init", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := work.Run(t.Context(), "plan", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan, "1 to add") {
		t.Errorf("the plan does not block the user:\n%s", plan)
	}
	requests := api.Requests()
	if len(requests) == 0 {
		t.Error("the provider made no request")
	}
	for _, request := range requests {
		if agent := request.Header.Get("User-Agent"); !strings.HasPrefix(agent, project+"/"+r.Version+" ") {
			t.Errorf("the user agent is %q, want version %s", agent, r.Version)
		}
	}
	return installed
}
