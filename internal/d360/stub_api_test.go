package d360_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	testKey = "k3y-that-Must-never-5how"
	// testBase does not exist: requests to it need a stub.
	testBase = "https://api.invalid/v1"
)

// response is a canned response, or an error of the network.
type response struct {
	status int // 200 if zero
	header http.Header
	body   string
	// broken, if set, is the error at the end of the body.
	broken error
	err    error
}

type sentRequest struct {
	method, url string
	header      http.Header
	body        string
	at          time.Time
}

func (s sentRequest) query(name string) string {
	_, query, _ := strings.Cut(s.url, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// stubAPI responds in process, and records the requests. n counts them from 0.
type stubAPI struct {
	respond func(n int, r *http.Request) response

	mu       sync.Mutex
	requests []sentRequest
}

// RoundTrip implements [http.RoundTripper].
func (s *stubAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, sentRequest{
		method: r.Method, url: r.URL.String(), header: r.Header.Clone(), body: string(body), at: time.Now(),
	})
	s.mu.Unlock()

	a := s.respond(n, r)
	if a.err != nil {
		return nil, a.err
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	content := io.Reader(strings.NewReader(a.body))
	if a.broken != nil {
		content = io.MultiReader(content, errorReader{a.broken})
	}
	return &http.Response{
		StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(content), ContentLength: -1, Request: r,
	}, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func (s *stubAPI) received() []sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// always gives the same response, up to 1,000 times.
func always(a response) *stubAPI {
	return &stubAPI{respond: func(n int, r *http.Request) response {
		if n >= 1000 {
			panic(fmt.Sprintf("%d requests like %s %s", n, r.Method, r.URL))
		}
		return a
	}}
}

// inTurn gives one response after the other, and fails the test if they run out.
func inTurn(t *testing.T, responses ...response) *stubAPI {
	t.Helper()
	return &stubAPI{respond: func(n int, r *http.Request) response {
		if n >= len(responses) {
			t.Errorf("request %d, %s %s, is unexpected", n+1, r.Method, r.URL)
			return response{status: http.StatusTeapot}
		}
		return responses[n]
	}}
}

// bodies makes responses with status 200.
func bodies(texts ...string) []response {
	responses := make([]response, len(texts))
	for i, text := range texts {
		responses[i].body = text
	}
	return responses
}

// clientOf returns a client without retries unless options set some.
func clientOf(t testing.TB, transport http.RoundTripper, options ...func(*d360.Options)) *d360.Client {
	t.Helper()
	opts := d360.Options{BaseURL: testBase, Key: testKey, UserAgent: "d360-test", Transport: transport}
	for _, option := range options {
		option(&opts)
	}
	client, err := d360.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func retries(n int) func(*d360.Options) {
	return func(o *d360.Options) { o.MaxRetries = n }
}

// fakeAPIClient serves a fake API over connections in memory.
func fakeAPIClient(t *testing.T, opts fakeapi.Options, options ...func(*d360.Options)) (*fakeapi.Server, *d360.Client) {
	t.Helper()
	opts.Key = testKey
	server := fakeapi.New(opts)
	base, memory, stop := server.StartInMemory()
	t.Cleanup(stop)
	client := clientOf(t, memory.Transport, append([]func(*d360.Options){func(o *d360.Options) { o.BaseURL = base }}, options...)...)
	t.Cleanup(func() {
		for _, violation := range server.Violations() {
			t.Errorf("violation: %s", violation)
		}
	})
	return server, client
}

func user(s string) userid.User {
	u, err := userid.New(s)
	if err != nil {
		panic(err)
	}
	return u
}

func users(texts ...string) []userid.User {
	all := make([]userid.User, len(texts))
	for i, text := range texts {
		all[i] = user(text)
	}
	return all
}

// keys returns the key of each user, or the spelling of an entry that names none.
func keys(listed []userid.User) []string {
	names := make([]string, len(listed))
	for i, u := range listed {
		names[i] = cmp.Or(u.Key().String(), u.Spelling)
	}
	return names
}

// renderError formats an error with its kind.
func renderError(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return "no error"
	}
	e, ok := errors.AsType[*d360.Error](err)
	if !ok {
		return fmt.Sprintf("%T: %v", err, err)
	}
	checkPrintable(t, e.Error())
	return fmt.Sprintf("%s: %s", e.Kind, e)
}

// renderResults formats the results of a write, one line per user.
func renderResults(t testing.TB, results []d360.UserResult, err error) string {
	t.Helper()
	if err != nil {
		if results != nil {
			t.Errorf("results %v and the error %v", results, err)
		}
		return renderError(t, err)
	}
	lines := make([]string, len(results))
	for i, a := range results {
		what := "missing"
		switch {
		case a.Done && a.Err != nil:
			what = "done and rejected"
		case a.Done:
			what = "done"
		case a.Err != nil:
			what = renderError(t, a.Err)
		}
		if waID := a.User.WaID; !waID.IsZero() {
			what += " as " + waID.String()
		}
		if userID := a.User.UserID; !userID.IsZero() && userID != a.User.ID {
			what += " is " + userID.String()
		}
		lines[i] = a.User.Key().String() + " " + what
	}
	return strings.Join(lines, "\n")
}

// checkPrintable checks that a text is short, printable and without the key.
func checkPrintable(t testing.TB, text string) {
	t.Helper()
	if text == "" {
		t.Error("an error without text")
	}
	if n := utf8.RuneCountInString(text); n > 1200 {
		t.Errorf("an error text of %d characters", n)
	}
	if !utf8.ValidString(text) {
		t.Errorf("the error text %q is no UTF-8", text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("the error text %q holds an unprintable character at %d", text, i)
	}
	if strings.Contains(text, testKey) {
		t.Errorf("the error text %q holds the key", text)
	}
}

// within checks how long f takes in a synctest bubble.
func within(t *testing.T, want time.Duration, f func()) {
	t.Helper()
	started := time.Now()
	f()
	if took := time.Since(started); took != want {
		t.Errorf("it took %s, want %s", took, want)
	}
}

// neverRespond waits for the end of the request's context.
func neverRespond(_ int, r *http.Request) response {
	<-r.Context().Done()
	return response{err: r.Context().Err()}
}

func respondAfter(d time.Duration, a response) func(int, *http.Request) response {
	return func(_ int, r *http.Request) response {
		select {
		case <-time.After(d):
			return a
		case <-r.Context().Done():
			return response{err: r.Context().Err()}
		}
	}
}

func scan(ctx context.Context, c *d360.Client) error {
	_, err := c.Scan(ctx)
	return err
}

func repeat(b byte, n int) string { return string(bytes.Repeat([]byte{b}, n)) }
