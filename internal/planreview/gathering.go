package planreview

import (
	"context"
	"sync"
	"time"
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

// gathering lets one of many callers report for all of them. Terraform plans several
// instances at once and does not say when the last one is done, so the first caller
// who has something to report waits until no one else comes.
type gathering struct {
	mu      sync.Mutex
	arrived chan struct{}
	// arrivals counts callers, alone the waits in a row in which no one came.
	arrivals, alone int
	// busy counts instances that are being read or planned.
	busy    int
	waiting bool
	// over is closed once Terraform applies.
	over     chan struct{}
	overOnce sync.Once
}

func newGathering() *gathering {
	return &gathering{arrived: make(chan struct{}, 1), over: make(chan struct{})}
}

// Begin says that an instance is being read or planned, and returns what says
// that this is done. No report is made meanwhile.
func (g *gathering) Begin() (end func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.busy--
		g.nudge()
	})
}

// End says that Terraform applies what it planned. Instances are planned once
// more then, just before they are applied, of which nothing is made.
func (g *gathering) End() { g.overOnce.Do(func() { close(g.over) }) }

// IsOver reports whether Terraform applies already.
func (g *gathering) IsOver() bool {
	select {
	case <-g.over:
		return true
	default:
		return false
	}
}

// arrive counts a caller.
func (g *gathering) arrive() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.arrivals++
	g.nudge()
}

// await waits until no one else comes. It is false where someone else waits already,
// who reports.
func (g *gathering) await(ctx context.Context) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting {
		return false
	}
	if g.alone >= mostAlone {
		return true
	}
	g.waiting = true
	before := g.arrivals
	g.mu.Unlock()
	g.awaitQuiet(ctx)
	g.mu.Lock()
	g.waiting = false
	if g.alone++; g.arrivals > before {
		g.alone = 0
	}
	return true
}

func (g *gathering) awaitQuiet(ctx context.Context) {
	for {
		g.mu.Lock()
		window := min(quietWindow+time.Duration(g.arrivals)*quietPerInstance, longestQuietWindow)
		busy := g.busy > 0
		g.mu.Unlock()
		var quiet <-chan time.Time
		if !busy { // a busy one says when they are done
			quiet = time.After(window)
		}
		select {
		case <-g.arrived:
		case <-quiet:
			return
		case <-g.over:
			return
		case <-ctx.Done():
			return
		}
	}
}

// nudge tells who waits that something has happened. The caller holds mu.
func (g *gathering) nudge() {
	select {
	case g.arrived <- struct{}{}:
	default:
	}
}
