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

// scan reads the whole list, while nothing else talks to the API.
func (l *List) scan(ctx context.Context) (*snapshot, error) {
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

// shared returns a snapshot that is fresh enough, from one of the two scans that
// all share. The first caller starts it, and it goes on while anyone waits for it.
// A scan that failed is forgotten, so that a later caller tries again.
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

// join waits for the scan under way or for the last one, or starts one where that
// is not fresh enough.
func (l *List) join(ctx context.Context, which int, fresh freshness) *sharedScan {
	l.mu.Lock()
	defer l.mu.Unlock()
	scan := l.scans[which]
	if scan == nil || (scan.isDone() && !scan.snapshot.meets(fresh)) {
		scan = &sharedScan{done: make(chan struct{})}
		l.scans[which] = scan
		var scanContext context.Context
		scanContext, scan.cancel = context.WithCancel(context.WithoutCancel(ctx))
		go func() {
			defer scan.cancel()
			scan.snapshot, scan.err = l.scan(scanContext)
			if scan.err != nil {
				l.forget(scan, which)
			}
			close(scan.done)
		}()
	}
	scan.waiting++
	return scan
}

// leave stops a scan that no one waits for any more.
func (l *List) leave(scan *sharedScan, which int) {
	l.mu.Lock()
	scan.waiting--
	abandoned := scan.waiting == 0
	if abandoned && l.scans[which] == scan {
		// While mu is held, so that no one joins a scan that is about to be stopped.
		l.scans[which] = nil
	}
	l.mu.Unlock()
	if abandoned {
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

// lastSnapshot returns what the last scan saw that is over, nil if there is none. One
// that failed is forgotten before it is over.
// The caller holds mu.
func (l *List) lastSnapshot() *snapshot {
	var last *snapshot
	for _, scan := range l.scans {
		if scan != nil && scan.isDone() && (last == nil || last.began.Before(scan.snapshot.began)) {
			last = scan.snapshot
		}
	}
	return last
}
