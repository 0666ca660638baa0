package blocklist_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestQueue_callsShareRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ workers, most int }{
		// Terraform's default parallelism.
		"10 workers": {10, 115},
		"40 workers": {40, 40},
		"1 worker":   {1, 1000},
	}
	for name, test := range tests {
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			runInEnv(t, name+" "+method, slow, func(t *testing.T, e *env) {
				users := e.server.SeedN(1000)
				if method == http.MethodPost {
					e.server.Remove(users...)
				}
				began := time.Now()
				inParallel(test.workers, users, func(user string) { expectSuccess(t, e.change(method, user)) })
				stats := e.server.Stats()
				if got := stats.Posts + stats.Deletes; got > test.most {
					t.Errorf("%d requests, want %d at most", got, test.most)
				}
				if got := stats.UsersPosted + stats.UsersDeleted; got != 1000 {
					t.Errorf("%d users were sent, want each of 1,000 once", got)
				}
				// Only the first request waits for a quiet window.
				each := 30 * time.Millisecond
				if method == http.MethodDelete && test.workers < 10 {
					// Every unblock waits, because a block of the user may arrive.
					each += 250 * time.Millisecond
				}
				if took, most := time.Since(began), time.Duration(test.most)*each+time.Second; took > most {
					t.Errorf("it took %s, want %s at most", took, most)
				}
				if got := len(e.server.Blocked()); got != stats.UsersPosted {
					t.Errorf("%d users are on the list, want %d", got, stats.UsersPosted)
				}
				// The gate looks for the users once.
				e.expectScans(min(stats.Deletes, 1))
			})
		}
	}
}

func TestBlock_manyUsers(t *testing.T) {
	t.Parallel()
	inEnv(t, slow, func(t *testing.T, e *env) {
		users := phoneNumbers(2500)
		results := e.block(users...)
		expectSuccess(t, results)
		for i, r := range results {
			if r.User.ID != id(users[i]) || r.User.WaID != id(users[i]) {
				t.Fatalf("result %d is %v, want that of %s", i, r, users[i])
			}
		}
		e.expectSizes(1000, 1000, 500)
		if got := e.server.Blocked(); !slices.Equal(got, users) {
			t.Error("the users were not blocked in their order")
		}
	})
}

func TestWrite_noUsers(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		if got := append(e.block(), e.unblock()...); len(got) != 0 {
			t.Errorf("results: %v", got)
		}
		time.Sleep(time.Minute)
		e.expectWrites()
	})
}

func TestQueue_order(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		seed   string
		reject string
		// queued are calls, in their order. A name after a slash is a known WhatsApp ID.
		queued  []string
		sent    []string
		blocked string
		absent  string
	}{
		"blocks share a request": {
			queued:  []string{"POST 4911111111", "POST 4922222222 4933333333"},
			sent:    []string{"POST 4911111111 4922222222 4933333333"},
			blocked: "4911111111 4922222222 4933333333",
		},
		"several blocks of one user": {
			queued:  []string{"POST 4911111111 4911111111", "POST 4922222222", "POST 4911111111"},
			sent:    []string{"POST 4911111111 4922222222"},
			blocked: "4911111111 4922222222",
		},
		"a block after an unblock goes first": {
			seed:    "4911111111",
			queued:  []string{"DELETE 4911111111", "POST 4922222222"},
			sent:    []string{"POST 4922222222", "DELETE 4911111111"},
			blocked: "4922222222", absent: "4911111111",
		},
		"a block after a block and an unblock goes with the first block": {
			seed:    "4911111111",
			queued:  []string{"POST 4922222222", "DELETE 4911111111", "POST 4933333333"},
			sent:    []string{"POST 4922222222 4933333333", "DELETE 4911111111"},
			blocked: "4922222222 4933333333", absent: "4911111111",
		},
		"an unblock before a block of the user is not sent": {
			seed:    "4911111111",
			queued:  []string{"DELETE 4911111111", "POST 4911111111"},
			sent:    []string{"POST 4911111111"},
			blocked: "4911111111",
		},
		"an unblock after a block of the user is not sent": {
			seed:    "4911111111",
			queued:  []string{"POST 4922222222", "POST 4911111111 4933333333", "DELETE 4911111111"},
			sent:    []string{"POST 4922222222 4911111111 4933333333"},
			blocked: "4911111111 4922222222 4933333333",
		},
		"an unblock after a rejected block of the user is not sent": {
			seed:    "4911111111 4922222222",
			reject:  "4911111111",
			queued:  []string{"DELETE 4922222222", "POST 4911111111", "DELETE 4911111111"},
			sent:    []string{"POST 4911111111", "DELETE 4922222222"},
			blocked: "4911111111", absent: "4922222222",
		},
		"an unblock after a block of the user's WhatsApp ID is not sent": {
			seed:    "4922222222 " + mexicoNumber,
			queued:  []string{"DELETE 4922222222", "POST " + mexicoWaID, "DELETE " + mexicoNumber + "/" + mexicoWaID},
			sent:    []string{"POST " + mexicoWaID, "DELETE 4922222222"},
			blocked: mexicoNumber, absent: "4922222222",
		},
		"an unblock before a block of the user's WhatsApp ID is not sent": {
			seed:    mexicoNumber,
			queued:  []string{"POST 4922222222", "DELETE " + mexicoNumber + "/" + mexicoWaID, "POST " + mexicoWaID},
			sent:    []string{"POST 4922222222 " + mexicoWaID},
			blocked: mexicoNumber + " 4922222222",
		},
	}
	for name, test := range tests {
		runInEnv(t, name, setting{Options: fakeapi.Options{WaIDs: mexicoWaIDs}}, func(t *testing.T, e *env) {
			e.server.Seed(strings.Fields(test.seed)...)
			for user := range strings.FieldsSeq(test.reject) {
				e.server.Reject(user, 131047, "", "")
			}
			var wg sync.WaitGroup
			e.occupyWriter(&wg)
			for _, call := range test.queued {
				method, names, _ := strings.Cut(call, " ")
				wg.Go(func() {
					number, waID, isKnown := strings.Cut(names, "/")
					if isKnown {
						expectSuccess(t, e.unblockUsers(t.Context(), userOf(number, waID)))
						return
					}
					expectSuccess(t, e.change(method, strings.Fields(names)...))
				})
				synctest.Wait()
			}
			wg.Wait()
			e.expectWrites(append([]string{"POST " + occupyingUser}, test.sent...)...)
			e.expectBlocked(true, strings.Fields(test.blocked)...)
			e.expectBlocked(false, strings.Fields(test.absent)...)
		})
	}
}

func TestGather_fullRequest(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		began := time.Now()
		expectSuccess(t, e.block(phoneNumbers(1000)...))
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a full request waited %s", waited)
		}
	})
}

// Calls wait two seconds at most, even if others keep arriving.
func TestGather_longestWait(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				began := time.Now()
				expectSuccess(t, e.block(phoneNumber(i)))
				if waited := time.Since(began); waited > 2100*time.Millisecond {
					t.Errorf("user %d waited %s", i, waited)
				}
			})
			time.Sleep(20 * time.Millisecond)
		}
		wg.Wait()
		e.expectWritesAtMost(20)
	})
}

func TestUnblock_blockedInThisRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		format fakeapi.ResponseFormat
		rules  fakeapi.Rules
		seed   bool
		block  string
		user   userid.User
	}{
		"by the same name":          {block: mexicoNumber, user: userOf(mexicoNumber)},
		"by the WhatsApp ID":        {block: mexicoNumber, user: userOf(mexicoWaID)},
		"with the WhatsApp ID":      {block: mexicoWaID, user: userOf(mexicoNumber, mexicoWaID)},
		"adopted":                   {block: mexicoNumber, seed: true, user: userOf(mexicoWaID)},
		"adopted after a rejection": {block: mexicoNumber, seed: true, rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}, user: userOf(mexicoNumber)},
		"adopted from a flat list by the WhatsApp ID of the rejection": {
			block: mexicoNumber, seed: true, rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject},
			format: fakeapi.ResponseFormat{List: fakeapi.ListFlat, FailedWaID: true}, user: userOf(mexicoWaID),
		},
	}
	for name, test := range tests {
		runInEnv(t, name, setting{Options: fakeapi.Options{ResponseFormat: test.format, Rules: test.rules, WaIDs: mexicoWaIDs}}, func(t *testing.T, e *env) {
			if test.seed {
				e.server.Seed(mexicoNumber)
			}
			expectSuccess(t, e.block(test.block))
			expectSuccess(t, e.unblockUsers(t.Context(), test.user))
			e.expectWrites("POST " + test.block)
			e.expectBlocked(true, mexicoNumber)
		})
	}
}

// The API rejects the block of a user who is listed under an unknown name, as in a
// replacement. An unblock could not be undone.
func TestUnblock_blockRejectedInThisRun(t *testing.T) {
	t.Parallel()
	const number, waID = "5491123456789", "541123456789"
	options := fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}, WaIDs: map[string]string{number: waID},
	}
	inEnv(t, setting{Options: options}, func(t *testing.T, e *env) {
		e.server.Seed(number)
		expectFailed(t, e.block(number), number)
		expectSuccess(t, e.unblockUsers(t.Context(), userOf(number, waID)))
		e.expectWrites("POST " + number)
		e.expectBlocked(true, number)
	})
}

func expectWithdrawn(t *testing.T, results []blocklist.Result) {
	t.Helper()
	for _, r := range results {
		if !errors.Is(r.Err, blocklist.ErrWithdrawn) {
			t.Errorf("%s: %v", r.User, r.Err)
		}
	}
}

func TestCancel_unsentUsers(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		var wg sync.WaitGroup
		e.occupyWriter(&wg)
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			expectWithdrawn(t, e.blockUntil(ctx, phoneNumber(1), phoneNumber(2)))
		})
		synctest.Wait()
		// Another call for one of these users is still in the queue.
		wg.Go(func() { expectSuccess(t, e.block(phoneNumber(2))) })
		synctest.Wait()
		began := time.Now()
		cancel()
		wg.Wait()
		if waited := time.Since(began); waited > 2100*time.Millisecond {
			t.Errorf("the calls took %s", waited)
		}
		e.expectWrites("POST "+occupyingUser, "POST "+phoneNumber(2))
	})
}

func TestCancel_beforeTheCall(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		expectWithdrawn(t, e.blockUntil(ctx, phoneNumber(1)))
		time.Sleep(time.Minute)
		e.expectWrites()
	})
}

// A request that waits for a scan to end has not been sent.
func TestCancel_duringAScan(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(10*time.Second), func(t *testing.T, e *env) {
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = e.list.All(t.Context()) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		expectWithdrawn(t, e.blockUntil(ctx, phoneNumber(1)))
		wg.Wait()
		e.expectWrites()
	})
}

func TestCancel_sentUsers(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(5*time.Second), func(t *testing.T, e *env) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		expectSuccess(t, e.blockUntil(ctx, phoneNumber(1)))
		if waited := time.Since(began); waited < 5*time.Second {
			t.Errorf("Block returned after %s, before the response", waited)
		}
		e.expectBlocked(true, phoneNumber(1))
	})
}

// After a cancel, a call waits for the users it has sent, until the request timeout.
func TestCancel_noResponse(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_ = expectOutcomeUnknown(t, e.blockUntil(ctx, phoneNumber(1))[0].Err)
		if waited := time.Since(began); waited > d360.DefaultRequestTimeout+time.Second {
			t.Errorf("Block waited %s", waited)
		}
		e.expectScans(0)
	})
}

func TestCancel_allCallers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeapi.Fault{
		"a server error":  {Kind: fakeapi.FaultStatus, Status: 503},
		"throttled":       {Kind: fakeapi.FaultCode, Code: 130429},
		"a lost response": {Kind: fakeapi.FaultDropAfter},
	} {
		runInEnv(t, name, withDelay(time.Second), func(t *testing.T, e *env) {
			fault.Times = fakeapi.Forever
			e.server.Inject(fault)
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					err := e.blockUntil(ctx, phoneNumber(i))[0].Err
					var unknown *blocklist.OutcomeUnknownError
					lost := fault.Kind == fakeapi.FaultDropAfter
					if errors.As(err, &unknown) != lost || errors.Is(err, blocklist.ErrNotRetried) == lost {
						t.Errorf("user %d: %v", i, err)
					}
				})
			}
			time.Sleep(500 * time.Millisecond)
			cancel()
			wg.Wait()
			time.Sleep(5 * time.Minute)
			if got := e.server.Stats().Requests(); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

// Retries go on for all users of a request while one caller waits.
func TestCancel_oneOfTwoCallers(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(time.Second), func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 503, Times: 3})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { expectSuccess(t, e.blockUntil(ctx, phoneNumber(1))) })
		wg.Go(func() { expectSuccess(t, e.block(phoneNumber(2))) })
		wg.Wait()
		e.expectBlocked(true, phoneNumber(1), phoneNumber(2))
	})
}

// A write makes cursors invalid, so scans and writes run one after the other.
func TestAPILock(t *testing.T) {
	t.Parallel()
	inEnv(t, slow, func(t *testing.T, e *env) {
		users := e.server.SeedN(5000)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 13 * time.Millisecond)
				expectSuccess(t, e.block(phoneNumber(i)))
			})
		}
		wg.Go(func() {
			time.Sleep(40 * time.Millisecond)
			if _, err := e.list.All(t.Context()); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		e.expectScans(1)
		if got := e.server.Stats().Gets; got > 6 {
			t.Errorf("%d pages were requested, want 6 at most, because no write may interrupt the scan", got)
		}
		// The later writes override the scan.
		e.expectAll(append(users, phoneNumbers(20)...)...)
	})
}
