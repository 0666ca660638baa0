package blocklist

import (
	"context"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// View is what the scan that serves a run has seen. Whom it shows is on the
// list; whom it does not show may be all the same, since it takes no second scan
// to be sure.
type View struct {
	list     *List
	snapshot *snapshot
}

// View returns what one scan sees, for advice that nothing depends on.
func (l *List) View(ctx context.Context) (*View, error) {
	s, err := l.shared(ctx, &l.first)
	if err != nil {
		return nil, err
	}
	return &View{list: l, snapshot: s}, nil
}

// Len returns how many users the scan saw.
func (v *View) Len() int { return len(v.snapshot.entries) }

// Shows reports whether the list holds a user, by whatever name.
func (v *View) Shows(user userid.ID) bool {
	_, ok := v.list.find(v.snapshot, user)
	return ok
}
