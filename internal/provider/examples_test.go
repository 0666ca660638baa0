package provider_test

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// ownRequirements is a terraform block in an example.
var ownRequirements = regexp.MustCompile(`(?m)^terraform \{`)

// TestAccExamples applies and destroys every example, under a real CLI with the
// provider configured by its environment variables. Files that generate docs
// stand alone; a directory with a main.tf is a configuration as a whole.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	const root = "../../examples"
	var examples []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == channelsExample:
			// Needs two numbers, and has TestAccChannelsExample.
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ".tf"):
			examples = append(examples, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) == 0 {
		t.Fatal("no examples found")
	}
	for _, example := range examples {
		t.Run(strings.TrimPrefix(example, root+"/"), func(t *testing.T) {
			t.Parallel()
			api := fakeapi.New(fakeapi.Options{})
			baseURL := acctest.Serve(t, api)
			if filepath.Base(example) == "import-by-identity.tf" && !knowsIdentity(t) {
				t.Skip("needs Terraform or OpenTofu 1.12, the first that know identities")
			}
			work := acctest.StartWorkspace(t, "D360_API_KEY="+fakeapi.DefaultKey, "D360_BASE_URL="+baseURL, "D360_MAX_UNBLOCKS=100")
			if filepath.Base(example) == "main.tf" {
				if err := work.Copy(filepath.Dir(example)); err != nil {
					t.Fatal(err)
				}
			} else {
				content, err := os.ReadFile(example)
				if err != nil {
					t.Fatal(err)
				}
				config := string(content)
				if !ownRequirements.MatchString(config) {
					config = acctest.RequiredProviders + config
				}
				if strings.Contains(config, "\nimport {") || strings.HasPrefix(config, "import {") {
					seedNamed(api, config)
				}
				if err := work.Write("main.tf", config); err != nil {
					t.Fatal(err)
				}
				copyCSV(t, work, filepath.Dir(example))
			}
			for _, args := range [][]string{{"init"}, {"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}, {"destroy", "-auto-approve"}} {
				if _, err := work.Run(t.Context(), args...); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// copyCSV copies the file of an example that has one.
func copyCSV(t *testing.T, work *workspace.Workspace, dir string) {
	t.Helper()
	const name = "blocklist.csv"
	content, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = work.Write(name, string(content))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// quoted is a string in a configuration.
var quoted = regexp.MustCompile(`"([^"]+)"`)

// seedNamed blocks everyone that a configuration names: what it imports is there
// already.
func seedNamed(api *fakeapi.Server, config string) {
	for _, match := range quoted.FindAllStringSubmatch(config, -1) {
		for named := range strings.SplitSeq(match[1], ",") {
			if user, err := userid.Parse(named); err == nil && !api.IsBlocked(user.String()) {
				api.Seed(user.String())
			}
		}
	}
}

// knowsIdentity reports whether the CLI of the tests imports by identity, as
// Terraform and OpenTofu do since 1.12.
func knowsIdentity(t *testing.T) bool {
	t.Helper()
	_, minor := cliVersion(t)
	return minor >= 12
}

// knowsQuery reports whether the CLI of the tests has the command query, as
// Terraform does since 1.14, and OpenTofu does not.
func knowsQuery(t *testing.T) bool {
	t.Helper()
	name, minor := cliVersion(t)
	return name == "Terraform" && minor >= 14
}

// needsOpenTofu skips a test where the CLI is an OpenTofu older than 1.minor,
// which was the first to do something that Terraform does since 1.8 or before.
func needsOpenTofu(t *testing.T, minor int, what string) {
	t.Helper()
	if name, has := cliVersion(t); name == "OpenTofu" && has < minor {
		t.Skipf("needs OpenTofu 1.%d, the first with %s", minor, what)
	}
}

// cliVersion gives what the CLI of the tests calls itself and its 1.minor
// version, or nothing where there is none.
func cliVersion(t *testing.T) (name string, minor int) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), "version").Output()
	match := versionLine.FindStringSubmatch(string(output))
	if err != nil || match == nil {
		return "", 0
	}
	if minor, err = strconv.Atoi(match[2]); err != nil {
		t.Fatal(err)
	}
	return match[1], minor
}

// versionLine is the line that matters of what a CLI says of its version; a
// warning may stand before it.
var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v1\.(\d+)`)
