package guides_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// scenario says how to apply a block of the documentation.
type scenario struct {
	// before is applied first. Its users stay blocked.
	before string
	// beside is added to the block for the same apply.
	beside string
	// edit changes the block as the page says.
	edit func(t *testing.T, block string) string
	// blocked has the users on the list from the start. If isImport is set, the users of
	// blocklist.csv are also on the list.
	blocked  []string
	isImport bool
	// csv names the block of the page that has blocklist.csv, and file is its content. Without
	// both, the file is that of examples/provider.
	csv, file string
	// output is text that the output of the apply contains.
	output string
	// generates is set if Terraform generates the resource before the apply.
	generates bool
	// elsewhere names another test that runs the block.
	elsewhere string
}

const (
	singleFromCSV = "resource \"d360_blocked_user\" \"listed\" {\n  for_each = provider::d360::read_csv(file(\"${path.module}/blocklist.csv\"))\n\n  user = each.key\n  note = each.value\n}\n"
	bulkFromCSV   = "resource \"d360_blocked_users\" \"listed\" {\n  users = provider::d360::read_csv(file(\"${path.module}/blocklist.csv\"))\n}\n"
)

func scenarios() map[string]scenario {
	mapOf := func(name string, users ...string) string {
		return "resource \"d360_blocked_users\" \"" + name + "\" {\n  users = {\n    \"" + strings.Join(users, "\" = null\n    \"") + "\" = null\n  }\n}\n"
	}
	listedAs := func(key string) string {
		return "resource \"d360_blocked_user\" \"listed\" {\n  for_each = { \"" + key + "\" = \"+44 7700 900123\" }\n  user     = each.value\n}\n"
	}
	return map[string]scenario{
		// The file is in Windows-1252.
		"functions/read_csv#files":              {file: "number;reason\r\n+1 650 555 0123;Bel\xe4stigung\r\n", output: "Belästigung"},
		"guides/24-hours#what-does-not-unblock": {before: "resource \"d360_blocked_user\" \"spammer\" {\n  user = \"+1 650 555 0123\"\n}\n"},
		"guides/csv#blocks-that-expire":         {csv: "guides/csv#blocks-that-expire"},
		"guides/moving#names-and-keys": {
			before: mapOf("list", "+1 650 555 0123") + listedAs("spammer"),
			beside: mapOf("abuse", "+1 650 555 0123") + listedAs("447700900123"),
		},
		"guides/moving#single-to-bulk-and-back":        {before: singleFromCSV},
		"guides/moving#single-to-bulk-and-back-2":      {before: bulkFromCSV},
		"guides/moving#additive-to-exclusive-and-back": {before: mapOf("list", "+1 650 555 0123", "+44 7700 900123")},
		"guides/moving#one-user-to-another-resource":   {before: mapOf("list", "+1 650 555 0123", "+44 7700 900123") + mapOf("spam", "+1 650 555 0188")},
		"guides/moving#one-user-to-another-resource-2": {before: singleFromCSV, beside: "resource \"d360_blocked_user\" \"listed\" {\n  for_each = toset([\"16505550123\", \"US.13491208655302741918\"])\n\n  user = each.key\n}\n"},
		"guides/importing#import":                      {isImport: true},
		"guides/importing#import-2": {
			blocked: []string{"16505550123"},
			beside:  strings.Replace(singleFromCSV, "provider::d360::read_csv(file(\"${path.module}/blocklist.csv\"))", "local.blocklist", 1) + "locals {\n  blocklist = provider::d360::read_csv(file(\"${path.module}/blocklist.csv\"))\n}\n",
		},
		"guides/importing#import-3":                         {isImport: true},
		"guides/importing#let-terraform-write-the-resource": {blocked: []string{"447700900123"}, generates: true, edit: withoutProvider},
		"guides/importing#terraform-query":                  {elsewhere: "TestAccAdoptingUsers_query"},
		"guides/channels#channels":                          {elsewhere: "TestAccChannelsExample"},
		"guides/channels#the-right-key":                     {elsewhere: "TestAccGuides_rightKey"},
		"guides/channels#from-provider-aliases-to-channels": {elsewhere: "TestAccGuides_fromAliases"},
	}
}

// withoutProvider removes an argument of an import block that is allowed only while
// Terraform generates configuration.
func withoutProvider(t *testing.T, block string) string {
	t.Helper()
	edited := strings.Replace(block, "  provider = d360\n", "", 1)
	if edited == block {
		t.Errorf("the block names no provider:\n%s", block)
	}
	return edited
}

// Terraform can apply every block of configuration in docs/ as it is. The apply unblocks no
// user, and the next plan is empty.
func TestAccGuides(t *testing.T) {
	t.Parallel()
	examples := exampleFiles(t)
	known := scenarios()
	for _, b := range blocks(t, "terraform") {
		s, isKnown := known[b.name]
		delete(known, b.name)
		if examples[b.text] || s.elsewhere != "" {
			continue
		}
		if needsBefore(b.text) && !isKnown {
			t.Errorf("%s moves, removes or imports a resource: add the configuration before it to scenarios", b.name)
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s.run(t, b.text)
		})
	}
	for name := range known {
		t.Errorf("docs/ has no block %s any more", name)
	}
}

func needsBefore(text string) bool {
	for _, kind := range []string{"moved {", "removed {", "import {"} {
		if strings.HasPrefix(text, kind) || strings.Contains(text, "\n"+kind) {
			return true
		}
	}
	return false
}

// exampleFiles returns the files of examples/, which have a test of their own.
func exampleFiles(t *testing.T) map[string]bool {
	t.Helper()
	files := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[strings.TrimSpace(read(t, path))+"\n"] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (s scenario) run(t *testing.T, text string) {
	api, work := startWorkspace(t, fakeapi.Options{})
	file := read(t, filepath.Join(root, "examples/provider/blocklist.csv"))
	switch {
	case s.csv != "":
		file = find(t, "csv", s.csv)
	case s.file != "":
		file = s.file
	}
	write(t, work, "blocklist.csv", file)
	api.Seed(s.blocked...)
	if s.isImport {
		api.Seed("16505550123", "447700900123", "US.13491208655302741918")
	}
	config := acctest.RequiredProviders
	acctest.Run(t, work, config+s.before, "init", "-no-color")
	if s.before != "" {
		acctest.Run(t, work, config+s.before, "apply", "-no-color", "-auto-approve")
	}
	config += s.beside
	if s.generates {
		acctest.Run(t, work, config+text, "plan", "-no-color", "-generate-config-out=generated.tf")
	}
	if s.edit != nil {
		text = s.edit(t, text)
	}
	if output := acctest.Run(t, work, config+text, "apply", "-no-color", "-auto-approve"); !strings.Contains(output, s.output) {
		t.Errorf("the apply does not show %q:\n%s", s.output, output)
	}
	acctest.Run(t, work, config+text, "plan", "-no-color", "-detailed-exitcode")
	if stats := api.Stats(); stats.Deletes > 0 {
		t.Errorf("%d users were unblocked", stats.UsersDeleted)
	}
}

// startWorkspace starts a fake API, and returns it with a workspace for it.
func startWorkspace(t *testing.T, options fakeapi.Options) (*fakeapi.Server, *workspace.Workspace) {
	t.Helper()
	api := fakeapi.New(options)
	return api, acctest.StartWorkspace(t, "D360_API_KEY="+fakeapi.DefaultKey, "D360_BASE_URL="+acctest.Serve(t, api))
}

func write(t *testing.T, work *workspace.Workspace, name, content string) {
	t.Helper()
	if err := work.Write(name, content); err != nil {
		t.Fatal(err)
	}
}

// The provider block of the guide rejects a key of another number.
func TestAccGuides_rightKey(t *testing.T) {
	t.Parallel()
	for number, isRight := range map[string]bool{"49301234567": true, "49309999999": false} {
		sales := fakeapi.New(fakeapi.Options{Key: "sales", Channel: fakeapi.Channel{ID: "1", Number: number}})
		support := fakeapi.New(fakeapi.Options{Key: "support", Channel: fakeapi.Channel{ID: "2", Number: "4930222222"}})
		baseURL := acctest.Serve(t, fakeapi.NewHub(sales, support))
		work := acctest.StartWorkspace(t, "TF_VAR_sales_key=sales", "TF_VAR_support_key=support", "D360_BASE_URL="+baseURL)
		config := acctest.RequiredProviders + "variable \"sales_key\" {}\nvariable \"support_key\" {}\n" + find(t, "terraform", "guides/channels#the-right-key") +
			"resource \"d360_blocked_user\" \"one\" {\n  channel = \"sales\"\n  user    = \"+1 650 555 0123\"\n}\n"
		acctest.Run(t, work, config, "init", "-no-color")
		if _, err := work.Run(t.Context(), "apply", "-no-color", "-auto-approve"); (err == nil) != isRight {
			t.Errorf("with the key of %s, the apply's error is %v", number, err)
		}
	}
}

// A resource that a module created with a provider alias moves to the root module.
func TestAccGuides_fromAliases(t *testing.T) {
	t.Parallel()
	api := fakeapi.New(fakeapi.Options{})
	work := acctest.StartWorkspace(t, "D360_BASE_URL="+acctest.Serve(t, api))
	if err := os.Mkdir(filepath.Join(work.Dir, "sales"), 0o750); err != nil {
		t.Fatal(err)
	}
	const users = "  users = { \"+1 650 555 0123\" = null }\n}\n"
	write(t, work, "sales/main.tf", acctest.RequiredProviders+"resource \"d360_blocked_users\" \"listed\" {\n"+users)
	before := acctest.RequiredProviders + "provider \"d360\" {\n  alias   = \"sales\"\n  api_key = \"" + fakeapi.DefaultKey + "\"\n}\n" +
		"module \"sales\" {\n  source    = \"./sales\"\n  providers = { d360 = d360.sales }\n}\n"
	acctest.Run(t, work, before, "init", "-no-color")
	acctest.Run(t, work, before, "apply", "-no-color", "-auto-approve")
	posts := api.Stats().Posts
	after := acctest.RequiredProviders + "provider \"d360\" {\n  channels = { sales = { api_key = \"" + fakeapi.DefaultKey + "\" } }\n}\n" +
		"resource \"d360_blocked_users\" \"listed\" {\n  for_each = toset([\"sales\"])\n  channel  = each.key\n" + users + find(t, "terraform", "guides/channels#from-provider-aliases-to-channels")
	acctest.Run(t, work, after, "apply", "-no-color", "-auto-approve")
	acctest.Run(t, work, after, "plan", "-no-color", "-detailed-exitcode")
	if stats := api.Stats(); stats.Deletes > 0 || stats.Posts != posts {
		t.Errorf("the move sent %+v", stats)
	}
}
