package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Read compares the state with the list. Users who are confirmed absent leave the state.
// Pending users who are on the list are no longer pending. The exclusive resource adds
// everyone else on the list.
func (r *bulkResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model bulkModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	names := getNames(ctx, req.Private, &resp.Diagnostics)
	lastWrite := getLastWrite(ctx, req.Private, &resp.Diagnostics)
	held := getChannel(ctx, req.Private, &resp.Diagnostics)
	r.data.recordIsPlan()
	c := r.data.channelOfState(ctx, model.Channel, held)
	if c == nil {
		warnNotConfigured(model.Channel, &resp.Diagnostics)
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.open(ctx, held, &resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	c.saveChannel(ctx, resp.Private, held, &resp.Diagnostics)
	current, pending, ok := model.userMaps(names, &resp.Diagnostics)
	if !ok {
		return
	}
	end := c.begin()
	defer end()

	users := current.all()
	found, err := list.Find(ctx, blocklist.Query{
		Users:     users,
		Pending:   func(i int) bool { return pending.has(users[i]) },
		LastWrite: lastWrite,
	})
	if err != nil {
		resp.Diagnostics.AddError("Cannot find out who is blocked", c.explain(err))
		return
	}
	kept := make(map[string]attr.Value, len(users))
	stillPending := maps.Clone(pending.notes)
	var listed []userid.User
	changed := false
	for _, f := range found.Of {
		key := f.User.Spelling
		switch {
		case f.Presence == blocklist.Listed:
			delete(stillPending, pending.keyOf[f.User.ID])
		case pending.has(f.User):
		case f.Presence == blocklist.Absent:
			changed = true
			continue
		}
		kept[key] = current.notes[key]
		listed = append(listed, f.User)
	}
	if r.exclusive {
		c.holdsExclusive.Store(true)
		for _, entry := range found.Others() {
			u := userOfEntry(entry)
			kept[u.Spelling] = types.StringNull()
			listed = append(listed, u)
			changed = true
		}
	}
	replacements := map[string]attr.Value{"pending": mapOf(stillPending)}
	if changed {
		replacements["users"] = mapOf(kept)
	}
	setNames(ctx, resp.Private, knownNamesOf(listed), names, &resp.Diagnostics)
	resp.State.Raw = replaceAttributes(ctx, req.State.Raw, replacements, &resp.Diagnostics)
	end()
	c.warnUnchecked(ctx, found, func(i int) bool { return pending.has(users[i]) }, usersPath, &resp.Diagnostics)
}
