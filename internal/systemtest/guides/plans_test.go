package guides_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

var update = flag.Bool("update", false, "write the annotated plans into the guide on reviewing")

// annotatedPlan is a plan in the guide, after a comment that names it.
var annotatedPlan = regexp.MustCompile("(?s)<!-- plan: ([a-z]+) -->\n```text\n(.*?)```\n")

// The annotated plans of the guide on reviewing are the output of Terraform for the change
// and the drift that the guide describes.
func TestAccGuides_plans(t *testing.T) {
	t.Parallel()
	guide := filepath.Join(root, "templates/guides/reviewing.md")
	configs := map[string]string{"single": singleFromCSV, "bulk": bulkFromCSV}
	text := read(t, guide)
	for _, match := range annotatedPlan.FindAllStringSubmatch(text, -1) {
		name, config := match[1], configs[match[1]]
		delete(configs, name)
		got := planOf(t, config)
		if *update {
			text = strings.Replace(text, match[0], "<!-- plan: "+name+" -->\n```text\n"+got+"```\n", 1)
		} else if got != match[2] {
			t.Errorf("the plan %s is\n%s\nand the guide says\n%s\nrun go test ./internal/systemtest/guides -update, and make docs", name, got, match[2])
		}
	}
	if len(configs) > 0 {
		t.Errorf("the guide has no plan of %v", configs)
	}
	if *update {
		if err := os.WriteFile(guide, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// planOf returns the plan for the change of the guide, from the first resource to the line
// with the numbers.
func planOf(t *testing.T, config string) string {
	t.Helper()
	api, work := startWorkspace(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}})
	file := read(t, filepath.Join(root, "examples/from-csv/blocklist.csv"))
	write(t, work, "blocklist.csv", file)
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	acctest.Run(t, work, config, "apply", "-no-color", "-auto-approve")
	acctest.Run(t, work, config, "apply", "-no-color", "-auto-approve", "-refresh-only")
	for line := range strings.Lines(find(t, "diff", "guides/reviewing#reviewing-plans-and-drift")) {
		row := line[1:]
		switch {
		case line[0] == '+':
			file += row
		case strings.Contains(file, row):
			file = strings.Replace(file, row, "", 1)
		default:
			t.Fatalf("the file has no row %s", row)
		}
	}
	write(t, work, "blocklist.csv", file)
	api.Remove("16505550111")
	output := acctest.Run(t, work, config, "plan", "-no-color")
	begin, end := strings.Index(output, "  # d360_"), strings.Index(output, "\nPlan: ")
	if begin < 0 || end < begin {
		t.Fatalf("no plan:\n%s", output)
	}
	last, _, _ := strings.Cut(output[end+1:], "\n")
	return output[begin:end+1] + last + "\n"
}
