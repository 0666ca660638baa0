package blocklist

import (
	"context"
	"errors"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ErrWithdrawn is the result for a user who was not sent to the service, since
// the run was cancelled first.
var ErrWithdrawn = errors.New("the run was cancelled before this was sent to the service; nothing was changed")

// ErrNotRetried is in the result for a user whom the service may well have taken
// with another try, since the run was cancelled first. Beside it is what the last
// try ended with.
var ErrNotRetried = errors.New("the run was cancelled before another try")

// Result is what became of one user of a write.
type Result struct {
	User userid.ID
	// WaID is the WhatsApp ID that the service gave, zero where it gave none.
	WaID userid.ID
	// Err is nil where the user is now as wanted: blocked, or not blocked. It is a
	// [*d360.Error] where the service refused, an [*UnsettledError] where nobody
	// knows what became of the request, [ErrNotRetried] or [ErrWithdrawn].
	Err error
}

// Member is a user to unblock, as they were when last seen on the list.
type Member struct {
	User userid.ID
	// WaID is the WhatsApp ID that the service gave for User, zero if none. The
	// list may show the user by it alone.
	WaID userid.ID
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
	user userid.ID
	// waID is zero where it is not known.
	waID userid.ID
	call *call
	slot int
}

// call is somebody waiting for the results of some users.
type call struct {
	ctx     context.Context
	results []Result
	open    int
	done    chan struct{}
}

// Block blocks users and returns a result for each, in their order. Users who
// are on the list already are adopted. It returns when all are settled; once
// ctx ends, who has not been sent is withdrawn and who has been is waited for.
func (l *List) Block(ctx context.Context, users ...userid.ID) []Result {
	members := make([]Member, len(users))
	for i, user := range users {
		members[i].User = user
	}
	return l.do(ctx, block, members)
}

// Unblock unblocks members, as [List.Block] blocks users. Those who are not on
// the list are done already. Those whom this same run was asked to block stay as
// they are, and nothing is sent for them: somebody else wants them on the list,
// also where the service has refused a block of whom it would not block again.
func (l *List) Unblock(ctx context.Context, members ...Member) []Result {
	return l.do(ctx, unblock, members)
}

func (l *List) do(ctx context.Context, k kind, members []Member) []Result {
	if len(members) == 0 {
		return nil
	}
	c := &call{ctx: ctx, results: make([]Result, len(members)), open: len(members), done: make(chan struct{})}
	l.mu.Lock()
	for i, m := range members {
		if k == block {
			l.wanted[m.User] = struct{}{}
		}
		c.results[i].User = m.User
		l.queue = append(l.queue, &op{kind: k, user: m.User, waID: m.WaID, call: c, slot: i})
	}
	l.calls++
	l.peak = max(l.peak, l.calls)
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
	r.User = o.user
	o.call.results[o.slot] = r
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
			l.answer(o, Result{Err: ErrWithdrawn})
		} else {
			kept = append(kept, o)
		}
	}
	clear(l.queue[len(kept):])
	l.queue = kept
	l.nudge() // nobody may be left to wait for
}
