package fakeapi_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestPerUser has a client that waits for 30 seconds and an API that takes ten for each user.
func TestPerUser(t *testing.T) {
	const clientTimeout = 30 * time.Second
	numbers := []string{anna, berta, carl, "+4915112345674"}
	tests := []struct {
		name   string
		method string
		users  []string
		fault  *fakeapi.Fault
		took   time.Duration
		// blocked is how many users are on the list afterwards. It begins with all of them where method is DELETE.
		blocked int
	}{
		{name: "one", method: "POST", users: numbers[:1], took: 10 * time.Second, blocked: 1},
		{name: "two", method: "POST", users: numbers[:2], took: 20 * time.Second, blocked: 2},
		{name: "too many", method: "POST", users: numbers, took: clientTimeout},
		{name: "unblock", method: "DELETE", users: numbers[:2], took: 20 * time.Second, blocked: 2},
		{name: "unblock too many", method: "DELETE", users: numbers, took: clientTimeout, blocked: 4},
		{name: "read", method: "GET"},
		{name: "rejected as a whole", method: "POST", users: []string{"invalid", anna}},
		{name: "fault before", method: "POST", users: numbers[:2], fault: &fakeapi.Fault{Kind: fakeapi.FaultStatus}},
		{name: "fault after", method: "POST", users: numbers[:2], fault: &fakeapi.Fault{Kind: fakeapi.FaultStatusAfter}, took: 20 * time.Second, blocked: 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := start(t, fakeapi.Options{Rules: fakeapi.Rules{PerUser: 10 * time.Second}})
				c.http.Timeout = clientTimeout
				body := ""
				if test.method != http.MethodGet {
					body = writeBody(test.users...)
				}
				if test.method == http.MethodDelete {
					c.server.Seed(numbers...)
				}
				if test.fault != nil {
					c.server.Inject(*test.fault)
				}
				begin := time.Now()
				got := c.raw(c.request(test.method, "", body))
				if took := time.Since(begin); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				if (got.err != nil) != (test.took == clientTimeout) {
					t.Errorf("response %+v", got)
				}
				// Let the handler see that the client has hung up. A handler that does not see it goes on.
				synctest.Wait()
				time.Sleep(time.Hour) //nolint:forbidigo // sleeping takes no time in a bubble
				if blocked := len(c.server.Blocked()); blocked != test.blocked {
					t.Errorf("%d users blocked, want %d", blocked, test.blocked)
				}
			})
		})
	}
}

// TestOverLimit asks for a page of 101 users where 100 is the largest.
func TestOverLimit(t *testing.T) {
	const clientTimeout = 30 * time.Second
	for _, over := range []fakeapi.OverLimit{fakeapi.OverLimitError, fakeapi.OverLimitHang} {
		t.Run(over.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := start(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100, OverLimit: over}})
				c.http.Timeout = clientTimeout
				c.server.SeedN(150)
				for query, users := range map[string]int{"": fakeapi.DefaultPageLimit, "limit=99": 99, "limit=100": 100} {
					if got := len(parsePage(t, c.get(query)).users()); got != users {
						t.Errorf("%q: %d users, want %d", query, got, users)
					}
				}
				c.noViolations()
				if got := c.get("limit=101&pretty=0"); got.status != http.StatusBadRequest {
					t.Errorf("status %d for a bad request", got.status)
				}
				c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 503})
				if got := c.get("limit=101"); got.status != http.StatusServiceUnavailable {
					t.Errorf("status %d for a fault", got.status)
				}
				begin := time.Now()
				if over == fakeapi.OverLimitError {
					if got := c.get("limit=101"); got.status != http.StatusInternalServerError || !strings.Contains(got.body, `"code":1,`) {
						t.Errorf("response %d %s", got.status, got.body)
					}
					return
				}
				if got := c.raw(c.request(http.MethodGet, "limit=101", "")); got.err == nil || time.Since(begin) != clientTimeout {
					t.Errorf("response %+v after %v", got, time.Since(begin))
				}
				requests := c.server.Requests()
				if last := requests[len(requests)-1]; last.Query.Get("limit") != "101" || last.Status != 0 {
					t.Errorf("last request %+v", last)
				}
				c.http.Timeout = 0
				c.server.SetFormat(fakeapi.ResponseFormat{})
				if got := len(parsePage(t, c.get("limit=101")).users()); got != 101 {
					t.Errorf("%d users", got)
				}
			})
		})
	}
}

func TestMaxBatchChanges(t *testing.T) {
	c := start(t, fakeapi.Options{Rules: fakeapi.Rules{MaxBatch: 2}})
	for _, step := range []struct{ limit, status int }{{2, 200}, {1, 429}, {3, 200}, {1, 429}, {0, 200}} {
		c.server.SetRules(fakeapi.Rules{MaxBatch: step.limit})
		if got := c.post(anna, berta); got.status != step.status {
			t.Errorf("limit %d: response %d %s", step.limit, got.status, got.body)
		}
	}
	c.noViolations()
}

func TestProxyAuthentication(t *testing.T) {
	c := start(t, fakeapi.Options{})
	for _, f := range []fakeapi.Fault{
		{Kind: fakeapi.FaultStatus, Status: 407},
		{Kind: fakeapi.FaultRawBody, Status: 407, Body: "<p>Proxy Authentication Required</p>", ContentType: "text/html"},
		{Kind: fakeapi.FaultStatus, Status: 407, Header: http.Header{"Proxy-Authenticate": {"Negotiate"}}},
	} {
		want := `Basic realm="proxy"`
		if f.Header != nil {
			want = f.Header.Get("Proxy-Authenticate")
		}
		c.server.Inject(f)
		if got := c.post(anna); got.status != 407 || got.header.Get("Proxy-Authenticate") != want {
			t.Errorf("response %d %s with headers %v", got.status, got.body, got.header)
		}
	}
	if got := c.post(anna); got.status != 200 || got.header.Get("Proxy-Authenticate") != "" {
		t.Errorf("response %d %s with headers %v", got.status, got.body, got.header)
	}
}
