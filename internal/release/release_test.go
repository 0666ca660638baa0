// Package release_test checks the files of a release, and installs the provider from them.
// "make release-test" runs it.
package release_test

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var dist = flag.String("dist", "", "the directory with the release; without it, the tests are skipped")

// project is the prefix of every file name.
const project = "terraform-provider-d360"

// root is the directory of the checkout.
const root = "../.."

// platform is the platform of an archive, in Go's terms.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// platforms are all platforms of a release.
var platforms = []platform{
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"freebsd", "386"},
	{"freebsd", "amd64"},
	{"freebsd", "arm"},
	{"freebsd", "arm64"},
	{"linux", "386"},
	{"linux", "amd64"},
	{"linux", "arm"},
	{"linux", "arm64"},
	{"windows", "386"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// release is the release in the directory.
type release struct {
	dir string
	// Version has no v in front.
	Version string
	Commit  string
}

func open(t *testing.T) release {
	t.Helper()
	if *dist == "" {
		t.Skip(`needs a release: run "make release-snapshot release-test"`)
	}
	r := release{dir: *dist}
	if err := json.Unmarshal(r.read(t, "metadata.json"), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// file returns the name of a file of the release.
func (r release) file(suffix string) string { return project + "_" + r.Version + "_" + suffix }

func (r release) read(t *testing.T, name string) []byte {
	t.Helper()
	return readFile(t, filepath.Join(r.dir, name))
}

func (r release) has(name string) bool {
	_, err := os.Stat(filepath.Join(r.dir, name))
	return err == nil
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// manifest returns the manifest for the registries.
func (r release) manifest(t *testing.T) []byte {
	t.Helper()
	return readFile(t, filepath.Join(root, "terraform-registry-manifest.json"))
}

var sumLine = regexp.MustCompile(`(?m)^([0-9a-f]{64})  (\S+)\n`)

// sums returns the SHA-256 sums of the release by file.
func (r release) sums(t *testing.T) map[string]string {
	t.Helper()
	content := r.read(t, r.file("SHA256SUMS"))
	if rest := sumLine.ReplaceAll(content, nil); len(rest) > 0 {
		t.Errorf("some lines do not have a sum and a file: %q", rest)
	}
	sums := map[string]string{}
	for _, match := range sumLine.FindAllSubmatch(content, -1) {
		sums[string(match[2])] = string(match[1])
	}
	return sums
}

// TestSums checks that there is a sum for each archive and for the manifest, and no other:
// the Terraform Registry rejects any other release.
func TestSums(t *testing.T) {
	r := open(t)
	want := map[string]string{r.file("manifest.json"): sum(r.manifest(t))}
	for _, p := range platforms {
		name := r.file(p.String() + ".zip")
		want[name] = sum(r.read(t, name))
	}
	if diff := cmp.Diff(want, r.sums(t)); diff != "" {
		t.Errorf("the sums differ (-want +got):\n%s", diff)
	}
}

func sum(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

// TestManifest checks the manifest. TestAccInstall checks that the provider speaks this
// protocol.
func TestManifest(t *testing.T) {
	r := open(t)
	if version, protocols := parseManifest(t, r); version != 1 || !slices.Equal(protocols, []string{"6.0"}) {
		t.Errorf("the manifest has version %d and protocols %q, want 1 and 6.0", version, protocols)
	}
}

func parseManifest(t *testing.T, r release) (version int, protocols []string) {
	t.Helper()
	var manifest struct {
		Version  int
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		}
	}
	if err := json.Unmarshal(r.manifest(t), &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Version, manifest.Metadata.Protocols
}
