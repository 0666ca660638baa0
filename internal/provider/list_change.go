package provider

import (
	"context"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// listChange is what came of blocking some users and unblocking others.
type listChange struct {
	// added are the users who were to be blocked, and removed those who were to be
	// unblocked, with the names that were learned.
	added, removed []userid.User
	// notBlocked and notUnblocked are those of them who are not.
	notBlocked, notUnblocked []failure
	// renamed are those of removed who may be on the list under another name.
	renamed []userid.User
}

// changeList blocks some users and then unblocks others, so that a run that breaks
// off leaves too many blocked rather than too few. Only where the list has no room
// do as many removals go first as are needed. mayGoOn decides by what was not
// blocked whether anyone is unblocked at all; nil stands for yes. Who only gets
// another name is not unblocked.
func changeList(ctx context.Context, list *blocklist.List, add, remove []userid.User, removal blocklist.Removal, mayGoOn func([]failure) bool) listChange {
	renamed, _ := readRenaming(ctx, list, add, remove) // The gate reads the list, too.
	list.Keep(renamed.newcomers...)
	add, remove = withoutUsers(add, renamed.newcomers), withoutUsers(remove, renamed.gone)
	blocked := list.Block(ctx, add...)
	var full []int
	for i, r := range blocked {
		if d360.IsKind(r.Err, d360.ListFull) {
			full = append(full, i)
		}
	}
	unblocked := make([]blocklist.Result, 0, len(remove))
	if n := min(len(full), len(remove)); n > 0 {
		unblocked = append(unblocked, list.Unblock(ctx, removal, remove[:n]...)...)
		// Retry users rejected because the list was full, now that there is room.
		again := make([]userid.User, len(full))
		for n, i := range full {
			again[n] = add[i]
		}
		for n, r := range list.Block(ctx, again...) {
			blocked[full[n]] = r
		}
	}
	c := listChange{notBlocked: failuresOf(blocked), renamed: renamed.gone}
	for _, r := range blocked {
		c.added = append(c.added, r.User)
	}
	if mayGoOn != nil && !mayGoOn(c.notBlocked) {
		for _, u := range remove[len(unblocked):] {
			unblocked = append(unblocked, blocklist.Result{User: u, Err: errNotReplaced})
		}
	} else {
		unblocked = append(unblocked, list.Unblock(ctx, removal, remove[len(unblocked):]...)...)
	}
	c.notUnblocked = failuresOf(unblocked)
	for _, r := range unblocked {
		c.removed = append(c.removed, r.User)
	}
	c.added, c.removed = append(c.added, renamed.newcomers...), append(c.removed, renamed.gone...)
	return c
}

// split parts the users who are pending from those who were rejected for good.
func (c *listChange) split(allowPending bool) (pending, rejected []failure) {
	for _, f := range c.notBlocked {
		if allowPending && isPending(f.err) {
			pending = append(pending, f)
		} else {
			rejected = append(rejected, f)
		}
	}
	return pending, rejected
}

// blocked returns the users who were blocked.
func (c *listChange) blocked() []userid.User { return without(c.added, c.notBlocked) }

// without returns users without those that failed.
func without(users []userid.User, failures []failure) []userid.User {
	return withoutUsers(users, failedUsers(failures))
}

// withoutUsers returns users without others, by the name that was written.
func withoutUsers(users, others []userid.User) []userid.User {
	if len(others) == 0 {
		return users
	}
	left := make(map[userid.ID]struct{}, len(others))
	for _, u := range others {
		left[u.ID] = struct{}{}
	}
	return slices.DeleteFunc(slices.Clone(users), func(u userid.User) bool {
		_, ok := left[u.ID]
		return ok
	})
}
