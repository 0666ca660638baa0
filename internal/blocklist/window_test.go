package blocklist_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An unblock waits for a quiet window, because another resource may be about to block
// the user. It is sent at once only if no other call can arrive.
func TestUnblockWaitsForABlock(t *testing.T) {
	t.Parallel()
	const window = 250 * time.Millisecond
	for name, test := range map[string]struct {
		// before is the number of earlier calls that ran at once.
		before int
		// calls is the number of unblock calls, each with the same number of users.
		calls, users int
		waits        bool
	}{
		"the first write of a run":               {0, 1, 1, true},
		"after another write":                    {1, 1, 1, true},
		"after as many calls at once":            {3, 3, 1, true},
		"nine calls, as many as ever":            {9, 9, 1, true},
		"ten calls, as many as ever":             {10, 10, 1, false},
		"ten calls, the first ones of a run":     {0, 10, 1, false},
		"eleven calls, and once there were more": {12, 11, 1, true},
		"a full request":                         {1, 1, 1000, true},
		"several full requests":                  {1, 1, 2500, true},
		"ten calls with full requests":           {10, 10, 300, false},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			var wg sync.WaitGroup
			for i := range test.before {
				wg.Go(func() { expectSuccess(t, e.block(phoneNumber(90_000+i))) })
			}
			wg.Wait()
			users := phoneNumbers(test.calls * test.users)
			e.server.Seed(users...)
			writes := len(e.transport.sent())
			for part := range slices.Chunk(users, test.users) {
				wg.Go(func() { expectSuccess(t, e.unblock(part...)) })
			}
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			if sent := len(e.transport.sent()) > writes; sent == test.waits {
				t.Errorf("100 ms later an unblock was sent: %t", sent)
			}
			// Someone wants the last user, and the one before that was not sent either.
			wanted := users[len(users)-1]
			if test.waits {
				wg.Go(func() { expectSuccess(t, e.block(wanted)) })
			}
			wg.Wait()
			e.expectBlocked(test.waits, wanted)
			e.expectBlocked(false, users[:len(users)-1]...)
		})
	}
	runInEnv(t, "the window is as long as the comment says", setting{}, func(t *testing.T, e *env) {
		expectSuccess(t, e.block(phoneNumber(2)))
		e.server.Seed(phoneNumber(1))
		began := time.Now()
		expectSuccess(t, e.unblock(phoneNumber(1)))
		if waited := time.Since(began); waited != window {
			t.Errorf("waited for %s, want %s", waited, window)
		}
	})
}
