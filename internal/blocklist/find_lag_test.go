package blocklist_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// The list may not show a write yet, so only scans that began after the lag confirm that a
// user is absent. A time in the future, from a wrong clock, counts as now.
func TestFind_laggingList(t *testing.T) {
	t.Parallel()
	const lag = 10 * time.Second
	for name, test := range map[string]struct {
		// written is the time of the last write, from the start of the run; never if it is
		// unknown. after is the time of Find, shown is when the list shows the user.
		written, after, shown time.Duration
		never, pending        bool

		waits time.Duration
		want  string
		scans int
	}{
		"not written":                     {never: true, want: "absent", scans: 2},
		"written an hour ago":             {written: -time.Hour, want: "absent", scans: 2},
		"written before the lag":          {written: -lag, want: "absent", scans: 2},
		"written just now":                {waits: lag, want: "absent", scans: 4},
		"written within the lag":          {written: 3*time.Second - lag, waits: 3 * time.Second, want: "absent", scans: 4},
		"shown within the lag":            {shown: 5 * time.Second, waits: lag, want: "listed", scans: 3},
		"shown at once":                   {shown: -1, want: "listed", scans: 1},
		"written in the future":           {written: time.Hour, waits: lag, want: "absent", scans: 4},
		"a later Find":                    {after: 4 * time.Second, waits: 6 * time.Second, want: "absent", scans: 4},
		"Find after the lag":              {after: lag, want: "absent", scans: 2},
		"Find an hour later":              {written: time.Hour, after: time.Hour, want: "absent", scans: 2},
		"pending users need not be shown": {pending: true, want: "uncertain", scans: 1},
	} {
		runInEnv(t, name, setting{lag: lag}, func(t *testing.T, e *env) {
			q := blocklist.Query{Users: usersOf(phoneNumber(1)), Pending: func(int) bool { return test.pending }}
			if !test.never {
				q.LastWrite = time.Now().Add(test.written)
			}
			switch {
			case test.shown > 0:
				time.AfterFunc(test.shown, func() { e.server.Seed(phoneNumber(1)) })
			case test.shown < 0:
				e.server.Seed(phoneNumber(1))
			}
			time.Sleep(test.after)
			began := time.Now()
			e.expectFind(test.want, q)
			if waited := time.Since(began); waited != test.waits {
				t.Errorf("waited %s, want %s", waited, test.waits)
			}
			e.expectScans(test.scans)
		})
	}
}

// All resources of a run wait twice at most, with two scans after each wait.
func TestFind_sharesTheWait(t *testing.T) {
	t.Parallel()
	const (
		lag, n = 10 * time.Second, 1000
		// firstPair is longer than the first two scans, so that the order of the calls does not
		// matter.
		firstPair = 100 * time.Millisecond
	)
	inEnv(t, setting{Options: fakeapi.Options{Delay: 30 * time.Millisecond}, lag: lag}, func(t *testing.T, e *env) {
		began := time.Now()
		q := map[string]blocklist.Query{}
		for i, user := range phoneNumbers(n) {
			q[user] = blocklist.Query{Users: usersOf(user), LastWrite: began.Add(firstPair + lag*time.Duration(i)/n - lag)}
		}
		inParallel(10, phoneNumbers(n), func(user string) { e.expectFind("absent", q[user]) })
		e.expectScans(6)
		if took := time.Since(began); took > lag+time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestFind_cancelledDuringTheWait(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{lag: 10 * time.Second}, func(t *testing.T, e *env) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		found, err := e.list.Find(ctx, blocklist.Query{Users: usersOf(phoneNumber(1)), LastWrite: time.Now()})
		if found != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%+v, %v", found, err)
		}
		e.expectScans(2)
	})
}
