// Package planreview looks at a plan as a whole, for what no resource can see of
// itself: that one unblocks whom another blocks, that two hold one user, that
// the list has no room.
//
// Terraform plans instances one by one, several at a time, and tells neither how
// many there are nor which is the last. A review therefore lets the first
// instance with something to report wait until the others are quiet, and report
// for all: a thousand findings make one message.
package planreview

import (
	"context"
	"sync"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	// quietWindow is how long no instance may have been planned before the plan is
	// taken to be over. It grows with each instance, up to longestQuietWindow: a
	// Terraform that has thousands to plan may pause for longer.
	quietWindow        = 250 * time.Millisecond
	quietPerInstance   = time.Millisecond
	longestQuietWindow = time.Second
	// mostAlone is how many reports in a row may have waited for nothing before
	// Terraform is taken to plan one instance at a time, for which waiting is vain.
	mostAlone = 3
)

// View is what is known of the list.
type View interface {
	// Len returns how many users are on the list.
	Len() int
	// Shows reports whether a user is on the list.
	Shows(user userid.ID) bool
}

// Review looks at the plan of one run. It is safe for concurrent use.
type Review struct {
	// look reads the list, once for all.
	look     func(context.Context) (View, error)
	capacity int

	mu      sync.Mutex
	ledger  ledger
	found   Findings
	arrived chan struct{}
	// arrivals counts changes, alone the reports in a row that gathered none.
	arrivals, alone int
	// busy counts instances that are being read or planned.
	busy      int
	reporting bool
	// over is closed once Terraform applies.
	over     chan struct{}
	overOnce sync.Once
	// unread is why the list could not be read; it is not tried again.
	unread error
}

// New returns the review of a run. look reads the list, capacity is how many
// users it can hold.
func New(look func(context.Context) (View, error), capacity int) *Review {
	return &Review{
		look:     look,
		capacity: capacity,
		ledger:   newLedger(),
		arrived:  make(chan struct{}, 1),
		over:     make(chan struct{}),
	}
}

// Begin says that an instance is being read or planned, and returns what says
// that this is done. No report is made meanwhile.
func (r *Review) Begin() (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy--
		r.nudge()
	}
}

// End says that Terraform applies what it planned. Instances are planned once
// more then, just before they are applied, of which nothing is made.
func (r *Review) End() { r.overOnce.Do(func() { close(r.over) }) }

func (r *Review) isOver() bool {
	select {
	case <-r.over:
		return true
	default:
		return false
	}
}

// Add takes in a change, and returns what there is to report, which is mostly
// nothing: somebody else reports it, or nobody has to.
func (r *Review) Add(ctx context.Context, c Change) Findings {
	if r.isOver() {
		return Findings{}
	}
	end := r.Begin()
	var view View
	var unread error
	if len(c.Block) > 0 {
		view, unread = r.view(ctx)
	}
	r.mu.Lock()
	// Of a list that was not read since the run was cancelled there is nothing to say.
	if unread != nil && r.unread == nil && ctx.Err() == nil {
		r.unread, r.found.Unread = unread, unread
	}
	r.ledger.enter(c, view, &r.found)
	r.arrivals++
	r.mu.Unlock()
	end()
	return r.report(ctx)
}

// view reads the list, unless that has failed before: a hundred instances need
// not all wait for a service that does not answer.
func (r *Review) view(ctx context.Context) (View, error) {
	r.mu.Lock()
	unread := r.unread
	r.mu.Unlock()
	if unread != nil {
		return nil, unread
	}
	return r.look(ctx)
}

// report returns what was found, after the others are done. It returns nothing
// where somebody else waits to report.
func (r *Review) report(ctx context.Context) Findings {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reporting || (r.found.empty() && !r.ledger.overflows(r.capacity)) {
		return Findings{}
	}
	if r.alone < mostAlone {
		r.reporting = true
		before := r.arrivals
		r.mu.Unlock()
		r.awaitQuiet(ctx)
		r.mu.Lock()
		r.reporting = false
		if r.alone++; r.arrivals > before {
			r.alone = 0
		}
	}

	found := r.found
	r.found = Findings{}
	if r.isOver() {
		return found.errors()
	}
	found.Adopted = r.ledger.onlyAdopted(found.Adopted)
	found.Overflow = r.ledger.overflow(r.capacity)
	return found
}

func (r *Review) awaitQuiet(ctx context.Context) {
	for {
		r.mu.Lock()
		window := min(quietWindow+time.Duration(r.arrivals)*quietPerInstance, longestQuietWindow)
		busy := r.busy > 0
		r.mu.Unlock()
		var quiet <-chan time.Time
		if !busy { // whoever is busy says when they are done
			quiet = time.After(window)
		}
		select {
		case <-r.arrived:
		case <-quiet:
			return
		case <-r.over:
			return
		case <-ctx.Done():
			return
		}
	}
}

// nudge tells who waits that something has happened. The caller holds mu.
func (r *Review) nudge() {
	select {
	case r.arrived <- struct{}{}:
	default:
	}
}
