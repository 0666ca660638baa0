package blocklist

import (
	"context"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// All returns everyone on the list in its order, with what this run wrote. It is an
// error if the list cannot be read to its end.
func (l *List) All(ctx context.Context) ([]userid.User, error) {
	first, err := l.shared(ctx, 0, freshness{})
	if err != nil {
		return nil, err
	}
	if first.incomplete == nil && first.users.Len() > 0 {
		return l.overlay(first), nil
	}
	// An empty list is what a broken response looks like: it takes two to say so.
	second, err := l.shared(ctx, 1, freshness{})
	if err != nil {
		return nil, err
	}
	if second.incomplete != nil {
		return nil, second.incomplete
	}
	if second.users.Len() == 0 && first.incomplete != nil {
		// It does not confirm a first scan that saw users and was cut short.
		return nil, first.incomplete
	}
	return l.overlay(second), nil
}

// overlay returns what a scan saw, in its order, with what this run wrote since:
// without users that it unblocked, and with those that it blocked at the end.
func (l *List) overlay(s *snapshot) []userid.User {
	l.mu.Lock()
	defer l.mu.Unlock()
	users := slices.DeleteFunc(s.users.Users(), func(u userid.User) bool {
		_, blocked, ok := l.writeAfter(s.seq, u)
		return ok && !blocked
	})
	for i, w := range l.writes {
		if u := l.written.At(i); w.blocked && w.seq > s.seq && !s.users.Has(u) {
			users = append(users, u)
		}
	}
	return users
}
