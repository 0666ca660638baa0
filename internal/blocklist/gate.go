package blocklist

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Reasons why the gate admits no unblock.
var (
	// ErrNotShown: nothing proves that a plan showed the unblock.
	ErrNotShown = errors.New("no plan has shown this unblock, so nothing was sent")
	// ErrAlternateForm: this run blocks or keeps the alternate form of the user's number,
	// and nothing proves that the two are two people.
	ErrAlternateForm = errors.New("this number and another one that this run blocks or keeps may be one user, so nothing was sent")
	// ErrOtherName: this run blocks users that the list does not show under a known name,
	// and the user may be one of them under another name.
	ErrOtherName = errors.New("this run blocks users that may be this one under another name, so nothing was sent")
	// ErrMayBeListed: the list does not show the user under a known name, but may show the
	// user under another one.
	ErrMayBeListed = errors.New("the list does not show this user under a known name, and may show them under another one, so nothing was sent")
)

// findItems finds the users of unblocks for the gate. If a user may be one that this run
// has blocked, it takes a scan that came after that block.
func (l *List) findItems(ctx context.Context, items []*item) (*Findings, error) {
	query := Query{Users: usersOf(items)}
	found, err := l.find(ctx, query, freshness{})
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	kinds, seq := l.unlisted()
	l.mu.Unlock()
	if !slices.ContainsFunc(found.Of, func(f Finding) bool { return kinds.others(f.User) > 0 }) {
		return found, nil
	}
	return l.find(ctx, query, freshness{seq: seq})
}

// unlisted counts the users that this run has blocked or tried to block and that the
// last scan does not show. seq is the number of the last request that blocked one of
// them. The caller holds mu.
func (l *List) unlisted() (kinds kindCount, seq uint64) {
	s := l.lastSnapshot()
	for i, w := range l.writes {
		if u := l.written.At(i); w.isBlocked && (s == nil || !s.users.Has(u)) {
			kinds.add(u, 1)
			seq = max(seq, w.seq)
		}
	}
	for _, u := range l.notBlocked {
		if s == nil || !s.users.Has(u) {
			kinds.add(u, 1)
		}
	}
	return kinds, seq
}

// admit checks every unblock before it is sent. It returns the users that may be sent,
// and gives the others their result. The caller holds apiLock, because another resource
// may want a user while a request waits for the lock.
func (l *List) admit(items []*item, found *Findings) (admitted []*item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	unlisted, _ := l.unlisted()
	for n, i := range items {
		i.user = found.Of[n].User
		send, err := l.gate(i, found.Of[n].Presence, unlisted)
		if errors.Is(err, ErrMayBeListed) && found.Incomplete != nil {
			err = found.Incomplete
		}
		if send {
			i.name = nextName(i, found.Of[n].Shown)
			admitted = append(admitted, i)
		} else {
			i.result = Result{User: i.user, Err: err}
		}
	}
	return admitted
}

// gate decides whether an unblock may be sent. It may if
//
//   - this run does not block or keep the user under any name, or an alternate form that
//     may be the user, and no user that it has blocked may be the user under another name,
//   - the list shows the user, or the last write is so recent that the list may not show it yet, and
//   - it is proven that a plan showed the unblock.
//
// If send is false without an error, the user needs no unblock. The caller holds mu.
func (l *List) gate(i *item, presence Presence, unlisted kindCount) (send bool, err error) {
	switch isRecent := l.isRecent(i.removal.LastWrite); {
	case l.wanted.Has(i.user):
		return false, nil
	case l.mayBeWanted(i.user):
		return false, ErrAlternateForm
	case presence == Absent && !isRecent:
		return false, nil
	case presence == Uncertain && !isRecent:
		return false, ErrMayBeListed
	case unlisted.others(i.user) > 0:
		return false, ErrOtherName
	case i.removal.Proof == NotProven:
		return false, ErrNotShown
	}
	return true, nil
}

// lagsBeforeCertain is how many times the lag must pass after a write before an unblock
// relies on a user not being shown.
const lagsBeforeCertain = 6

// isRecent reports whether the list may not show the last write yet.
func (l *List) isRecent(lastWrite time.Time) bool {
	return time.Since(earlier(lastWrite, l.created)) < lagsBeforeCertain*l.lag
}

// mayBeWanted reports whether this run blocks or keeps an alternate form of the user's
// number. Two entries of the list or two WhatsApp IDs prove that the two are two people.
// The caller holds mu.
func (l *List) mayBeWanted(u userid.User) bool {
	s := l.lastSnapshot()
	return slices.ContainsFunc(l.wanted.Alternates(u), func(at int) bool {
		return s == nil || !s.showsBoth(u, l.wanted.At(at))
	})
}

// nextName returns the name for the request of an unblock: the number that the list
// shows, the user ID that it shows, another known number, another known user ID. It skips
// names that the API has rejected, and is zero if none is left.
func nextName(i *item, shown userid.User) userid.ID {
	for _, name := range [...]userid.ID{shown.Number(), shown.UserID, i.user.Number(), i.user.UserID} {
		if !name.IsZero() && !slices.Contains(i.rejectedBy, name) {
			return name
		}
	}
	return userid.ID{}
}
