package blocklist

import (
	"context"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// View is what one scan sees, for advice that nothing depends on: a user that it
// does not show may be on the list anyway.
type View struct {
	list     *List
	snapshot *snapshot
}

// View returns what the scan sees that serves all reads.
func (l *List) View(ctx context.Context) (*View, error) {
	s, err := l.shared(ctx, 0, freshness{})
	if err != nil {
		return nil, err
	}
	return &View{list: l, snapshot: s}, nil
}

// Len returns how many users the scan saw.
func (v *View) Len() int { return v.snapshot.users.Len() }

// Shows reports whether the list shows a user, by whatever name.
func (v *View) Shows(u userid.User) bool {
	_, listed := v.Shown(u)
	return listed
}

// Shown returns how the list shows a user.
func (v *View) Shown(u userid.User) (shown userid.User, listed bool) {
	_, shown, listed = v.list.lookup(v.snapshot, u)
	return shown, listed
}

// ShowsBoth reports whether two users are two entries of the list.
func (v *View) ShowsBoth(a, b userid.User) bool { return v.snapshot.showsBoth(a, b) }

// Alternates returns the entries that may be a user, because a number is the
// alternate form of the user's.
func (v *View) Alternates(u userid.User) []userid.User {
	var found []userid.User
	for _, at := range v.snapshot.users.Alternates(u) {
		found = append(found, v.snapshot.users.At(at))
	}
	return found
}

// LastView returns what the last scan saw, and nil if there was none. It reads
// nothing.
func (l *List) LastView() *View {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.lastSnapshot(); s != nil {
		return &View{list: l, snapshot: s}
	}
	return nil
}
