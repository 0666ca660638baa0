package blocklist_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestWrite_someUsersRejected(t *testing.T) {
	t.Parallel()
	for _, status := range []fakeapi.RejectionStatus{fakeapi.Rejection400, fakeapi.Rejection200, fakeapi.Rejection200Error} {
		runInEnv(t, status.String(), setting{Options: fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Rejection: status}, Rules: fakeapi.Rules{OwnNumber: phoneNumber(7)}}}, func(t *testing.T, e *env) {
			e.server.Seed(phoneNumber(11), phoneNumber(12))
			e.server.Silent(phoneNumber(3))
			errs := expectFailed(t, e.block(phoneNumbers(10)...), phoneNumber(3), phoneNumber(7))
			expectKind(t, errs[phoneNumber(3)], d360.NoRecentMessage)
			expectKind(t, errs[phoneNumber(7)], d360.OwnNumber)
			if got := len(e.server.Blocked()); got != 10 {
				t.Errorf("%d users on the list, want 10", got)
			}
			e.server.RejectUnblock(phoneNumber(11), 131031, "", "")
			expectFailedAs(t, e.unblock(phoneNumber(11), phoneNumber(12)), d360.Forbidden, phoneNumber(11))
			e.expectBlocked(true, phoneNumber(11))
			e.expectBlocked(false, phoneNumber(12))
			e.expectSizes(10, 2)
		})
	}
}

func TestWrite_needless(t *testing.T) {
	t.Parallel()
	for _, code := range []int{131047, 100, 139101, 131021} {
		runInEnv(t, fmt.Sprint(code), setting{}, func(t *testing.T, e *env) {
			e.server.Seed(phoneNumber(1))
			e.server.Reject(phoneNumber(1), code, "", "")
			e.server.Reject(phoneNumber(2), code, "", "")
			e.server.RejectUnblock(phoneNumber(3), code, "", "")
			expectFailed(t, e.block(phoneNumber(1), phoneNumber(2)), phoneNumber(2))
			expectSuccess(t, e.unblock(phoneNumber(3)))
		})
	}
	runInEnv(t, "the list is full for the whole request", withRules(fakeapi.Rules{Capacity: 3, Full: fakeapi.FullWholeRequest}), func(t *testing.T, e *env) {
		e.server.Seed(phoneNumbers(2)...)
		expectFailedAs(t, e.block(phoneNumbers(4)...), d360.ListFull, phoneNumber(2), phoneNumber(3))
		e.expectSizes(4)
	})
	runInEnv(t, "the list is full for one user", withRules(fakeapi.Rules{Capacity: 3}), func(t *testing.T, e *env) {
		expectFailedAs(t, e.block(phoneNumbers(4)...), d360.ListFull, phoneNumber(3))
	})
}

// After a lost response, a scan decides whether the write is sent again. If the fault says
// that the write had no effect, the write is sent again without a scan.
func TestWrite_fault(t *testing.T) {
	t.Parallel()
	web := "<html><body>502 Bad Gateway</body></html>"
	raw := func(after bool, body string) fakeapi.Fault {
		kind := fakeapi.FaultRawBody
		if after {
			kind = fakeapi.FaultRawBodyAfter
		}
		return fakeapi.Fault{Kind: kind, Body: body, ContentType: "application/json"}
	}
	tests := map[string]struct {
		fault fakeapi.Fault
		// writes and scans count the requests.
		writes, scans int
	}{
		"dropped before":           {fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, 2, 1},
		"dropped after":            {fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, 1, 1},
		"truncated":                {fakeapi.Fault{Kind: fakeapi.FaultTruncate}, 1, 1},
		"timeout before":           {fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: time.Hour}, 2, 1},
		"timeout after":            {fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: time.Hour}, 1, 1},
		"web page before":          {raw(false, web), 2, 1},
		"web page after":           {raw(true, web), 1, 1},
		"empty body before":        {raw(false, ""), 2, 1},
		"empty body after":         {raw(true, ""), 1, 1},
		"null before":              {raw(false, "null"), 2, 1},
		"null after":               {raw(true, "null"), 1, 1},
		"array after":              {raw(true, "[]"), 1, 1},
		"empty object before":      {raw(false, "{}"), 2, 1},
		"empty object after":       {raw(true, "{}"), 1, 1},
		"no user named before":     {raw(false, `{"messaging_product":"whatsapp","block_users":{}}`), 2, 1},
		"another user named after": {raw(true, `{"block_users":{"added_users":[{"input":"+16505551234"}]}}`), 1, 1},
		"duplicate members after":  {raw(true, `{"block_users":{},"block_users":{}}`), 1, 1},
		"gzip, not requested":      {fakeapi.Fault{Kind: fakeapi.FaultGzip}, 1, 1},

		"500 before":         {fakeapi.Fault{Kind: fakeapi.FaultStatus}, 2, 0},
		"503 before":         {fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 503}, 2, 0},
		"555 before, thrice": {fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 555, Times: 3}, 4, 0},
		"web page and 502":   {fakeapi.Fault{Kind: fakeapi.FaultRawBody, Status: 502, Body: web, ContentType: "text/html"}, 2, 0},
		// The API rejects the second try, and the list shows the user.
		"500 after": {fakeapi.Fault{Kind: fakeapi.FaultStatusAfter}, 2, 1},
		"504 after": {fakeapi.Fault{Kind: fakeapi.FaultStatusAfter, Status: 504}, 2, 1},

		"139102":     {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 139102}, 2, 0},
		"139103":     {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 139103}, 2, 0},
		"131000":     {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 131000}, 2, 0},
		"131016":     {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 131016}, 2, 0},
		"1":          {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 1}, 2, 0},
		"2":          {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 2}, 2, 0},
		"130429":     {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 130429}, 2, 0},
		"80007":      {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 80007}, 2, 0},
		"4":          {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 4, Times: 5}, 6, 0},
		"rate limit": {fakeapi.Fault{Kind: fakeapi.FaultRawBody, Status: 400, Body: `{"error":"Rate limit hit"}`}, 2, 0},
	}
	formats := map[string]fakeapi.ResponseFormat{"nested": {}, "flat": {List: fakeapi.ListFlat, LastPage: fakeapi.LastPageAfterOnly}}
	for name, test := range tests {
		for formatName, format := range formats {
			for _, method := range []string{http.MethodPost, http.MethodDelete} {
				runInEnv(t, name+"/"+method+"/"+formatName, setting{Options: fakeapi.Options{ResponseFormat: format, Rules: strict}}, func(t *testing.T, e *env) {
					e.seedForUnblock(method, phoneNumber(1))
					fault := test.fault
					fault.Method = method
					e.server.Inject(fault)
					expectSuccess(t, e.change(method, phoneNumber(1)))
					e.expectBlocked(method == http.MethodPost, phoneNumber(1))
					if e.server.FaultHits() == 0 {
						t.Error("no request met the fault")
					}
					e.expectWriteCount(test.writes)
					scans := test.scans
					if method == http.MethodDelete {
						// The gate looks for the user, and absence takes a second scan.
						scans++
						if test.scans > 0 && (test.writes == 1 || strings.Contains(name, "after")) {
							scans++
						}
					}
					e.expectScans(scans)
					for _, r := range e.server.Requests() {
						if r.Method != http.MethodGet && r.Method != method {
							t.Errorf("a %s was sent", r.Method)
						}
					}
				})
			}
		}
	}
}

func TestWrite_usersMissingInTheResponse(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		runInEnv(t, "done "+method, withRules(strict), func(t *testing.T, e *env) {
			e.seedForUnblock(method, phoneNumbers(10)...)
			e.server.Inject(fakeapi.Fault{Method: method, Kind: fakeapi.FaultPartialResponse})
			expectSuccess(t, e.change(method, phoneNumbers(10)...))
			e.expectSizes(10)
			e.expectScans(map[string]int{http.MethodPost: 1, http.MethodDelete: 3}[method])
		})
		runInEnv(t, "not done "+method, withRules(strict), func(t *testing.T, e *env) {
			e.seedForUnblock(method, phoneNumbers(4)...)
			// The API writes the first two users, and its response does not name the others.
			responded := false
			e.transport.interceptWith(func(_ string, users []string) (int, string) {
				if responded {
					return 0, ""
				}
				responded = true
				if method == http.MethodPost {
					e.server.Seed(users[:2]...)
				} else {
					e.server.Remove(users[:2]...)
				}
				return 200, fmt.Sprintf(`{"block_users":{"added_users":[{"input":"+%s"},{"input":"+%s"}]}}`, users[0], users[1])
			})
			expectSuccess(t, e.change(method, phoneNumbers(4)...))
			e.expectBlocked(method == http.MethodPost, phoneNumbers(4)...)
			line := method + " " + strings.Join(phoneNumbers(4), " ")
			e.expectWrites(line, method+" "+phoneNumber(2)+" "+phoneNumber(3))
			e.expectScans(map[string]int{http.MethodPost: 1, http.MethodDelete: 2}[method])
		})
		runInEnv(t, "always "+method, setting{}, func(t *testing.T, e *env) {
			e.seedForUnblock(method, phoneNumber(1))
			e.server.Inject(fakeapi.Fault{Method: method, Kind: fakeapi.FaultRawBody, Body: "{}", Times: fakeapi.Forever})
			expectFailedAs(t, e.change(method, phoneNumber(1)), d360.NoResponse, phoneNumber(1))
			e.expectWriteCount(1 + d360.DefaultMaxRetries)
		})
	}
	runInEnv(t, "nothing to do", withRules(fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpIgnore, NotBlocked: fakeapi.NoOpIgnore}), func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1))
		expectSuccess(t, e.block(phoneNumber(1), phoneNumber(2)))
		expectSuccess(t, e.unblock(phoneNumber(3)))
		e.expectWrites("POST " + phoneNumber(1) + " " + phoneNumber(2))
	})
}

func TestWrite_permanentFault(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		for name, test := range map[string]struct {
			fault fakeapi.Fault
			kind  d360.Kind
		}{
			"500":     {fakeapi.Fault{Kind: fakeapi.FaultStatus}, d360.Temporary},
			"139102":  {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 139102}, d360.Conflict},
			"130429":  {fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 130429}, d360.Throttled},
			"dropped": {fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, d360.NoResponse},
		} {
			runInEnv(t, name+" "+method, withRules(strict), func(t *testing.T, e *env) {
				blocked := phoneNumbers(3)
				done, failing := blocked, []string{phoneNumber(5), phoneNumber(6)}
				if method == http.MethodDelete {
					done, failing = failing, done
				}
				e.server.Seed(blocked...)
				test.fault.Method, test.fault.Times = method, fakeapi.Forever
				e.server.Inject(test.fault)
				for _, err := range expectFailed(t, e.change(method, slices.Concat(done, failing)...), failing...) {
					expectKind(t, err, test.kind)
					if !strings.Contains(err.Error(), "tried 6 times") {
						t.Errorf("%v: want the number of tries", err)
					}
				}
				// If two users may be too many for a request, one of them is tried alone too.
				e.expectWritesAtMost(3 + d360.DefaultMaxRetries)
				e.expectBlocked(true, blocked...)
			})
		}
	}
	runInEnv(t, "the write took effect", withRules(strict), func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultStatusAfter, Status: 504, Times: fakeapi.Forever})
		expectSuccess(t, e.block(phoneNumbers(3)...))
	})
	runInEnv(t, "Retry-After is too long", setting{}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultStatus, Header: http.Header{"Retry-After": {"600"}}})
		began := time.Now()
		expectFailedAs(t, e.block(phoneNumber(1)), d360.Temporary, phoneNumber(1))
		if waited := time.Since(began); waited > time.Minute {
			t.Errorf("waited %s, want less than Retry-After", waited)
		}
	})
}

func TestWrite_retryableRejection(t *testing.T) {
	t.Parallel()
	for _, code := range []int{139103, 131000, 131016, 139102, 130429} {
		runInEnv(t, fmt.Sprint(code), setting{}, func(t *testing.T, e *env) {
			e.server.Reject(phoneNumber(1), code, "", "")
			time.AfterFunc(time.Second, func() { e.server.Allow(phoneNumber(1)) })
			expectSuccess(t, e.block(phoneNumbers(3)...))
			e.expectBlocked(true, phoneNumbers(3)...)
			for _, sent := range e.transport.sent()[1:] {
				if !slices.Equal(sent.users, []string{phoneNumber(1)}) {
					t.Errorf("sent again: %v", sent.users)
				}
			}
		})
	}
	runInEnv(t, "always", setting{}, func(t *testing.T, e *env) {
		e.server.Reject(phoneNumber(1), 131000, "", "")
		expectFailedAs(t, e.block(phoneNumbers(3)...), d360.Temporary, phoneNumber(1))
		e.expectWriteCount(1 + d360.DefaultMaxRetries)
	})
	// The API made the change before the fault, so an older scan does not show it.
	runInEnv(t, "the write took effect", withRules(strict), func(t *testing.T, e *env) {
		e.server.Silent(phoneNumber(0))
		expectFailed(t, e.block(phoneNumber(0)), phoneNumber(0))
		e.server.Inject(fakeapi.Fault{
			Method: http.MethodPost, Kind: fakeapi.FaultRawBodyAfter, Status: 400, ContentType: "application/json",
			Body: `{"block_users":{"failed_users":[{"input":"+` + phoneNumber(1) + `","errors":[{"code":131000,"message":"internal"}]}]},"error":{"code":139100}}`,
		})
		expectSuccess(t, e.block(phoneNumber(1)))
		e.expectScans(2)
	})
}

func TestRequestSize_throttled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		times int
		want  []int
	}{
		"once":   {1, []int{1000, 500, 500}},
		"twice":  {2, []int{1000, 500, 250, 250, 250, 250}},
		"always": {fakeapi.Forever, []int{1000, 500, 250, 100, 50, 20, 10, 5, 2, 1, 1000, 500, 250, 100, 50}},
	}
	for name, test := range tests {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultCode, Code: 130429, Times: test.times})
			results := e.block(phoneNumbers(1000)...)
			if test.times == fakeapi.Forever {
				expectFailed(t, results, phoneNumbers(1000)...)
			} else {
				expectSuccess(t, results)
			}
			e.expectSizes(test.want...)
		})
	}
}

func TestRequestSize_limit(t *testing.T) {
	t.Parallel()
	for _, code := range []int{130429, 100} {
		runInEnv(t, fmt.Sprint(code), withRules(fakeapi.Rules{MaxBatch: 100, BatchCode: code}), func(t *testing.T, e *env) {
			expectSuccess(t, e.block(phoneNumbers(1000)...))
			e.expectWritesAtMost(60)
		})
	}
}

// rejectRequestsWith rejects every request with one of the users as a whole.
func (e *env) rejectRequestsWith(code int, rejected ...string) {
	bad := map[string]bool{}
	for _, user := range rejected {
		bad[user] = true
	}
	e.transport.interceptWith(func(_ string, users []string) (int, string) {
		if slices.ContainsFunc(users, func(user string) bool { return bad[user] }) {
			return 400, fmt.Sprintf(`{"error":{"message":"(#%d) rejected","code":%d}}`, code, code)
		}
		return 0, ""
	})
}

func TestWrite_requestRejected(t *testing.T) {
	t.Parallel()
	const n = 1000
	all := phoneNumbers(n)
	var everyTenth []string
	for i := 3; i < n; i += 10 {
		everyTenth = append(everyTenth, all[i])
	}
	tests := map[string]struct {
		rejected []string
		seed     []string
		// most is the highest number of requests.
		most int
	}{
		"for the first user":        {rejected: all[:1], most: 35},
		"for one in the middle":     {rejected: all[499:500], most: 35},
		"for one anywhere":          {rejected: all[617:618], most: 35},
		"for the last user":         {rejected: all[n-1:], most: 35},
		"for two":                   {rejected: []string{all[3], all[801]}, most: 60},
		"for two neighbours":        {rejected: all[510:512], most: 50},
		"for ten":                   {rejected: []string{all[3], all[103], all[203], all[303], all[403], all[503], all[603], all[703], all[803], all[903]}, most: 200},
		"for every tenth":           {rejected: everyTenth, most: 1100},
		"for all":                   {rejected: all, most: 100},
		"for all, one is blocked":   {rejected: all, seed: all[:1], most: 100},
		"for all, most are blocked": {rejected: all, seed: all[:900], most: 100},
	}
	for name, test := range tests {
		for _, code := range []int{100, 131047, 131021} {
			if code != 100 && test.most > 50 {
				continue // slow, and the other codes run the same code
			}
			runInEnv(t, fmt.Sprintf("%s/%d", name, code), slow, func(t *testing.T, e *env) {
				e.server.Seed(test.seed...)
				e.rejectRequestsWith(code, test.rejected...)
				var want []string
				for _, user := range test.rejected {
					if !slices.Contains(test.seed, user) {
						want = append(want, user)
					}
				}
				for _, err := range expectFailed(t, e.block(all...), want...) {
					rejection, ok := errors.AsType[*d360.Error](err)
					if !ok || rejection.Code != code {
						t.Fatalf("%v, want code %d", err, code)
					}
				}
				if got := len(e.server.Blocked()); got != n-len(want) {
					t.Errorf("%d users on the list, want %d", got, n-len(want))
				}
				e.expectWritesAtMost(test.most)
				if got := e.server.Stats().Scans; got > 1 {
					t.Errorf("%d scans verified the rejections, want 1 at most", got)
				}
			})
		}
	}
}

// A request is not split if the rejection concerns no single user.
func TestWrite_requestRejectedForAllUsers(t *testing.T) {
	t.Parallel()
	for code, kind := range map[int]d360.Kind{
		139101: d360.ListFull, 10: d360.Forbidden, 200: d360.Forbidden, 368: d360.Forbidden, 131031: d360.Forbidden,
		190: d360.Unauthorized, 0: d360.Unauthorized,
	} {
		runInEnv(t, fmt.Sprint(code), setting{}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultCode, Code: code, Times: fakeapi.Forever})
			expectFailedAs(t, e.block(phoneNumbers(10)...), kind, phoneNumbers(10)...)
			e.expectSizes(10)
		})
	}
}

func TestWrite_keyRevoked(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		// The API throttles the request until it is a quarter. After the first quarter, the key
		// is revoked.
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 130429, Times: 2})
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, DoAfter: func(s *fakeapi.Server) { s.SetKey("another-key") }})
		expectFailedAs(t, e.block(phoneNumbers(1000)...), d360.Unauthorized, phoneNumbers(1000)[250:]...)
		e.expectSizes(1000, 500, 250, 250)
		if got := e.server.Stats().Requests(); got != 4 {
			t.Errorf("%d requests, want none after the API rejected the key", got)
		}
	})
}

// The key is rejected after a request with an unknown outcome, so the list cannot be read.
func TestOutcomeUnknown_keyRevoked(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{
			Kind: fakeapi.FaultStatusAfter, Status: 504, DoAfter: func(s *fakeapi.Server) { s.SetKey("another-key") },
		})
		u := expectOutcomeUnknown(t, e.block(phoneNumber(1))[0].Err)
		if !d360.IsKind(u.Cause, d360.Unauthorized) || !d360.IsKind(u.List, d360.Unauthorized) {
			t.Errorf("cause %v, list %v", u.Cause, u.List)
		}
	})
}

// After an unknown outcome, the list decides, and not a later rejection.
func TestOutcomeUnknown_thenRejected(t *testing.T) {
	t.Parallel()
	for _, code := range []int{190, 10, 100, 139101} {
		runInEnv(t, fmt.Sprint(code), setting{}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultStatusAfter, Status: 504})
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultCode, Code: code})
			expectSuccess(t, e.block(phoneNumber(1)))
			e.expectScans(1)
		})
	}
}

// A list that lags does not show yet that a request without a response took effect. After
// the API rejects the next request, the provider scans the list again.
func TestOutcomeUnknown_thenRejectedLaggingList(t *testing.T) {
	t.Parallel()
	rules := strict
	rules.StaleScans = 1
	inEnv(t, withRules(rules), func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(2))
		e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultDropAfter})
		expectSuccess(t, e.block(phoneNumber(1)))
		e.expectScans(2)
	})
	inEnv(t, withRules(rules), func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1), phoneNumber(2))
		e.server.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultDropAfter})
		expectSuccess(t, e.unblock(phoneNumber(1)))
		e.expectScans(4)
	})
}

func TestVerify_sharesOneScan(t *testing.T) {
	t.Parallel()
	runInEnv(t, "one after the other", setting{}, func(t *testing.T, e *env) {
		e.server.SetAllSilent(true)
		began := time.Now()
		for _, user := range phoneNumbers(300) {
			expectFailed(t, e.block(user), user)
		}
		if got, most := e.server.Stats().Scans, 1+int(time.Since(began)/(30*time.Second)); got > most {
			t.Errorf("%d scans in %s, want %d at most", got, time.Since(began), most)
		}
	})
	runInEnv(t, "by ten workers", slow, func(t *testing.T, e *env) {
		e.server.SetAllSilent(true)
		inParallel(10, phoneNumbers(1000), func(user string) { expectFailed(t, e.block(user), user) })
		e.expectScans(1)
	})
	runInEnv(t, "a scan that is too old", setting{}, func(t *testing.T, e *env) {
		e.server.SetAllSilent(true)
		expectFailed(t, e.block(phoneNumber(1)), phoneNumber(1))
		e.server.Seed(phoneNumber(2))
		e.server.Reject(phoneNumber(2), 131047, "", "")
		time.Sleep(31 * time.Second)
		expectSuccess(t, e.block(phoneNumber(2)))
		e.expectScans(2)
	})
	runInEnv(t, "each unknown outcome takes a new scan", withRules(strict), func(t *testing.T, e *env) {
		for i, fault := range []fakeapi.FaultKind{
			fakeapi.FaultDropAfter, fakeapi.FaultTruncate, fakeapi.FaultGzip, fakeapi.FaultStatusAfter, fakeapi.FaultDropAfter,
		} {
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fault})
			expectSuccess(t, e.block(phoneNumber(i)))
			e.expectScans(i + 1)
		}
	})
}

func TestOutcomeUnknown_listCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]fakeapi.FaultKind{
		"lost before": fakeapi.FaultDropBefore, "lost after": fakeapi.FaultDropAfter,
		"fault before": fakeapi.FaultStatus, "fault after": fakeapi.FaultStatusAfter,
	} {
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			runInEnv(t, name+" "+method, setting{}, func(t *testing.T, e *env) {
				e.seedForUnblock(method, phoneNumbers(2)...)
				// The gate can read the list, and no later scan can.
				var once sync.Once
				e.server.Inject(fakeapi.Fault{Method: method, Kind: kind, Times: fakeapi.Forever, Do: func(s *fakeapi.Server) {
					once.Do(func() {
						s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: 503, Times: fakeapi.Forever})
					})
				}})
				for user, err := range expectFailed(t, e.change(method, phoneNumbers(2)...), phoneNumbers(2)...) {
					u := expectOutcomeUnknown(t, err)
					if !d360.IsKind(u.List, d360.Temporary) || u.Cause == nil {
						t.Errorf("%s: cause %v, list %v", user, u.Cause, u.List)
					}
					if text := err.Error(); !strings.Contains(text, u.Cause.Error()) || !strings.Contains(text, u.List.Error()) {
						t.Errorf("%q, want both %q and %q", text, u.Cause, u.List)
					}
				}
			})
		}
	}
	// A rejection of the user says that nothing changed.
	runInEnv(t, "rejected", setting{}, func(t *testing.T, e *env) {
		e.server.Silent(phoneNumber(1))
		e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: 503, Times: fakeapi.Forever})
		expectFailedAs(t, e.block(phoneNumber(1)), d360.NoRecentMessage, phoneNumber(1))
	})
}

// An unknown outcome invalidates older snapshots, for reading and for verifying.
func TestOutcomeUnknown_invalidatesSnapshots(t *testing.T) {
	t.Parallel()
	user, other := phoneNumber(1), phoneNumber(2)
	for name, lose := range map[string]func(t *testing.T, e *env){
		"the list could not be read": func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultDropAfter})
			e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultCode, Code: 10})
			_ = expectOutcomeUnknown(t, e.unblock(user)[0].Err)
		},
		"the run was cancelled": func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultStatusAfter, Status: 504})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			expectFailed(t, e.unblockUsers(ctx, userOf(user)), user)
		},
		"the list was incomplete": func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultDropAfter})
			makeNextScanIncomplete(e.server)
			_ = expectOutcomeUnknown(t, e.unblock(user)[0].Err)
		},
	} {
		runInEnv(t, name, pagesOf(2), func(t *testing.T, e *env) {
			e.server.Seed(user, phoneNumber(3), phoneNumber(4), phoneNumber(5), phoneNumber(6))
			e.server.SetAllSilent(true)
			expectFailed(t, e.block(other), other)
			e.expectPresence("absent", other)
			lose(t, e)
			e.expectBlocked(false, user)
			e.expectPending("uncertain", user)
			expectFailedAs(t, e.block(user), d360.NoRecentMessage, user)
		})
	}
}

// A known outcome keeps the snapshot valid.
func TestWrite_keepsSnapshots(t *testing.T) {
	t.Parallel()
	for _, kind := range []fakeapi.FaultKind{fakeapi.FaultStatus, fakeapi.FaultStatusAfter} {
		runInEnv(t, kind.String(), setting{}, func(t *testing.T, e *env) {
			e.server.Seed(phoneNumber(1))
			e.expectAll(phoneNumber(1))
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: kind})
			expectSuccess(t, e.block(phoneNumber(2)))
			e.expectAll(phoneNumber(1), phoneNumber(2))
			e.expectScans(1)
		})
	}
}

// An incomplete scan proves that a user is listed, and never that a user is absent.
func TestVerify_incompleteScan(t *testing.T) {
	t.Parallel()
	users := phoneNumbers(4)
	lost := fakeapi.Fault{Kind: fakeapi.FaultDropBefore}
	lostThenIncomplete := fakeapi.Fault{Kind: fakeapi.FaultDropBefore, Do: func(s *fakeapi.Server) {
		s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 1, Times: fakeapi.Forever})
	}}
	for name, test := range map[string]struct {
		method, user string
		fault        *fakeapi.Fault
		// check is for the error, nil if the write succeeds.
		check     func(t *testing.T, err error)
		writes    []string
		isBlocked bool
	}{
		"a lost unblock stays unknown": {http.MethodDelete, users[3], &lostThenIncomplete, func(t *testing.T, err error) {
			t.Helper()
			if u := expectOutcomeUnknown(t, err); !errors.Is(u, d360.ErrIncomplete) {
				t.Error(u)
			}
		}, nil, true},
		"a rejected unblock stays rejected": {http.MethodDelete, users[3], nil, func(t *testing.T, err error) {
			t.Helper()
			expectKind(t, err, d360.Forbidden)
		}, nil, true},
		"a lost unblock of a listed user is sent again":        {http.MethodDelete, users[0], &lost, nil, nil, false},
		"a lost block of a listed user is done":                {http.MethodPost, users[1], &lost, nil, []string{"POST " + users[1]}, true},
		"a lost block of a user not shown takes a second scan": {http.MethodPost, users[3], &lost, nil, []string{"POST " + users[3]}, true},
	} {
		runInEnv(t, name, setting{Options: fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 2}, Rules: strict}}, func(t *testing.T, e *env) {
			e.server.Seed(users...)
			if test.fault == nil {
				e.server.RejectUnblock(test.user, 131031, "", "")
			} else {
				fault := *test.fault
				fault.Method = test.method
				e.server.Inject(fault)
			}
			if test.fault == nil || test.fault.Do == nil {
				makeNextScanIncomplete(e.server)
			}
			if results := e.change(test.method, test.user); test.check != nil {
				test.check(t, results[0].Err)
			} else {
				expectSuccess(t, results)
			}
			e.expectBlocked(test.isBlocked, test.user)
			if test.writes != nil {
				e.expectWrites(test.writes...)
			}
		})
	}
}

func TestVerify_listShowsWhatsAppIDOnly(t *testing.T) {
	t.Parallel()
	user := userOf(mexicoNumber, mexicoWaID)
	for _, format := range []fakeapi.ResponseFormat{
		{List: fakeapi.ListFlat}, {Input: fakeapi.ListInputWaID}, {Input: fakeapi.ListInputOmitted},
	} {
		options := fakeapi.Options{ResponseFormat: format, Rules: strict, WaIDs: mexicoWaIDs}
		t.Run(cmp.Or(format.String(), "default"), func(t *testing.T) {
			t.Parallel()
			for name, test := range map[string]struct {
				kind   fakeapi.FaultKind
				writes int
			}{
				"not done": {fakeapi.FaultDropBefore, 2}, "done": {fakeapi.FaultDropAfter, 1},
			} {
				runInEnv(t, name, setting{Options: options}, func(t *testing.T, e *env) {
					e.server.Seed(mexicoNumber)
					e.server.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: test.kind})
					expectSuccess(t, e.unblockUsers(t.Context(), user))
					e.expectBlocked(false, mexicoNumber)
					e.expectWriteCount(test.writes)
				})
			}
			runInEnv(t, "rejected", setting{Options: options}, func(t *testing.T, e *env) {
				e.server.Seed(mexicoNumber)
				e.server.RejectUnblock(mexicoNumber, 131031, "", "")
				expectFailedAs(t, e.unblockUsers(t.Context(), user), d360.Forbidden, mexicoNumber)
			})
		})
	}
}

// A result has the WhatsApp ID of the response.
func TestResult_whatsAppID(t *testing.T) {
	t.Parallel()
	options := fakeapi.Options{Rules: strict, WaIDs: mexicoWaIDs}
	for name, prepare := range map[string]func(e *env){
		"from the response": func(*env) {},
		"from the list":     func(e *env) { e.server.Seed(mexicoNumber) },
		"from the list after a lost response": func(e *env) {
			e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultDropAfter})
		},
	} {
		runInEnv(t, name, setting{Options: options}, func(t *testing.T, e *env) {
			prepare(e)
			r := e.block(mexicoNumber)[0]
			if r.Err != nil || r.User.ID != id(mexicoNumber) || r.User.WaID != id(mexicoWaID) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Without retries, the list still decides whether a failed request took effect.
func TestWrite_withoutRetries(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{tries: 1}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatusAfter, Status: 502})
		expectSuccess(t, e.block(phoneNumber(1)))
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 502})
		expectFailedAs(t, e.block(phoneNumber(2)), d360.Temporary, phoneNumber(2))
		e.expectWrites("POST "+phoneNumber(1), "POST "+phoneNumber(2))
	})
}
