package acctest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/d360/terraform-provider-d360/internal/provider"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// RequiredProviders is the terraform block that a configuration for a [StartWorkspace]
// begins with.
const RequiredProviders = `
terraform {
  required_providers {
    d360 = {
      source = "` + provider.Source + `"
    }
  }
}
`

// StateFile is the local state of a workspace.
const StateFile = "terraform.tfstate"

// StartWorkspace builds the provider and sets up a real Terraform that runs it in
// a process of its own. env is added to its environment.
func StartWorkspace(t *testing.T, env ...string) *workspace.Workspace {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("runs a real Terraform, as TF_ACC=1 asks for")
	}
	work, err := workspace.New(t.Context(), "", env...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := work.Close(); err != nil {
			t.Error(err)
		}
	})
	return work
}

// Run runs Terraform on a configuration and returns its output. The test fails if
// Terraform does.
func Run(t *testing.T, work *workspace.Workspace, config string, args ...string) string {
	t.Helper()
	if err := work.Write("main.tf", config); err != nil {
		t.Fatal(err)
	}
	output, err := work.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// Wrapped matches texts in this order, although Terraform breaks messages into lines
// with a margin.
func Wrapped(texts ...string) *regexp.Regexp {
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = strings.ReplaceAll(regexp.QuoteMeta(text), " ", `[\s│]+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(words, ".*"))
}
