package release_test

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"testing"
)

// TestArchives checks the files of each archive, and compares the build information of the
// binary with the platform, the commit and the SBOM.
func TestArchives(t *testing.T) {
	r := open(t)
	for _, p := range platforms {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			checkArchive(t, r, p)
		})
	}
}

func checkArchive(t *testing.T, r release, p platform) {
	executable := r.executable(p)
	modes := map[string]fs.FileMode{executable: 0o755, "CHANGELOG.md": 0o644, "LICENSE": 0o644, "README.md": 0o644}
	files := r.archive(t, p)
	var binary []byte
	for _, f := range files {
		mode, ok := modes[f.Name]
		if !ok {
			t.Errorf("the archive has the file %s, which it should not", f.Name)
			continue
		}
		delete(modes, f.Name)
		if f.Mode() != mode {
			t.Errorf("%s has mode %s, want %s", f.Name, f.Mode(), mode)
		}
		content := unpack(t, f)
		if f.Name == executable {
			binary = content
		} else if !bytes.Equal(content, readFile(t, filepath.Join(root, f.Name))) {
			t.Errorf("%s differs from the file of the checkout", f.Name)
		}
	}
	if len(modes) > 0 {
		t.Fatalf("the archive does not have %q", slices.Sorted(maps.Keys(modes)))
	}

	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	for key, want := range map[string]string{
		"GOOS": p.os, "GOARCH": p.arch, "CGO_ENABLED": "0", "-trimpath": "true", "vcs.revision": r.Commit,
	} {
		if settings[key] != want {
			t.Errorf("built with %s=%s, want %s", key, settings[key], want)
		}
	}

	modules := map[string]string{"std": info.GoVersion}
	for _, module := range info.Deps {
		modules[module.Path] = module.Version
	}
	checkSBOM(t, r, p, modules)
}

// executable returns the name of the binary in an archive.
func (r release) executable(p platform) string {
	name := project + "_v" + r.Version
	if p.os == "windows" {
		name += ".exe"
	}
	return name
}

// archive opens the archive of a platform until the end of the test.
func (r release) archive(t *testing.T, p platform) []*zip.File {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(r.dir, r.file(p.String()+".zip")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { archive.Close() })
	return archive.File
}

func unpack(t *testing.T, f *zip.File) []byte {
	t.Helper()
	reader, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return content
}

// checkSBOM checks that an SBOM has exactly the modules of the binary, with their versions.
func checkSBOM(t *testing.T, r release, p platform, modules map[string]string) {
	type component struct{ Name, Version string }
	var bom struct {
		Format     string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := json.Unmarshal(r.read(t, r.file(p.String()+".cdx.json")), &bom); err != nil {
		t.Fatal(err)
	}
	if want := "v" + r.Version; bom.Format != "CycloneDX" || bom.Metadata.Component.Version != want {
		t.Errorf("the SBOM is in format %q, of version %s, want CycloneDX and %s", bom.Format, bom.Metadata.Component.Version, want)
	}
	for _, c := range bom.Components {
		if modules[c.Name] != c.Version {
			t.Errorf("the SBOM names %s %s, the binary %q", c.Name, c.Version, modules[c.Name])
		}
		delete(modules, c.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		t.Errorf("the SBOM does not name %s", name)
	}
}
