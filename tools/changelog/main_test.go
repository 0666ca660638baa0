package main

import (
	"os"
	"strings"
	"testing"
)

func TestSection(t *testing.T) {
	t.Parallel()
	const changelog = "## 1.3.0 (Unreleased)\n\nNEW\n\n## 1.2.0 (November 26, 2026)\n\nFEATURES:\n\n* One\n\n## 1.1.0\n\nOLD\n\n## 1.0.0 (May 1, 2026)\n"
	for version, want := range map[string]string{
		"1.3.0": "version 1.3.0 has no date in CHANGELOG.md",
		"1.2.0": "FEATURES:\n\n* One\n",
		"1.1.0": "version 1.1.0 has no date in CHANGELOG.md",
		"1.0.0": "CHANGELOG.md has no notes for version 1.0.0",
		"1.2":   "CHANGELOG.md has no notes for version 1.2",
	} {
		got, err := section(changelog, version)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

// CHANGELOG.md has the format that the release needs.
func TestSection_changelog(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	dated := strings.Replace(string(content), "(Unreleased)", "(November 26, 2026)", 1)
	heading, _, _ := strings.Cut(strings.TrimPrefix(dated, "## "), " ")
	if _, err := section(dated, heading); err != nil {
		t.Error(err)
	}
}
