package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ModifyPlan keeps the computed attributes while the user is the same, records the
// planned user for the apply, and passes the change to the plan review.
func (r *blockedUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state *blockedUserModel
	if !req.Plan.Raw.IsNull() {
		plan = &blockedUserModel{}
		resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	}
	if !req.State.Raw.IsNull() {
		state = &blockedUserModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var stateChannel, planChannel *types.String
	if state != nil {
		stateChannel = &state.Channel
	}
	if plan != nil {
		planChannel = &plan.Channel
	}
	channels, ok := r.data.resolveChannels(ctx, stateChannel, planChannel, getChannel(ctx, req.Private, &resp.Diagnostics), &resp.Diagnostics)
	if channels.primary() != nil {
		defer channels.primary().labelMessages(&resp.Diagnostics)
	}
	if !ok {
		return
	}
	record := planRecord{Run: r.data.run(), As: planExisting}
	switch {
	case plan == nil:
		record = destroyRecord(record.Run, recordedPlan(ctx, req.Private, &resp.Diagnostics))
		r.data.recordIsPlan() // In an apply, Terraform plans no destroy except that of deposed objects.
	case state == nil:
		record = createRecord(record.Run, recordedPlan(ctx, req.Private, &resp.Diagnostics))
		record.AllowPending, record.Channel = plan.AllowPending.ValueBool(), plan.Channel.ValueString()
		if u, err := plan.user(); err == nil {
			record.setUsers(u)
		} else {
			record.Unknown = true
		}
		r.planCreate(ctx, *plan, resp)
	case channels.moves:
		resp.RequiresReplace.Append(channelPath)
	default:
		channels.target.planUpdate(ctx, *plan, *state, resp)
	}
	recordPlan(ctx, resp.Private, record, &resp.Diagnostics)
	if record.As == planReplacement {
		return // The first half of the replacement was reviewed as the whole change.
	}
	at := func(userid.User) path.Path { return path.Root("user") }
	review := func(c *channel, plan, state *blockedUserModel) {
		if change, ok := c.changeOf(ctx, plan, state); ok {
			c.reviewPlan(ctx, change, at, &resp.Diagnostics)
			c.warnLengths(change.Block, at, &resp.Diagnostics)
		}
	}
	if channels.moves {
		review(channels.holding, nil, state)
		review(channels.target, plan, nil)
		return
	}
	review(channels.primary(), plan, state)
}

// changeOf returns what a plan does with one resource. Either model may be nil. If the
// user is not known yet, the change has no users. It returns false for a user that
// cannot be read.
func (c *channel) changeOf(ctx context.Context, plan, state *blockedUserModel) (planreview.Change, bool) {
	change := planreview.Change{Source: planreview.Source{Type: blockedUserType, Holds: plan != nil}}
	var before, after userid.User
	var err error
	if state != nil {
		if before, err = state.user(); err != nil {
			return change, false
		}
	}
	if plan != nil {
		if plan.User.IsUnknown() {
			if state != nil {
				change.Source.Action = planreview.Update
			}
			return change, true
		}
		if after, err = userid.New(plan.User.ValueString()); err != nil {
			return change, false
		}
	}
	isRenamed := false
	if state != nil && plan != nil && before.Compare(after) != userid.Matches {
		isRenamed, _ = c.isRenamed(ctx, state, before, after) // planUpdate reports the error.
	}
	switch {
	case state == nil:
		change.Block = []userid.User{after}
		return change, true
	case plan == nil:
		change.Source.Action = planreview.Remove
	case before.Compare(after) == userid.Matches:
		change.Source.Action, change.Keep = planreview.Update, []userid.User{after.Learn(before)}
		return change, true
	case isRenamed:
		change.Source.Action, change.Keep = planreview.Update, []userid.User{after}
		return change, true
	default:
		change.Source.Action, change.Block = planreview.Replace, []userid.User{after}
	}
	if !state.isPending() {
		change.Unblock = []userid.User{before}
	}
	return change, true
}

// isRenamed reports whether the list shows the new user, and not the old one, and the
// two may be the same person.
func (c *channel) isRenamed(ctx context.Context, state *blockedUserModel, before, after userid.User) (bool, error) {
	if state.isPending() || !c.isKnown() {
		return false, nil
	}
	renamed, err := readRenaming(ctx, c.list, []userid.User{after}, []userid.User{before})
	return len(renamed.removed) > 0, err
}

// planCreate plans the status: unless the user may become pending, it is known.
func (r *blockedUserResource) planCreate(ctx context.Context, plan blockedUserModel, resp *resource.ModifyPlanResponse) {
	if !plan.AllowPending.IsUnknown() && !plan.AllowPending.ValueBool() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), statusBlocked)...)
	}
}

// planUpdate keeps the computed attributes of a user who stays.
func (c *channel) planUpdate(ctx context.Context, plan, state blockedUserModel, resp *resource.ModifyPlanResponse) {
	at := path.Root("user")
	if plan.User.IsUnknown() {
		resp.Diagnostics.AddAttributeWarning(at, "The user is not known yet: "+describe(userid.User{Spelling: state.User.ValueString()})+" stays blocked",
			"The user to be blocked depends on something that is known only after apply. If it is the same user, nothing changes. "+
				"If it is another one, Terraform stops at this resource with \"Provider produced inconsistent final plan\", and no one is unblocked, because no plan has shown it. The next plan does.")
	}
	waID, userID, status := state.WaID, state.UserID, state.Status
	if before, after, ok := bothUsers(&plan, &state); ok && before.Compare(after) != userid.Matches {
		isRenamed, err := c.isRenamed(ctx, &state, before, after)
		switch {
		case err != nil:
			resp.Diagnostics.AddAttributeError(at, "Cannot find out whether "+describe(before)+" and "+describe(after)+" are the same user", c.explain(err))
			return
		case isRenamed:
			warnRenamed([]userid.User{before}, at, &resp.Diagnostics)
			waID, userID = types.StringUnknown(), types.StringUnknown()
		default:
			resp.RequiresReplace.Append(at)
		}
	}
	if state.isPending() {
		waID, userID, status = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		resp.Diagnostics.AddAttributeWarning(at, describe(userid.User{Spelling: state.User.ValueString()})+" is not blocked yet, will be tried again",
			"The API rejected the last attempt, because the user had sent no message within 24 hours or is not on WhatsApp.")
	}
	// Terraform plans the new half of a replacement in a separate call.
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("wa_id"), waID)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("user_id"), userID)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), status)...)
}
