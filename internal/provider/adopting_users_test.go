package provider_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const importGuide = "../../templates/guides/importing.md.tmpl"

// guideBlock returns the first block of Terraform code after a text of a guide.
func guideBlock(t *testing.T, guide, after string) string {
	t.Helper()
	content, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(content), after)
	_, rest, opened := strings.Cut(rest, "```terraform\n")
	block, _, closed := strings.Cut(rest, "```")
	if !found || !opened || !closed {
		t.Fatalf("%s has no Terraform code after %q", guide, after)
	}
	return block
}

// startAdopting starts a fake API with 250 users on three pages.
func startAdopting(t *testing.T) (*fakeapi.Server, realTerraform) {
	t.Helper()
	api := fakeapi.New(fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100},
		WaIDs:          map[string]string{"5511987654321": "551187654321"},
	})
	api.Seed("5511987654321", "US.13491208655302741918")
	api.SeedN(248)
	return api, startTerraformWith(t, api)
}

// The guide's steps for every Terraform and OpenTofu: the data source writes a file, and
// the file is imported.
func TestAccAdoptingUsers_wholeList(t *testing.T) {
	t.Parallel()
	api, tf := startAdopting(t)
	export, err := os.ReadFile("../../examples/data-sources/d360_blocked_users/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	adopt := acctest.RequiredProviders + guideBlock(t, importGuide, "\n## Import\n")
	kept, _, found := strings.Cut(adopt, "# For the first apply only.")
	if !found {
		t.Fatal("the guide does not say which block is for the first apply only")
	}

	// Other commands ignore the files of terraform query.
	tf.write("all.tfquery.hcl", listBlock("limit = 1000", ""))

	tf.write("main.tf", string(export))
	tf.command("init")
	tf.command("apply", "-auto-approve")
	csv := tf.command("output", "-raw", "csv")
	if rows := strings.Count(csv, "\n"); rows != 251 {
		t.Fatalf("the file has %d lines, want 251:\n%s", rows, csv)
	}
	tf.write("blocklist.csv", csv)

	tf.write("main.tf", adopt)
	tf.command("plan", "-out=plan")
	var plan struct {
		Changes []struct {
			Address string
			Change  struct {
				Actions       []string
				Before, After map[string]any
				Importing     *struct{}
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(tf.command("show", "-json", "plan")), &plan); err != nil {
		t.Fatal(err)
	}
	imported := 0
	for _, planned := range plan.Changes {
		change := planned.Change
		if change.Importing == nil {
			t.Errorf("%s is not imported", planned.Address)
			continue
		}
		imported++
		change.Before["note"] = "blocked before"
		if !slices.Equal(change.Actions, []string{"update"}) || !maps.Equal(change.Before, change.After) {
			t.Errorf("%s: %v from %v to %v; want the note alone to change", planned.Address, change.Actions, change.Before, change.After)
		}
	}
	if imported != 250 {
		t.Errorf("%d users are imported, want 250", imported)
	}
	tf.expect(tf.command("apply", "plan"), "Resources: 250 imported, 0 added, 250 changed, 0 destroyed.")
	tf.write("main.tf", kept)
	tf.command("plan", "-detailed-exitcode")
	expectNoWrites(t, api)
	if n := len(api.Blocked()); n != 250 {
		t.Errorf("%d users are blocked, want 250", n)
	}
}

// The guide's steps for Terraform 1.14: the query writes a configuration that adopts the
// whole list. terraform-plugin-testing cannot write configurations.
func TestAccAdoptingUsers_query(t *testing.T) {
	t.Parallel()
	skipWithoutQuery(t)
	api, tf := startAdopting(t)
	tf.write("all.tfquery.hcl", guideBlock(t, importGuide, "\n## terraform query\n"))
	tf.run("", "init")
	tf.expect(tf.command("query", "-generate-config-out=blocked.tf"), "user=US.13491208655302741918")
	if gets := api.Stats().Gets; gets != 3 {
		t.Errorf("the query made %d requests, and the list has 3 pages", gets)
	}
	generated, err := tf.work.Read("blocked.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []string{`resource "d360_blocked_user" `, "import {"} {
		if n := strings.Count(generated, block); n != 250 {
			t.Errorf("the generated file has %d blocks %q, want 250", n, block)
		}
	}
	tf.expect(tf.command("apply", "-auto-approve"), "Resources: 250 imported, 0 added, 0 changed, 0 destroyed.")
	tf.command("plan", "-detailed-exitcode")
	expectNoWrites(t, api)
	if n := len(api.Blocked()); n != 250 {
		t.Errorf("%d users are blocked, want 250", n)
	}
}
