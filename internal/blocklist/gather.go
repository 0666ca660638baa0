package blocklist

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/quiet"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	// quietWindow is how long no call must arrive before the first request of a run
	// leaves, which might have taken the call along.
	quietWindow = 50 * time.Millisecond
	// busyWindow is the same for later requests: with a large state Terraform takes
	// some 20 ms from one operation to the next, and several times that on a busy
	// machine. Every unblock waits as long, because it is not sent at all if another
	// resource turns out to want the user.
	busyWindow = 250 * time.Millisecond
	// longestGather bounds the wait where calls keep arriving.
	longestGather = 2 * time.Second
	// usualParallelism is how many operations Terraform runs at once unless it is
	// told otherwise. Where so many calls wait, no other one can arrive.
	usualParallelism = 10
)

// drain sends what is queued, a batch at a time, until nothing is left.
func (l *List) drain() {
	for {
		l.gather()
		l.mu.Lock()
		batch := l.nextBatch()
		l.writing = len(batch)+len(l.queue) > 0
		isOver := !l.writing
		l.mu.Unlock()
		if isOver {
			return
		}
		if len(batch) > 0 {
			l.write(batch)
		}
	}
}

// gather waits for calls that are about to arrive. It ends at once when a request
// is full, or when as many calls wait as ever did: then no one is left to wait for,
// and Terraform's parallelism fills a request without any clock. A full request that
// unblocks waits anyway, but the next one of its call does not wait again.
func (l *List) gather() {
	ctx, cancel := context.WithTimeout(context.Background(), longestGather)
	defer cancel()
	quiet.Wait(ctx, l.arrived, l.gatherWindow)
}

// gatherWindow is for how long nothing must arrive before the queue is sent, zero to
// send it at once.
func (l *List) gatherWindow() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	everyone := l.calls == l.peak
	full := len(l.queue) >= d360.MaxUsersPerRequest
	window := quietWindow
	switch {
	case len(l.queue) == 0:
		return 0
	case l.onlyFull():
		// An unblock that makes room may be about to arrive.
		return busyWindow
	case l.nextKind() == unblock:
		window, everyone = busyWindow, everyone && l.calls >= usualParallelism
		full = full && time.Since(l.lastCall) >= busyWindow
	case l.writeSeq > 0:
		window = busyWindow
	default:
		everyone = false
	}
	if everyone || full {
		return 0
	}
	return window
}

// nextKind is what the next batch does: blocks go first, except those for which the
// list had no room. The caller holds mu.
func (l *List) nextKind() kind {
	next := block
	for _, o := range l.queue {
		switch {
		case o.kind == unblock:
			next = unblock
		case o.full == nil:
			return block
		}
	}
	return next
}

// onlyFull reports whether nothing waits but blocks for which the list had no room.
// The caller holds mu.
func (l *List) onlyFull() bool {
	return !slices.ContainsFunc(l.queue, func(o *op) bool { return o.full == nil })
}

// item is one user of a batch, and the ops that wait for the same user.
type item struct {
	user userid.User
	ops  []*op
	// removal is that of the unblock; where several resources ask for one, what
	// proves any of them.
	removal Removal
	// name is the one by which an unblock is sent, rejectedBy are those by which it
	// was rejected.
	name       userid.ID
	rejectedBy []userid.ID

	result Result
}

// nextBatch takes the ops of one kind out of the queue, as far as they fit into a
// request. Ops for one user share an item, and nothing is sent for users that this
// run has blocked before. The caller holds mu.
func (l *List) nextBatch() []*item {
	if len(l.queue) == 0 {
		return nil
	}
	kind, onlyFull := l.nextKind(), l.onlyFull()
	var batch []*item
	var index userid.Index
	kept := l.queue[:0]
	for _, o := range l.queue {
		at, aboard := index.Match(o.user)
		done, isBlocked, ok := l.writeAfter(0, o.user)
		switch {
		case o.kind == block && ok && isBlocked:
			l.answer(o, Result{User: done})
			continue
		case o.full != nil && onlyFull && o.unblocksThen == l.unblocks:
			// No one has made room.
			l.answer(o, Result{User: o.user, Err: o.full})
			continue
		case o.full != nil && o.unblocksThen == l.unblocks:
			kept = append(kept, o)
			continue
		case o.kind != kind || (!aboard && len(batch) == d360.MaxUsersPerRequest):
			kept = append(kept, o)
			continue
		case aboard:
			index.Learn(at, o.user)
			batch[at].user = index.At(at)
		default:
			at = index.Add(o.user)
			batch = append(batch, &item{user: o.user})
		}
		i := batch[at]
		i.ops = append(i.ops, o)
		i.removal.Proof = max(i.removal.Proof, o.removal.Proof)
		if o.removal.LastWrite.After(i.removal.LastWrite) {
			i.removal.LastWrite = o.removal.LastWrite
		}
	}
	clear(l.queue[len(kept):])
	l.queue = kept
	return batch
}

// write carries out a batch and gives every op its result.
func (l *List) write(batch []*item) {
	var ops []*op
	for _, i := range batch {
		ops = append(ops, i.ops...)
	}
	ctx, stop := whileAnyWaits(ops)
	defer stop()
	w := &batchWriter{list: l, kind: ops[0].kind}
	w.run(ctx, batch)

	l.mu.Lock()
	defer l.mu.Unlock()
	if w.leavesUnknown(batch) {
		l.invalidate()
	}
	for _, i := range batch {
		isFull := d360.IsKind(i.result.Err, d360.ListFull)
		if w.kind == block && i.result.Err != nil && !isFull {
			l.notBlocked = append(l.notBlocked, i.user)
		}
		for _, o := range i.ops {
			if isFull && o.full == nil && ctx.Err() == nil {
				// Unblocks that are about to come may make room.
				o.full, o.unblocksThen = i.result.Err, l.unblocks
				l.queue = append(l.queue, o)
				continue
			}
			l.answer(o, i.result)
		}
	}
}

// whileAnyWaits returns a context that ends when all calls that the ops belong to
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
