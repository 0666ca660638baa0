package userid_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestParse(t *testing.T) {
	t.Parallel()

	for input, want := range map[string]string{
		"+4915112345678":                 "4915112345678",
		"4915112345678":                  "4915112345678",
		"004915112345678":                "4915112345678",
		"00 49 151 12345678":             "4915112345678",
		"+49 151 12345678":               "4915112345678",
		"+49 (151) 123-456/78":           "4915112345678",
		"(+49) 151.1234.5678":            "4915112345678",
		"[+49] {151} 12345678":           "4915112345678",
		" +49 151 12345678 ":             "4915112345678",
		"+49\u00a0151\u202f12345678":     "4915112345678",
		"+49 151\u201312345\u2011678":    "4915112345678",
		"+49 151\u22121234\t5678":        "4915112345678",
		"+1 (650) 555-1234":              "16505551234",
		"+5215541637145":                 "5215541637145",
		"+553196883193":                  "553196883193",
		"+39 06 1234567":                 "39061234567",
		"1234567":                        "1234567",
		"123456789012345":                "123456789012345",
		"US.13491208655302741918":        "US.13491208655302741918",
		"us.13491208655302741918":        "US.13491208655302741918",
		"\tUS.13491208655302741918 \n":   "US.13491208655302741918",
		"de.aB3":                         "DE.aB3",
		"BR." + strings.Repeat("a", 128): "BR." + strings.Repeat("a", 128),
	} {
		got, err := userid.Parse(input)
		if err != nil {
			t.Errorf("Parse(%q): %v", input, err)
			continue
		}
		if got.String() != want {
			t.Errorf("Parse(%q) = %q, want %q", input, got, want)
		}
	}
}

func TestParse_rejected(t *testing.T) {
	t.Parallel()

	for input, reason := range map[string]string{
		"":                            "it is empty",
		" \t ":                        "it is empty",
		"+":                           "no digits",
		"()":                          "no digits",
		"0151 12345678":               "starts with 0",
		"+0049 151 12345678":          "starts with 0",
		"000491511234567":             "starts with 0",
		"+49 (0)151 12345678":         "trunk prefix",
		"+49 ( 0 ) 151 12345678":      "trunk prefix",
		"4915112345678.0":             "a spreadsheet or a program turned this number into a decimal fraction",
		" +4915112345678.00":          "decimal fraction",
		"4915112345678,0":             "format the column as text",
		"4915112345678,00 ":           "decimal fraction",
		"4.91511E+11":                 "a spreadsheet rounded this number, and its digits are lost; take the number from its source, and format the column as text",
		"4,91511E+11":                 "a spreadsheet rounded this number",
		"4.91511e11":                  "a spreadsheet rounded this number",
		"5E+11":                       "a spreadsheet rounded this number",
		"\t4,91511E+0011":             "character 3 is ','",
		"'+49 151 12345678":           "remove the apostrophe",
		"\u2019+49 151 12345678":      "remove the apostrophe",
		`="+49 151 12345678"`:         "remove the equals sign and the quotation marks",
		"=+4915112345678":             "remove the equals sign",
		"tel:+4915112345678":          `remove "tel:"`,
		"TEL: +4915112345678":         `remove "TEL:"`,
		"whatsapp:+4915112345678":     `remove "whatsapp:"`,
		"https://wa.me/4915112345678": `remove "https://wa.me/" and keep the number alone`,
		"wa.me/4915112345678":         `remove "wa.me/"`,
		"https://api.whatsapp.com/send?phone=4915112345678": "web address",
		"@pat.example":                   "users cannot be blocked by username",
		"123456":                         "fewer than 7 digits",
		"+49":                            "fewer than 7 digits",
		"1234567890123456":               "more than 15 digits",
		"120363041234567890":             "more than 15 digits",
		"49+15112345678":                 `"+" at character 3`,
		"++4915112345678":                `"+" at character 2`,
		"+49 151 CALL-ME":                "character 9 is 'C'",
		"4915112345678@s.whatsapp.net":   `"@"`,
		"+49 151 \u202a12345678":         "character 9 is invisible (U+202A)",
		"+49 151\n12345678":              "character 8 is invisible (U+000A)",
		"+\u0664\u0669 151 12345678":     "digit outside ASCII (U+0664)",
		"\xff+4915112345678":             "UTF-8",
		"US.":                            `after "US." a user ID has 1 to 128 letters and digits, and this has 0`,
		"USA.134912":                     "'U'",
		"US.ENT.11815799212886844830":    "parent user ID",
		"us.ent.1":                       "parent user ID",
		"US.ENT.":                        "parent user ID",
		"US.FOO.134912":                  `character 7 is '.', and after "US." a user ID has letters and digits alone`,
		"US." + strings.Repeat("a", 129): "and this has 129",
		"US.1349 1208":                   "character 8 is ' '",
	} {
		got, err := userid.Parse(input)
		if err == nil {
			t.Errorf("Parse(%q) = %q, want an error", input, got)
			continue
		}
		if _, ok := errors.AsType[*userid.ParseError](err); !ok {
			t.Errorf("Parse(%q): %T, want *ParseError", input, err)
		}
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("Parse(%q): %q does not say %q", input, err, reason)
		}
		if !got.IsZero() {
			t.Errorf("Parse(%q) returns both %q and an error", input, got)
		}
	}
}

func TestParseError_shortensAndEscapes(t *testing.T) {
	t.Parallel()

	_, err := userid.Parse("\x1b[31m" + strings.Repeat("ä", 500))
	if err == nil {
		t.Fatal("no error")
	}
	if len(err.Error()) > 300 || strings.ContainsRune(err.Error(), 0x1b) {
		t.Errorf("the error is too long or shows a control character: %q", err)
	}
}

func TestAPIForm(t *testing.T) {
	t.Parallel()

	for input, want := range map[string]string{
		"0049 151 12345678":       "+4915112345678",
		"US.13491208655302741918": "US.13491208655302741918",
	} {
		id, err := userid.Parse(input)
		if err != nil {
			t.Fatal(err)
		}
		if id.APIForm() != want {
			t.Errorf("%q: %q, want %q", input, id.APIForm(), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"+49 151 12345678", "0049(151)1234567", " us.118 ", "+49 (0) 151", "\u202a1\xff", "", "+", "4,91511E+11", `="+49151"`, "tel:", "https://wa.me/1", "@a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		id, err := userid.Parse(input)
		if err != nil {
			if !id.IsZero() {
				t.Fatalf("Parse(%q) returns both %q and %v", input, id, err)
			}
			return
		}
		for _, spelling := range []string{id.String(), id.APIForm()} {
			again, err := userid.Parse(spelling)
			if err != nil || again != id {
				t.Fatalf("Parse(%q) = %q, but %q parses to %q, %v", input, id, spelling, again, err)
			}
		}
		if n := len(id.String()); id.IsNumber() && (n < 7 || n > 15 || id.String()[0] == '0') {
			t.Fatalf("Parse(%q) = %q, which is not an international number", input, id)
		}
	})
}
