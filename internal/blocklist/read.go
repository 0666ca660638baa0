package blocklist

import (
	"context"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Lookup tells whether a user is on the list, and how the list shows them. All
// lookups of a run share one scan. An error means that it is not known.
func (l *List) Lookup(ctx context.Context, user userid.ID) (d360.Entry, bool, error) {
	s, err := l.shared(ctx, &l.first)
	if err != nil {
		return d360.Entry{}, false, err
	}
	if entry, ok := l.find(s, user); ok || s.doubt == nil {
		return entry, ok, nil
	}
	return l.confirm(ctx, user)
}

// Holds tells whether a user is still on the list who was there when last
// looked; waID is the WhatsApp ID that the service gave then, zero if none. To
// call such a user absent takes a second scan, which all share too.
func (l *List) Holds(ctx context.Context, user, waID userid.ID) (d360.Entry, bool, error) {
	s, err := l.shared(ctx, &l.first)
	if err != nil {
		return d360.Entry{}, false, err
	}
	if entry, ok := l.find(s, user, waID); ok {
		return entry, true, nil
	}
	return l.confirm(ctx, user, waID)
}

func (l *List) confirm(ctx context.Context, ids ...userid.ID) (d360.Entry, bool, error) {
	s, err := l.shared(ctx, &l.second)
	if err != nil {
		return d360.Entry{}, false, err
	}
	entry, ok := l.find(s, ids...)
	if !ok && s.doubt != nil {
		return d360.Entry{}, false, s.doubt
	}
	return entry, ok, nil
}

// All returns everyone on the list in its order, with what this run wrote.
func (l *List) All(ctx context.Context) ([]d360.Entry, error) {
	s, err := l.shared(ctx, &l.first)
	if err == nil && s.doubt != nil {
		s, err = l.shared(ctx, &l.second)
	}
	if err != nil {
		return nil, err
	}
	if s.doubt != nil {
		return nil, s.doubt
	}
	return l.overlay(s), nil
}

func (l *List) overlay(s *snapshot) []d360.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	later := map[userid.ID]written{}
	for id, w := range l.writes {
		if w.generation > s.generation {
			later[id] = w
		}
	}
	if len(later) == 0 {
		return s.entries
	}
	entries := make([]d360.Entry, 0, len(s.entries)+len(later))
	for _, e := range s.entries {
		keep := true
		for _, id := range e.IDs() {
			if w, ok := later[id]; ok {
				keep = keep && w.blocked
			}
		}
		if keep {
			entries = append(entries, e)
		}
	}
	for id, w := range later {
		// A write is kept under each of its user's names; count it once.
		if _, listed := s.index[id]; w.blocked && !listed && id == w.entry.User {
			if _, listed := s.index[w.entry.WaID]; !listed {
				entries = append(entries, w.entry)
			}
		}
	}
	return entries
}

// flight is a scan that several wait for.
type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int

	snapshot *snapshot
	err      error
}

// shared returns the snapshot of the scan in slot, which the first caller
// starts. The scan goes on while anybody waits for it; one that failed is
// forgotten, so that whoever comes later tries again.
func (l *List) shared(ctx context.Context, slot **flight) (*snapshot, error) {
	l.mu.Lock()
	f := *slot
	if f == nil {
		f = &flight{done: make(chan struct{})}
		*slot = f
		var scanContext context.Context
		scanContext, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
		go func() {
			defer f.cancel()
			f.snapshot, f.err = l.scan(scanContext)
			if f.err != nil {
				l.forget(f, slot)
			}
			close(f.done)
		}()
	}
	f.waiting++
	l.mu.Unlock()

	select {
	case <-f.done:
		return f.snapshot, f.err
	case <-ctx.Done():
	}
	l.mu.Lock()
	f.waiting--
	abandoned := f.waiting == 0
	l.mu.Unlock()
	if abandoned {
		l.forget(f, slot)
		f.cancel()
	}
	return nil, ctx.Err()
}

func (l *List) forget(f *flight, slot **flight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if *slot == f {
		*slot = nil
	}
}
