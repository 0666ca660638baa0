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

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// strict is a service that refuses whom there is nothing to do for, so that a
// write which is sent twice must consult the list to come out well.
var strict = sandbox.Rules{
	AlreadyBlocked: sandbox.NoOpRefuse, NotBlocked: sandbox.NoOpRefuse,
}

// kindIs checks that an error is a refusal of the service of this kind, and
// that nothing about it is unsettled.
func kindIs(t *testing.T, err error, want d360.Kind) {
	t.Helper()
	var unsettled *blocklist.UnsettledError
	if !d360.IsKind(err, want) || errors.As(err, &unsettled) {
		t.Errorf("error %v, want kind %q", err, want)
	}
}

// unsettled checks that an error says that nobody knows what became of a write.
func unsettled(t *testing.T, err error) *blocklist.UnsettledError {
	t.Helper()
	var u *blocklist.UnsettledError
	if !errors.As(err, &u) {
		t.Fatalf("error %v, want it unsettled", err)
	}
	return u
}

func TestRefusalOfOneDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	for _, status := range []sandbox.RefusalStatus{sandbox.Refusal400, sandbox.Refusal200, sandbox.Refusal200Error} {
		t.Run(status.String(), func(t *testing.T) {
			t.Parallel()
			options := sandbox.Options{Wire: sandbox.Wire{Refusal: status}, Rules: sandbox.Rules{OwnNumber: number(7)}}
			inWorld(t, setting{Options: options}, func(t *testing.T, w *world) {
				w.server.Seed(number(11), number(12))
				w.server.Silent(number(3))
				errs := failedAre(t, w.block(numbers(10)...), number(3), number(7))
				kindIs(t, errs[number(3)], d360.NoRecentMessage)
				kindIs(t, errs[number(7)], d360.OwnNumber)
				if got := len(w.server.Blocked()); got != 10 {
					t.Errorf("%d users on the list, want 10", got)
				}
				w.server.RefuseUnblock(number(11), 131031, "", "")
				errs = failedAre(t, w.unblock(number(11), number(12)), number(11))
				kindIs(t, errs[number(11)], d360.Forbidden)
				w.isBlocked(true, number(11))
				w.isBlocked(false, number(12))
				if got := w.sizes(); !slices.Equal(got, []int{10, 2}) {
					t.Errorf("requests of %v users", got)
				}
			})
		})
	}
}

func TestRefusalOfWhatIsSoAlready(t *testing.T) {
	t.Parallel()
	for _, code := range []int{131047, 100, 139101, 131021} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Seed(number(1))
				w.server.Refuse(number(1), code, "", "")
				w.server.Refuse(number(2), code, "", "")
				w.server.RefuseUnblock(number(3), code, "", "")
				failedAre(t, w.block(number(1), number(2)), number(2))
				allDone(t, w.unblock(number(3)))
			})
		})
	}
	t.Run("whole list full", func(t *testing.T) {
		t.Parallel()
		rules := sandbox.Rules{Capacity: 3, Full: sandbox.FullWholeRequest}
		inWorld(t, setting{Options: sandbox.Options{Rules: rules}}, func(t *testing.T, w *world) {
			w.server.Seed(numbers(2)...)
			errs := failedAre(t, w.block(numbers(4)...), number(2), number(3))
			kindIs(t, errs[number(2)], d360.ListFull)
			if got := w.sizes(); !slices.Equal(got, []int{4}) {
				t.Errorf("requests of %v users", got)
			}
		})
	})
	t.Run("list full for one", func(t *testing.T) {
		t.Parallel()
		rules := sandbox.Rules{Capacity: 3}
		inWorld(t, setting{Options: sandbox.Options{Rules: rules}}, func(t *testing.T, w *world) {
			errs := failedAre(t, w.block(numbers(4)...), number(3))
			kindIs(t, errs[number(3)], d360.ListFull)
		})
	})
}

// After a lost answer the list is consulted, and the write sent again only if
// it has to be. Wherever a fault says that nothing was done, it is sent again.
func TestFaultsOfOneWrite(t *testing.T) {
	t.Parallel()
	web := "<html><body>502 Bad Gateway</body></html>"
	raw := func(after bool, body string) sandbox.Fault {
		kind := sandbox.FaultRawBody
		if after {
			kind = sandbox.FaultRawBodyAfter
		}
		return sandbox.Fault{Kind: kind, Body: body, ContentType: "application/json"}
	}
	tests := map[string]struct {
		fault sandbox.Fault
		// writes and scans are how often the service was asked.
		writes, scans int
	}{
		"dropped before":            {sandbox.Fault{Kind: sandbox.FaultDropBefore}, 2, 1},
		"dropped after":             {sandbox.Fault{Kind: sandbox.FaultDropAfter}, 1, 1},
		"truncated":                 {sandbox.Fault{Kind: sandbox.FaultTruncate}, 1, 1},
		"timeout before":            {sandbox.Fault{Kind: sandbox.FaultSlow, Delay: time.Hour}, 2, 1},
		"timeout after":             {sandbox.Fault{Kind: sandbox.FaultSlowAfter, Delay: time.Hour}, 1, 1},
		"web page before":           {raw(false, web), 2, 1},
		"web page after":            {raw(true, web), 1, 1},
		"empty body before":         {raw(false, ""), 2, 1},
		"empty body after":          {raw(true, ""), 1, 1},
		"null before":               {raw(false, "null"), 2, 1},
		"null after":                {raw(true, "null"), 1, 1},
		"array after":               {raw(true, "[]"), 1, 1},
		"empty object before":       {raw(false, "{}"), 2, 1},
		"empty object after":        {raw(true, "{}"), 1, 1},
		"nobody named before":       {raw(false, `{"messaging_product":"whatsapp","block_users":{}}`), 2, 1},
		"somebody else named after": {raw(true, `{"block_users":{"added_users":[{"input":"+16505551234"}]}}`), 1, 1},
		"duplicate members after":   {raw(true, `{"block_users":{},"block_users":{}}`), 1, 1},
		"gzip that nobody wanted":   {sandbox.Fault{Kind: sandbox.FaultGzip}, 1, 1},

		"500 before":         {sandbox.Fault{Kind: sandbox.FaultStatus}, 2, 0},
		"503 before":         {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503}, 2, 0},
		"555 before, thrice": {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 555, Times: 3}, 4, 0},
		"web page and 502":   {sandbox.Fault{Kind: sandbox.FaultRawBody, Status: 502, Body: web, ContentType: "text/html"}, 2, 0},
		// The second try is refused, and the list tells why.
		"500 after": {sandbox.Fault{Kind: sandbox.FaultStatusAfter}, 2, 1},
		"504 after": {sandbox.Fault{Kind: sandbox.FaultStatusAfter, Status: 504}, 2, 1},

		"139102":     {sandbox.Fault{Kind: sandbox.FaultCode, Code: 139102}, 2, 0},
		"139103":     {sandbox.Fault{Kind: sandbox.FaultCode, Code: 139103}, 2, 0},
		"131000":     {sandbox.Fault{Kind: sandbox.FaultCode, Code: 131000}, 2, 0},
		"131016":     {sandbox.Fault{Kind: sandbox.FaultCode, Code: 131016}, 2, 0},
		"1":          {sandbox.Fault{Kind: sandbox.FaultCode, Code: 1}, 2, 0},
		"2":          {sandbox.Fault{Kind: sandbox.FaultCode, Code: 2}, 2, 0},
		"130429":     {sandbox.Fault{Kind: sandbox.FaultCode, Code: 130429}, 2, 0},
		"80007":      {sandbox.Fault{Kind: sandbox.FaultCode, Code: 80007}, 2, 0},
		"4":          {sandbox.Fault{Kind: sandbox.FaultCode, Code: 4, Times: 5}, 6, 0},
		"rate limit": {sandbox.Fault{Kind: sandbox.FaultRawBody, Status: 400, Body: `{"error":"Rate limit hit"}`}, 2, 0},
	}
	wires := map[string]sandbox.Wire{"nested": {}, "flat": {List: sandbox.ListFlat, LastPage: sandbox.LastPageAfterOnly}}
	for name, test := range tests {
		for wireName, wire := range wires {
			for _, method := range []string{http.MethodPost, http.MethodDelete} {
				t.Run(name+"/"+method+"/"+wireName, func(t *testing.T) {
					t.Parallel()
					inWorld(t, setting{Options: sandbox.Options{Wire: wire, Rules: strict}}, func(t *testing.T, w *world) {
						if method == http.MethodDelete {
							w.server.Seed(number(1))
						}
						fault := test.fault
						fault.Method = method
						w.server.Inject(fault)
						allDone(t, w.change(method, number(1)))
						w.isBlocked(method == http.MethodPost, number(1))
						if w.server.FaultHits() == 0 {
							t.Error("the fault never showed")
						}
						if got := len(w.transport.sent()); got != test.writes {
							t.Errorf("%d writes, want %d", got, test.writes)
						}
						w.scans(test.scans)
						for _, r := range w.server.Requests() {
							if r.Method != http.MethodGet && r.Method != method {
								t.Errorf("a %s was sent", r.Method)
							}
						}
					})
				})
			}
		}
	}
}

func TestUsersWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		t.Run("done all the same "+method, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{Options: sandbox.Options{Rules: strict}}, func(t *testing.T, w *world) {
				if method == http.MethodDelete {
					w.server.Seed(numbers(10)...)
				}
				w.server.Inject(sandbox.Fault{Method: method, Kind: sandbox.FaultPartialAnswer})
				allDone(t, w.change(method, numbers(10)...))
				if got := w.sizes(); !slices.Equal(got, []int{10}) {
					t.Errorf("requests of %v users", got)
				}
				w.scans(1)
			})
		})
		t.Run("not done "+method, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{Options: sandbox.Options{Rules: strict}}, func(t *testing.T, w *world) {
				if method == http.MethodDelete {
					w.server.Seed(numbers(4)...)
				}
				// The service does and tells what it wants of the first two, and forgets the others.
				answered := false
				w.transport.interceptWith(func(_ string, users []string) (int, string) {
					if answered {
						return 0, ""
					}
					answered = true
					if method == http.MethodPost {
						w.server.Seed(users[:2]...)
					} else {
						w.server.Remove(users[:2]...)
					}
					return 200, fmt.Sprintf(`{"block_users":{"added_users":[{"input":"+%s"},{"input":"+%s"}]}}`, users[0], users[1])
				})
				allDone(t, w.change(method, numbers(4)...))
				w.isBlocked(method == http.MethodPost, numbers(4)...)
				line := method + " " + strings.Join(numbers(4), " ")
				w.wrote(line, method+" "+number(2)+" "+number(3))
				w.scans(1)
			})
		})
		t.Run("never answered for "+method, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				if method == http.MethodDelete {
					w.server.Seed(number(1))
				}
				w.server.Inject(sandbox.Fault{Method: method, Kind: sandbox.FaultRawBody, Body: "{}", Times: sandbox.Forever})
				errs := failedAre(t, w.change(method, number(1)), number(1))
				kindIs(t, errs[number(1)], d360.Lost)
				if got := len(w.transport.sent()); got != 1+d360.DefaultMaxRetries {
					t.Errorf("%d writes", got)
				}
			})
		})
	}
	t.Run("because there was nothing to do", func(t *testing.T) {
		t.Parallel()
		rules := sandbox.Rules{AlreadyBlocked: sandbox.NoOpIgnore, NotBlocked: sandbox.NoOpIgnore}
		inWorld(t, setting{Options: sandbox.Options{Rules: rules}}, func(t *testing.T, w *world) {
			w.server.Seed(number(1))
			allDone(t, w.block(number(1), number(2)))
			allDone(t, w.unblock(number(3)))
			w.wrote("POST "+number(1)+" "+number(2), "DELETE "+number(3))
		})
	})
}

func TestFaultThatDoesNotPass(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		for name, test := range map[string]struct {
			fault sandbox.Fault
			kind  d360.Kind
		}{
			"500":     {sandbox.Fault{Kind: sandbox.FaultStatus}, d360.Temporary},
			"139102":  {sandbox.Fault{Kind: sandbox.FaultCode, Code: 139102}, d360.Conflict},
			"130429":  {sandbox.Fault{Kind: sandbox.FaultCode, Code: 130429}, d360.Throttled},
			"dropped": {sandbox.Fault{Kind: sandbox.FaultDropBefore}, d360.Lost},
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				inWorld(t, setting{Options: sandbox.Options{Rules: strict}}, func(t *testing.T, w *world) {
					so, notSo := numbers(3), []string{number(5), number(6)}
					if method == http.MethodDelete {
						so, notSo = notSo, so
					}
					w.server.Seed(numbers(3)...)
					test.fault.Method, test.fault.Times = method, sandbox.Forever
					w.server.Inject(test.fault)
					errs := failedAre(t, w.change(method, slices.Concat(so, notSo)...), notSo...)
					for _, err := range errs {
						kindIs(t, err, test.kind)
						if !strings.Contains(err.Error(), "tried 6 times") {
							t.Errorf("%v: want the number of tries", err)
						}
					}
					if got := len(w.transport.sent()); got > 1+d360.DefaultMaxRetries {
						t.Errorf("%d writes", got)
					}
					w.isBlocked(true, numbers(3)...)
				})
			})
		}
	}
	t.Run("but the work was done", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{Options: sandbox.Options{Rules: strict}}, func(t *testing.T, w *world) {
			w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultStatusAfter, Status: 504, Times: sandbox.Forever})
			allDone(t, w.block(numbers(3)...))
		})
	})
	t.Run("since the service wants to be left alone", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultStatus, Header: http.Header{"Retry-After": {"600"}}})
			began := time.Now()
			errs := failedAre(t, w.block(number(1)), number(1))
			kindIs(t, errs[number(1)], d360.Temporary)
			if waited := time.Since(began); waited > time.Minute {
				t.Errorf("it waited %s for a service that wants ten minutes", waited)
			}
		})
	})
}

func TestRetryableRefusalOfOneUser(t *testing.T) {
	t.Parallel()
	for _, code := range []int{139103, 131000, 131016, 139102, 130429} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Refuse(number(1), code, "", "")
				time.AfterFunc(time.Second, func() { w.server.Allow(number(1)) })
				allDone(t, w.block(numbers(3)...))
				w.isBlocked(true, numbers(3)...)
				for _, sent := range w.transport.sent()[1:] {
					if !slices.Equal(sent.users, []string{number(1)}) {
						t.Errorf("sent again: %v", sent.users)
					}
				}
			})
		})
	}
	t.Run("for ever", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			w.server.Refuse(number(1), 131000, "", "")
			errs := failedAre(t, w.block(numbers(3)...), number(1))
			kindIs(t, errs[number(1)], d360.Temporary)
			if got := len(w.transport.sent()); got != 1+d360.DefaultMaxRetries {
				t.Errorf("%d writes", got)
			}
		})
	})
	// The fault struck after the work was done; an older look at the list cannot know.
	t.Run("after the work was done", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{Options: sandbox.Options{Rules: strict}}, func(t *testing.T, w *world) {
			w.server.Silent(number(0))
			failedAre(t, w.block(number(0)), number(0))
			w.server.Inject(sandbox.Fault{
				Method: http.MethodPost, Kind: sandbox.FaultRawBodyAfter, Status: 400, ContentType: "application/json",
				Body: `{"block_users":{"failed_users":[{"input":"+` + number(1) + `","errors":[{"code":131000,"message":"internal"}]}]},"error":{"code":139100}}`,
			})
			allDone(t, w.block(number(1)))
			w.scans(2)
		})
	})
}

func TestThrottlingHalvesRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		times int
		want  []int
	}{
		"once":         {1, []int{1000, 1000}},
		"twice":        {2, []int{1000, 1000, 500, 500}},
		"thrice":       {3, []int{1000, 1000, 500, 250, 500, 250}},
		"four times":   {4, []int{1000, 1000, 500, 250, 125, 250, 500, 125}},
		"and for good": {sandbox.Forever, []int{1000, 1000, 500, 250, 125, 62}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultCode, Code: 130429, Times: test.times})
				results := w.block(numbers(1000)...)
				if test.times == sandbox.Forever {
					failedAre(t, results, numbers(1000)...)
				} else {
					allDone(t, results)
				}
				if got := w.sizes(); !slices.Equal(got, test.want) {
					t.Errorf("requests of %v users, want %v", got, test.want)
				}
			})
		})
	}
}

func TestServiceThatTakesSmallerRequests(t *testing.T) {
	t.Parallel()
	for _, code := range []int{130429, 100} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			rules := sandbox.Rules{MaxBatch: 100, BatchCode: code}
			inWorld(t, setting{Options: sandbox.Options{Rules: rules}}, func(t *testing.T, w *world) {
				allDone(t, w.block(numbers(1000)...))
				if got := len(w.transport.sent()); got > 60 {
					t.Errorf("%d requests", got)
				}
			})
		})
	}
}

// refuseWhole refuses every request that names a culprit, as a whole.
func (w *world) refuseWhole(code int, culprits ...string) {
	bad := map[string]bool{}
	for _, user := range culprits {
		bad[user] = true
	}
	w.transport.interceptWith(func(_ string, users []string) (int, string) {
		if slices.ContainsFunc(users, func(user string) bool { return bad[user] }) {
			return 400, fmt.Sprintf(`{"error":{"message":"(#%d) refused","code":%d}}`, code, code)
		}
		return 0, ""
	})
}

func TestRequestRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	const n = 1000
	everyone := numbers(n)
	var everyTenth []string
	for i := 3; i < n; i += 10 {
		everyTenth = append(everyTenth, everyone[i])
	}
	tests := map[string]struct {
		culprits []string
		seed     []string
		// most is how many requests it may take.
		most int
	}{
		"for the first user":              {culprits: everyone[:1], most: 25},
		"for one in the middle":           {culprits: everyone[499:500], most: 35},
		"for one anywhere":                {culprits: everyone[617:618], most: 35},
		"for the last user":               {culprits: everyone[n-1:], most: 35},
		"for two":                         {culprits: []string{everyone[3], everyone[801]}, most: 50},
		"for two neighbours":              {culprits: everyone[510:512], most: 50},
		"for ten":                         {culprits: []string{everyone[3], everyone[103], everyone[203], everyone[303], everyone[403], everyone[503], everyone[603], everyone[703], everyone[803], everyone[903]}, most: 200},
		"for every tenth":                 {culprits: everyTenth, most: 1100},
		"for all":                         {culprits: everyone, most: 100},
		"for all, one of whom is blocked": {culprits: everyone, seed: everyone[:1], most: 100},
		"for all, most of whom are blocked": {
			culprits: everyone, seed: everyone[:900], most: 100,
		},
	}
	for name, test := range tests {
		for _, code := range []int{100, 131047, 131021} {
			if code != 100 && test.most > 50 {
				continue // dear, and no different from the others
			}
			t.Run(fmt.Sprintf("%s/%d", name, code), func(t *testing.T) {
				t.Parallel()
				inWorld(t, slow, func(t *testing.T, w *world) {
					w.server.Seed(test.seed...)
					w.refuseWhole(code, test.culprits...)
					var want []string
					for _, user := range test.culprits {
						if !slices.Contains(test.seed, user) {
							want = append(want, user)
						}
					}
					errs := failedAre(t, w.block(everyone...), want...)
					for _, err := range errs {
						var refused *d360.Error
						if !errors.As(err, &refused) || refused.Code != code {
							t.Fatalf("%v, want code %d", err, code)
						}
					}
					if got := len(w.server.Blocked()); got != n-len(errs) {
						t.Errorf("%d users on the list, want %d", got, n-len(errs))
					}
					if got := len(w.transport.sent()); got > test.most {
						t.Errorf("%d requests, want %d at most", got, test.most)
					}
					if got := w.server.Stats().Scans; got > 1 {
						t.Errorf("the list was scanned %d times to judge them", got)
					}
				})
			})
		}
	}
}

// What cannot lie in one user is not searched for by halves.
func TestRequestRefusedForNobodyInParticular(t *testing.T) {
	t.Parallel()
	for code, kind := range map[int]d360.Kind{
		139101: d360.ListFull, 10: d360.Forbidden, 200: d360.Forbidden, 368: d360.Forbidden, 131031: d360.Forbidden,
		190: d360.Unauthorized, 0: d360.Unauthorized,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultCode, Code: code, Times: sandbox.Forever})
				for _, err := range failedAre(t, w.block(numbers(10)...), numbers(10)...) {
					kindIs(t, err, kind)
				}
				if got := w.sizes(); !slices.Equal(got, []int{10}) {
					t.Errorf("requests of %v users", got)
				}
			})
		})
	}
}

func TestKeyRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{}, func(t *testing.T, w *world) {
		// Throttled twice, the request goes in halves; after the first the key is revoked.
		w.server.Inject(sandbox.Fault{Kind: sandbox.FaultCode, Code: 130429, Times: 2})
		w.server.Inject(sandbox.Fault{Kind: sandbox.FaultHook, DoAfter: func(s *sandbox.Server) { s.SetKey("another-key") }})
		for _, err := range failedAre(t, w.block(numbers(1000)...), numbers(1000)[500:]...) {
			kindIs(t, err, d360.Unauthorized)
		}
		if got := w.sizes(); !slices.Equal(got, []int{1000, 1000, 500, 500}) {
			t.Errorf("requests of %v users", got)
		}
		if got := w.server.Stats().Requests(); got != 4 {
			t.Errorf("%d requests: something was sent after the key was refused", got)
		}
	})
}

// The key was refused, but a request before may have been carried out, and the
// list cannot be asked.
func TestKeyRevokedAfterAnUnclearWrite(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{}, func(t *testing.T, w *world) {
		w.server.Inject(sandbox.Fault{
			Kind: sandbox.FaultStatusAfter, Status: 504, DoAfter: func(s *sandbox.Server) { s.SetKey("another-key") },
		})
		u := unsettled(t, w.block(number(1))[0].Err)
		if !d360.IsKind(u.Cause, d360.Unauthorized) || !d360.IsKind(u.List, d360.Unauthorized) {
			t.Errorf("cause %v, list %v", u.Cause, u.List)
		}
	})
}

// Whatever the refusal, the list has the last word after an unclear write.
func TestWriteRefusedAfterAnUnclearOne(t *testing.T) {
	t.Parallel()
	for _, code := range []int{190, 10, 100, 139101} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultStatusAfter, Status: 504})
				w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultCode, Code: code})
				allDone(t, w.block(number(1)))
				w.scans(1)
			})
		})
	}
}

// A list that lags behind does not show at once what a request without an answer
// has done. The refusal of the next one has it looked at again.
func TestWriteRefusedAfterAnUnclearOneThatShowsLate(t *testing.T) {
	t.Parallel()
	rules := sandbox.Rules{AlreadyBlocked: sandbox.NoOpRefuse, NotBlocked: sandbox.NoOpRefuse, StaleScans: 1}
	inWorld(t, setting{Options: sandbox.Options{Rules: rules}}, func(t *testing.T, w *world) {
		w.server.Seed(number(2))
		w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultDropAfter})
		allDone(t, w.block(number(1)))
		w.scans(2)
	})
	inWorld(t, setting{Options: sandbox.Options{Rules: rules}}, func(t *testing.T, w *world) {
		w.server.Seed(number(1), number(2))
		w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultDropAfter})
		allDone(t, w.unblock(number(1)))
		w.scans(2)
	})
}

func TestManyRefusalsAreJudgedByOneLook(t *testing.T) {
	t.Parallel()
	t.Run("one after the other", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			w.server.SetAllSilent(true)
			began := time.Now()
			for _, user := range numbers(300) {
				failedAre(t, w.block(user), user)
			}
			if got, most := w.server.Stats().Scans, 1+int(time.Since(began)/(30*time.Second)); got > most {
				t.Errorf("%d scans in %s, want %d at most", got, time.Since(began), most)
			}
		})
	})
	t.Run("by ten workers", func(t *testing.T) {
		t.Parallel()
		inWorld(t, slow, func(t *testing.T, w *world) {
			w.server.SetAllSilent(true)
			work := make(chan string)
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					for user := range work {
						failedAre(t, w.block(user), user)
					}
				})
			}
			for _, user := range numbers(1000) {
				work <- user
			}
			close(work)
			wg.Wait()
			w.scans(1)
		})
	})
	t.Run("but not for ever", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			w.server.SetAllSilent(true)
			failedAre(t, w.block(number(1)), number(1))
			w.server.Seed(number(2))
			w.server.Refuse(number(2), 131047, "", "")
			time.Sleep(31 * time.Second)
			allDone(t, w.block(number(2)))
			w.scans(2)
		})
	})
	t.Run("an unclear write costs a new one each time", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{Options: sandbox.Options{Rules: strict}}, func(t *testing.T, w *world) {
			for i, fault := range []sandbox.FaultKind{
				sandbox.FaultDropAfter, sandbox.FaultTruncate, sandbox.FaultGzip, sandbox.FaultStatusAfter, sandbox.FaultDropAfter,
			} {
				w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: fault})
				allDone(t, w.block(number(i)))
				w.scans(i + 1)
			}
		})
	})
}

func TestUnsettledWhereTheListCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]sandbox.FaultKind{
		"lost before": sandbox.FaultDropBefore, "lost after": sandbox.FaultDropAfter,
		"fault before": sandbox.FaultStatus, "fault after": sandbox.FaultStatusAfter,
	} {
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				inWorld(t, setting{}, func(t *testing.T, w *world) {
					if method == http.MethodDelete {
						w.server.Seed(numbers(2)...)
					}
					w.server.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultStatus, Status: 503, Times: sandbox.Forever})
					w.server.Inject(sandbox.Fault{Method: method, Kind: kind, Times: sandbox.Forever})
					for user, err := range failedAre(t, w.change(method, numbers(2)...), numbers(2)...) {
						u := unsettled(t, err)
						if !d360.IsKind(u.List, d360.Temporary) || u.Cause == nil {
							t.Errorf("%s: cause %v, list %v", user, u.Cause, u.List)
						}
						if text := err.Error(); !strings.Contains(text, u.Cause.Error()) || !strings.Contains(text, u.List.Error()) {
							t.Errorf("the message tells not both reasons: %s", text)
						}
					}
				})
			})
		}
	}
	// The service said clearly that it did nothing.
	t.Run("but a refusal is a refusal", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			w.server.Silent(number(1))
			w.server.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultStatus, Status: 503, Times: sandbox.Forever})
			errs := failedAre(t, w.block(number(1)), number(1))
			kindIs(t, errs[number(1)], d360.NoRecentMessage)
		})
	})
}

// What was read before a write of which nobody knows what became is worth
// nothing after it: neither to judge by, nor to read.
func TestUnsettledWriteOutdatesWhatWasRead(t *testing.T) {
	t.Parallel()
	user, other := number(1), number(2)
	for name, lose := range map[string]func(t *testing.T, w *world){
		"the list could not be read": func(t *testing.T, w *world) {
			w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultDropAfter})
			w.server.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultCode, Code: 10})
			_ = unsettled(t, w.unblock(user)[0].Err)
		},
		"the run was cancelled": func(t *testing.T, w *world) {
			w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultStatusAfter, Status: 504})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			failedAre(t, w.unblockMembers(ctx, blocklist.Member{User: id(user)}), user)
		},
		"the list was in doubt": func(t *testing.T, w *world) {
			w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultDropAfter})
			cutShort(w.server)
			_ = unsettled(t, w.unblock(user)[0].Err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{Options: sandbox.Options{Wire: sandbox.Wire{MaxLimit: 2}}}, func(t *testing.T, w *world) {
				w.server.Seed(user, number(3), number(4), number(5), number(6))
				w.server.SetAllSilent(true)
				failedAre(t, w.block(other), other)
				if _, ok, err := w.list.Holds(t.Context(), id(other), nobody); ok || err != nil {
					t.Fatalf("%t, %v", ok, err)
				}
				lose(t, w)
				w.isBlocked(false, user)
				if _, ok, err := w.list.Lookup(t.Context(), id(user), nobody); ok || err != nil {
					t.Errorf("Lookup: %t, %v", ok, err)
				}
				errs := failedAre(t, w.block(user), user)
				kindIs(t, errs[user], d360.NoRecentMessage)
			})
		})
	}
}

// As long as the end is known, one scan goes on serving all reads.
func TestSettledWriteOutdatesNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.FaultKind{sandbox.FaultStatus, sandbox.FaultStatusAfter} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Seed(number(1))
				if _, err := w.list.All(t.Context()); err != nil {
					t.Error(err)
				}
				w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: kind})
				allDone(t, w.block(number(2)))
				if _, err := w.list.All(t.Context()); err != nil {
					t.Error(err)
				}
				w.scans(1)
			})
		})
	}
}

func TestListInDoubtSettlesNoAbsence(t *testing.T) {
	t.Parallel()
	twoPages := setting{Options: sandbox.Options{Wire: sandbox.Wire{MaxLimit: 2}, Rules: strict}}
	users := numbers(4)
	t.Run("a lost unblock is not called done", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(users...)
			w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultDropBefore})
			cutShort(w.server)
			u := unsettled(t, w.unblock(users[3])[0].Err)
			if !errors.Is(u, d360.ErrEndInDoubt) {
				t.Error(u)
			}
			w.isBlocked(true, users[3])
		})
	})
	t.Run("nor is a refused one", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(users...)
			w.server.RefuseUnblock(users[3], 131031, "", "")
			cutShort(w.server)
			errs := failedAre(t, w.unblock(users[3]), users[3])
			kindIs(t, errs[users[3]], d360.Forbidden)
		})
	})
	t.Run("a lost unblock of whom it shows is sent again", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(users...)
			w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultDropBefore})
			cutShort(w.server)
			allDone(t, w.unblock(users[0]))
			w.isBlocked(false, users[0])
		})
	})
	t.Run("a lost block of whom it shows is done", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(users[1:]...)
			w.server.Inject(sandbox.Fault{
				Method: http.MethodPost, Kind: sandbox.FaultDropBefore, Do: func(s *sandbox.Server) { s.Seed(users[0]) },
			})
			cutShort(w.server)
			_ = unsettled(t, w.block(users[0])[0].Err)
			w.server.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultDropBefore})
			cutShort(w.server)
			allDone(t, w.block(users[1]))
		})
	})
}

func TestLostUnblockOfWhomTheListShowsByWhatsAppIDAlone(t *testing.T) {
	t.Parallel()
	const typed, waID = "5215541637145", "525541637145"
	member := blocklist.Member{User: id(typed), WaID: id(waID)}
	for _, wire := range []sandbox.Wire{
		{List: sandbox.ListFlat}, {Input: sandbox.ListInputWaID}, {Input: sandbox.ListInputOmitted},
	} {
		options := sandbox.Options{Wire: wire, Rules: strict, WaIDs: map[string]string{typed: waID}}
		t.Run(cmp.Or(wire.String(), "default"), func(t *testing.T) {
			t.Parallel()
			for name, test := range map[string]struct {
				kind   sandbox.FaultKind
				writes int
			}{
				"not done": {sandbox.FaultDropBefore, 2}, "done": {sandbox.FaultDropAfter, 1},
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					inWorld(t, setting{Options: options}, func(t *testing.T, w *world) {
						w.server.Seed(typed)
						w.server.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: test.kind})
						allDone(t, w.unblockMembers(t.Context(), member))
						w.isBlocked(false, typed)
						if got := len(w.transport.sent()); got != test.writes {
							t.Errorf("%d writes, want %d", got, test.writes)
						}
					})
				})
			}
			t.Run("refused", func(t *testing.T) {
				t.Parallel()
				inWorld(t, setting{Options: options}, func(t *testing.T, w *world) {
					w.server.Seed(typed)
					w.server.RefuseUnblock(typed, 131031, "", "")
					errs := failedAre(t, w.unblockMembers(t.Context(), member), typed)
					kindIs(t, errs[typed], d360.Forbidden)
				})
			})
		})
	}
}

// The WhatsApp ID that a result carries is the service's.
func TestResultsCarryTheWhatsAppID(t *testing.T) {
	t.Parallel()
	const typed, waID = "5215541637145", "525541637145"
	options := sandbox.Options{Rules: strict, WaIDs: map[string]string{typed: waID}}
	for name, prepare := range map[string]func(w *world){
		"from the answer": func(*world) {},
		"from the list":   func(w *world) { w.server.Seed(typed) },
		"from the list after a lost answer": func(w *world) {
			w.server.Inject(sandbox.Fault{Kind: sandbox.FaultDropAfter})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{Options: options}, func(t *testing.T, w *world) {
				prepare(w)
				r := w.block(typed)[0]
				if r.Err != nil || r.User != id(typed) || r.WaID != id(waID) {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// Whatever one try may have done is not forgotten while others are refused.
func TestWithoutRetries(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{noRetries: true}, func(t *testing.T, w *world) {
		w.server.Inject(sandbox.Fault{Kind: sandbox.FaultStatusAfter, Status: 502})
		allDone(t, w.block(number(1)))
		w.server.Inject(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 502})
		errs := failedAre(t, w.block(number(2)), number(2))
		kindIs(t, errs[number(2)], d360.Temporary)
		w.wrote("POST "+number(1), "POST "+number(2))
	})
}
