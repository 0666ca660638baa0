package blocklist

import (
	"context"
	"errors"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ErrWithdrawn is the result for a user if the run was cancelled before any request.
var ErrWithdrawn = errors.New("the run was cancelled before this was sent to the API; nothing was changed")

// ErrNotRetried is the result for a user if the run was cancelled before a retry. It
// wraps the error of the last try too.
var ErrNotRetried = errors.New("the run was cancelled before another try")

// Result is the outcome of a write for one user.
type Result struct {
	// User is the user of the call, with the names that responses and the list show.
	User userid.User
	// Err is nil if the user is now blocked or unblocked as desired. Otherwise it is a
	// [*d360.Error] if the API rejected the user, an [*OutcomeUnknownError],
	// [ErrNotRetried], [ErrWithdrawn], or an error of the gate.
	Err error
}

// Proof says what proves that a plan showed an unblock.
type Proof int

const (
	// NotProven: nothing proves it.
	NotProven Proof = iota
	// ProvenByCount: the approved plan holds the number of users that the update
	// unblocks, and Terraform has checked that the number is the same in the apply.
	ProvenByCount
	// ProvenByRun: the private state has the ID of the run that planned the unblock,
	// which is not this one.
	ProvenByRun
)

// Removal says why a resource may unblock users.
type Removal struct {
	Proof Proof
	// LastWrite is the time of the last write for the resource, zero if unknown.
	LastWrite time.Time
}

// kind is what a write does.
type kind int

const (
	block kind = iota
	unblock
)

// op is one user of a call that waits to be sent.
type op struct {
	kind kind
	user userid.User
	// removal is set for unblocks.
	removal Removal
	call    *call
	slot    int
	// full is the error if the list had no room for the user, nil otherwise. unblocksThen
	// is the number of unblocks of the run at that time.
	full         error
	unblocksThen int
}

// call is a caller that waits for results.
type call struct {
	ctx     context.Context
	results []Result
	open    int
	done    chan struct{}
}

// Block blocks users and returns a result for each, in their order. Users who are
// already blocked are adopted. Once ctx is done, Block sends no more users, and waits for
// the results of the users it has sent.
func (l *List) Block(ctx context.Context, users ...userid.User) []Result {
	return l.enqueue(ctx, block, Removal{}, users)
}

// Unblock unblocks users, as [List.Block] blocks them. Users who are confirmed absent need
// no request. [List.admit] alone decides whether an unblock is sent.
func (l *List) Unblock(ctx context.Context, removal Removal, users ...userid.User) []Result {
	return l.enqueue(ctx, unblock, removal, users)
}

func (l *List) enqueue(ctx context.Context, k kind, removal Removal, users []userid.User) []Result {
	if len(users) == 0 {
		return nil
	}
	c := &call{ctx: ctx, results: make([]Result, len(users)), open: len(users), done: make(chan struct{})}
	l.mu.Lock()
	for i, u := range users {
		if k == block {
			if at, ok := l.kept.Match(u); ok {
				u = u.Learn(l.kept.At(at))
			}
			l.want(u)
		}
		l.queue = append(l.queue, &op{kind: k, user: u, removal: removal, call: c, slot: i})
	}
	l.calls++
	l.peak = max(l.peak, l.calls)
	l.lastCall = time.Now()
	if !l.writing {
		l.writing = true
		go l.drain()
	}
	l.mu.Unlock()
	l.wakeWriter()

	select {
	case <-c.done:
	case <-ctx.Done():
		l.withdraw(c)
		<-c.done
	}
	return c.results
}

// wakeWriter makes the writer check the queue again.
func (l *List) wakeWriter() {
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

// finish gives an op its result. The caller holds mu.
func (l *List) finish(o *op, r Result) {
	o.call.results[o.slot] = Result{User: o.user.Learn(r.User), Err: r.Err}
	o.call.open--
	if o.call.open == 0 {
		l.calls--
		close(o.call.done)
	}
}

// withdraw removes the users of a call that were not sent from the queue.
func (l *List) withdraw(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.queue[:0]
	for _, o := range l.queue {
		if o.call == c {
			l.finish(o, Result{User: o.user, Err: ErrWithdrawn})
		} else {
			kept = append(kept, o)
		}
	}
	clear(l.queue[len(kept):])
	l.queue = kept
	l.wakeWriter() // It may wait for this call.
}
