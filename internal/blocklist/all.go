package blocklist

import (
	"context"
	"errors"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// All returns all users of the list in its order, including the writes of this run. It
// returns an error if it cannot read the list to its end.
func (l *List) All(ctx context.Context) ([]userid.User, error) {
	var last *snapshot
	err := confirmEmpty(func(which int) (isEmpty bool, err error) {
		if last, err = l.shared(ctx, which, freshness{}); err != nil {
			return false, err
		}
		return last.users.Len() == 0, last.incomplete
	})
	if err != nil {
		return nil, err
	}
	return l.overlay(last), nil
}

// confirmEmpty scans the list a second time if the first scan is incomplete or shows no
// user, because a broken response looks like an empty list. The second scan decides. But if
// it shows no user, the error of an incomplete first scan stays.
func confirmEmpty(scan func(which int) (isEmpty bool, err error)) error {
	isEmpty, first := scan(0)
	if !errors.Is(first, d360.ErrIncomplete) && (first != nil || !isEmpty) {
		return first
	}
	isEmpty, second := scan(1)
	if second == nil && isEmpty {
		return first
	}
	return second
}

// overlay returns the entries of a scan in their order, without users that this run
// unblocked after it. Users that this run blocked after it are at the end.
func (l *List) overlay(s *snapshot) []userid.User {
	l.mu.Lock()
	defer l.mu.Unlock()
	users := slices.DeleteFunc(s.users.Users(), func(u userid.User) bool {
		_, isBlocked, ok := l.writeAfter(s.seq, u)
		return ok && !isBlocked
	})
	for i, w := range l.writes {
		if u := l.written.At(i); w.isBlocked && w.seq > s.seq && !s.users.Has(u) {
			users = append(users, u)
		}
	}
	return users
}
