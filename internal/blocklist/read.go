package blocklist

import (
	"cmp"
	"context"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Lookup tells whether a user is on the list, and how the list shows them. All
// lookups of a run share one scan. waID is the WhatsApp ID that the service gave
// for the user, zero if none; later lookups of the run know it too. An error
// means that it is not known.
func (l *List) Lookup(ctx context.Context, user, waID userid.ID) (d360.Entry, bool, error) {
	l.learn(user, waID)
	s, err := l.shared(ctx, &l.first)
	if err != nil {
		return d360.Entry{}, false, err
	}
	if entry, ok := l.find(s, user, waID); ok || s.doubt == nil {
		return entry, ok, nil
	}
	return l.confirm(ctx, s, user, waID)
}

// Holds is a [List.Lookup] that takes a second scan, which all share too, before
// it calls a user absent.
func (l *List) Holds(ctx context.Context, user, waID userid.ID) (d360.Entry, bool, error) {
	l.learn(user, waID)
	s, err := l.shared(ctx, &l.first)
	if err != nil {
		return d360.Entry{}, false, err
	}
	if entry, ok := l.find(s, user, waID); ok {
		return entry, true, nil
	}
	return l.confirm(ctx, s, user, waID)
}

// learn keeps a WhatsApp ID for later lookups.
func (l *List) learn(user, waID userid.ID) {
	if waID.IsZero() || waID == user {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waIDs[user] = waID
}

// Twin returns somebody on the list whose number is another form of user's, so
// that the two may be one. It knows what was read last, and reads nothing.
func (l *List) Twin(user userid.ID) (twin userid.ID, ok bool) {
	twin = user.Twin()
	if twin.IsZero() {
		return userid.ID{}, false
	}
	l.mu.Lock()
	s := l.judged
	for _, f := range []*flight{l.first, l.second} {
		if f != nil && f.isDone() && f.err == nil && (s == nil || s.generation <= f.snapshot.generation) {
			s = f.snapshot
		}
	}
	l.mu.Unlock()
	if s == nil {
		return userid.ID{}, false
	}
	_, ok = l.find(s, twin)
	return twin, ok
}

// confirm looks for somebody whom first does not show in a second scan.
func (l *List) confirm(ctx context.Context, first *snapshot, ids ...userid.ID) (d360.Entry, bool, error) {
	second, err := l.shared(ctx, &l.second)
	if err != nil {
		return d360.Entry{}, false, err
	}
	entry, ok := l.find(second, ids...)
	if doubt := second.doubtAfter(first); !ok && doubt != nil {
		return d360.Entry{}, false, doubt
	}
	return entry, ok, nil
}

// All returns everyone on the list in its order, with what this run wrote.
func (l *List) All(ctx context.Context) ([]d360.Entry, error) {
	first, err := l.shared(ctx, &l.first)
	if err != nil {
		return nil, err
	}
	if first.doubt == nil && len(first.entries) > 0 {
		return l.overlay(first), nil
	}
	// An empty list is what a broken answer looks like; it takes two to say so.
	second, err := l.shared(ctx, &l.second)
	if err != nil {
		return nil, err
	}
	if doubt := second.doubtAfter(first); doubt != nil {
		return nil, doubt
	}
	return l.overlay(second), nil
}

// overlay returns what the scan saw, in its order, with what this run wrote
// since: whom it unblocked left out, whom it blocked at the end.
func (l *List) overlay(s *snapshot) []d360.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var added []written
	changed := false
	for id, w := range l.writes {
		if w.generation <= s.generation {
			continue
		}
		changed = true
		// A write is kept under each of its user's names; count it once.
		if w.blocked && id == w.entry.User {
			added = append(added, w)
		}
	}
	if !changed {
		return s.entries
	}
	slices.SortFunc(added, func(a, b written) int { return cmp.Compare(a.generation, b.generation) })

	entries := make([]d360.Entry, 0, len(s.entries)+len(added))
	shown := map[userid.ID]struct{}{}
	show := func(e d360.Entry, ids []userid.ID) {
		entries = append(entries, e)
		for _, id := range ids {
			shown[id] = struct{}{}
		}
	}
	for _, e := range s.entries {
		ids := s.names(e)
		if w, ok := l.lastWrite(s.generation, ids); !ok || w.blocked {
			show(e, ids)
		}
	}
	for _, w := range added {
		ids := w.entry.IDs()
		if !slices.ContainsFunc(ids, func(id userid.ID) bool { _, ok := shown[id]; return ok }) {
			show(w.entry, ids)
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

func (f *flight) isDone() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
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
	if abandoned && *slot == f {
		// While mu is held, lest somebody join a scan that is about to be stopped.
		*slot = nil
	}
	l.mu.Unlock()
	if abandoned {
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
