package userid_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"+4915112345678":  "+49…678",
		"4915112345678":   "+49…678",
		"004915112345678": "+49…678",
		"Cannot block +49 (151) 123-45678 (4915112345678).\n  +1 (650) 555-0123\n": "Cannot block +49…678.\n  +1…123\n",
		"0049 (1512) 000-0001, 55 11 98765-4321 and 0151 1234567":                  "+49…001, +55…321 and …567",
		`"+49 151 12345678" is spelled "0151/12345678"`:                            `"+49…678" is spelled "…678"`,
		"DE.aB3123 and us.13491208655302741918":                                    "DE.…123 and us.…918",
		"US.ENT.11815799212886844830":                                              "US.…830",
		"code 131047, HTTP 400, 64000 users, 120 of 1,000":                         "code 131047, HTTP 400, 64000 users, 120 of 1,000",
		"until 2026-11-26, 127.0.0.1:8360, waba-v2.360dialog.io":                   "until 2026-11-26, 127.0.0.1:8360, waba-v2.360dialog.io",
		"+49 30 1234567 (ID 106540352242922)":                                      "+49…567 (ID 106540352242922)",
		"trace AbC12345678xyz, d360_blocked_user, main.tf":                         "trace AbC12345678xyz, d360_blocked_user, main.tf",
		"4.91511E+11": "4.91511E+11",
		"4930-12-34 567, 1650-55-51-234, 0049-30-12-34-567": "+49…567, +1…234, +49…567",
		"2049-12-31-4567":                "+20…567",
		"+49–151–123–456 (49151123456)":  "+49…456",
		"+49\u00a0151\u00a0123\u00a0456": "+49…456",
		"[49] 151 [123] 456":             "[+49…456",
		"+49 / 151 / 123 / 456":          "+49…456",
		"US.abcdefghij":                  "US.…hij",
		"":                               "",
	} {
		if got := userid.Mask(text); got != want {
			t.Errorf("%q becomes\n%q, want\n%q", text, got, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("+49 (151) 123-45678 (4915112345678)", uint64(4915112345678))
	f.Add("DE.", uint64(1234567))
	f.Fuzz(func(t *testing.T, text string, n uint64) {
		if n < 10_000_000 || n > 999_999_999_999_999 {
			return
		}
		id, err := userid.Parse("+" + strconv.FormatUint(n, 10))
		if err != nil {
			return
		}
		for _, spelled := range []string{id.String(), id.APIForm()} {
			if got := userid.Mask(text + " " + spelled + "\n"); strings.Contains(got, " "+spelled+"\n") && !strings.HasSuffix(text, "ID") {
				t.Errorf("%q shows the number: %q", text+" "+spelled, got)
			}
		}
	})
}
