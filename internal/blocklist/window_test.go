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
func TestGather_unblock(t *testing.T) {
	t.Parallel()
	const window = 250 * time.Millisecond
	for name, test := range map[string]struct {
		// before is the number of earlier calls that ran at once.
		before int
		// calls is the number of unblock calls, each with the same number of users.
		calls, users int
		waits        bool
	}{
		"the first write of a run":        {0, 1, 1, true},
		"after another write":             {1, 1, 1, true},
		"after as many calls at once":     {3, 3, 1, true},
		"as many as before, nine calls":   {9, 9, 1, true},
		"as many as before, ten calls":    {10, 10, 1, false},
		"the first ten calls of a run":    {0, 10, 1, false},
		"fewer than before, eleven calls": {12, 11, 1, true},
		"a full request":                  {1, 1, 1000, true},
		"several full requests":           {1, 1, 2500, true},
		"ten calls with full requests":    {10, 10, 300, false},
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
			// Another resource blocks the last user.
			last := users[len(users)-1]
			if test.waits {
				wg.Go(func() { expectSuccess(t, e.block(last)) })
			}
			wg.Wait()
			e.expectBlocked(test.waits, last)
			e.expectBlocked(false, users[:len(users)-1]...)
		})
	}
	runInEnv(t, "the length of the window", setting{}, func(t *testing.T, e *env) {
		expectSuccess(t, e.block(phoneNumber(2)))
		e.server.Seed(phoneNumber(1))
		began := time.Now()
		expectSuccess(t, e.unblock(phoneNumber(1)))
		if waited := time.Since(began); waited != window {
			t.Errorf("waited for %s, want %s", waited, window)
		}
	})
}
