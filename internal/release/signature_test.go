package release_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// signatureOf skips a test if the release is not signed.
func signatureOf(t *testing.T, r release) string {
	t.Helper()
	name := r.file("SHA256SUMS.sig")
	if !r.has(name) {
		t.Skip("the release is not signed: there was no gpg where it was built")
	}
	return name
}

// signingKey is the file with the public key. It is no part of the release: the
// registries have it from the publisher.
const signingKey = "signing-key.asc"

func TestSignature(t *testing.T) {
	r := open(t)
	signature := signatureOf(t, r)
	// Of a packet the first bit is set. Of armor, which is text, it is not.
	if content := r.read(t, signature); len(content) == 0 || content[0]&0x80 == 0 {
		t.Errorf("%s is not binary", signature)
	}
	home := t.TempDir()
	for _, args := range [][]string{
		{"--import", filepath.Join(r.dir, signingKey)},
		{"--verify", filepath.Join(r.dir, signature), filepath.Join(r.dir, r.file("SHA256SUMS"))},
	} {
		gpg := exec.CommandContext(t.Context(), "gpg", append([]string{"--batch", "--no-autostart", "--homedir", home}, args...)...)
		if output, err := gpg.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", gpg, err, output)
		}
	}
}
