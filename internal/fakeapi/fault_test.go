package fakeapi_test

import (
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestFaultsOfOneWrite sends one POST for anna and berta with each fault. Other tests cover the missing kinds.
func TestFaultsOfOneWrite(t *testing.T) {
	retryAfter := http.Header{"Retry-After": {"7"}}
	tests := []struct {
		fault  fakeapi.Fault
		status int
		// body is part of the response.
		body    string
		broken  bool
		applied bool
	}{
		{fault: fakeapi.Fault{Kind: fakeapi.FaultStatus}, status: 500, body: "Internal Server Error"},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 429, Header: retryAfter, Message: "slow down"}, status: 429, body: `"message":"slow down"`},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 400, Code: 80007, Details: "hourly"}, status: 400, body: `"code":80007,"error_data":{"details":"hourly"}`},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultStatusAfter, Status: 504}, status: 504, body: "Gateway Timeout", applied: true},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 139103}, status: 500, body: `"code":139103`},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 0}, status: 401, body: `"code":0`},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 131016, Status: 400}, status: 400, body: `"code":131016`},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, broken: true},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, broken: true, applied: true},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultTruncate}, broken: true, applied: true},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultRawBody, Body: "<p>", ContentType: "text/html", Status: 502}, status: 502, body: "<p>"},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultRawBodyAfter, Body: "{}", ContentType: "application/json"}, status: 200, body: "{}", applied: true},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultHook}, status: 200, body: "added_users", applied: true},
		{fault: fakeapi.Fault{Kind: fakeapi.FaultPartialResponse}, status: 200, body: `"added_users":[{"input":"+4915112345671","wa_id":"4915112345671"}]}}`, applied: true},
	}
	for _, test := range tests {
		t.Run(test.fault.Kind.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{})
			c.server.Inject(test.fault)
			got := c.raw(c.request(http.MethodPost, "", writeBody(anna, berta)))
			if (got.err != nil) != test.broken {
				t.Fatalf("response %+v", got)
			}
			if !test.broken && (got.status != test.status || !strings.Contains(got.body, test.body)) {
				t.Errorf("response %d %s", got.status, got.body)
			}
			for name := range test.fault.Header {
				if got.header.Get(name) != test.fault.Header.Get(name) {
					t.Errorf("header %s is %q", name, got.header.Get(name))
				}
			}
			if applied := c.server.IsBlocked(anna) && c.server.IsBlocked(berta); applied != test.applied {
				t.Errorf("applied: %v, want %v", applied, test.applied)
			}
			if c.server.FaultHits() != 1 {
				t.Errorf("%d hits", c.server.FaultHits())
			}
			if got := c.post(anna, berta); got.status != 200 {
				t.Errorf("the next request got %d", got.status)
			}
			c.noViolations()
		})
	}
}

func TestFaultQueue(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.Inject(fakeapi.Fault{Method: "POST", Kind: fakeapi.FaultStatus, Status: 500, Skip: 1, Times: 2})
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 502})
	c.server.Inject(fakeapi.Fault{Method: "GET", Kind: fakeapi.FaultStatus, Status: 503, Times: fakeapi.Forever})
	// The second fault hits the skipped POST; the third one stays.
	var got []int
	got = append(got, c.post(anna).status, c.get("").status, c.post(anna).status, c.post(anna).status, c.post(anna).status, c.get("").status)
	if want := []int{502, 503, 500, 500, 200, 503}; !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	if c.server.FaultHits() != 5 {
		t.Errorf("%d hits", c.server.FaultHits())
	}
	c.server.ClearFaults()
	if got := c.get(""); got.status != 200 {
		t.Errorf("status %d after ClearFaults", got.status)
	}
}

func TestHooks(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.Inject(fakeapi.Fault{
		Kind:    fakeapi.FaultHook,
		Do:      func(s *fakeapi.Server) { s.Silent(berta) },
		DoAfter: func(s *fakeapi.Server) { s.Remove(anna) },
	})
	if got := summary(t, c.post(anna, berta)); got != "add +4915112345671, fail +4915112345672=131047, error 139100" {
		t.Errorf("response %s", got)
	}
	if n := len(c.server.Blocked()); n != 0 {
		t.Errorf("%d users blocked", n)
	}
	c.noViolations()
}

func TestRedirect(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, status := range []int{0, 301, 302, 303, 307, 308} {
		c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRedirect, Status: status, Header: http.Header{"Location": {"http://127.0.0.1:9/"}}})
		got := c.raw(c.request(http.MethodDelete, "", writeBody(anna)))
		if got.status != cmp.Or(status, 307) || got.header.Get("Location") != "http://127.0.0.1:9/" {
			t.Errorf("response %+v", got)
		}
	}
}

func TestGzip(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultGzip})
	r := c.request(http.MethodGet, "", "")
	// Without this header, the client decodes the body.
	r.Header.Set("Accept-Encoding", "identity")
	got := c.raw(r)
	unzipped, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil || got.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("response %+v: %v", got, err)
	}
	if body, err := io.ReadAll(unzipped); err != nil || string(body) != `{"data":[]}` {
		t.Errorf("body %q: %v", body, err)
	}
}

func TestHuge(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHuge})
	response, err := c.http.Do(c.request(http.MethodGet, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, response.Body, 10<<20); err != nil {
		t.Errorf("response ended after %d bytes: %v", n, err)
	}
	response.Body.Close()
	if got := c.get(""); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
}

// TestPageFaults reads the second of four pages of two users each.
func TestPageFaults(t *testing.T) {
	for _, format := range []fakeapi.ResponseFormat{{}, {LastPage: fakeapi.LastPageNextNever, List: fakeapi.ListFlat}} {
		c := start(t, fakeapi.Options{ResponseFormat: format})
		all := c.server.SeedN(8)
		first := parsePage(t, c.get("limit=2"))
		second := parsePage(t, c.get("limit=2&after="+first.after()))
		hit := func(query string, f fakeapi.Fault) page {
			t.Helper()
			hits := c.server.FaultHits()
			c.server.Inject(f)
			got := parsePage(t, c.raw(c.request(http.MethodGet, query, "")))
			if c.server.FaultHits() != hits+1 {
				t.Errorf("%s did not hit", f.Kind)
			}
			if hasNext := got.Paging.Next != ""; hasNext != (format.LastPage != fakeapi.LastPageNextNever && !f.NoNext) {
				t.Errorf("%s: has a next link: %v", f.Kind, hasNext)
			}
			return got
		}
		want := func(what string, p page, users []string) {
			t.Helper()
			if !slices.Equal(p.users(), users) {
				t.Errorf("%s: users %v, want %v", what, p.users(), users)
			}
		}
		query := "limit=2&after=" + first.after()

		p := hit(query, fakeapi.Fault{Kind: fakeapi.FaultCursorLoop})
		want("loop", p, all[2:4])
		if p.after() != first.after() {
			t.Error("not the cursor that was sent")
		}
		p = hit("limit=2&after="+second.after(), fakeapi.Fault{Kind: fakeapi.FaultCursorRestart})
		want("restart", p, all[4:6])
		if p.after() != first.after() {
			t.Error("not the cursor of the first page")
		}
		p = hit(query, fakeapi.Fault{Kind: fakeapi.FaultRepeatPage})
		want("repeat", p, all[:2])
		if p.after() == first.after() {
			t.Error("no fresh cursor")
		}
		want("after repeat", parsePage(t, c.get("limit=2&after="+p.after())), all[2:4])
		p = hit(query, fakeapi.Fault{Kind: fakeapi.FaultSkipPage})
		want("skip", p, all[2:4])
		want("after skip", parsePage(t, c.get("limit=2&after="+p.after())), all[6:])
		for _, noNext := range []bool{false, true} {
			p = hit(query, fakeapi.Fault{Kind: fakeapi.FaultEmptyPage, NoNext: noNext})
			want("empty", p, nil)
			want("after empty", parsePage(t, c.get("limit=2&after="+p.after())), all[2:4])
		}
		p = hit(query, fakeapi.Fault{Kind: fakeapi.FaultUnnamedEntry})
		want("unnamed entry", p, []string{all[2], ""})
		c.noViolations()
	}
}

// TestFaultsWaitForARequestTheyChange sends requests in which page faults would make no difference.
func TestFaultsWaitForARequestTheyChange(t *testing.T) {
	for _, kind := range fakeapi.AllFaultKinds() {
		if kind < fakeapi.FaultCursorLoop {
			continue
		}
		t.Run(kind.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{})
			c.server.Inject(fakeapi.Fault{Kind: kind})
			c.get("")
			c.get("limit=0")
			c.post(anna)
			c.delete(anna)
			if n := c.server.FaultHits(); n != 0 {
				t.Errorf("%d hits", n)
			}
		})
	}
}

func TestRepeatedPages(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.SeedN(8)
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRepeatPage, Times: fakeapi.Forever})
	seen := map[string]bool{}
	after := ""
	for range 50 {
		p := parsePage(t, c.get("limit=2"+after))
		if p.after() == "" || seen[p.after()] {
			t.Fatalf("cursor %q after %d pages", p.after(), len(seen))
		}
		seen[p.after()] = true
		after = "&after=" + p.after()
	}
}

// TestSlow has a client whose timeout is shorter than some delays.
func TestSlow(t *testing.T) {
	const clientTimeout = 30 * time.Second
	tests := []struct {
		name    string
		opts    fakeapi.Options
		fault   fakeapi.Fault
		took    time.Duration
		applied bool
	}{
		{name: "delay", opts: fakeapi.Options{Delay: 10 * time.Second}, took: 10 * time.Second, applied: true},
		{name: "long delay", opts: fakeapi.Options{Delay: time.Hour}, took: clientTimeout},
		{name: "slow", fault: fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: 20 * time.Second}, took: 20 * time.Second, applied: true},
		{name: "too slow", fault: fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: time.Hour}, took: clientTimeout},
		{name: "slow after", fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: 20 * time.Second}, took: 20 * time.Second, applied: true},
		{name: "too slow after", fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: time.Hour}, took: clientTimeout, applied: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := start(t, test.opts)
				c.http.Timeout = clientTimeout
				if test.fault.Kind != fakeapi.FaultStatus {
					c.server.Inject(test.fault)
				}
				begin := time.Now()
				got := c.raw(c.request(http.MethodPost, "", writeBody(anna)))
				if took := time.Since(begin); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				if (got.err != nil) != (test.took == clientTimeout) {
					t.Errorf("response %+v", got)
				}
				// Let the handler see that the client has hung up.
				synctest.Wait()
				if applied := c.server.IsBlocked(anna); applied != test.applied {
					t.Errorf("applied: %v, want %v", applied, test.applied)
				}
			})
		})
	}
}

func TestOverlappingWrites(t *testing.T) {
	for _, code := range []int{0, 139103, 139102} {
		synctest.Test(t, func(t *testing.T) {
			c := start(t, fakeapi.Options{Delay: time.Second, Rules: fakeapi.Rules{RejectOverlap: code}})
			first := make(chan reply)
			go func() { first <- c.raw(c.request(http.MethodPost, "", writeBody(anna))) }()
			synctest.Wait()
			c.get("")
			if len(c.server.Violations()) != 0 {
				t.Errorf("a GET during a write: %q", c.server.Violations())
			}
			c.server.ResetStats()
			go func() { first <- c.raw(c.request(http.MethodPost, "", writeBody(berta))) }()
			synctest.Wait()
			second := c.raw(c.request(http.MethodDelete, "", writeBody(carl)))
			<-first
			<-first
			if rejected := strings.Contains(second.body, `"error"`); rejected != (code != 0) {
				t.Errorf("second write got %d %s", second.status, second.body)
			}
			if n := c.server.Stats().MaxWritesInFlight; n != 2 {
				t.Errorf("%d writes in flight", n)
			}
			if got := c.server.Violations(); len(got) != 1 || !strings.Contains(got[0], "overlaps") {
				t.Errorf("violations %q", got)
			}
		})
	}
}

// TestAbandonedWriteDoesNotOverlap has a client give up on a write and send the next one before the server has noticed.
func TestAbandonedWriteDoesNotOverlap(t *testing.T) {
	for _, abandoned := range []bool{true, false} {
		c := start(t, fakeapi.Options{})
		first := c.request(http.MethodPost, "", writeBody(anna))
		ctx, hangUp := context.WithCancel(t.Context())
		c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
			if abandoned {
				hangUp()
			}
			s.ServeHTTP(httptest.NewRecorder(), c.request(http.MethodPost, "", writeBody(berta)))
		}})
		c.server.ServeHTTP(httptest.NewRecorder(), first.WithContext(ctx))
		hangUp()
		if overlaps := len(c.server.Violations()) > 0; overlaps == abandoned {
			t.Errorf("abandoned: %v, violations: %q", abandoned, c.server.Violations())
		}
	}
}

// TestAbandonedConnectionDoesNotOverlap has a client send the next write as soon as it has closed the connection.
func TestAbandonedConnectionDoesNotOverlap(t *testing.T) {
	for range 50 {
		c := start(t, fakeapi.Options{})
		ctx, hangUp := context.WithCancel(t.Context())
		hungUp, done := make(chan struct{}), make(chan struct{})
		c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
			hangUp()
			<-hungUp
			s.ServeHTTP(httptest.NewRecorder(), c.request(http.MethodPost, "", writeBody(berta)))
			close(done)
		}})
		if response, err := c.http.Do(c.request(http.MethodPost, "", writeBody(anna)).WithContext(ctx)); err == nil {
			t.Error("a response to an abandoned request")
			_ = response.Body.Close()
		}
		close(hungUp)
		<-done
		c.noViolations()
	}
}

// writeAfterResponse sends another write as soon as it gets the response.
type writeAfterResponse struct {
	*httptest.ResponseRecorder
	next func()
}

func (w writeAfterResponse) Write(body []byte) (int, error) {
	w.next()
	return w.ResponseRecorder.Write(body)
}

// TestCompletedWriteDoesNotOverlap has a client send the next write while the server is still sending the response.
func TestCompletedWriteDoesNotOverlap(t *testing.T) {
	c := start(t, fakeapi.Options{})
	w := writeAfterResponse{httptest.NewRecorder(), func() {
		c.server.ServeHTTP(httptest.NewRecorder(), c.request(http.MethodDelete, "", writeBody(anna)))
	}}
	c.server.ServeHTTP(w, c.request(http.MethodPost, "", writeBody(anna)))
	c.noViolations()
	if got := c.server.Stats(); got.Deletes != 1 || got.MaxWritesInFlight != 1 {
		t.Errorf("stats %+v", got)
	}
}

// TestPartialResponse sends an odd number of users; the response covers the smaller half.
func TestPartialResponse(t *testing.T) {
	c := start(t, fakeapi.Options{})
	numbers := []string{"+4915112345601", "+4915112345602", "+4915112345603", "+4915112345604", "+4915112345605"}
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultPartialResponse, Times: 2})
	if got := summary(t, c.post(numbers...)); got != "add +4915112345601, add +4915112345602" || len(c.server.Blocked()) != 5 {
		t.Errorf("response %s, %d blocked", got, len(c.server.Blocked()))
	}
	if got := summary(t, c.delete(numbers...)); got != "remove +4915112345601, remove +4915112345602" || len(c.server.Blocked()) != 0 {
		t.Errorf("response %s, %d blocked", got, len(c.server.Blocked()))
	}
}

func TestFaultKindNames(t *testing.T) {
	kinds := fakeapi.AllFaultKinds()
	if last := kinds[len(kinds)-1]; last != fakeapi.FaultPartialResponse {
		t.Errorf("the last kind is %v", last)
	}
	seen := map[string]bool{}
	for _, kind := range kinds {
		seen[kind.String()] = true
	}
	if len(seen) != len(kinds) || seen[""] {
		t.Errorf("names %v", seen)
	}
	if got := fakeapi.FaultKind(-1).String(); got != "unknown(-1)" {
		t.Errorf("name %q", got)
	}
}

func TestFaultErrorsKeepTheShape(t *testing.T) {
	c := start(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Error: fakeapi.ErrorMetaSnake}})
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 503, Message: "busy"})
	var got struct {
		Meta struct {
			Code    int    `json:"http_code"`
			Message string `json:"developer_message"`
		} `json:"meta"`
	}
	if err := json.Unmarshal([]byte(c.get("").body), &got); err != nil || got.Meta.Code != 503 || got.Meta.Message != "busy" {
		t.Errorf("response %+v: %v", got, err)
	}
}
