package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// actualUsers returns the users of the state after part of an update failed: the planned
// users without the rejected ones, and those who could not be unblocked.
func actualUsers(c *listChange, model bulkModel, planned, current userMap) types.Map {
	users := maps.Clone(planned.notes)
	if users == nil {
		users = map[string]attr.Value{}
	}
	_, rejected := c.split(model.AllowPending.ValueBool())
	for _, f := range rejected {
		delete(users, planned.keyOf[f.user.ID])
	}
	for _, f := range c.notUnblocked {
		key := current.keyOf[f.user.ID]
		users[key] = current.notes[key]
	}
	return mapOf(users)
}

// stateAfterFailedDelete returns the state after part of a destroy or a replacement
// failed: the users who are blocked, and those who are still pending.
func stateAfterFailedDelete(state bulkModel, c *listChange, current, pending userMap) bulkModel {
	users := maps.Clone(current.notes)
	stillPending := maps.Clone(pending.notes)
	for _, u := range without(c.removed, c.notUnblocked) {
		delete(users, current.keyOf[u.ID])
	}
	for _, u := range c.blocked() {
		at, isHeld := current.users.Match(u)
		if isHeld {
			delete(stillPending, pending.keyOf[current.users.At(at).ID])
		} else {
			users[u.Spelling] = types.StringNull()
		}
	}
	state.Users, state.Pending = mapOf(users), mapOf(stillPending)
	state.Unblocked = types.Int64Value(state.Unblocked.ValueInt64() + int64(len(c.removed)-len(c.notUnblocked)))
	return state
}
