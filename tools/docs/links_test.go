package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root = "../.."
	// blob and tree are the addresses of files and folders on GitHub.
	blob = "https://github.com/d360/terraform-provider-d360/blob/main/"
	tree = "https://github.com/d360/terraform-provider-d360/tree/main/"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	htmlID  = regexp.MustCompile(`<a id="([^"]+)">`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	// notInSlug matches characters of a heading that its anchor does not have.
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// site is a website that shows docs/.
type site struct {
	name string
	// resolve returns the file of the repository for a relative link of a page.
	resolve func(page, target string) string
}

// sites returns the websites with their rules for relative links.
func sites() []site {
	relative := func(page, target string) string { return path.Join(path.Dir(page), target) }
	return []site{
		{"GitHub", relative},
		{"Terraform Registry", func(page, target string) string {
			// A page has no extension there, and the index is the folder itself.
			if page == "docs/index.md" {
				page = "docs"
			}
			return strings.TrimSuffix(relative(page, target), ".md") + ".md"
		}},
		{"OpenTofu Registry", func(page, target string) string {
			// It always appends .md, calls data-sources datasources, and resolves links of the
			// index one level too high.
			if page == "docs/index.md" {
				page = "docs"
			}
			return strings.Replace(relative(page, target), "/datasources/", "/data-sources/", 1) + ".md"
		}},
	}
}

// Every link of docs/ works on GitHub, on the Terraform Registry and on OpenTofu's site. No
// relative link to another page works on all three, so such links are absolute.
func TestLinks(t *testing.T) {
	t.Parallel()
	var pages []string
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			pages = append(pages, strings.TrimPrefix(filepath.ToSlash(name), root+"/"))
		}
		return err
	})
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	links := 0
	for _, page := range pages {
		for _, match := range link.FindAllStringSubmatch(prose(t, page), -1) {
			links++
			if err := checkLink(t, page, match[1]); err != nil {
				t.Errorf("%s: %s: %v", page, match[1], err)
			}
		}
	}
	if links < 50 {
		t.Errorf("%d links, want more than 50", links)
	}
}

// checkLink finds dead links.
func TestLinks_dead(t *testing.T) {
	t.Parallel()
	for target, isDead := range map[string]bool{
		"guides/24-hours.md":                    true,
		"guides/24-hours":                       true,
		"#authentication":                       false,
		"#nowhere":                              true,
		blob + "docs/guides/24-hours.md":        false,
		blob + "docs/guides/nowhere.md":         true,
		blob + "docs/guides/24-hours.md#what-x": true,
		tree + "examples/provider":              false,
		tree + "examples/nowhere":               true,
	} {
		if err := checkLink(t, "docs/index.md", target); (err != nil) != isDead {
			t.Errorf("%s: %v, want an error: %t", target, err, isDead)
		}
	}
}

func checkLink(t *testing.T, page, target string) error {
	t.Helper()
	target, anchor, hasAnchor := strings.Cut(target, "#")
	switch {
	case strings.HasPrefix(target, tree):
		return exists(strings.TrimPrefix(target, tree))
	case strings.HasPrefix(target, blob):
		page = strings.TrimPrefix(target, blob)
	case strings.Contains(target, "://"):
		return nil
	case target != "":
		for _, s := range sites() {
			if err := exists(s.resolve(page, target)); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		return errors.New("a relative link works on all sites: extend this test")
	}
	if err := exists(page); err != nil {
		return err
	}
	if hasAnchor && !slices.Contains(anchors(t, page), anchor) {
		return fmt.Errorf("%s has no heading %q", page, anchor)
	}
	return nil
}

func exists(name string) error {
	_, err := os.Stat(filepath.Join(root, name))
	return err
}

// prose returns a page without its blocks of code.
func prose(t *testing.T, page string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return fence.ReplaceAllString(string(content), "")
}

func anchors(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	text := prose(t, page)
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		slug := notInSlug.ReplaceAllString(strings.ToLower(match[1]), "")
		all = append(all, strings.ReplaceAll(slug, " ", "-"))
	}
	for _, match := range htmlID.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}
