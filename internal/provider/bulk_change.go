package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// change is what came of making one roster the other.
type change struct {
	added, removed int
	notBlocked     []failed
	notUnblocked   []failed
	waIDs          waIDs
}

// reconcile makes the list hold planned where it held current. Additions go
// first, so that a run that breaks off has blocked too many rather than too
// few; only where the list has no room for them do as many removals go before.
func (r *bulkResource) reconcile(ctx context.Context, list *blocklist.List, current roster, pending map[userid.ID]string, planned roster, ids waIDs) change {
	c := change{waIDs: waIDs{}}
	d := differenceOf(current, pending, planned, ids)
	for _, user := range d.keep {
		c.waIDs.note(user.ID, user.WaID)
	}
	toAdd := slices.Concat(d.add, d.retry)
	add := make([]userid.ID, len(toAdd))
	for i, user := range toAdd {
		add[i] = user.ID
	}

	results := list.Block(ctx, add...)
	// Who found no room gets what the removals make, and is tried once more.
	var full []int
	for i, result := range results {
		if d360.IsKind(result.Err, d360.ListFull) {
			full = append(full, i)
		}
	}
	removed := map[userid.ID]blocklist.Result{}
	unblock := func(users []planreview.User) {
		members := make([]blocklist.Member, 0, len(users))
		for _, user := range users {
			if _, done := removed[user.ID]; !done {
				members = append(members, blocklist.Member{User: user.ID, WaID: user.WaID})
			}
		}
		for _, result := range list.Unblock(ctx, members...) {
			removed[result.User] = result
		}
	}
	leaving, _ := withoutTwins(d.remove, results)
	if n := min(len(full), len(leaving)); n > 0 {
		unblock(leaving[:n])
		again := make([]userid.ID, len(full))
		for n, i := range full {
			again[n] = add[i]
		}
		for n, result := range list.Block(ctx, again...) {
			results[full[n]] = result
		}
	}
	leaving, twins := withoutTwins(d.remove, results)
	unblock(leaving)
	for _, user := range twins {
		removed[user.ID] = blocklist.Result{User: user.ID, Err: errTwin}
	}
	unblocked := make([]blocklist.Result, len(d.remove))
	for i, user := range d.remove {
		unblocked[i] = removed[user.ID]
	}

	c.added, c.removed = len(add), len(d.remove)
	for i, result := range results {
		if result.Err == nil {
			c.waIDs.note(add[i], result.WaID)
		}
	}
	c.notBlocked = failuresOf(toAdd, results)
	c.notUnblocked = failuresOf(d.remove, unblocked)
	for _, f := range c.notUnblocked {
		c.waIDs.note(f.user, ids[f.user])
	}
	return c
}

// errTwin is the result for somebody who is not unblocked since they may be
// somebody else who is to be blocked, and was not: the service may have refused
// the block because they are on the list, under the other form of the number.
var errTwin = errors.New("each of these may be the same user as a number that could not be blocked: the two differ only in Brazil's ninth digit, Mexico's 1 after 52 or Argentina's 9 after 54. " +
	"An unblock could lose the block for good, so nothing was sent for them.\n\n" +
	"If the two are one user, write the number in the form above, which the list has. If they are not, take the other number out of the map first, and apply")

// withoutTwins parts those to be unblocked from those who may be somebody whose
// block failed.
func withoutTwins(users []planreview.User, blocks []blocklist.Result) (others, twins []planreview.User) {
	failed := map[userid.ID]struct{}{}
	for _, result := range blocks {
		if twin := result.User.Twin(); result.Err != nil && !twin.IsZero() {
			failed[twin] = struct{}{}
		}
	}
	for _, user := range users {
		_, isTwin := failed[user.ID]
		_, isTwinByWaID := failed[user.WaID]
		if isTwin || isTwinByWaID {
			twins = append(twins, user)
		} else {
			others = append(others, user)
		}
	}
	return others, twins
}

// report turns failures into diagnostics and returns who is pending: a refusal
// for now is a warning where the model allows it, everything else an error.
// meanwhile says what holds for those who did not fail.
func (c *change) report(ctx context.Context, conn *connection, model bulkModel, meanwhile string, diags *diag.Diagnostics) types.Map {
	pending := map[string]attr.Value{}
	var waiting, refused []failed
	for _, f := range c.notBlocked {
		if isPending(f.err) && model.AllowPending.ValueBool() {
			waiting = append(waiting, f)
			pending[f.key] = types.StringValue(pendingReason)
		} else {
			refused = append(refused, f)
		}
	}
	c.notBlocked = refused
	if len(waiting) > 0 {
		diags.AddAttributeWarning(atUser(waiting[0].key), fmt.Sprintf("%d of %s not blocked yet", len(waiting), count(c.added)), explainAll(ctx, waiting, conn.explain)+conn.twins(failedUsers(waiting)...)+"\n\nThey are pending, as allow_pending says, and the next apply tries again.")
	}
	if len(refused) > 0 {
		diags.AddAttributeError(atUser(refused[0].key), fmt.Sprintf("Cannot block %d of %s", len(refused), count(c.added)), explainAll(ctx, refused, conn.explainRefusal)+conn.twins(failedUsers(refused)...)+"\n\n"+meanwhile)
	}
	if len(c.notUnblocked) > 0 {
		diags.AddAttributeError(path.Root("users"), fmt.Sprintf("Cannot unblock %d of %s", len(c.notUnblocked), count(c.removed)), explainAll(ctx, c.notUnblocked, conn.explain)+"\n\n"+meanwhile)
	}
	return mapOf(pending)
}

// truth is the users map of a state after part of a change failed: as planned,
// without those who are not blocked, and with those who still are.
func (c *change) truth(planned, current roster) types.Map {
	users := maps.Clone(planned.notes)
	if users == nil {
		users = map[string]attr.Value{}
	}
	for _, f := range c.notBlocked {
		delete(users, f.key)
	}
	for _, f := range c.notUnblocked {
		users[f.key] = current.notes[f.key]
	}
	return mapOf(users)
}
