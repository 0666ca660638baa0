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

// The guide's steps for every Terraform and OpenTofu: the data source writes a file, and
// the file is imported.
func TestAccAdoptingUsers_wholeList(t *testing.T) {
	t.Parallel()
	api := fakeapi.New(fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100},
		WaIDs:          map[string]string{"5511987654321": "551187654321"},
	})
	baseURL := acctest.Serve(t, api)
	api.Seed("5511987654321", "US.13491208655302741918")
	api.SeedN(248)
	export, err := os.ReadFile("../../examples/data-sources/d360_blocked_users/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	adopt := acctest.RequiredProviders + guideBlock(t, importGuide, "\n## Import\n")
	kept, _, found := strings.Cut(adopt, "# For the first apply only.")
	if !found {
		t.Fatal("the guide does not say which block is for the first apply only")
	}

	work := acctest.StartWorkspace(t, "D360_API_KEY="+fakeapi.DefaultKey, "D360_BASE_URL="+baseURL)
	write := func(name, content string) {
		t.Helper()
		if err := work.Write(name, content); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		output, err := work.Run(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		return output
	}
	// Other commands ignore the files of terraform query.
	write("all.tfquery.hcl", listBlock("limit = 1000", ""))

	write("main.tf", string(export))
	run("init")
	run("apply", "-auto-approve")
	csv := run("output", "-raw", "csv")
	if rows := strings.Count(csv, "\n"); rows != 251 {
		t.Fatalf("the file has %d lines, want 251:\n%s", rows, csv)
	}
	write("blocklist.csv", csv)

	write("main.tf", adopt)
	run("plan", "-out=plan")
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
	if err := json.Unmarshal([]byte(run("show", "-json", "plan")), &plan); err != nil {
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
	if output, want := run("apply", "-no-color", "plan"), "Resources: 250 imported, 0 added, 250 changed, 0 destroyed."; !strings.Contains(output, want) {
		t.Errorf("the apply does not say %q:\n%s", want, output)
	}
	write("main.tf", kept)
	run("plan", "-detailed-exitcode")
	if stats := api.Stats(); stats.Posts+stats.Deletes > 0 || len(api.Blocked()) != 250 {
		t.Errorf("the API was sent %+v, and %d users are blocked", stats, len(api.Blocked()))
	}
}

// The guide's steps for Terraform 1.14: the query writes a configuration that adopts the
// whole list. terraform-plugin-testing cannot write configurations.
func TestAccAdoptingUsers_query(t *testing.T) {
	t.Parallel()
	skipWithoutQuery(t)
	api := fakeapi.New(fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100},
		WaIDs:          map[string]string{"5511987654321": "551187654321"},
	})
	baseURL := acctest.Serve(t, api)
	api.Seed("5511987654321", "US.13491208655302741918")
	api.SeedN(248)
	work := acctest.StartWorkspace(t, "D360_API_KEY="+fakeapi.DefaultKey, "D360_BASE_URL="+baseURL)
	for name, content := range map[string]string{"main.tf": acctest.RequiredProviders, "all.tfquery.hcl": guideBlock(t, importGuide, "\n## terraform query\n")} {
		if err := work.Write(name, content); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want string, args ...string) {
		t.Helper()
		output, err := work.Run(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(output, want) {
			t.Errorf("%v does not say %q:\n%s", args, want, output)
		}
	}
	run("", "init")
	run("user=US.13491208655302741918", "query", "-no-color", "-generate-config-out=blocked.tf")
	if gets := api.Stats().Gets; gets != 3 {
		t.Errorf("the query made %d requests, and the list has 3 pages", gets)
	}
	generated, err := work.Read("blocked.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []string{`resource "d360_blocked_user" `, "import {"} {
		if n := strings.Count(generated, block); n != 250 {
			t.Errorf("the generated file has %d blocks %q, want 250", n, block)
		}
	}
	run("Resources: 250 imported, 0 added, 0 changed, 0 destroyed.", "apply", "-no-color", "-auto-approve")
	run("", "plan", "-detailed-exitcode")
	if stats := api.Stats(); stats.Posts+stats.Deletes > 0 || len(api.Blocked()) != 250 {
		t.Errorf("the API was sent %+v, and %d users are blocked", stats, len(api.Blocked()))
	}
}
