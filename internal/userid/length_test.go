package userid_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestImpossibleLength(t *testing.T) {
	t.Parallel()

	for input, want := range map[string]string{
		"+1 650 555 0123":     "",
		"+1 650 555 012":      "too short for +1",
		"+1 650 555 01234":    "too long for +1",
		"+1 555 0123":         "too short for +1", // dialled inside one area only
		"+44 7700 900123":     "",
		"+44 7700 90012":      "",
		"+44 7700 9001234":    "too long for +44",
		"+49 151 12345678":    "",
		"+49 151 1234567890":  "",
		"+39 06 1234567":      "",
		"+39 06123":           "too short for +39",
		"+33 6 39 98 00 01":   "",
		"+33 6 39 98 00 0":    "too short for +33",
		"+7 8 916 123 45 67":  "no number of +7 has this length", // with a trunk prefix
		"+65 8123 456":        "too short for +65",
		"+65 8123 45678":      "no number of +65 has this length",
		"+883 5100 1234 5678": "",
		"+800 1234 5678":      "",
		"+999 1234 5678":      "", // no country has this code
		"+55 11 98765-4321":   "",
		"+55 11 8765-4321":    "",
		"+52 1 55 4163 7145":  "",
		"+52 55 4163 7145":    "",
		"+54 9 11 2345-6789":  "",
		"+54 11 2345-6789":    "",
		"+55 11 8765":         "too short for +55",
		"US.1650555012":       "",
	} {
		if got := parse(t, input).ImpossibleLength(); got != want {
			t.Errorf("%s: %q, want %q", input, got, want)
		}
	}
	if got := (userid.ID{}).ImpossibleLength(); got != "" {
		t.Errorf("the zero ID: %q", got)
	}
}

func FuzzImpossibleLength(f *testing.F) {
	for _, seed := range []string{"+1 650 555 012", "+49 0000000000", "+390000000", "1000000", "999999999999999", "US.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		id, err := userid.Parse(input)
		if err != nil {
			return
		}
		if other, _ := id.AlternateForm(); !other.IsZero() && id.ImpossibleLength() != "" {
			t.Fatalf("%s has the alternate form %s, and ImpossibleLength says %q", id, other, id.ImpossibleLength())
		}
	})
}

func BenchmarkImpossibleLength(b *testing.B) {
	id, err := userid.Parse("+49 151 12345678")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if id.ImpossibleLength() != "" {
			b.Fatal("the length is possible")
		}
	}
}
