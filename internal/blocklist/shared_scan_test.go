package blocklist_test

import (
	"sync"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// A caller does not use a running scan that began too early.
func TestFind_runningScanIsTooOld(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{Options: fakeapi.Options{Delay: time.Second}, lag: 10 * time.Second}, func(t *testing.T, e *env) {
		var wg sync.WaitGroup
		wg.Go(func() {
			e.expectFind("absent", blocklist.Query{Users: usersOf(phoneNumber(1)), LastWrite: time.Now()})
		})
		time.Sleep(8 * time.Second)
		expectSuccess(t, e.block(phoneNumber(2)))
		e.list.Learn(t.Context(), usersOf(phoneNumber(2))) // scans from 9 s until after 10 s
		wg.Wait()
		e.expectScans(5)
	})
}
