package d360_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "7", "120", "121", "-5", "+5", "1.5", "1e9", "0x10", "5, 6", "soon", "31536000", "9223372036854775807", "9223372036854775808", strings.Repeat("9", 100),
		"Sat, 01 Jan 2000 00:01:00 GMT", "Saturday, 01-Jan-00 00:01:00 GMT", "Sat Jan  1 00:01:00 2000", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "2000-01-01T00:01:00Z",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		synctest.Test(t, func(t *testing.T) {
			s := &stubAPI{respond: func(n int, _ *http.Request) response {
				if n == 0 {
					return response{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {value}}}
				}
				return response{body: `{}`}
			}}
			began := time.Now()
			err := scan(t.Context(), clientOf(t, s, retries(1)))
			took := time.Since(began)
			if took > 2*time.Minute {
				t.Errorf("%q: it took %s", value, took)
			}

			var e *d360.Error
			switch seconds, inWords := strconv.ParseUint(value, 10, 64); {
			case errors.As(err, &e):
				if took != 0 || len(s.received()) != 1 || e.RetryAfter <= 2*time.Minute || !strings.Contains(renderError(t, err), "longer than a run should wait") {
					t.Errorf("%q: %v after %s and %d requests", value, err, took, len(s.received()))
				}
				if inWords == nil && seconds <= 120 {
					t.Errorf("%q is too long", value)
				}
			case err != nil || len(s.received()) != 2:
				t.Errorf("%q: %v after %d requests", value, err, len(s.received()))
			case inWords == nil && took != time.Duration(seconds)*time.Second:
				t.Errorf("%q: it took %s", value, took)
			}
		})
	})
}

func FuzzPrintable(f *testing.F) {
	for _, text := range []string{"", " ", "a  b", "\x1b[2J\x9b31m\u202e\u2066", "\xff\xc3", "\ufffd", "ä€😀", repeat('x', 301), strings.Repeat("😀 ", 2000), repeat('\n', 9000) + "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := d360.Printable(text)
		if shown != "" {
			checkPrintable(t, shown)
		}
		if n := utf8.RuneCountInString(shown); n > 301 {
			t.Errorf("%d characters of %q", n, text)
		}
		if shown != strings.TrimSpace(shown) || strings.Contains(shown, "  ") {
			t.Errorf("%q becomes %q", text, shown)
		}
		for word := range strings.FieldsSeq(strings.TrimSuffix(shown, "…")) {
			if !strings.Contains(text, word) {
				t.Errorf("%q becomes %q", text, shown)
			}
		}
	})
}

// No accepted address sends the key unencrypted, or to another host than it shows.
func FuzzParseBaseURL(f *testing.F) {
	for _, address := range []string{
		d360.DefaultBaseURL, "http://127.0.0.1:8080/v1/", "http://localhost", "http://[::1]:1", "http://example.com", "https://user:pass@example.com", "https://a/?", "https://a/#x", "//a", "https:", "https:///x",
		"HTTPS://A", "https://a:99999", "https://a\\@b", "https://a/../b", "https://a%2f@b", "http://127.0.0.1.example.com", "http://[::ffff:127.0.0.1]", "http://0x7f.1", "https://\u202ea", "https://a/\n", "ftp://localhost",
	} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		u, err := d360.ParseBaseURL(address)
		if err != nil {
			if u != nil {
				t.Errorf("%q: %s beside %v", address, u, err)
			}
			checkPrintable(t, err.Error())
			return
		}
		host := u.Hostname()
		if ip := net.ParseIP(host); u.Scheme != "https" && (u.Scheme != "http" || !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback())) {
			t.Errorf("%q may be sent the key", address)
		}
		if host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%q is accepted", address)
		}
		s := always(response{body: `{}`})
		client := clientOf(t, s, func(o *d360.Options) { o.BaseURL = address })
		if err := scan(t.Context(), client); err != nil {
			t.Skip("the request cannot be built")
		}
		sent, err := url.Parse(s.received()[0].url)
		if err != nil || sent.Hostname() != u.Hostname() || sent.Port() != u.Port() || sent.Scheme != u.Scheme || !strings.HasSuffix(sent.Path, "/block_users") {
			t.Errorf("for %q the request went to %s", address, sent)
		}
	})
}
