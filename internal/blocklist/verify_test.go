package blocklist_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// The list decides about unblocks that were rejected or got no response.
func TestVerify_unblock(t *testing.T) {
	t.Parallel()
	const lost, rejected, faultFirst = "lost", "rejected", "a fault, then rejected"
	type scans [2][]string // what two scans show after the request
	for name, test := range map[string]struct {
		ends  string
		after scans
		// listErr is set if the outcome stays unknown, kind if the rejection is confirmed.
		done    bool
		listErr error
		kind    d360.Kind
		deletes int
	}{
		"lost, absent":                          {ends: lost, done: true, deletes: 1},
		"lost, may be hidden":                   {ends: lost, after: scans{{"/DE.2"}, {"/DE.2"}}, listErr: blocklist.ErrMayBeListed, deletes: 1},
		"lost, may be hidden at first":          {ends: lost, after: scans{{"/DE.2"}, {}}, listErr: blocklist.ErrMayBeListed, deletes: 1},
		"lost, shown at last":                   {ends: lost, after: scans{{}, {someNumber + "/"}}, done: true, deletes: 2},
		"rejected, absent":                      {ends: rejected, done: true, deletes: 1},
		"rejected, may be hidden":               {ends: rejected, after: scans{{"/DE.2"}, {"/DE.2"}}, kind: d360.NoRecentMessage, deletes: 1},
		"rejected, shown":                       {ends: rejected, after: scans{{someNumber + "/"}}, kind: d360.NoRecentMessage, deletes: 1},
		"rejected, shown with a user ID":        {ends: rejected, after: scans{{someNumber + "/DE.1"}}, done: true, deletes: 2},
		"rejected after a fault, absent":        {ends: faultFirst, done: true, deletes: 2},
		"rejected after a fault, may be hidden": {ends: faultFirst, after: scans{{"/DE.2"}, {"/DE.2"}}, listErr: blocklist.ErrMayBeListed, deletes: 2},
		"rejected after a fault, shown":         {ends: faultFirst, after: scans{{someNumber + "/"}}, kind: d360.NoRecentMessage, deletes: 2},
	} {
		runInEnv(t, name, setting{Options: fakeapi.Options{UserIDs: map[string]string{someNumber: "DE.1"}}}, func(t *testing.T, e *env) {
			e.setList(1, someNumber+"/")
			deletes := 0
			e.transport.interceptWith(func(string, []string) (int, string) {
				deletes++
				switch {
				case test.ends == faultFirst && deletes == 1:
					return http.StatusServiceUnavailable, ""
				case deletes > 1 && test.ends != faultFirst || deletes > 2:
					return 0, ""
				}
				e.server.ClearFaults()
				e.setList(1, test.after[0]...)
				if test.after[1] != nil || len(test.after[0]) == 0 {
					e.setList(1, test.after[1]...)
				}
				if test.ends == lost {
					return http.StatusOK, "<html>"
				}
				return http.StatusBadRequest, `{"block_users":{"failed_users":[{"input":"+` + someNumber + `","errors":[{"code":131047}]}]},"error":{"code":139100}}`
			})
			err := e.unblock(someNumber)[0].Err
			var unknown *blocklist.OutcomeUnknownError
			switch {
			case test.done && err != nil:
				t.Error(err)
			case test.listErr != nil && (!errors.As(err, &unknown) || !errors.Is(unknown.List, test.listErr)):
				t.Errorf("%v, want an unknown outcome because %v", err, test.listErr)
			case !test.done && test.listErr == nil:
				expectKind(t, err, test.kind)
			}
			if strings.Contains(name, "user ID") {
				e.expectScans(2) // one for the gate and one to verify
			}
			if deletes != test.deletes {
				t.Errorf("%d requests, want %d", deletes, test.deletes)
			}
		})
	}
}

// Only a scan that began after the rejection makes a block a success: the user may have
// been unblocked after an older scan.
func TestVerify_rejectedBlock(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Seed(someNumber)
		expectSuccess(t, e.block(phoneNumber(1)))
		e.expectPending("listed", someNumber)
		e.server.Remove(someNumber)
		e.server.Silent(someNumber)
		expectFailedAs(t, e.block(someNumber), d360.NoRecentMessage, someNumber)
		e.expectScans(2)
	})
}

// The API may reject the block of a user because the user is blocked. If no scan shows
// whether this is so, the outcome is unknown.
func TestVerify_rejectedBlockOfAListedUser(t *testing.T) {
	t.Parallel()
	rejects := setting{Options: fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 2},
		Rules:          fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject},
	}, tries: 1}
	for name, fault := range map[string]fakeapi.Fault{
		"the scan fails":         {Kind: fakeapi.FaultStatus, Status: http.StatusBadGateway},
		"the scan is incomplete": {Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 1},
	} {
		runInEnv(t, name, rejects, func(t *testing.T, e *env) {
			e.server.SeedN(4)
			e.server.Seed(someNumber)
			e.server.Silent(otherNumber)
			e.expectPending("listed", someNumber)
			fault.Method, fault.Times = http.MethodGet, fakeapi.Forever
			e.server.Inject(fault)
			results := e.block(someNumber, otherNumber)
			if u := expectOutcomeUnknown(t, results[0].Err); !d360.IsKind(u.Cause, d360.NoRecentMessage) {
				t.Error(u)
			}
			expectKind(t, results[1].Err, d360.NoRecentMessage)
		})
	}
}

// A block is rejected after a request with an unknown outcome.
func TestVerify_rejectedAfterAFault(t *testing.T) {
	t.Parallel()
	twoPages := pagesOf(2)
	for name, isIncomplete := range map[string]bool{"the scan is complete": false, "the scan is incomplete": true} {
		runInEnv(t, name, twoPages, func(t *testing.T, e *env) {
			e.server.SeedN(4)
			e.server.Seed("DE.2") // may be any number
			e.server.Silent(someNumber)
			e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultStatus, Status: http.StatusServiceUnavailable})
			if isIncomplete {
				e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 1, Times: fakeapi.Forever})
			}
			err := e.block(someNumber)[0].Err
			if !isIncomplete {
				expectKind(t, err, d360.NoRecentMessage)
				// Others share the scan that verified the block.
				e.expectPending("uncertain", otherNumber)
				e.expectScans(1)
			} else if u := expectOutcomeUnknown(t, err); !errors.Is(u.List, d360.ErrIncomplete) || !d360.IsKind(u.Cause, d360.NoRecentMessage) {
				t.Error(err)
			}
		})
	}
}

// The result has the names that a rejection shows.
func TestResult_namesOfARejection(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.transport.interceptWith(func(string, []string) (int, string) {
			return http.StatusBadRequest, `{"block_users":{"failed_users":[{"input":"+` + someNumber + `","user_id":"DE.1","errors":[{"code":131047}]}]},"error":{"code":139100}}`
		})
		if r := e.block(someNumber)[0]; r.Err == nil || r.User != userOf(someNumber, "DE.1") {
			t.Errorf("%+v", r)
		}
	})
}

// The API may carry out a request after the client has given up. If no try is left, the
// provider scans the list once more.
func TestVerify_lateRequest(t *testing.T) {
	t.Parallel()
	rules := fakeapi.Rules{StaleScans: 1}
	inEnv(t, setting{Options: fakeapi.Options{Rules: rules}, tries: 1}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultDropAfter})
		expectSuccess(t, e.block(someNumber))
		e.expectScans(2)
	})
}

// A rejected block is a success only if a scan that began after the rejection shows the
// user. The user may have been unblocked after an older scan.
func TestVerify_olderScan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// unblockedAt is when the user is unblocked by hand, zero for never.
		unblockedAt time.Duration
		rejectedAt  time.Duration
		fails       bool
	}{
		"unblocked between the scan and the rejection": {20 * time.Second, 25 * time.Second, true},
		"unblocked long before":                        {20 * time.Second, 50 * time.Second, true},
		"still blocked":                                {0, 25 * time.Second, false},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.server.Seed(phoneNumber(1))
			e.server.SetAllSilent(true)
			// The rejection of another user makes a scan after a write.
			expectFailed(t, e.block(phoneNumber(2)), phoneNumber(2))
			e.expectScans(1)
			began := time.Now()
			if test.unblockedAt > 0 {
				time.Sleep(test.unblockedAt)
				e.server.Remove(phoneNumber(1))
			}
			time.Sleep(test.rejectedAt - time.Since(began))
			e.server.Reject(phoneNumber(1), 131047, "", "")
			if test.fails {
				expectFailed(t, e.block(phoneNumber(1)), phoneNumber(1))
			} else {
				expectSuccess(t, e.block(phoneNumber(1)))
			}
			e.expectScans(2)
		})
	}
}

// A recent scan that does not show the user confirms a rejected block. Otherwise, the
// provider scans the list.
func TestVerify_recentScan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wait  time.Duration
		scans int
	}{
		"recent":  {29 * time.Second, 1},
		"too old": {31 * time.Second, 2},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.server.SetAllSilent(true)
			expectFailed(t, e.block(phoneNumber(1)), phoneNumber(1))
			e.expectScans(1)
			time.Sleep(test.wait)
			expectFailed(t, e.block(phoneNumber(2)), phoneNumber(2))
			e.expectScans(test.scans)
		})
	}
	runInEnv(t, "from before the first write", setting{}, func(t *testing.T, e *env) {
		e.server.SetAllSilent(true)
		e.expectPending("uncertain", phoneNumber(1))
		expectFailed(t, e.block(phoneNumber(1)), phoneNumber(1))
		e.expectScans(2)
	})
}
