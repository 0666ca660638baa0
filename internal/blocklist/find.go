package blocklist

import (
	"context"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Presence says whether the list shows a user.
type Presence int

const (
	// Uncertain: no entry has a known name of the user, but one could be the user under
	// an unknown name.
	Uncertain Presence = iota
	// Listed: an entry shows the user, or this run has blocked the user.
	Listed
	// Absent: two complete scans show no entry that could be the user.
	Absent
)

// String returns a name for tests.
func (p Presence) String() string { return [...]string{"uncertain", "listed", "absent"}[p] }

// Finding is the result of [List.Find] for one user.
type Finding struct {
	Presence Presence
	// User is the user of the query, with the names that the list shows.
	User userid.User
	// Shown is how the list shows the user, zero unless Listed.
	Shown userid.User
}

// Findings are the results of [List.Find] for the users of one resource.
type Findings struct {
	// Of has a finding for each user, in their order.
	Of []Finding
	// Candidates is the largest number of entries that could be one of the users who are not
	// found, under an unknown name.
	Candidates int
	// Incomplete is why no user can be confirmed absent, nil if both scans are complete.
	Incomplete error

	scan *scanFindings
}

// Query asks for the users of one resource.
type Query struct {
	Users []userid.User
	// Pending reports whether a user is not expected to be on the list. Such a user needs
	// no second scan. Nil means that all are expected.
	Pending func(i int) bool
	// LastWrite is the time of the last write for the resource, zero if unknown. The list
	// may lag behind: only scans that began some time later confirm that a user is absent.
	LastWrite time.Time
}

func (q Query) isPending(i int) bool { return q.Pending != nil && q.Pending(i) }

// Find looks for the users of a resource. All calls of a run share two scans. An error
// means that the list could not be read.
//
// The list may show a user under an unknown name. So a user is absent only if every
// entry is another user of the query, or has a name that excludes the user. Find does not
// use the users of other resources, because Terraform reads resources in any order.
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

// awaitLag waits until the list shows a write, and returns that time. Callers that wait
// together wait for the latest of their writes, so that they share the scans after it. A
// caller that needs more time after that waits until the lag has passed since the start of
// the run. That is long enough for every later caller, because earlier runs wrote before the
// start of this one.
func (l *List) awaitLag(ctx context.Context, lastWrite time.Time) (lagEnd time.Time, err error) {
	ownEnd := earlier(lastWrite, l.created).Add(l.lag)
	for {
		l.mu.Lock()
		switch {
		case !ownEnd.After(l.lagEnd):
		case l.lagEnd.IsZero() || time.Now().Before(l.lagEnd):
			l.lagEnd = ownEnd
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
	found := l.findIn(first, q.Users)
	if !found.needsSecond(q) {
		return found.findings(), nil
	}
	second, err := l.shared(ctx, 1, fresh)
	if err != nil {
		return nil, err
	}
	return found.confirm(l.findIn(second, q.Users), q), nil
}

// scanFindings are what one scan shows of the users of a query.
type scanFindings struct {
	list     *List
	snapshot *snapshot
	of       []Finding
	// claimed are the entries that show one of the users.
	claimed map[int]struct{}
	// unclaimed counts the other entries by their names.
	unclaimed kindCount
}

func (l *List) findIn(s *snapshot, users []userid.User) *scanFindings {
	found := &scanFindings{list: l, snapshot: s, of: make([]Finding, len(users)), claimed: make(map[int]struct{}, len(users)), unclaimed: s.kinds}
	for i, u := range users {
		entry, shown, listed := l.lookup(s, u)
		found.of[i] = Finding{User: u}
		switch {
		case listed:
			found.of[i] = Finding{Presence: Listed, User: u.Learn(shown), Shown: shown}
		case l.isUnblockedSince(s, u):
			found.of[i].Presence = Absent
		}
		if _, isClaimed := found.claimed[entry]; entry != noEntry && !isClaimed {
			found.claimed[entry] = struct{}{}
			found.unclaimed.add(s.users.At(entry), -1)
		}
	}
	return found
}

// candidates counts the entries that could be a user who is not found.
func (s *scanFindings) candidates(u userid.User) int {
	n := s.unclaimed.candidates(u)
	for _, entry := range s.snapshot.users.Alternates(u) {
		if _, isClaimed := s.claimed[entry]; !isClaimed {
			n++
		}
	}
	return n
}

// needsSecond reports whether a second scan may find a user, or has to confirm that one is
// absent.
func (s *scanFindings) needsSecond(q Query) bool {
	for i, f := range s.of {
		if f.Presence == Uncertain && (!q.isPending(i) || s.snapshot.incomplete != nil) {
			return true
		}
	}
	return false
}

// findings returns the findings of a single scan.
func (s *scanFindings) findings() *Findings {
	return &Findings{Of: s.of, Incomplete: s.snapshot.incomplete, scan: s}
}

// confirm returns the findings of two scans.
func (s *scanFindings) confirm(second *scanFindings, q Query) *Findings {
	found := second.findings()
	if s.snapshot.incomplete != nil {
		found.Incomplete = s.snapshot.incomplete
	}
	for i, f := range found.Of {
		switch {
		case f.Presence != Uncertain:
		case s.of[i].Presence != Uncertain:
			found.Of[i] = s.of[i]
		case !q.isPending(i):
			n := max(s.candidates(f.User), second.candidates(f.User))
			found.Candidates = max(found.Candidates, n)
			if n == 0 && found.Incomplete == nil {
				found.Of[i].Presence = Absent
			}
		}
	}
	return found
}

// Others returns the entries that are certainly none of the users of the query.
func (f *Findings) Others() []userid.User {
	var known, notFound userid.Index
	var kinds kindCount
	for _, finding := range f.Of {
		known.Add(finding.User)
		if finding.Presence == Uncertain {
			notFound.Add(finding.User)
			kinds.add(finding.User, 1)
		}
	}
	return slices.DeleteFunc(f.scan.list.overlay(f.scan.snapshot), func(entry userid.User) bool {
		mayBeUser := len(notFound.Alternates(entry)) > 0 || kinds.candidates(entry) > 0
		return entry.IsZero() || known.Has(entry) || mayBeUser
	})
}

// hasAbsent reports whether a user is confirmed absent.
func (f *Findings) hasAbsent() bool {
	return slices.ContainsFunc(f.Of, func(finding Finding) bool { return finding.Presence == Absent })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func waitUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Learn returns users with the names that the list shows after all writes of this run,
// which takes one scan. If the list cannot be read, it returns the users unchanged.
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
