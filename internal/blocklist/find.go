package blocklist

import (
	"context"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Presence is what the list tells of a user.
type Presence int

const (
	// Uncertain: no entry is known to be the user, and the user may be on the list
	// anyway.
	Uncertain Presence = iota
	// Listed: an entry is the user, or this run has blocked the user.
	Listed
	// Absent: two complete scans show no entry that could be the user.
	Absent
)

// String returns a name for tests.
func (p Presence) String() string { return [...]string{"uncertain", "listed", "absent"}[p] }

// Finding is what the list tells of one user.
type Finding struct {
	Presence Presence
	// User is the user who was asked for, with the names that the list shows.
	User userid.User
	// Shown is how the list shows the user, zero unless Listed.
	Shown userid.User
}

// Findings are what the list tells of the users of one resource.
type Findings struct {
	// Of has a finding for each user, in their order.
	Of []Finding
	// Candidates counts the entries that could be a user who is not found, under a
	// name that no one knows.
	Candidates int
	// Incomplete is why no one can be confirmed absent at all, nil if both scans are
	// complete.
	Incomplete error

	seen *view
}

// Query is a question about the users of one resource.
type Query struct {
	Users []userid.User
	// Pending reports whether a user is not expected to be on the list. It takes no
	// second scan to find that they are not. Nil stands for no one.
	Pending func(i int) bool
	// LastWrite is when the resource was last written to, zero if that is not known.
	// A list may lag behind: a user is confirmed absent only by scans that began some
	// time after it.
	LastWrite time.Time
}

func (q Query) isPending(i int) bool { return q.Pending != nil && q.Pending(i) }

// Find looks for the users of a resource. All that is asked in a run shares two
// scans. An error means that the list could not be read.
//
// A user is confirmed absent only if that is certain. The list may show a user under
// a name that no one knows, so every entry that is none of the other users must be
// known to be someone else. Which users other resources have is not used: it would
// depend on the order in which Terraform reads them.
func (l *List) Find(ctx context.Context, q Query) (*Findings, error) {
	found, err := l.find(ctx, q, freshness{})
	if err != nil || !q.LastWrite.Add(l.lag).After(l.created) || !found.hasAbsent() {
		return found, err
	}
	lagEnd, err := l.awaitLag(ctx, q.LastWrite)
	if err != nil {
		return nil, err
	}
	return l.find(ctx, q, freshness{since: lagEnd})
}

// awaitLag waits until the list shows a write, and returns a moment from which on it
// does. All who wait in a run wait for the latest of their moments, so that the same
// scans serve them all. Who comes later waits for the last moment there can be: no
// write of an earlier run can be later than the start of this one.
func (l *List) awaitLag(ctx context.Context, lastWrite time.Time) (lagEnd time.Time, err error) {
	wanted := earlier(lastWrite, l.created).Add(l.lag)
	for {
		l.mu.Lock()
		switch {
		case !wanted.After(l.lagEnd):
		case l.lagEnd.IsZero() || time.Now().Before(l.lagEnd):
			l.lagEnd = wanted
		default:
			l.lagEnd = l.created.Add(l.lag)
		}
		lagEnd = l.lagEnd
		l.mu.Unlock()
		if !time.Now().Before(lagEnd) {
			return lagEnd, nil
		}
		if err := waitUntil(ctx, lagEnd); err != nil {
			return lagEnd, err
		}
	}
}

func (l *List) find(ctx context.Context, q Query, fresh freshness) (*Findings, error) {
	first, err := l.shared(ctx, 0, fresh)
	if err != nil {
		return nil, err
	}
	found := l.look(first, q.Users)
	if !found.needsSecond(q) {
		return found.findings(), nil
	}
	second, err := l.shared(ctx, 1, fresh)
	if err != nil {
		return nil, err
	}
	return found.confirm(l.look(second, q.Users), q), nil
}

// view is what one scan tells of the users of a query.
type view struct {
	list     *List
	snapshot *snapshot
	of       []Finding
	// claimed are the entries that are one of the users.
	claimed map[int]struct{}
	// unclaimed counts the other entries by their names.
	unclaimed kindCount
}

func (l *List) look(s *snapshot, users []userid.User) *view {
	v := &view{list: l, snapshot: s, of: make([]Finding, len(users)), claimed: make(map[int]struct{}, len(users)), unclaimed: s.kinds}
	for i, u := range users {
		entry, shown, listed := l.lookup(s, u)
		v.of[i] = Finding{User: u}
		switch {
		case listed:
			v.of[i] = Finding{Presence: Listed, User: u.Learn(shown), Shown: shown}
		case l.isUnblockedSince(s, u):
			v.of[i].Presence = Absent
		}
		if _, twice := v.claimed[entry]; entry != noEntry && !twice {
			v.claimed[entry] = struct{}{}
			v.unclaimed.add(s.users.At(entry), -1)
		}
	}
	return v
}

// candidates counts the entries that could be a user who is not found.
func (v *view) candidates(u userid.User) int {
	n := v.unclaimed.others(u)
	for _, entry := range v.snapshot.users.Alternates(u) {
		if _, ok := v.claimed[entry]; !ok {
			n++
		}
	}
	return n
}

// needsSecond reports whether a second scan may find a user, or has to confirm that
// one is absent.
func (v *view) needsSecond(q Query) bool {
	for i, f := range v.of {
		if f.Presence == Uncertain && (!q.isPending(i) || v.snapshot.incomplete != nil) {
			return true
		}
	}
	return false
}

// findings are those of a scan that needs no confirmation.
func (v *view) findings() *Findings {
	return &Findings{Of: v.of, Incomplete: v.snapshot.incomplete, seen: v}
}

// confirm joins what two scans tell.
func (v *view) confirm(second *view, q Query) *Findings {
	found := &Findings{Of: second.of, Incomplete: v.snapshot.incomplete, seen: second}
	if found.Incomplete == nil {
		found.Incomplete = second.snapshot.incomplete
	}
	for i, f := range found.Of {
		switch {
		case f.Presence != Uncertain:
		case v.of[i].Presence != Uncertain:
			found.Of[i] = v.of[i]
		case !q.isPending(i):
			candidates := max(v.candidates(f.User), second.candidates(f.User))
			found.Candidates = max(found.Candidates, candidates)
			if candidates == 0 && found.Incomplete == nil {
				found.Of[i].Presence = Absent
			}
		}
	}
	return found
}

// Others returns the entries that are none of the users, and could not be one of
// those who are not found.
func (f *Findings) Others() []userid.User {
	var users, missing userid.Index
	var kinds kindCount
	for _, of := range f.Of {
		users.Add(of.User)
		if of.Presence == Uncertain {
			missing.Add(of.User)
			kinds.add(of.User, 1)
		}
	}
	var others []userid.User
	for _, entry := range f.seen.list.overlay(f.seen.snapshot) {
		mayBeMissing := len(missing.Alternates(entry)) > 0 || kinds.others(entry) > 0
		if !entry.IsZero() && !users.Has(entry) && !mayBeMissing {
			others = append(others, entry)
		}
	}
	return others
}

// hasAbsent reports whether someone is confirmed absent.
func (f *Findings) hasAbsent() bool {
	return slices.ContainsFunc(f.Of, func(of Finding) bool { return of.Presence == Absent })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// waitUntil waits for a moment.
func waitUntil(ctx context.Context, moment time.Time) error {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Learn returns users with the names that the list shows for them, by one scan that
// comes after all writes of this run. Where the list cannot be read, or there is
// nothing to learn, users stay as they are.
func (l *List) Learn(ctx context.Context, users []userid.User) []userid.User {
	if !slices.ContainsFunc(users, func(u userid.User) bool { return u.WaID.IsZero() || u.UserID.IsZero() }) {
		return users
	}
	l.mu.Lock()
	fresh := freshness{seq: l.writeSeq}
	l.mu.Unlock()
	s, err := l.shared(ctx, 0, fresh)
	if err != nil {
		return users
	}
	learned := make([]userid.User, len(users))
	for i, u := range users {
		_, shown, _ := l.lookup(s, u)
		learned[i] = u.Learn(shown)
	}
	return learned
}
