package guides_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const root = "../../.."

// block is a block of code on a page of docs/.
type block struct {
	// name is the page and the heading above the block, such as
	// "guides/moving#names-and-keys". The second block of a heading ends with "-2".
	name string
	text string
}

var (
	fence     = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$|^#+ ([^\n]+)$")
	notInSlug = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// blocks returns the blocks in a language of all pages.
func blocks(t *testing.T, language string) []block {
	t.Helper()
	var all []block
	docs := filepath.Join(root, "docs")
	err := filepath.WalkDir(docs, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		page, err := filepath.Rel(docs, strings.TrimSuffix(path, ".md"))
		if err == nil {
			all = append(all, blocksOf(t, path, filepath.ToSlash(page), language)...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func blocksOf(t *testing.T, path, page, language string) []block {
	t.Helper()
	var all []block
	heading, seen := "", map[string]int{}
	for _, match := range fence.FindAllStringSubmatch(read(t, path), -1) {
		if match[3] != "" {
			heading = strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(match[3]), ""), " ", "-")
		}
		if match[1] != language {
			continue
		}
		name := page + "#" + heading
		if seen[name]++; seen[name] > 1 {
			name += "-" + strconv.Itoa(seen[name])
		}
		all = append(all, block{name, match[2]})
	}
	return all
}

func find(t *testing.T, language, name string) string {
	t.Helper()
	for _, b := range blocks(t, language) {
		if b.name == name {
			return b.text
		}
	}
	t.Fatalf("docs/ has no block %s in %s", name, language)
	return ""
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
