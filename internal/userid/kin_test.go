package userid_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestKin(t *testing.T) {
	for _, test := range []struct {
		a, b  string
		trait string
	}{
		{"+55 11 98765-4321", "+55 11 8765-4321", "Brazil's ninth digit"},
		{"+52 1 55 4163 7145", "+52 55 4163 7145", "Mexico's 1 after 52"},
		{"+54 9 11 2345-6789", "+54 11 2345-6789", "Argentina's 9 after 54"},
	} {
		baseA, traitA := parse(t, test.a).Kin()
		baseB, traitB := parse(t, test.b).Kin()
		if baseA == "" || baseA != baseB || traitA != test.trait || traitB != test.trait {
			t.Errorf("%s has kin %q (%q), %s has %q (%q), want equal ones by %q", test.a, baseA, traitA, test.b, baseB, traitB, test.trait)
		}
		if a, b := parse(t, test.a), parse(t, test.b); a.Twin() != b || b.Twin() != a {
			t.Errorf("the twins of %s and %s are %s and %s, want each other", a, b, a.Twin(), b.Twin())
		}
	}
}

func TestKin_others(t *testing.T) {
	for _, pair := range [][2]string{
		{"+55 11 98765-4321", "+55 11 8765-4322"},
		{"+55 11 88765-4321", "+55 11 8765-4321"}, // the digit that is too many is no 9
		{"+52 2 55 4163 7145", "+52 55 4163 7145"},
		{"+54 1 11 2345-6789", "+54 11 2345-6789"},
		{"+49 9 1512345678", "+49 1512345678"},
		{"US.5511987654321", "US.551187654321"},
	} {
		a, _ := parse(t, pair[0]).Kin()
		b, _ := parse(t, pair[1]).Kin()
		if a == b && a != "" {
			t.Errorf("%s and %s are kin by %q", pair[0], pair[1], a)
		}
	}
}

func TestTwin_none(t *testing.T) {
	for _, user := range []string{"+49 1512345678", "+55 11 88765-4321", "US.5511987654321"} {
		if twin := parse(t, user).Twin(); !twin.IsZero() {
			t.Errorf("%s has the twin %s", user, twin)
		}
	}
	if twin := (userid.ID{}).Twin(); !twin.IsZero() {
		t.Errorf("nobody has the twin %s", twin)
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
