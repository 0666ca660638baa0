package blocklist_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// An unblock is not sent if a block of the user arrives while the request waits for the
// API lock.
func TestUnblock_blockArrivesDuringAScan(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1), phoneNumber(2))
		e.expectPresence("listed", phoneNumber(1))
		var wg sync.WaitGroup
		for _, err := range e.list.Pages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() { expectSuccess(t, e.unblock(phoneNumber(1), phoneNumber(2))) })
			time.Sleep(time.Second)
			wg.Go(func() { expectSuccess(t, e.block(phoneNumber(1))) })
			time.Sleep(time.Second)
		}
		wg.Wait()
		e.expectWrites("DELETE "+phoneNumber(2), "POST "+phoneNumber(1))
		e.expectBlocked(true, phoneNumber(1))
	})
}

// The list may show one kind of name only. So a user that this run has blocked may be the
// user to unblock.
func TestUnblock_mayBeBlockedUnderAnotherName(t *testing.T) {
	t.Parallel()
	const newNumber = "4915112345670"
	for name, test := range map[string]struct {
		format fakeapi.ResponseFormat
		// seed is on the list, hidden if hide is set. block and unblock are names of one
		// user or of two.
		hide                 bool
		seed, block, unblock string
		err                  error
		scans                int
	}{
		"a user ID for a number, one user":            {seed: someNumber, block: "DE.1", unblock: someNumber, err: blocklist.ErrOtherName, scans: 2},
		"a user ID for a number, one user, flat":      {format: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, seed: someNumber, block: "DE.1", unblock: someNumber, err: blocklist.ErrOtherName, scans: 2},
		"a number for a user ID, one user":            {hide: true, seed: someNumber, block: someNumber, unblock: "DE.1", err: blocklist.ErrOtherName, scans: 2},
		"a number for a user ID, two users":           {hide: true, seed: someNumber, block: newNumber, unblock: "DE.1", scans: 2},
		"a user ID for a number, two users":           {seed: someNumber, block: "DE.2", unblock: someNumber, scans: 2},
		"a number for a number":                       {seed: someNumber, block: newNumber, unblock: someNumber, scans: 1},
		"one user, the list shows both names":         {format: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}, seed: someNumber, block: "DE.1", unblock: someNumber, scans: 1},
		"two users, the list shows both names":        {format: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}, seed: someNumber, block: "DE.2", unblock: someNumber, scans: 1},
		"two hidden users, the list shows both kinds": {format: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}, hide: true, seed: someNumber, block: newNumber, unblock: "DE.1", scans: 2},
	} {
		runInEnv(t, name, setting{Options: fakeapi.Options{ResponseFormat: test.format, UserIDs: map[string]string{someNumber: "DE.1"}}}, func(t *testing.T, e *env) {
			e.server.Seed(test.seed)
			shown := test.seed
			if test.hide {
				e.server.Hide(test.seed)
				shown = "DE.1"
			}
			e.expectAll(shown)
			expectSuccess(t, e.block(test.block))
			if r := e.unblock(test.unblock)[0]; !errors.Is(r.Err, test.err) || (r.Err == nil) != (test.err == nil) {
				t.Errorf("%v, want %v", r.Err, test.err)
			}
			e.expectScans(test.scans)
			e.expectBlocked(true, test.block)
		})
	}
}

// A user whose block was rejected may be the user to unblock under another name, because
// the API may reject the block of a user who is already blocked.
func TestUnblock_afterARejectedBlock(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		userIDs        fakeapi.UserIDPresence
		block, unblock string
		err            error
	}{
		"a user ID for a number":         {block: "DE.1", unblock: someNumber, err: blocklist.ErrOtherName},
		"a user ID that the list shows":  {userIDs: fakeapi.UserIDsAlways, block: "DE.2", unblock: someNumber},
		"a number for a number":          {block: otherNumber, unblock: someNumber},
		"a number for another user's ID": {block: otherNumber, unblock: "DE.3", err: blocklist.ErrOtherName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEnv(t, setting{Options: fakeapi.Options{
				ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: test.userIDs},
				Rules:          fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject},
				UserIDs:        map[string]string{someNumber: "DE.1"},
			}}, func(t *testing.T, e *env) {
				e.server.Seed(someNumber, "DE.3")
				e.expectAll(someNumber, "DE.3")
				e.server.Silent(test.block)
				expectFailed(t, e.block(test.block), test.block)
				if r := e.unblock(test.unblock)[0]; !errors.Is(r.Err, test.err) || (r.Err == nil) != (test.err == nil) {
					t.Errorf("%v, want %v", r.Err, test.err)
				}
			})
		})
	}
}

// Users that this run has unblocked, and blocked users that the list shows, do not prevent
// an unblock.
func TestUnblock_afterOtherWrites(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Seed(someNumber, otherNumber, "DE.2")
		expectSuccess(t, e.unblock(someNumber))
		expectSuccess(t, e.block(otherNumber))
		e.list.Learn(t.Context(), usersOf(otherNumber)) // scans the list again
		expectSuccess(t, e.unblock("DE.2"))
		e.expectWrites("DELETE "+someNumber, "POST "+otherNumber, "DELETE DE.2")
		e.expectScans(2)
	})
}

func TestUnblock_userNotShown(t *testing.T) {
	t.Parallel()
	runInEnv(t, "may have a hidden number", setting{}, func(t *testing.T, e *env) {
		e.setList(fakeapi.Forever, "/DE.1", someNumber+"/DE.2")
		errs := expectFailed(t, e.unblock(otherNumber, someNumber), otherNumber)
		if !errors.Is(errs[otherNumber], blocklist.ErrMayBeListed) {
			t.Error(errs[otherNumber])
		}
		e.expectWrites("DELETE " + someNumber)
	})
	runInEnv(t, "the scan is incomplete", pagesOf(2), func(t *testing.T, e *env) {
		seeded := e.server.SeedN(4)
		makeNextScanIncomplete(e.server)
		e.list.Keep(userOf(someNumber)) // The list does not show this user.
		errs := expectFailed(t, e.unblock(otherNumber, seeded[0], someNumber), otherNumber)
		if !errors.Is(errs[otherNumber], d360.ErrIncomplete) || errors.Is(errs[otherNumber], blocklist.ErrMayBeListed) {
			t.Error(errs[otherNumber])
		}
		e.expectWrites("DELETE " + seeded[0])
	})
	runInEnv(t, "is kept, and the list shows both names", setting{}, func(t *testing.T, e *env) {
		e.setList(fakeapi.Forever, someNumber+"/DE.1")
		e.list.Keep(userOf("DE.1"))
		if r := e.unblock(someNumber)[0]; r.Err != nil || r.User != userOf(someNumber, someNumber, "DE.1") {
			t.Errorf("%+v", r)
		}
		e.expectWrites()
	})
	runInEnv(t, "the write was a moment ago", setting{lag: time.Second}, func(t *testing.T, e *env) {
		removal := blocklist.Removal{Proof: blocklist.ProvenByRun, LastWrite: time.Now()}
		expectSuccess(t, e.unblockWith(t.Context(), removal, userOf(someNumber)))
		e.expectWrites("DELETE " + someNumber)
	})
}

// If several resources ask for one unblock, the strongest proof and the latest write
// count.
func TestUnblock_severalResources(t *testing.T) {
	t.Parallel()
	for name, proofs := range map[string][2]blocklist.Proof{
		"the first is proven":  {blocklist.ProvenByRun, blocklist.NotProven},
		"the second is proven": {blocklist.NotProven, blocklist.ProvenByRun},
	} {
		runInEnv(t, name, setting{lag: time.Second}, func(t *testing.T, e *env) {
			var wg sync.WaitGroup
			for _, proof := range proofs {
				removal := blocklist.Removal{Proof: proof}
				if proof == blocklist.NotProven {
					removal.LastWrite = time.Now()
				}
				wg.Go(func() { expectSuccess(t, e.unblockWith(t.Context(), removal, userOf(someNumber))) })
				synctest.Wait()
			}
			wg.Wait()
			e.expectWrites("DELETE " + someNumber)
		})
	}
}

// Within a minute of the last write, an unblock is sent even if the list does not show the
// user.
func TestUnblock_afterTheLastWrite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// written is how long ago the last write was, when is the time of the unblock in the run.
		written, when time.Duration
		// unknown is set if the time of the last write is unknown.
		unknown, sent bool
	}{
		"just now":           {sent: true},
		"almost a minute":    {written: 59 * time.Second, sent: true},
		"more than a minute": {written: 61 * time.Second},
		"in the future":      {written: -time.Hour, sent: true},
		"unknown":            {unknown: true},
		// The time of the last write counts as the start of the run.
		"a minute after a time in the future": {written: -time.Hour, when: 61 * time.Second},
	} {
		runInEnv(t, name, setting{lag: 10 * time.Second}, func(t *testing.T, e *env) {
			removal := blocklist.Removal{Proof: blocklist.ProvenByRun}
			if !test.unknown {
				removal.LastWrite = time.Now().Add(-test.written)
			}
			time.Sleep(test.when)
			expectSuccess(t, e.unblockWith(t.Context(), removal, userOf(phoneNumber(1))))
			if sent := len(e.transport.sent()) > 0; sent != test.sent {
				t.Errorf("a DELETE was sent: %t, want %t", sent, test.sent)
			}
		})
	}
}
