package planreview

import (
	"context"
	"sync"
	"time"

	"github.com/d360/terraform-provider-d360/internal/quiet"
)

const (
	// quietWindow is how long no instance may have been planned before the plan counts
	// as complete. It grows with each instance, up to maxQuietWindow, because Terraform
	// pauses for longer when it plans thousands.
	quietWindow      = 250 * time.Millisecond
	quietPerInstance = time.Millisecond
	maxQuietWindow   = time.Second
	// maxIdleWaits is how many waits in a row may see no other instance. After that,
	// Terraform is assumed to plan one instance at a time, and reports no longer wait.
	maxIdleWaits = 3
)

// debouncer lets one of many callers report for all of them. Terraform plans several
// instances at once and does not say which is the last, so the first caller with
// something to report waits until no other arrives.
type debouncer struct {
	mu sync.Mutex
	// changed wakes the caller who waits.
	changed chan struct{}
	// arrivals counts callers, idleWaits the waits in a row in which none arrived.
	arrivals, idleWaits int
	// active counts instances that are being read or planned.
	active  int
	waiting bool
	// planning is done once Terraform applies.
	planning context.Context
	// End records that Terraform applies. It plans each instance again before it applies
	// it, and the review ignores these plans.
	End func()
}

func newDebouncer() *debouncer {
	planning, end := context.WithCancel(context.Background())
	return &debouncer{changed: make(chan struct{}, 1), planning: planning, End: end}
}

// Begin starts reading or planning an instance, and returns the function that ends
// it. Nothing is reported in between.
func (d *debouncer) Begin() (end func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.active++
	d.wake() // A caller that waits already waits for this instance, too.
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.active--
		d.wake()
	})
}

// IsOver reports whether Terraform applies.
func (d *debouncer) IsOver() bool { return d.planning.Err() != nil }

func (d *debouncer) arrive() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.arrivals++
	d.wake()
}

// await waits until no other caller arrives. It returns false if another caller is
// waiting already, who will report.
func (d *debouncer) await(ctx context.Context) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting {
		return false
	}
	if d.idleWaits >= maxIdleWaits {
		return true
	}
	d.waiting = true
	before := d.arrivals
	d.mu.Unlock()
	d.awaitQuiet(ctx)
	d.mu.Lock()
	d.waiting = false
	if d.idleWaits++; d.arrivals > before {
		d.idleWaits = 0
	}
	return true
}

func (d *debouncer) awaitQuiet(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.planning, cancel)()
	quiet.Wait(ctx, d.changed, func() time.Duration {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.active > 0 { // An active instance wakes this wait when it ends.
			return quiet.UntilNext
		}
		return min(quietWindow+time.Duration(d.arrivals)*quietPerInstance, maxQuietWindow)
	})
}

// wake wakes the waiting caller. The caller of wake holds mu.
func (d *debouncer) wake() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
