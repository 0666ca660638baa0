package blocklist

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Reasons why the gate keeps an unblock from being sent.
var (
	// ErrNotShown: no plan is proven to have shown the unblock.
	ErrNotShown = errors.New("no plan has shown this unblock, so nothing was sent")
	// ErrAlternateForm: this run wants a number on the list that is the alternate form
	// of the user's, and nothing proves that the two are two people.
	ErrAlternateForm = errors.New("this number and another one that this run blocks or keeps may be one user, so nothing was sent")
	// ErrOtherName: this run blocks users that the list does not show by the names that
	// are known of them, and the user may be one of them under another name.
	ErrOtherName = errors.New("this run blocks users that may be this one under another name, so nothing was sent")
	// ErrMayBeListed: the list shows the user under no known name, and may show them
	// under another one.
	ErrMayBeListed = errors.New("the list does not show this user under a known name, and may show them under another one, so nothing was sent")
)

// findItems looks for the users of unblocks on the list, for the gate. Of users that
// this run has blocked, only a scan that came after tells how the list shows them.
func (l *List) findItems(ctx context.Context, items []*item) (*Findings, error) {
	query := Query{Users: usersOf(items)}
	found, err := l.find(ctx, query, freshness{})
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	kinds, seq := l.newcomers()
	l.mu.Unlock()
	if !slices.ContainsFunc(found.Of, func(f Finding) bool { return kinds.others(f.User) > 0 }) {
		return found, nil
	}
	return l.find(ctx, query, freshness{seq: seq})
}

// newcomers counts the users that this run has blocked, or has tried to block, and that
// the last scan does not show. seq is that of the last request that blocked one of them.
// The caller holds mu.
func (l *List) newcomers() (kinds kindCount, seq uint64) {
	s := l.lastSnapshot()
	for i, w := range l.writes {
		if u := l.written.At(i); w.blocked && (s == nil || !s.users.Has(u)) {
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

// admit passes unblocks through the gate, from whatever resource and path they come.
// It returns the users that the request may be sent for, and gives all others their
// result. The caller holds apiLock: another resource may come to want a user while a
// request waits for it.
func (l *List) admit(items []*item, found *Findings) (admitted []*item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	newcomers, _ := l.newcomers()
	for n, i := range items {
		i.user = found.Of[n].User
		send, err := l.gate(i, found.Of[n].Presence, newcomers)
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
//   - no one in this run wants the user on the list under any name, nor a number that
//     may be the same person's in its alternate form, and no newcomer may be the user,
//   - the list shows the user, or may not do so yet because the write was a moment
//     ago, and
//   - the plan is proven to have shown the unblock.
//
// Without an error there is nothing to do for a user. The caller holds mu.
func (l *List) gate(i *item, presence Presence, newcomers kindCount) (send bool, err error) {
	switch isRecent := l.isRecent(i.removal.LastWrite); {
	case l.wanted.Has(i.user):
		return false, nil
	case l.mayBeWanted(i.user):
		return false, ErrAlternateForm
	case presence == Absent && !isRecent:
		return false, nil
	case presence == Uncertain && !isRecent:
		return false, ErrMayBeListed
	case newcomers.others(i.user) > 0:
		return false, ErrOtherName
	case i.removal.Proof == NotProven:
		return false, ErrNotShown
	}
	return true, nil
}

// lagsBeforeCertain is how many times its lag the list may take until an unblock
// relies on what it does not show.
const lagsBeforeCertain = 6

// isRecent reports whether the list may not show a write yet.
func (l *List) isRecent(lastWrite time.Time) bool {
	return time.Since(earlier(lastWrite, l.created)) < lagsBeforeCertain*l.lag
}

// mayBeWanted reports whether this run wants a number that may be the user's in its
// alternate form. Two entries on the list prove that the two are two people, and
// two WhatsApp IDs do. The caller holds mu.
func (l *List) mayBeWanted(u userid.User) bool {
	s := l.lastSnapshot()
	return slices.ContainsFunc(l.wanted.Alternates(u), func(at int) bool {
		return s == nil || !s.showsBoth(u, l.wanted.At(at))
	})
}

// nextName returns the name by which an unblock is sent: the number that the list
// shows, or else the user ID, or what is known of the user otherwise; the next one
// where the API has rejected a name. It is zero if there is none left.
func nextName(i *item, shown userid.User) userid.ID {
	for _, name := range [...]userid.ID{shown.Number(), shown.UserID, i.user.Number(), i.user.UserID} {
		if !name.IsZero() && !slices.Contains(i.rejectedBy, name) {
			return name
		}
	}
	return userid.ID{}
}
