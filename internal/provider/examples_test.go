package provider

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ownRequirements is a terraform block in an example.
var ownRequirements = regexp.MustCompile(`(?m)^terraform \{`)

// TestExamples applies and destroys every example, under a real CLI with the
// provider configured by its environment variables. Files that generate docs
// stand alone; a directory with a main.tf is a configuration as a whole.
func TestExamples(t *testing.T) {
	const root = "../../examples"
	var examples []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".tf") {
			examples = append(examples, path)
		}
		return err
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
			service, _ := startSandbox(t, sandbox.Options{})
			baseURL, stop, err := service.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			if filepath.Base(example) == "import-by-identity.tf" && !knowsIdentity(t) {
				t.Skip("needs Terraform 1.12, the first that knows identities")
			}
			work := startWorkspace(t, "D360_API_KEY="+sandbox.DefaultKey, "D360_BASE_URL="+baseURL)
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
					config = requiredProviders + config
				}
				if strings.Contains(config, "\nimport {") || strings.HasPrefix(config, "import {") {
					seedNamed(service, config)
				}
				if err := work.Write("main.tf", config); err != nil {
					t.Fatal(err)
				}
			}
			for _, args := range [][]string{{"init"}, {"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}, {"destroy", "-auto-approve"}} {
				if _, err := work.Run(t.Context(), args...); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// quoted is a string in a configuration.
var quoted = regexp.MustCompile(`"([^"]+)"`)

// seedNamed blocks everyone whom a configuration names: what it imports is there
// already.
func seedNamed(service *sandbox.Server, config string) {
	for _, match := range quoted.FindAllStringSubmatch(config, -1) {
		for named := range strings.SplitSeq(match[1], ",") {
			if user, err := userid.Parse(named); err == nil && !service.IsBlocked(user.String()) {
				service.Seed(user.String())
			}
		}
	}
}

// knowsIdentity reports whether the CLI of the tests is a Terraform that imports
// by identity. OpenTofu has no such thing.
func knowsIdentity(t *testing.T) bool {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), "version").Output()
	if err != nil {
		return false
	}
	var major, minor int
	n, err := fmt.Sscanf(string(output), "Terraform v%d.%d", &major, &minor)
	return err == nil && n == 2 && (major > 1 || minor >= 12)
}
