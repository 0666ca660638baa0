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
		t.Skip("the release is not signed, because the machine that built it has no gpg")
	}
	return name
}

// signingKey is the file with the public key. It is not part of the release, because the
// publisher uploads it to the registries.
const signingKey = "signing-key.asc"

func TestSignature(t *testing.T) {
	r := open(t)
	signature := signatureOf(t, r)
	// The first bit of a binary signature is set. An armored one is text, where it is not set.
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
