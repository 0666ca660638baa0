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
	// quietWindow is how long no call must arrive before the first request of a run is
	// sent.
	quietWindow = 50 * time.Millisecond
	// busyWindow is the same for later requests: with a large state, Terraform takes some
	// 20 ms from one operation to the next, and several times that on a busy machine.
	// Unblocks always wait as long, because another resource may want the user.
	busyWindow = 250 * time.Millisecond
	// longestGather is the longest wait if calls keep arriving.
	longestGather = 2 * time.Second
	// usualParallelism is Terraform's default for -parallelism. If as many calls wait, no
	// other can arrive.
	usualParallelism = 10
)

// drain sends batches until the queue is empty.
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

// gather waits for calls that are about to arrive. It ends at once if the request is
// full, or if as many calls wait as ever did at once: Terraform then waits for these. A
// full request of unblocks is sent once the last call is busyWindow ago.
func (l *List) gather() {
	ctx, cancel := context.WithTimeout(context.Background(), longestGather)
	defer cancel()
	quiet.Wait(ctx, l.arrived, l.gatherWindow)
}

// gatherWindow returns how long no call must arrive before a batch is sent, zero to send
// it at once.
func (l *List) gatherWindow() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	allWait := l.calls == l.peak
	full := len(l.queue) >= d360.MaxUsersPerRequest
	window := quietWindow
	switch {
	case len(l.queue) == 0:
		return 0
	case l.onlyFull():
		// An unblock that makes room may be about to arrive.
		return busyWindow
	case l.nextKind() == unblock:
		window, allWait = busyWindow, allWait && l.calls >= usualParallelism
		full = full && time.Since(l.lastCall) >= busyWindow
	case l.writeSeq > 0:
		window = busyWindow
	default:
		allWait = false
	}
	if allWait || full {
		return 0
	}
	return window
}

// nextKind returns the kind of the next batch: blocks go first, except those for which
// the list had no room. The caller holds mu.
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

// onlyFull reports whether the queue has only blocks for which the list had no room. The
// caller holds mu.
func (l *List) onlyFull() bool {
	return !slices.ContainsFunc(l.queue, func(o *op) bool { return o.full == nil })
}

// item is one user of a batch, with the ops for this user.
type item struct {
	user userid.User
	ops  []*op
	// removal is for unblocks. If several resources ask for one, the strongest proof and
	// the latest write count.
	removal Removal
	// name is the name in the request of an unblock. rejectedNames are the earlier ones.
	name          userid.ID
	rejectedNames []userid.ID

	result Result
}

// nextBatch takes the ops of one kind out of the queue, up to the size of one request. Ops
// for one user share an item. A block of a user that this run has already blocked is
// finished at once. The caller holds mu.
func (l *List) nextBatch() []*item {
	if len(l.queue) == 0 {
		return nil
	}
	next, allFull := l.nextKind(), l.onlyFull()
	var batch []*item
	var index userid.Index
	left := l.queue[:0]
	for _, o := range l.queue {
		at, inBatch := index.Match(o.user)
		written, isBlocked, ok := l.writeAfter(0, o.user)
		switch {
		case o.kind == block && ok && isBlocked:
			l.finish(o, Result{User: written})
			continue
		case o.full != nil && allFull && o.unblocksThen == l.unblocks:
			// No unblock has made room.
			l.finish(o, Result{User: o.user, Err: o.full})
			continue
		case o.full != nil && o.unblocksThen == l.unblocks:
			left = append(left, o)
			continue
		case o.kind != next || (!inBatch && len(batch) == d360.MaxUsersPerRequest):
			left = append(left, o)
			continue
		case inBatch:
			index.Learn(at, o.user)
			batch[at].user = index.At(at)
		default:
			at = index.Add(o.user)
			batch = append(batch, &item{user: o.user})
		}
		it := batch[at]
		it.ops = append(it.ops, o)
		it.removal.Proof = max(it.removal.Proof, o.removal.Proof)
		if o.removal.LastWrite.After(it.removal.LastWrite) {
			it.removal.LastWrite = o.removal.LastWrite
		}
	}
	clear(l.queue[len(left):])
	l.queue = left
	return batch
}

// write sends a batch and finishes its ops.
func (l *List) write(batch []*item) {
	var ops []*op
	for _, it := range batch {
		ops = append(ops, it.ops...)
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
	for _, it := range batch {
		isFull := d360.IsKind(it.result.Err, d360.ListFull)
		if w.kind == block && it.result.Err != nil && !isFull {
			l.notBlocked = append(l.notBlocked, it.user)
		}
		for _, o := range it.ops {
			if isFull && o.full == nil && ctx.Err() == nil {
				// A later unblock may make room.
				o.full, o.unblocksThen = it.result.Err, l.unblocks
				l.queue = append(l.queue, o)
				continue
			}
			l.finish(o, it.result)
		}
	}
}

// whileAnyWaits returns a context that is done once the contexts of all calls of the ops
// are done.
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
