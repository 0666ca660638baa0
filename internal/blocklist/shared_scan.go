package blocklist

import (
	"context"
	"time"
)

// sharedScan is a scan that several callers wait for.
type sharedScan struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int

	snapshot *snapshot
	err      error
}

func (s *sharedScan) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// takeSnapshot reads the whole list. All other requests wait until it ends.
func (l *List) takeSnapshot(ctx context.Context) (*snapshot, error) {
	if err := l.apiLock.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer l.apiLock.Release(1)
	l.mu.Lock()
	seq := l.writeSeq
	l.mu.Unlock()
	began := time.Now()
	users, err := l.client.Scan(ctx)
	return newSnapshot(seq, began, users, err)
}

// shared returns a snapshot of one of the two shared scans that is fresh enough. The
// first caller starts the scan, and it goes on while any caller waits. A failed scan is
// dropped, so that a later caller tries again.
func (l *List) shared(ctx context.Context, which int, fresh freshness) (*snapshot, error) {
	for {
		scan := l.join(ctx, which, fresh)
		select {
		case <-scan.done:
		case <-ctx.Done():
			l.leave(scan, which)
			return nil, ctx.Err()
		}
		if scan.err != nil || scan.snapshot.meets(fresh) {
			return scan.snapshot, scan.err
		}
	}
}

// join returns the running or last scan. If that is not fresh enough, it starts one.
func (l *List) join(ctx context.Context, which int, fresh freshness) *sharedScan {
	l.mu.Lock()
	defer l.mu.Unlock()
	scan := l.scans[which]
	if scan == nil || (scan.isDone() && !scan.snapshot.meets(fresh)) {
		scan = &sharedScan{done: make(chan struct{})}
		l.scans[which] = scan
		var scanCtx context.Context
		scanCtx, scan.cancel = context.WithCancel(context.WithoutCancel(ctx))
		go func() {
			defer scan.cancel()
			scan.snapshot, scan.err = l.takeSnapshot(scanCtx)
			if scan.err != nil {
				l.forget(scan, which)
			}
			close(scan.done)
		}()
	}
	scan.waiting++
	return scan
}

// leave ends the wait of one caller, and stops the scan if no other caller waits.
func (l *List) leave(scan *sharedScan, which int) {
	l.mu.Lock()
	scan.waiting--
	isAbandoned := scan.waiting == 0
	if isAbandoned && l.scans[which] == scan {
		// Drop it before mu is released, so that no caller joins a stopped scan.
		l.scans[which] = nil
	}
	l.mu.Unlock()
	if isAbandoned {
		scan.cancel()
	}
}

func (l *List) forget(scan *sharedScan, which int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.scans[which] == scan {
		l.scans[which] = nil
	}
}

// lastSnapshot returns the snapshot of the last scan that has ended, nil if there is none.
// A failed scan is dropped before it ends. The caller holds mu.
func (l *List) lastSnapshot() *snapshot {
	var last *snapshot
	for _, scan := range l.scans {
		if scan != nil && scan.isDone() && (last == nil || last.began.Before(scan.snapshot.began)) {
			last = scan.snapshot
		}
	}
	return last
}
