package blocklist

import (
	"context"
	"errors"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ErrWithdrawn is the result for a user who was not sent to the API because the run
// was cancelled first.
var ErrWithdrawn = errors.New("the run was cancelled before this was sent to the API; nothing was changed")

// ErrNotRetried is in the result for a user if the run was cancelled before
// another try. Beside it is what the last try ended with.
var ErrNotRetried = errors.New("the run was cancelled before another try")

// Result is what became of one user of a write.
type Result struct {
	// User is the user as asked for, with the names that responses and the list gave.
	User userid.User
	// Err is nil where the user is now as desired: blocked, or not blocked. It is a
	// [*d360.Error] where the API rejected the user, an [*OutcomeUnknownError] where
	// no one knows what became of the request, [ErrNotRetried], [ErrWithdrawn], or an
	// error of the gate.
	Err error
}

// Proof says how it is known that a plan has shown an unblock.
type Proof int

const (
	// NotProven: nothing shows that a plan has.
	NotProven Proof = iota
	// ProvenByCount: the plan holds the number of users that the update unblocks, and
	// Terraform has compared it with the number in the plan that was approved.
	ProvenByCount
	// ProvenByMark: the plan carries the mark of another run, the one that made it.
	ProvenByMark
)

// Removal is what is known of the unblocks that a resource asks for.
type Removal struct {
	Proof Proof
	// LastWrite is when the resource was last written to, zero if that is not known.
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
	// full is why the API had no room for the user, nil if it was not asked or had room.
	// unblocksThen counts the unblocks of the run at that time.
	full         error
	unblocksThen int
}

// call is someone waiting for the results of some users.
type call struct {
	ctx     context.Context
	results []Result
	open    int
	done    chan struct{}
}

// Block blocks users and returns a result for each, in their order. Users who are
// on the list already are adopted. Once ctx ends, users who have not been sent are
// withdrawn, and those who have been are waited for.
func (l *List) Block(ctx context.Context, users ...userid.User) []Result {
	return l.enqueue(ctx, block, Removal{}, users)
}

// Unblock unblocks users, as [List.Block] blocks them. Users who are not on the
// list are done already. What else may keep an unblock from being sent is for
// [List.admit] to decide, and nothing else.
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
	l.nudge()

	select {
	case <-c.done:
	case <-ctx.Done():
		l.withdraw(c)
		<-c.done
	}
	return c.results
}

// nudge lets the writer look at the queue again.
func (l *List) nudge() {
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

// answer gives an op its result. The caller holds mu.
func (l *List) answer(o *op, r Result) {
	o.call.results[o.slot] = Result{User: o.user.Learn(r.User), Err: r.Err}
	o.call.open--
	if o.call.open == 0 {
		l.calls--
		close(o.call.done)
	}
}

// withdraw takes back what has not been sent of a call.
func (l *List) withdraw(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.queue[:0]
	for _, o := range l.queue {
		if o.call == c {
			l.answer(o, Result{User: o.user, Err: ErrWithdrawn})
		} else {
			kept = append(kept, o)
		}
	}
	clear(l.queue[len(kept):])
	l.queue = kept
	l.nudge() // perhaps no one is left to wait for
}
