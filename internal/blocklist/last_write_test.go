package blocklist_test

import (
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Only a scan some time after the last write confirms that a user is absent. A time in the
// future, from a wrong clock, counts as now.
func TestAbsenceAfterAWrite(t *testing.T) {
	t.Parallel()
	const lag = 10 * time.Second
	for name, test := range map[string]struct {
		// written is the time of the last write before the start of the run.
		written time.Duration
		waits   time.Duration
		scans   int
	}{
		"just now":           {0, lag, 4},
		"some seconds ago":   {4 * time.Second, lag - 4*time.Second, 4},
		"as long as the lag": {lag, 0, 2},
		"an hour ago":        {time.Hour, 0, 2},
		"in the future":      {-time.Hour, lag, 4},
	} {
		runInEnv(t, name, setting{lag: lag}, func(t *testing.T, e *env) {
			began := time.Now()
			found, err := e.list.Find(t.Context(), blocklist.Query{Users: []userid.User{userOf(phoneNumber(1))}, LastWrite: began.Add(-test.written)})
			if err != nil {
				t.Fatal(err)
			}
			if got := found.Of[0].Presence; got != blocklist.Absent {
				t.Errorf("the user is %s", got)
			}
			if waited := time.Since(began); waited != test.waits {
				t.Errorf("waited for %s, want %s", waited, test.waits)
			}
			e.expectScans(test.scans)
		})
	}
}

// Within a minute of the last write, an unblock is sent even if the list does not show the
// user.
func TestUnblockAfterAWrite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		written time.Duration
		// unknown is set if the time is unknown.
		unknown, sent bool
	}{
		"just now":           {sent: true},
		"almost a minute":    {written: 59 * time.Second, sent: true},
		"more than a minute": {written: 61 * time.Second},
		"in the future":      {written: -time.Hour, sent: true},
		"unknown":            {unknown: true},
	} {
		runInEnv(t, name, setting{lag: 10 * time.Second}, func(t *testing.T, e *env) {
			removal := blocklist.Removal{Proof: blocklist.ProvenByRun}
			if !test.unknown {
				removal.LastWrite = time.Now().Add(-test.written)
			}
			expectSuccess(t, e.unblockWith(t.Context(), removal, userOf(phoneNumber(1))))
			if sent := len(e.transport.sent()) > 0; sent != test.sent {
				t.Errorf("a DELETE was sent: %t, want %t", sent, test.sent)
			}
		})
	}
	runInEnv(t, "a minute after a time in the future", setting{lag: 10 * time.Second}, func(t *testing.T, e *env) {
		removal := blocklist.Removal{Proof: blocklist.ProvenByRun, LastWrite: time.Now().Add(time.Hour)}
		time.Sleep(61 * time.Second)
		expectSuccess(t, e.unblockWith(t.Context(), removal, userOf(phoneNumber(1))))
		e.expectWrites()
	})
}
