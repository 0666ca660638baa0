package blocklist_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// rejectedWhole counts the writes that were rejected as a whole, and all writes.
func (e *env) rejectedWhole() (rejected, all int) {
	for _, r := range e.server.Requests() {
		if r.Method == http.MethodGet {
			continue
		}
		all++
		if r.Status != http.StatusOK {
			rejected++
		}
	}
	return rejected, all
}

// The provider finds the limit of users per request quickly, without the waits of a rate
// limit, and keeps it for the run.
func TestLimitPerRequest(t *testing.T) {
	t.Parallel()
	for _, code := range []int{130429, 100} {
		for _, limit := range []int{1, 3, 30, 60, 100, 250, 999} {
			runInEnv(t, fmt.Sprintf("%d/%d", code, limit), withRules(fakeapi.Rules{MaxBatch: limit, BatchCode: code}), func(t *testing.T, e *env) {
				began := time.Now()
				users := phoneNumbers(3000)
				if limit < 10 {
					users = users[:1000]
				}
				expectSuccess(t, e.block(users...))
				rejected, all := e.rejectedWhole()
				if rejected > max(2, all/10) {
					t.Errorf("the API rejected %d of %d requests, want one in ten at most, or two", rejected, all)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("it took %s, as if the API limited requests", took)
				}
			})
		}
	}
}

// The provider finds a limit that changes during a run.
func TestLimitPerRequest_changes(t *testing.T) {
	t.Parallel()
	inEnv(t, withRules(fakeapi.Rules{MaxBatch: 500}), func(t *testing.T, e *env) {
		all := phoneNumbers(9000)
		expectSuccess(t, e.block(all[:1000]...))
		e.server.SetRules(fakeapi.Rules{MaxBatch: 50})
		expectSuccess(t, e.block(all[1000:4000]...))
		e.server.SetRules(fakeapi.Rules{})
		e.transport.reset()
		expectSuccess(t, e.block(all[4000:]...))
		if sizes := e.sizes(); slices.Max(sizes) <= 50 {
			t.Errorf("requests of %v users after the limit was lifted", sizes)
		}
	})
}

// An API that needs time for each user, and changes nothing once the client has timed out,
// gets smaller requests.
func TestLimitPerRequest_timeout(t *testing.T) {
	t.Parallel()
	for _, perUser := range []time.Duration{5 * time.Millisecond, 50 * time.Millisecond} {
		runInEnv(t, perUser.String(), setting{Options: fakeapi.Options{Rules: fakeapi.Rules{PerUser: perUser}}, timeout: 2 * time.Second}, func(t *testing.T, e *env) {
			expectSuccess(t, e.block(phoneNumbers(1000)...))
			e.expectBlocked(true, phoneNumbers(1000)...)
		})
	}
}

// A request that is rejected as a whole because some of its users are silent is split
// until the others are blocked.
func TestWrite_requestRejectedForSilentUsers(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]func(i int) bool{
		"the first 40":  func(i int) bool { return i < 40 },
		"the last 40":   func(i int) bool { return i >= 160 },
		"all but one":   func(i int) bool { return i != 150 },
		"every second":  func(i int) bool { return i%2 == 0 },
		"all but a few": func(i int) bool { return i%50 != 7 },
	} {
		runInEnv(t, name, withRules(fakeapi.Rules{SilentWholeRequest: true}), func(t *testing.T, e *env) {
			users := phoneNumbers(200)
			var rejected, blocked []string
			for i, user := range users {
				if silent(i) {
					rejected = append(rejected, user)
				} else {
					blocked = append(blocked, user)
				}
			}
			e.server.Silent(rejected...)
			expectFailedAs(t, e.block(users...), d360.NoRecentMessage, rejected...)
			e.expectBlocked(true, blocked...)
		})
	}
}

// A rejection that concerns no single user takes a few requests, for any number of users.
func TestGeneralRejection(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeapi.Fault{
		"unpaid account": {Kind: fakeapi.FaultRawBody, Status: 400, Body: `{"error":"Account not paid"}`, ContentType: "application/json"},
		"redirect":       {Kind: fakeapi.FaultRedirect, Header: http.Header{"Location": {"https://elsewhere.invalid/"}}},
		"not found":      {Kind: fakeapi.FaultStatus, Status: 404},
		"proxy":          {Kind: fakeapi.FaultStatus, Status: 407},
		"forbidden":      {Kind: fakeapi.FaultStatus, Status: 403},
		"wrong key":      {Kind: fakeapi.FaultCode, Code: 190},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			fault.Method, fault.Times = http.MethodPost, fakeapi.Forever
			e.server.Inject(fault)
			users := phoneNumbers(5000)
			expectFailed(t, e.block(users...), users...)
			e.expectWritesAtMost(8)
			if name == "redirect" || name == "not found" || name == "proxy" {
				if sizes := e.sizes(); slices.Min(sizes) < 1000 {
					t.Errorf("requests of %v users, want none split", sizes)
				}
			}
			// The error expires.
			e.server.ClearFaults()
			time.Sleep(time.Minute)
			expectSuccess(t, e.block(users...))
		})
	}
}

// The same is true of unblocks, even if the users have another name to try.
func TestGeneralRejection_unblocks(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeapi.Fault{
		"unpaid account": {Kind: fakeapi.FaultRawBody, Status: 400, Body: `{"error":"Account not paid"}`, ContentType: "application/json"},
		"parameters":     {Kind: fakeapi.FaultCode, Code: 100},
	} {
		runInEnv(t, name, setting{Options: fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}}}, func(t *testing.T, e *env) {
			fault.Method, fault.Times = http.MethodDelete, fakeapi.Forever
			users := phoneNumbers(40)
			e.server.Seed(users...)
			e.server.Inject(fault)
			expectFailed(t, e.unblock(users...), users...)
			e.expectWritesAtMost(24)
			e.expectBlocked(true, users...)
		})
	}
}

// A code about the key in the result of one user says nothing about the others.
func TestGeneralRejection_codeOfOneUser(t *testing.T) {
	t.Parallel()
	for _, code := range []int{0, 190} {
		runInEnv(t, fmt.Sprint(code), setting{}, func(t *testing.T, e *env) {
			users := phoneNumbers(3)
			e.server.Seed(users[0])
			e.server.Reject(users[0], code, "", "")
			e.server.Reject(users[1], code, "", "")
			expectFailed(t, e.block(users...), users[1])
		})
	}
}

// If the list is full, a block waits for an unblock that makes room, and is retried once.
func TestBlock_fullList(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after   time.Duration
		unblock bool
		blocked bool
	}{
		"at once":         {0, true, true},
		"within the wait": {100 * time.Millisecond, true, true},
		"too late":        {2 * time.Second, true, false},
		"no unblock":      {0, false, false},
		"after the wait":  {300 * time.Millisecond, true, false},
	} {
		runInEnv(t, name, withRules(fakeapi.Rules{Capacity: 2}), func(t *testing.T, e *env) {
			users := phoneNumbers(3)
			e.server.Seed(users[:2]...)
			var wg sync.WaitGroup
			var results []blocklist.Result
			began := time.Now()
			wg.Go(func() {
				results = e.block(users[2])
				if took := time.Since(began); took > time.Second {
					t.Errorf("Block took %s", took)
				}
			})
			if test.unblock {
				time.Sleep(test.after + 60*time.Millisecond) // The API has rejected the block by then.
				expectSuccess(t, e.unblock(users[0]))
			}
			wg.Wait()
			if test.blocked {
				expectSuccess(t, results)
			} else {
				expectFailedAs(t, results, d360.ListFull, users[2])
			}
		})
	}
}
