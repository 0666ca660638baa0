package blocklist_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// A running scan that began too early does not count.
func TestRunningScanThatBeganTooEarly(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{Options: fakeapi.Options{Delay: time.Second}, lag: 10 * time.Second}, func(t *testing.T, e *env) {
		var wg sync.WaitGroup
		wg.Go(func() {
			found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(phoneNumber(1)), LastWrite: time.Now()})
			if err != nil || presences(found) != "absent" {
				t.Errorf("%+v, %v", found, err)
			}
		})
		time.Sleep(8 * time.Second)
		expectSuccess(t, e.block(phoneNumber(2)))
		e.list.Learn(t.Context(), usersOf(phoneNumber(2))) // scans from 9 s on, to 10 s and more
		wg.Wait()
		e.expectScans(5)
	})
}

// A caller that is cancelled does not stop the scan for the others.
func TestScanThatOneReaderLeaves(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(3*time.Second), func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		read := func(ctx context.Context) {
			_, ok, err := e.lookup(ctx, phoneNumber(1))
			if ctx == t.Context() && (!ok || err != nil) {
				t.Errorf("%t, %v", ok, err)
			}
		}
		wg.Go(func() { read(ctx) })
		wg.Go(func() { read(t.Context()) })
		time.Sleep(2 * time.Second)
		wg.Go(func() { read(t.Context()) })
		wg.Wait()
		e.expectScans(1)
	})
}
