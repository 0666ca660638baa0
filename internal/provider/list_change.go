package provider

import (
	"context"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// listChange is the result of blocking some users and unblocking others.
type listChange struct {
	// added are the users to block, and removed those to unblock, with the names that the
	// API returned.
	added, removed           []userid.User
	notBlocked, notUnblocked []userFailure
	// renamed are those of removed who may be on the list under another name.
	renamed []userid.User
}

// changeList blocks some users and then unblocks others, so that an interrupted run leaves
// too many users blocked rather than too few. If the list is full, it first makes as much
// room as it needs. Unless mayUnblock is nil, it decides from the failed blocks whether anyone
// is unblocked. Users who only get another name stay blocked.
func changeList(ctx context.Context, list *blocklist.List, add, remove []userid.User, removal blocklist.Removal, mayUnblock func([]userFailure) bool) listChange {
	renamed, _ := readRenaming(ctx, list, add, remove) // An unblock reads the list again and reports the error.
	list.Keep(renamed.added...)
	add, remove = withoutUsers(add, renamed.added), withoutUsers(remove, renamed.removed)
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
	c := listChange{notBlocked: failuresOf(blocked), renamed: renamed.removed}
	for _, r := range blocked {
		c.added = append(c.added, r.User)
	}
	if mayUnblock != nil && !mayUnblock(c.notBlocked) {
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
	c.added, c.removed = append(c.added, renamed.added...), append(c.removed, renamed.removed...)
	return c
}

// split separates the users who are pending from those with any other failure.
func (c *listChange) split(allowPending bool) (pending, rejected []userFailure) {
	for _, f := range c.notBlocked {
		if allowPending && isPending(f.err) {
			pending = append(pending, f)
		} else {
			rejected = append(rejected, f)
		}
	}
	return pending, rejected
}

func (c *listChange) blocked() []userid.User { return without(c.added, c.notBlocked) }

func without(users []userid.User, failures []userFailure) []userid.User {
	return withoutUsers(users, failedUsers(failures))
}

// withoutUsers returns users without others, compared by ID.
func withoutUsers(users, others []userid.User) []userid.User {
	if len(others) == 0 {
		return users
	}
	excluded := make(map[userid.ID]struct{}, len(others))
	for _, u := range others {
		excluded[u.ID] = struct{}{}
	}
	return slices.DeleteFunc(slices.Clone(users), func(u userid.User) bool {
		_, ok := excluded[u.ID]
		return ok
	})
}
