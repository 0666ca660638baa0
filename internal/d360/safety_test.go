package d360_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

var (
	methods      = []string{http.MethodGet, http.MethodPost, http.MethodDelete}
	writeMethods = methods[1:]
)

func TestRedirectsAreNeverFollowed(t *testing.T) {
	t.Parallel()

	var trapped atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	defer trap.Close()

	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for name, location := range map[string]string{
			"elsewhere": trap.URL + "/block_users", "none": "", "no URL": "http://[::1", "the same place": "/block_users",
		} {
			for _, method := range methods {
				t.Run(fmt.Sprintf("%d/%s/%s", status, name, method), func(t *testing.T) {
					var requests atomic.Int32
					server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						requests.Add(1)
						if location != "" {
							w.Header().Set("Location", location)
						}
						w.WriteHeader(status)
					}))
					defer server.Close()
					client := clientOf(t, nil, retries(3), func(o *d360.Options) { o.BaseURL = server.URL })
					want := fmt.Sprintf("rejected: the API redirects to another address, and the provider does not send the key there; check base_url (HTTP %d)", status)
					if got := renderError(t, doRequest(t, client, method)); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
					if n := requests.Load(); n != 1 {
						t.Errorf("%d requests, want 1", n)
					}
					if trapped.Load() != 0 {
						t.Fatal("the redirect was followed")
					}
				})
			}
		}
	}
}

func TestErrorsHideKeyAndControlCharacters(t *testing.T) {
	t.Parallel()

	const evil = testKey + " \u001b[2J\u202egnihtyna\u2066 \u0000\r\n\u200b\u2028\u009b " + testKey
	const escaped = testKey + ` \u001b[2J\u202egnihtyna\u2066 \u0000\r\n\u200b\u2028\u009b ` + testKey
	for name, resp := range map[string]response{
		"error":            {status: 400, body: `{"error":{"code":100,"message":"` + escaped + `","error_data":{"details":"d ` + escaped + `"},"fbtrace_id":"` + escaped + `"}}`},
		"error text":       {status: 403, body: `{"error":"` + escaped + `"}`},
		"meta":             {status: 403, body: `{"meta":{"developer_message":"` + escaped + `"}}`},
		"text":             {status: 502, body: evil},
		"long text":        {status: 502, body: strings.Repeat(evil, 5000)},
		"key at the cut":   {status: 502, body: repeat('x', 290) + testKey},
		"key far behind":   {status: 502, body: strings.Repeat(testKey, 40) + repeat(' ', 4096-41*len(testKey)+10) + testKey},
		"invalid UTF-8":    {status: 502, body: "\xff\xfe" + evil + "\xc3"},
		"web page":         {status: 502, body: "<html>" + evil},
		"status":           {status: 599},
		"unread results":   {status: 400, body: `{"block_users":"` + escaped + `"}`},
		"redirect":         {status: 302, header: http.Header{"Location": {"https://x.invalid/" + testKey}}},
		"rejected user":    {body: `{"data":[{}],"block_users":{"failed_users":[{"input":"+4915112345678","errors":[{"message":"` + escaped + `","error_data":{"details":"d ` + escaped + `"},"fbtrace_id":"` + escaped + `"}]}]}}`},
		"network":          {err: errors.New(evil)},
		"broken body":      {body: "{", broken: errors.New(evil)},
		"failed dial":      {err: &net.OpError{Op: "dial", Err: errors.New(evil)}},
		"many long fields": {status: 400, body: `{"error":{"code":100,"message":"` + strings.Repeat(escaped, 99) + `","error_data":{"details":"d ` + strings.Repeat(escaped, 99) + `"},"fbtrace_id":"` + strings.Repeat(escaped, 99) + `"}}`},
	} {
		for _, method := range methods {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()

				var observed []d360.Exchange
				client := clientOf(t, always(resp), func(o *d360.Options) {
					o.Observe = func(_ context.Context, e d360.Exchange) { observed = append(observed, e) }
				})
				var err error
				if name == "rejected user" && method != http.MethodGet {
					results, whole := client.Block(t.Context(), users("+4915112345678"))
					if whole != nil || results[0].Err == nil {
						t.Fatal(renderResults(t, results, whole))
					}
					err = results[0].Err
				} else {
					err = doRequest(t, client, method)
				}
				e, ok := errors.AsType[*d360.Error](err)
				if !ok {
					t.Fatalf("%T: %v, want *d360.Error", err, err)
				}
				checkPrintable(t, e.Error())
				for _, part := range []string{e.Message, e.Details, e.TraceID, fmt.Sprintf("%+v", err)} {
					if part != "" {
						checkPrintable(t, part)
					}
				}
				if strings.Contains(e.Error(), testKey[:12]) {
					t.Errorf("part of the key is in %q", e)
				}
				for _, exchange := range observed {
					if text := fmt.Sprintf("%+v", exchange); strings.Contains(text, testKey) || strings.Contains(text, "491511") {
						t.Errorf("an exchange shows %s", text)
					}
				}
			})
		}
	}
}

// The text is shortened only after the key is removed, wherever the key stands.
func TestErrorsHideALongKey(t *testing.T) {
	t.Parallel()

	key := strings.Repeat("0123456789", 10)
	for blanks := 0; blanks < 2400; blanks += 50 {
		s := always(response{status: 502, body: strings.Repeat(key, 20) + repeat(' ', blanks) + key + repeat('x', 9000)})
		client := clientOf(t, s, func(o *d360.Options) { o.Key = key })
		for _, method := range methods {
			if text := renderError(t, doRequest(t, client, method)); strings.Contains(text, key[:10]) {
				t.Fatalf("part of the key is in %q", text)
			}
		}
	}
}

func TestEntriesHideTheKey(t *testing.T) {
	t.Parallel()

	s := inTurn(t, response{body: `{"data":[{"input":"of ` + testKey + `\u001b"}]}`})
	entries, err := clientOf(t, s).Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := entries[0].Spelling; got != "of (the API key)" {
		t.Errorf("got %q", got)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()

	for in, want := range map[string]string{
		"":                                "",
		" a  b\t\n c ":                    "a b c",
		"\u202eabc\u2069":                 "abc",
		"ä €\u00a0😀":                      "ä € 😀",
		"\xffa\xc3":                       "a",
		"a\ufffdb":                        "a b",
		"\u001b[31mred\u001b[0m":          "[31mred [0m",
		repeat('x', 300):                  repeat('x', 300),
		repeat('x', 301):                  repeat('x', 300) + "…",
		repeat('x', 299) + " y":           repeat('x', 299) + "…",
		repeat('x', 298) + " y":           repeat('x', 298) + " y",
		repeat(' ', 1000) + "x":           "x",
		repeat('\n', 2390) + "end" + "..": "end..",
		repeat('\n', 9999) + "too late":   "",
	} {
		if got := d360.Printable(in); got != want {
			t.Errorf("%.40q: got %q, want %q", in, got, want)
		}
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var observed []d360.Exchange
		s := &stubAPI{respond: func(_ int, r *http.Request) response {
			if r.Method == http.MethodDelete {
				return response{err: errors.New("reset")}
			}
			return respondAfter(3*time.Second, response{status: 503})(0, r)
		}}
		client := clientOf(t, s, func(o *d360.Options) {
			o.Observe = func(_ context.Context, e d360.Exchange) { observed = append(observed, e) }
		})
		_ = scan(t.Context(), client)
		_, _ = client.Block(t.Context(), users("+4915112345678", "+16505551234"))
		_, _ = client.Unblock(t.Context(), users("+4915112345678"))
		want := []string{"GET /block_users 0 503 3s <nil>", "POST /block_users 2 503 3s <nil>", "DELETE /block_users 1 0 0s the connection broke before a response came: reset"}
		for i, e := range observed {
			if got := fmt.Sprintf("%s %s %d %d %s %v", e.Method, e.Path, e.Users, e.Status, e.Duration, e.Err); i >= len(want) || got != want[i] {
				t.Errorf("exchange %d: %s", i, got)
			}
		}
		if len(observed) != len(want) {
			t.Errorf("%d exchanges, want %d", len(observed), len(want))
		}
	})
}

func TestCancelledWriteIsWaitedFor(t *testing.T) {
	t.Parallel()

	for _, method := range writeMethods {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stubAPI{respond: respondAfter(10*time.Second, response{body: `{"block_users":{"added_users":[{"input":"+4915112345678"}]}}`})}
				client := clientOf(t, s)
				write := writeOf(client, method)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				within(t, 10*time.Second, func() {
					results, err := write(ctx, users("+4915112345678"))
					if got, want := renderResults(t, results, err), "4915112345678 done"; got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				})
				within(t, 0, func() {
					if _, err := write(ctx, users("+4915112345678")); !errors.Is(err, context.Canceled) {
						t.Errorf("a write after the end: %v", err)
					}
				})
				if n := len(s.received()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		})
	}
}

// The write was sent, so its outcome is unknown.
func TestCancelledWriteWithoutResponse(t *testing.T) {
	t.Parallel()

	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
		"out of time": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
	} {
		for reason, respond := range map[string]func(int, *http.Request) response{
			"no response within the request timeout of 20s": neverRespond,
			"the connection broke before a response came: context canceled": func(_ int, r *http.Request) response {
				return respondAfter(2*time.Second, response{err: context.Canceled})(0, r)
			},
		} {
			t.Run(name+"/"+reason, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := clientOf(t, &stubAPI{respond: respond}, func(o *d360.Options) { o.RequestTimeout = 20 * time.Second })
					ctx, cancel := end(t.Context())
					defer cancel()
					results, err := client.Block(ctx, users("+4915112345678"))
					if got, want := renderResults(t, results, err), "no response: "+reason; got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				})
			})
		}
	}
}

func TestCancelledListingEndsAtOnce(t *testing.T) {
	t.Parallel()

	for name, prepare := range map[string]func(*fakeapi.Server){
		"before the response": func(s *fakeapi.Server) { s.Inject(fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: time.Minute}) },
		"on a later page":     func(s *fakeapi.Server) { s.Inject(fakeapi.Fault{Kind: fakeapi.FaultSlow, Skip: 1, Delay: time.Minute}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := fakeAPIClient(t, fakeapi.Options{}, retries(5))
				server.SeedN(2000)
				prepare(server)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				within(t, time.Second, func() {
					entries, err := client.Scan(ctx)
					if !errors.Is(err, context.Canceled) || entries != nil {
						t.Errorf("%d entries, %v", len(entries), err)
					}
				})
			})
		})
	}
	t.Run("within a body", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := &stubAPI{respond: func(int, *http.Request) response {
				cancel()
				return response{body: `{"data":[`, broken: context.Canceled}
			}}
			if err := scan(ctx, clientOf(t, s, retries(5))); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if n := len(s.received()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	})
}

func TestTransport_failures(t *testing.T) {
	t.Parallel()

	for want, resp := range map[string]response{
		"unreachable: no connection to api.invalid: connection refused":                                {err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}},
		"unreachable: the host api.invalid cannot be found":                                            {err: &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.invalid", IsNotFound: true}}},
		"no response: the connection broke before a response came: read tcp: connection reset by peer": {err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}},
		"no response: the connection broke before a response came: write tcp: broken pipe":             {err: &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}},
		"no response: the connection broke before a response came: EOF":                                {err: io.EOF},
		"no response: the connection broke before a response came: tls: odd record":                    {err: tls.RecordHeaderError{Msg: "odd record"}},
		"no response: no response within the request timeout of 30s":                                   {err: context.DeadlineExceeded},
		"no response: the response broke off: unexpected EOF (HTTP 400)":                               {status: 400, body: "{", broken: io.ErrUnexpectedEOF},
		"no response: the response did not end within the request timeout of 30s":                      {body: `{"block_users":{}}`, broken: context.DeadlineExceeded},
	} {
		for _, method := range methods {
			err := doRequest(t, clientOf(t, always(resp)), method)
			if got := renderError(t, err); got != want {
				t.Errorf("%s: got %s, want %s", method, got, want)
			}
			if cause := resp.err; cause != nil && !errors.Is(err, cause) {
				t.Errorf("%s: %v does not wrap %v", method, err, cause)
			}
		}
	}
}

func TestTransport_overRealConnections(t *testing.T) {
	t.Parallel()

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	host := func(url string) string { _, host, _ := strings.Cut(url, "://"); return host }

	for base, want := range map[string]string{
		closed.URL:                    "unreachable: no connection to " + host(closed.URL) + ": ",
		"https://" + host(plain.URL):  "unreachable: no encrypted connection to " + host(plain.URL) + ": ",
		untrusted.URL:                 "rejected: the certificate of " + host(untrusted.URL) + " cannot be trusted: ",
		plain.URL + "/somewhere/else": "rejected: not found: 404 page not found (HTTP 404)",
	} {
		client := clientOf(t, nil, func(o *d360.Options) { o.BaseURL = base })
		for _, method := range methods {
			if got := renderError(t, doRequest(t, client, method)); !strings.HasPrefix(got, want) {
				t.Errorf("%s %s: got %s, want %s…", method, base, got, want)
			}
		}
	}
}

func TestTransport_requestTimeout(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		for timeout, text := range map[time.Duration]string{0: "30s", 5 * time.Second: "5s"} {
			for _, method := range methods {
				client := clientOf(t, &stubAPI{respond: neverRespond}, func(o *d360.Options) { o.RequestTimeout = timeout })
				want, _ := time.ParseDuration(text)
				within(t, want, func() {
					if got, want := renderError(t, doRequest(t, client, method)), "no response: no response within the request timeout of "+text; got != want {
						t.Errorf("%s: got %s, want %s", method, got, want)
					}
				})
			}
		}
	})
}

func TestTransport_gzip(t *testing.T) {
	t.Parallel()

	server, client := fakeAPIClient(t, fakeapi.Options{})
	server.SeedN(10)
	server.Inject(fakeapi.Fault{Kind: fakeapi.FaultGzip})
	entries, err := client.Scan(t.Context())
	if err != nil || len(entries) != 10 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

func TestNew_defaults(t *testing.T) {
	t.Parallel()

	s := always(response{body: `{}`})
	client, err := d360.New(d360.Options{Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	if err := scan(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if got := s.received()[0].url; !strings.HasPrefix(got, d360.DefaultBaseURL+"/block_users?") {
		t.Errorf("the request went to %s", got)
	}
	if _, err := d360.New(d360.Options{BaseURL: "http://example.com"}); err == nil {
		t.Error("New accepts a base URL that would send the key unencrypted")
	}
}

func TestErrors_hostOfTheBaseURL(t *testing.T) {
	t.Parallel()

	client := clientOf(t, always(response{err: &net.OpError{Op: "dial", Err: errors.New("no")}}), func(o *d360.Options) { o.BaseURL = "https://a\u202eb.invalid" })
	if got, want := renderError(t, scan(t.Context(), client)), "unreachable: no connection to a b.invalid: no"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
