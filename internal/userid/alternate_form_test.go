package userid_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestAlternateForm(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ a, b, difference string }{
		{"+55 11 98765-4321", "+55 11 8765-4321", "Brazil's ninth digit"},
		{"+52 1 55 4163 7145", "+52 55 4163 7145", "Mexico's 1 after 52"},
		{"+54 9 11 2345-6789", "+54 11 2345-6789", "Argentina's 9 after 54"},
	} {
		a, b := parse(t, test.a), parse(t, test.b)
		otherOfA, differenceA := a.AlternateForm()
		otherOfB, differenceB := b.AlternateForm()
		if otherOfA != b || otherOfB != a || differenceA != test.difference || differenceB != test.difference {
			t.Errorf("the alternate form of %s is %s (%q) and that of %s is %s (%q), want each other with %q", a, otherOfA, differenceA, b, otherOfB, differenceB, test.difference)
		}
	}
}

func TestAlternateForm_none(t *testing.T) {
	t.Parallel()

	for _, user := range []string{
		"+49 1512345678",
		"+49 9 1512345678",
		"+55 11 88765-4321", // the extra digit is not a 9
		"+52 2 55 4163 7145",
		"+54 1 11 2345-6789",
		"US.5511987654321",
	} {
		if other, difference := parse(t, user).AlternateForm(); !other.IsZero() || difference != "" {
			t.Errorf("%s has the alternate form %s (%q), want none", user, other, difference)
		}
	}
	if other, _ := (userid.ID{}).AlternateForm(); !other.IsZero() {
		t.Errorf("the zero ID has the alternate form %s", other)
	}
}

func parse(t *testing.T, s string) userid.ID {
	t.Helper()
	id, err := userid.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
