package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ModifyPlan keeps spellings, plans who may be pending, counts the users that the plan
// unblocks, rejects a new exclusive resource for a list with other users, and passes the
// change to the plan review.
func (r *bulkResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state *bulkState
	if !req.State.Raw.IsNull() {
		names := getNames(ctx, req.Private, &resp.Diagnostics)
		state = &bulkState{}
		resp.Diagnostics.Append(req.State.Get(ctx, &state.bulkModel)...)
		if resp.Diagnostics.HasError() {
			return
		}
		var ok bool
		if state.current, state.pending, ok = state.userMaps(names, &resp.Diagnostics); !ok {
			return
		}
	}
	var plan bulkModel
	var stateChannel, planChannel *types.String
	if state != nil {
		stateChannel = &state.Channel
	}
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		if resp.Diagnostics.HasError() {
			return
		}
		planChannel = &plan.Channel
	}
	channels, ok := r.data.resolveChannels(ctx, stateChannel, planChannel, getChannel(ctx, req.Private, &resp.Diagnostics), &resp.Diagnostics)
	if channels.primary() != nil {
		defer channels.primary().labelMessages(&resp.Diagnostics)
	}
	if !ok {
		return
	}
	if planChannel == nil {
		r.data.recordIsPlan() // In an apply, Terraform plans no destroy except that of deposed objects.
		recordPlan(ctx, resp.Private, destroyRecord(r.data.run(), recordedPlan(ctx, req.Private, &resp.Diagnostics)), &resp.Diagnostics)
		d := differenceOf(state.current, state.pending, userMap{})
		r.on(channels.holding).review(ctx, planreview.Remove, d, userMap{}, &resp.Diagnostics)
		return
	}
	target := r.on(channels.target)
	configured := plan.Users
	planned := userMap{}
	if !plan.Users.IsUnknown() {
		var diags diag.Diagnostics
		planned, diags = readUserMap(plan.Users, nil)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	needsReview := true
	var d difference
	if state == nil {
		record := createRecord(r.data.run(), recordedPlan(ctx, req.Private, &resp.Diagnostics))
		needsReview = record.As != planReplacement // The first half was reviewed as the whole change.
		target.planCreate(ctx, &plan, planned, record, resp)
	} else {
		recordPlan(ctx, resp.Private, planRecord{Run: r.data.run(), As: planExisting}, &resp.Diagnostics)
		if channels.moves {
			r.on(channels.holding).planMove(ctx, target, planned, state, resp)
			return
		}
		d = target.planUpdate(ctx, &plan, planned, state, &resp.Diagnostics)
	}
	replacements := map[string]attr.Value{"pending": plan.Pending, "unblocked": plan.Unblocked}
	if !plan.Users.Equal(configured) {
		replacements["users"] = plan.Users
	}
	resp.Plan.Raw = replaceAttributes(ctx, resp.Plan.Raw, replacements, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !needsReview {
		return
	}
	switch {
	case configured.IsUnknown():
		target.reviewUnknown(ctx, state, &resp.Diagnostics)
	case state == nil:
		target.review(ctx, planreview.Create, difference{add: planned.all()}, planned, &resp.Diagnostics)
	default:
		target.review(ctx, planreview.Update, d, planned, &resp.Diagnostics)
	}
}

// planMove plans to block the users on another channel and to unblock them on this one.
func (r *bulkOnChannel) planMove(ctx context.Context, target *bulkOnChannel, planned userMap, state *bulkState, resp *resource.ModifyPlanResponse) {
	resp.RequiresReplace.Append(channelPath)
	r.review(ctx, planreview.Remove, differenceOf(state.current, state.pending, userMap{}), userMap{}, &resp.Diagnostics)
	target.review(ctx, planreview.Create, difference{add: planned.all()}, planned, &resp.Diagnostics)
}

// review passes the change to the plan review, and warns of numbers with an impossible
// length.
func (r *bulkOnChannel) review(ctx context.Context, action planreview.Action, d difference, planned userMap, diags *diag.Diagnostics) {
	at := func(u userid.User) path.Path {
		if key, ok := planned.keyOf[u.ID]; ok {
			return atUser(key)
		}
		return usersPath
	}
	r.channel.reviewPlan(ctx, planreview.Change{
		Source: r.source(action, planned.len() > 0),
		Block:  d.add, Keep: slices.Concat(d.keep, d.retry), Unblock: d.remove,
	}, at, diags)
	r.channel.warnLengths(d.add, at, diags)
}

// reviewUnknown is review for a map that is not known yet. Any user of the state may
// leave it.
func (r *bulkOnChannel) reviewUnknown(ctx context.Context, state *bulkState, diags *diag.Diagnostics) {
	change := planreview.Change{Source: r.source(planreview.Create, true)}
	if state != nil {
		change.Source.Action = planreview.Update
		change.MayLeave = differenceOf(state.current, state.pending, userMap{}).remove
	}
	r.channel.reviewPlan(ctx, change, func(userid.User) path.Path { return usersPath }, diags)
}

// planCreate records the planned users for the apply, and plans who may be pending.
func (r *bulkOnChannel) planCreate(ctx context.Context, plan *bulkModel, planned userMap, record planRecord, resp *resource.ModifyPlanResponse) {
	record.AllowPending, record.Channel = plan.AllowPending.ValueBool(), plan.Channel.ValueString()
	record.Unknown = plan.Users.IsUnknown()
	record.setUsers(planned.all()...)
	recordPlan(ctx, resp.Private, record, &resp.Diagnostics)
	if plan.mayPend() {
		plan.Pending = types.MapUnknown(types.StringType)
	} else {
		plan.Pending = mapOf(nil)
	}
	plan.Unblocked = types.Int64Value(0)
	if r.exclusive && !plan.Users.IsUnknown() && r.channel.isKnown() {
		r.rejectUnseen(ctx, planned, &resp.Diagnostics)
	}
}

// planUpdate plans an update, and returns what it changes.
func (r *bulkOnChannel) planUpdate(ctx context.Context, plan *bulkModel, planned userMap, state *bulkState, diags *diag.Diagnostics) difference {
	plan.Unblocked = state.Unblocked
	if plan.Users.IsUnknown() {
		plan.Pending = types.MapUnknown(types.StringType)
		if blocked := state.current.len() - state.pending.len(); blocked > 0 {
			diags.AddAttributeWarning(usersPath, "The users are not known yet, so the plan cannot show who leaves the map",
				fmt.Sprintf("The map depends on something that is known only after apply. %s blocked now.\n\n", sentenceCount(blocked))+
					"The provider unblocks no one without a plan that shows it. If one of them is not in the map then, Terraform stops at this resource with \"Provider produced inconsistent final plan\", and nothing is sent. Terraform adds that this is a bug in the provider, which it is not. "+
					"The next plan shows who leaves. Users who are only added are blocked at once.\n\n"+
					"To see them before, apply what the map depends on first (terraform apply -target=…), and plan again.")
		}
		return difference{}
	}
	d := differenceOf(state.current, state.pending, planned)
	r.data.limit.rejectEmptied(d, state.current.len(), diags)
	// Computed from state and configuration only, so that the apply gets the same number.
	plan.Unblocked = types.Int64Value(state.Unblocked.ValueInt64() + int64(len(d.remove)))
	same := planned.sameAs(state.current)
	if same {
		plan.Users = state.Users
	}
	var renamed []userid.User
	for _, u := range d.keep {
		if _, spelled := state.current.notes[u.Spelling]; !spelled && !same {
			renamed = append(renamed, u)
		}
	}
	if len(renamed) > 0 {
		diags.AddAttributeWarning(atUser(renamed[0].Spelling), count(len(renamed))+" only spelled differently or under another name",
			"The plan shows them as removed under one name and added under another:\n"+nameUsers(renamed, inPlan)+"\nThey stay blocked, and nothing is sent for them.")
	}
	plan.Pending = state.Pending
	if state.pending.len() > 0 || (len(d.add) > 0 && plan.mayPend()) {
		plan.Pending = types.MapUnknown(types.StringType)
	}
	if len(d.retry) > 0 {
		diags.AddAttributeWarning(atUser(d.retry[0].Spelling), count(len(d.retry))+" not blocked yet, will be tried again",
			"The API rejected the last attempt:\n"+nameUsers(d.retry, inPending)+"\nThey had sent no message within 24 hours, or are not on WhatsApp.")
	}
	if r.channel.isKnown() {
		renamed, _ := readRenaming(ctx, r.channel.list, d.add, d.remove) // The review reports the error.
		warnRenamed(renamed.removed, usersPath, diags)
		d.add, d.keep, d.remove = withoutUsers(d.add, renamed.added), append(d.keep, renamed.added...), withoutUsers(d.remove, renamed.removed)
		if r.exclusive {
			r.rejectMaybeWanted(ctx, d, diags)
		}
	}
	return d
}

// rejectMaybeWanted adds an error if the plan removes entries that may be users it adds:
// the list does not show the added users, and shows the removed ones only by the other
// kind of name.
func (r *bulkOnChannel) rejectMaybeWanted(ctx context.Context, d difference, diags *diag.Diagnostics) {
	added := kindsOf(d.add)
	removed := added.mayBe(d.remove)
	if len(removed) == 0 {
		return
	}
	view, err := r.channel.list.View(ctx)
	if err != nil {
		return // The review reports the error.
	}
	unfound := slices.DeleteFunc(slices.Clone(d.add), view.Shows)
	added = kindsOf(unfound)
	if removed = added.mayBe(removed); len(removed) == 0 {
		return
	}
	left := kindsOf(removed)
	diags.AddAttributeError(usersPath, fmt.Sprintf("The plan unblocks %s who may be in the configuration", count(len(removed))),
		"These entries of the list leave it:\n"+nameUsers(removed, inDataSource)+"\nThese users of the configuration are not found on the list, and may be among them under another name:\n"+nameUsers(left.mayBe(unfound), inConfiguration)+
			"\nA user who picks a username hides the phone number, and the list shows the user ID alone. Nothing was sent.\n\n"+
			"If you know who is who, write the user ID in place of the number (webhooks carry it as user_id). If they are other people, keep the entries of the list in the map in one apply, and take them out in the next: the block of the new users tells them apart.")
}
