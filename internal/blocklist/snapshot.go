package blocklist

import (
	"errors"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// snapshot is what one scan saw. It does not change.
type snapshot struct {
	// seq is the number of the last write before the scan. The results of later writes
	// override the scan.
	seq   uint64
	began time.Time
	users *userid.Index
	// incomplete is why this scan can confirm no user as absent, nil if it is complete.
	incomplete error
	// kinds counts entries by the names they show.
	kinds kindCount
}

// kindCount counts entries that show names of one kind only, or none.
type kindCount struct{ numberOnly, userIDOnly, nameless int }

func (k *kindCount) add(u userid.User, n int) {
	switch number, userID := u.HasNumber(), u.HasUserID(); {
	case number && userID:
	case number:
		k.numberOnly += n
	case userID:
		k.userIDOnly += n
	default:
		k.nameless += n
	}
}

// candidates returns how many of the counted users have no kind of name in common with u,
// so that they may be the same person.
func (k *kindCount) candidates(u userid.User) int {
	n := k.nameless
	if !u.HasUserID() {
		n += k.userIDOnly
	}
	if !u.HasNumber() {
		n += k.numberOnly
	}
	return n
}

func newSnapshot(seq uint64, began time.Time, users []userid.User, err error) (*snapshot, error) {
	if err != nil && !errors.Is(err, d360.ErrIncomplete) {
		return nil, err
	}
	s := &snapshot{seq: seq, began: began, users: userid.NewIndex(users...), incomplete: err}
	for _, u := range users {
		s.kinds.add(u, 1)
	}
	return s, nil
}

// freshness says how recent a snapshot has to be.
type freshness struct {
	// seq is the number of the last write that the scan must come after.
	seq uint64
	// since is the earliest time at which the scan may have begun.
	since time.Time
}

func (s *snapshot) meets(f freshness) bool { return s.seq >= f.seq && !s.began.Before(f.since) }

// noEntry stands for a user that no entry of a snapshot shows.
const noEntry = -1

// lookup looks for a user in a scan and in the later writes of this run. entry is the
// index of the entry that shows the user, shown is the user as the list or a response
// shows them. A user unblocked by a later write is not listed.
func (l *List) lookup(s *snapshot, u userid.User) (entry int, shown userid.User, listed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, ok := l.written.Match(u); ok {
		// The list may show one name of a user, and a response another.
		u = u.Learn(l.written.At(i))
	}
	entry = noEntry
	if i, ok := s.users.Match(u); ok {
		entry, shown, listed = i, s.users.At(i), true
		u = u.Learn(shown)
	}
	if written, isBlocked, ok := l.writeAfter(s.seq, u); ok {
		if !isBlocked {
			return noEntry, userid.User{}, false
		}
		if !listed {
			return noEntry, written, true
		}
	}
	return entry, shown, listed
}

// isUnblockedSince reports whether this run has unblocked a user after a scan.
func (l *List) isUnblockedSince(s *snapshot, u userid.User) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, isBlocked, ok := l.writeAfter(s.seq, u)
	return ok && !isBlocked
}

// showsBoth reports whether two users are two entries of the list.
func (s *snapshot) showsBoth(a, b userid.User) bool {
	entryA, okA := s.users.Match(a)
	entryB, okB := s.users.Match(b)
	return okA && okB && entryA != entryB
}
