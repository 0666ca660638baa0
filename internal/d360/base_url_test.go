package d360_test

import (
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

func TestParseBaseURL(t *testing.T) {
	t.Parallel()

	// The value is where requests go.
	for in, want := range map[string]string{
		d360.DefaultBaseURL:                  "https://waba-v2.360dialog.io/block_users",
		"https://waba-sandbox.360dialog.io/": "https://waba-sandbox.360dialog.io/block_users",
		"https://example.com:8443/v1":        "https://example.com:8443/v1/block_users",
		"https://example.com/v1/":            "https://example.com/v1/block_users",
		"HTTPS://example.com":                "https://example.com/block_users",
		"http://localhost:8080":              "http://localhost:8080/block_users",
		"http://LocalHost:8080":              "http://LocalHost:8080/block_users",
		"http://127.0.0.1":                   "http://127.0.0.1/block_users",
		"http://127.8.9.10:1/x":              "http://127.8.9.10:1/x/block_users",
		"http://[::1]:8080":                  "http://[::1]:8080/block_users",
	} {
		u, err := d360.ParseBaseURL(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		s := always(response{body: `{}`})
		if err := scan(t.Context(), clientOf(t, s, func(o *d360.Options) { o.BaseURL = in })); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if got, _, _ := strings.Cut(s.received()[0].url, "?"); got != want {
			t.Errorf("%s (%s): requests go to %s, want %s", in, u, got, want)
		}
	}
}

func TestParseBaseURL_rejected(t *testing.T) {
	t.Parallel()

	const password = "pa55-w0rd"
	for in, reason := range map[string]string{
		"":                                    "must start with https://",
		"waba-v2.360dialog.io":                "must start with https://",
		"//waba-v2.360dialog.io":              "must start with https://",
		"ftp://example.com":                   "must start with https://",
		"mailto:" + password + "@example.com": "must start with https://",
		"https://":                            "no host",
		"https:///v1":                         "no host",
		"https://:443":                        "no host",
		"https:example.com":                   "no host",
		"https://waba-v2.360dialog.io/block_users":  "must end before /block_users",
		"https://waba-v2.360dialog.io/block_users/": "must end before /block_users",
		"https://example.com?a=b":                   "without ? or #",
		"https://example.com?":                      "without ? or #",
		"https://example.com/#" + password:          "without ? or #",
		"https://example.com?key=" + password:       "without ? or #",
		"https://me:" + password + "@example.com":   "user name or password",
		"https://" + password + "@example.com":      "user name or password",
		"http://me:" + password + "@localhost":      "user name or password",
		"ftp://me:" + password + "@example.com":     "user name or password",
		"https://me:" + password + "\x7f@x.com":     "not a URL",
		"https://me:" + password + "@exa mple":      "not a URL",
		"https://me:" + password + "/@x.com":        "not a URL",
		"https://%zz":                               "not a URL",
		"https://[::1":                              "not a URL",
		"http://example.com":                        "unencrypted to example.com",
		"http://localhost.example.com":              "unencrypted to localhost.example.com",
		"http://127.0.0.1.example.com":              "unencrypted",
		"http://0.0.0.0":                            "unencrypted",
		"http://[::]":                               "unencrypted",
		"http://10.0.0.1":                           "unencrypted to 10.0.0.1",
		"http://2130706433":                         "unencrypted",
		"http://a\u202eb":                           "unencrypted to a b;",
	} {
		u, err := d360.ParseBaseURL(in)
		if err == nil {
			t.Errorf("%q: %s, want an error", in, u)
			continue
		}
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %q does not say %q", in, err, reason)
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("%q: %q repeats the password", in, err)
		}
		checkPrintable(t, err.Error())
	}
}
