package planreview

import (
	"context"
	"sync"
	"time"
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
	// ended is closed once Terraform applies.
	ended   chan struct{}
	endOnce sync.Once
}

func newDebouncer() *debouncer {
	return &debouncer{changed: make(chan struct{}, 1), ended: make(chan struct{})}
}

// Begin starts reading or planning an instance, and returns the function that ends
// it. Nothing is reported in between.
func (d *debouncer) Begin() (end func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.active++
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.active--
		d.wake()
	})
}

// End records that Terraform applies. It plans each instance again before it applies
// it, and the review ignores these plans.
func (d *debouncer) End() { d.endOnce.Do(func() { close(d.ended) }) }

// IsOver reports whether Terraform applies.
func (d *debouncer) IsOver() bool {
	select {
	case <-d.ended:
		return true
	default:
		return false
	}
}

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
	for {
		d.mu.Lock()
		window := min(quietWindow+time.Duration(d.arrivals)*quietPerInstance, maxQuietWindow)
		isActive := d.active > 0
		d.mu.Unlock()
		var quiet <-chan time.Time
		if !isActive { // An active instance wakes this loop when it ends.
			quiet = time.After(window)
		}
		select {
		case <-d.changed:
		case <-quiet:
			return
		case <-d.ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// wake wakes the waiting caller. The caller of wake holds mu.
func (d *debouncer) wake() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
