// Command changelog prints the section of one version of CHANGELOG.md, for the text of its
// release. It fails if the version is missing or unreleased.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "changelog:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: go run -C tools ./changelog v1.2.3")
	}
	content, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		return err
	}
	notes, err := section(string(content), strings.TrimPrefix(args[0], "v"))
	if err != nil {
		return err
	}
	fmt.Print(notes)
	return nil
}

// section returns the text under the heading of a version, such as
// "## 1.2.3 (November 26, 2026)".
func section(changelog, version string) (string, error) {
	var text strings.Builder
	found := false
	for line := range strings.Lines(changelog) {
		if heading, isHeading := strings.CutPrefix(line, "## "); isHeading {
			if found {
				break
			}
			number, date, _ := strings.Cut(strings.TrimSpace(heading), " ")
			found = number == version
			if found && (date == "" || strings.Contains(date, "Unreleased")) {
				return "", fmt.Errorf("version %s has no date in CHANGELOG.md", version)
			}
			continue
		}
		if found {
			text.WriteString(line)
		}
	}
	if strings.TrimSpace(text.String()) == "" {
		return "", fmt.Errorf("CHANGELOG.md has no notes for version %s", version)
	}
	return strings.TrimSpace(text.String()) + "\n", nil
}
