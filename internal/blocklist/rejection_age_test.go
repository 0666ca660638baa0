package blocklist_test

import (
	"testing"
	"time"
)

// A rejected block is a success only if a scan that began after the rejection shows the
// user: someone may have unblocked the user after an older scan.
func TestRejectionIsNotDoneByAnOlderScan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// unblockedAt is when someone unblocks the user by hand, zero if no one does.
		unblockedAt time.Duration
		rejectedAt  time.Duration
		fails       bool
	}{
		"unblocked between the scan and the rejection": {20 * time.Second, 25 * time.Second, true},
		"unblocked long before":                        {20 * time.Second, 50 * time.Second, true},
		"blocked still":                                {0, 25 * time.Second, false},
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

// A recent scan that does not show the user confirms a rejected block. Otherwise, the list
// is scanned.
func TestRecentScanConfirmsARejection(t *testing.T) {
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
