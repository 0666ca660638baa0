package blocklist

import (
	"context"
	"sync"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	// quietWindow is how long nobody must arrive before the first request of a
	// run leaves, which might have taken them along.
	quietWindow = 50 * time.Millisecond
	// busyWindow is the same for later requests: with a large state Terraform
	// takes some 20 ms from one operation to the next, and several times that on
	// a busy machine. An unblock waits as long from the start, since it is not
	// sent at all if another resource turns out to want the user.
	busyWindow = 250 * time.Millisecond
	// longestGather bounds the wait where somebody keeps arriving.
	longestGather = 2 * time.Second
)

// batch is what travels in one request: users in the order of their arrival,
// and who waits for each.
type batch struct {
	kind  kind
	users []userid.ID
	ops   map[userid.ID][]*op
}

// drain sends what is queued, a batch at a time, until nothing is left.
func (l *List) drain() {
	for {
		l.gather()
		l.mu.Lock()
		b := l.nextBatch()
		l.writing = len(b.users)+len(l.queue) > 0
		goOn := l.writing
		l.mu.Unlock()
		if !goOn {
			return
		}
		if len(b.users) > 0 {
			l.sendBatch(b)
		}
	}
}

// gather waits for those who are about to arrive. It ends at once when a
// request is full, or when as many wait as ever did: then nobody is left who
// could come along, and Terraform's parallelism fills a request without any
// clock.
func (l *List) gather() {
	deadline := time.NewTimer(longestGather)
	defer deadline.Stop()
	for {
		l.mu.Lock()
		window := quietWindow
		if l.generation > 0 || (len(l.queue) > 0 && l.queue[0].kind == unblock) {
			window = busyWindow
		}
		full := len(l.queue) == 0 || len(l.queue) >= d360.MaxUsersPerRequest || (l.calls == l.peak && l.generation > 0)
		l.mu.Unlock()
		if full {
			return
		}
		quiet := time.NewTimer(window)
		select {
		case <-l.arrived:
			quiet.Stop()
		case <-quiet.C:
			return
		case <-deadline.C:
			quiet.Stop()
			return
		}
	}
}

// nextBatch takes the first op of the queue and all others of its kind, as far
// as they fit into a request. Ops for one user share a place. The caller holds
// mu.
//
// An unblock of somebody whom this run was asked to block is never sent: one
// resource gives the user up and another one wants them, in whichever order
// Terraform comes to the two, and a block might not be had again.
func (l *List) nextBatch() batch {
	b := batch{ops: map[userid.ID][]*op{}}
	stays := func(id userid.ID) bool {
		_, ok := l.wanted[id]
		return ok || l.writes[id].blocked
	}
	kept := l.queue[:0]
	for _, o := range l.queue {
		_, aboard := b.ops[o.user]
		switch {
		case o.kind == unblock && (stays(o.user) || stays(o.waID)):
			l.answer(o, Result{})
		case len(b.ops) > 0 && (o.kind != b.kind || (!aboard && len(b.users) == d360.MaxUsersPerRequest)):
			kept = append(kept, o)
		default:
			b.kind = o.kind
			if !aboard {
				b.users = append(b.users, o.user)
			}
			b.ops[o.user] = append(b.ops[o.user], o)
		}
	}
	clear(l.queue[len(kept):])
	l.queue = kept
	return b
}

// sendBatch carries out a batch and gives everyone in it their result.
func (l *List) sendBatch(b batch) {
	var ops []*op
	waIDs := map[userid.ID]userid.ID{}
	for _, user := range b.users {
		for _, o := range b.ops[user] {
			ops = append(ops, o)
			if !o.waID.IsZero() {
				waIDs[user] = o.waID
			}
		}
	}
	ctx, stop := whileAnyWaits(ops)
	defer stop()
	e := &errand{list: l, kind: b.kind, waIDs: waIDs, results: make(map[userid.ID]Result, len(b.users))}
	e.run(ctx, b.users)

	l.mu.Lock()
	defer l.mu.Unlock()
	if e.endsOpen() {
		l.outdate()
	}
	for _, o := range ops {
		l.answer(o, e.results[o.user])
	}
}

// whileAnyWaits returns a context that ends when all whom the ops belong to
// have given up.
func whileAnyWaits(ops []*op) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ops[0].call.ctx))
	var (
		mu      sync.Mutex
		waiting = map[*call]func() bool{}
	)
	mu.Lock()
	defer mu.Unlock()
	for _, o := range ops {
		c := o.call
		if _, ok := waiting[c]; ok {
			continue
		}
		waiting[c] = context.AfterFunc(c.ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			delete(waiting, c)
			if len(waiting) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		for _, stop := range waiting {
			stop()
		}
		cancel()
	}
}
