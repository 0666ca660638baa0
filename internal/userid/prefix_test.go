package userid_test

import (
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestParsePrefix(t *testing.T) {
	t.Parallel()

	for input, want := range map[string]string{
		"+4":                             "4",
		"+49 151":                        "49151",
		"0049 (151":                      "49151",
		"00 49":                          "49",
		"49-151":                         "49151",
		"+1 (650) 555":                   "1650555",
		"49151 123456789":                "49151123456789",
		"00491511234567890":              "491511234567890",
		"+49 (0":                         "490",
		"1111111":                        "1111111",
		"U":                              "U",
		"US":                             "US",
		"US.":                            "US.",
		"US.E":                           "US.E",
		" us.1 ":                         "US.1",
		"de.aB3":                         "DE.aB3",
		"BR." + strings.Repeat("a", 128): "BR." + strings.Repeat("a", 128),
	} {
		got, err := userid.ParsePrefix(input)
		if err != nil || got.String() != want {
			t.Errorf("ParsePrefix(%q) = %q, %v; want %q", input, got, err, want)
		}
	}
}

func TestParsePrefix_rejected(t *testing.T) {
	t.Parallel()

	for input, reason := range map[string]string{
		"":                               "it is empty",
		" \t":                            "it is empty",
		"+":                              "no digits",
		"00":                             "no digits",
		"0":                              "starts with 0",
		"0151":                           "starts with 0",
		"+0049":                          "starts with 0",
		"+49 (0)151":                     "trunk prefix",
		"1234567890123456":               "more than 15 digits",
		"49+151":                         `"+" at character 3`,
		"+49 CALL":                       "character 5 is 'C'",
		"49151*":                         "character 6 is '*'",
		"USA":                            "'U'",
		"US.FOO.1":                       "'U'",
		"US.ENT.":                        "'U'",
		"US." + strings.Repeat("a", 129): "'U'",
	} {
		got, err := userid.ParsePrefix(input)
		if err == nil || !strings.Contains(err.Error(), reason) || got.String() != "" {
			t.Errorf("ParsePrefix(%q) = %q, %v; want an error that says %q", input, got, err, reason)
		}
	}
	if _, err := userid.ParsePrefix("\x1b[31m" + strings.Repeat("ä", 500)); len(err.Error()) > 300 || strings.ContainsRune(err.Error(), 0x1b) {
		t.Errorf("the error is too long or shows a control character: %q", err)
	}
}

func TestPrefix_Begins(t *testing.T) {
	t.Parallel()

	user, err := userid.Parse("+49 151 12345678")
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]bool{"+49 151": true, "49": true, "+4915112345678": true, "+4 9152": false, "+49151123456789": false, "DE.": false} {
		prefix, err := userid.ParsePrefix(input)
		if err != nil {
			t.Fatal(err)
		}
		if got := prefix.Begins(user); got != want {
			t.Errorf("%q begins %q: %t, want %t", input, user, got, want)
		}
	}
	if !(userid.Prefix{}).Begins(user) {
		t.Errorf("%q does not begin with the zero Prefix", user)
	}
}

// Every beginning of a valid user that parses is a prefix of that user.
func FuzzParsePrefix(f *testing.F) {
	for _, seed := range []string{"+49 151 12345678", "0049(151)1234567", "us.118", "+49 (0) 151", "\u202a1\xff", "", "+"} {
		f.Add(seed, uint8(3))
	}
	f.Fuzz(func(t *testing.T, input string, length uint8) {
		user, err := userid.Parse(input)
		if err != nil || int(length) > len(input) {
			return
		}
		prefix, err := userid.ParsePrefix(input[:length])
		if err == nil && !prefix.Begins(user) {
			t.Fatalf("%q begins with %q, but %q not with %q", input, input[:length], user, prefix)
		}
	})
}
