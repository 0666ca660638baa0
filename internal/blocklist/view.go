package blocklist

import (
	"context"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// View is the list as one scan shows it. Use it for messages only: a user that it does not
// show may still be on the list.
type View struct {
	list     *List
	snapshot *snapshot
}

// View returns the list as the first of the shared scans shows it.
func (l *List) View(ctx context.Context) (*View, error) {
	s, err := l.shared(ctx, 0, freshness{})
	if err != nil {
		return nil, err
	}
	return &View{list: l, snapshot: s}, nil
}

// Len returns the number of entries.
func (v *View) Len() int { return v.snapshot.users.Len() }

// Shows reports whether the list shows a user under any name.
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

// Alternates returns the entries with the alternate form of a user's number.
func (v *View) Alternates(u userid.User) []userid.User {
	var found []userid.User
	for _, at := range v.snapshot.users.Alternates(u) {
		found = append(found, v.snapshot.users.At(at))
	}
	return found
}

// LastView returns the list as the last scan shows it, nil before any scan. It makes no
// request.
func (l *List) LastView() *View {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.lastSnapshot(); s != nil {
		return &View{list: l, snapshot: s}
	}
	return nil
}
