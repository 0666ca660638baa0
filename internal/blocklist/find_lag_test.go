package blocklist_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// The list may not show a write yet, so only scans that began some time later confirm that
// a user is absent.
func TestFindWaitsForAListThatLags(t *testing.T) {
	t.Parallel()
	const lag = 10 * time.Second
	for name, test := range map[string]struct {
		// written is the time of the last write, from the start of the run; never if it is
		// unknown. after is the time of Find, shown when the list shows the user.
		written, after, shown time.Duration
		never, pending        bool

		waits time.Duration
		want  string
		scans int
	}{
		"not written":                        {never: true, want: "absent", scans: 2},
		"written long ago":                   {written: -lag, want: "absent", scans: 2},
		"written just now":                   {written: -1, waits: lag, want: "absent", scans: 4},
		"written within the lag":             {written: 3*time.Second - lag, waits: 3 * time.Second, want: "absent", scans: 4},
		"shown meanwhile":                    {written: -1, shown: 5 * time.Second, waits: lag, want: "listed", scans: 3},
		"shown at once":                      {written: -1, shown: -1, want: "listed", scans: 1},
		"written in the future":              {written: time.Hour, waits: lag, want: "absent", scans: 4},
		"asked for later":                    {written: -1, after: 4 * time.Second, waits: 6 * time.Second, want: "absent", scans: 4},
		"asked for when the lag is over":     {written: -1, after: lag, want: "absent", scans: 2},
		"asked for long after":               {written: time.Hour, after: time.Hour, want: "absent", scans: 2},
		"pending, who need not be on a list": {written: -1, pending: true, want: "uncertain", scans: 1},
	} {
		runInEnv(t, name, setting{lag: lag}, func(t *testing.T, e *env) {
			began := time.Now()
			if test.shown != 0 {
				time.AfterFunc(test.shown, func() { e.server.Seed(phoneNumber(1)) })
			}
			time.Sleep(max(test.after, 1))
			query := blocklist.Query{Users: usersOf(phoneNumber(1)), Pending: func(int) bool { return test.pending }}
			if !test.never {
				query.LastWrite = began.Add(test.written)
			}
			asked := time.Now()
			found, err := e.list.Find(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			if got := presences(found); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if waited := time.Since(asked).Round(time.Second); waited != test.waits {
				t.Errorf("waited %s, want %s", waited, test.waits)
			}
			e.expectScans(test.scans)
		})
	}
}

// All resources of a run, whenever they were written, take two waits with a pair of scans
// after each. The first wait ends after the first pair of scans, so that the order of the
// calls does not matter.
func TestFindWaitsOnceForAll(t *testing.T) {
	t.Parallel()
	const (
		lag, n    = 10 * time.Second, 1000
		firstPair = 100 * time.Millisecond
	)
	inEnv(t, setting{Options: fakeapi.Options{Delay: 30 * time.Millisecond}, lag: lag}, func(t *testing.T, e *env) {
		began := time.Now()
		work := make(chan int)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				for i := range work {
					found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(phoneNumber(i)), LastWrite: began.Add(firstPair + lag*time.Duration(i)/n - lag)})
					if err != nil || presences(found) != "absent" {
						t.Errorf("user %d: %+v, %v", i, found, err)
					}
				}
			})
		}
		for i := range n {
			work <- i
		}
		close(work)
		wg.Wait()
		e.expectScans(6)
		if took := time.Since(began); took > lag+time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestFindIsCancelledWhileItWaits(t *testing.T) {
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
