package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// matrixVersions matches the versions of a job in the workflow: those for a pull request and
// those for other events.
var matrixVersions = regexp.MustCompile(`(?m)^ +version: .* && '\[(.+)\]' \|\| '\[(.+)\]'\) }}$`)

// TestWorkflowVersions checks that the workflow tests the oldest supported version, each
// later minor version, and the newest. A pull request tests the oldest and the newest.
func TestWorkflowVersions(t *testing.T) {
	matrices := matrixVersions.FindAllStringSubmatch(readFile(t, ".github/workflows/test.yml"), -1)
	if len(matrices) != 2 {
		t.Fatalf("%d jobs have a list of versions, want one for Terraform and one for OpenTofu", len(matrices))
	}
	for _, matrix := range matrices {
		versions := strings.Split(strings.ReplaceAll(matrix[2], `"`, ""), ", ")
		if want := fmt.Sprintf("%q, %q", versions[0], versions[len(versions)-1]); matrix[1] != want {
			t.Errorf("a pull request tests %s, want %s", matrix[1], want)
		}
		major, minor := minimum.Segments()[0], minimum.Segments()[1]
		for i, version := range versions {
			want := fmt.Sprintf("%d.%d.*", major, minor+i)
			if i == len(versions)-1 {
				want = "latest"
			}
			if version != want {
				t.Errorf("version %d of %q is %s, want %s", i+1, versions, version, want)
			}
		}
	}
}

// TestDocumentedVersions checks the places that name the oldest version.
func TestDocumentedVersions(t *testing.T) {
	oldest := fmt.Sprintf("%d.%d", minimum.Segments()[0], minimum.Segments()[1])
	for name, sentence := range map[string]string{
		"templates/guides/troubleshooting.md": "| resources, data sources and the functions `normalize_user` and `read_csv` | %s | %s |",
		"templates/index.md.tmpl":             "Terraform %s or later and OpenTofu %s or later",
		"README.md":                           "Terraform %s or later and OpenTofu %s or later",
		"CONTRIBUTING.md":                     "at least version %s",
		"examples/provider/provider.tf":       `required_version = ">= %s"`,
		"examples/channels/main.tf":           `required_version = ">= %s"`,
	} {
		want := strings.ReplaceAll(sentence, "%s", oldest)
		if text := strings.Join(strings.Fields(readFile(t, name)), " "); !strings.Contains(text, want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}

// readFile reads a file of the repository.
func readFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
