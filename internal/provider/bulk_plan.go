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

// ModifyPlan keeps spellings, foresees what will be pending, refuses to take
// over a list of which the plan does not show all, and lets the plan be reviewed.
func (r *bulkResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	change := planreview.Change{Source: planreview.Source{Type: r.typeName, Action: planreview.Update}}
	var planned, current, pending roster
	var ids waIDs
	var state *bulkModel
	again := false
	if !req.State.Raw.IsNull() {
		state = &bulkModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		var ok bool
		if current, pending, ok = state.rosters(&resp.Diagnostics); !ok {
			return
		}
		ids = getWaIDs(ctx, req.Private, &resp.Diagnostics)
	}
	switch {
	case req.Plan.Raw.IsNull():
		change.Source.Action = planreview.Remove
	case state == nil:
		change.Source.Action = planreview.Create
		again = noteCreate(ctx, req.Private, resp.Private, &resp.Diagnostics)
	default:
		noteExisting(ctx, resp.Private, &resp.Diagnostics)
	}
	if !req.Plan.Raw.IsNull() {
		var plan bulkModel
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if !plan.Users.IsUnknown() {
			var diags diag.Diagnostics
			planned, diags = readRoster(plan.Users)
			resp.Diagnostics.Append(diags...)
			if resp.Diagnostics.HasError() {
				return
			}
		}
		proposed, known := plan.Users, !plan.Users.IsUnknown()
		if state == nil {
			r.planCreate(ctx, &plan, planned, resp)
		} else {
			planUpdate(&plan, planned, *state, current, pending, &resp.Diagnostics)
		}
		replacements := map[string]attr.Value{"pending": plan.Pending}
		if !plan.Users.Equal(proposed) {
			replacements["users"] = plan.Users
		}
		resp.Plan.Raw = replaceAttributes(ctx, resp.Plan.Raw, replacements, &resp.Diagnostics)
		if !known {
			return
		}
	}
	// Of the second half of a replacement the review knows from the first.
	if !resp.Diagnostics.HasError() && !again {
		d := differenceOf(current, pending.keyOf, planned, ids)
		change.Block, change.Keep, change.Unblock = d.add, slices.Concat(d.keep, d.retry), d.remove
		r.conn.reviewPlan(ctx, change, func(user userid.ID) path.Path {
			if key, ok := planned.keyOf[user]; ok {
				return atUser(key)
			}
			return path.Root("users")
		}, &resp.Diagnostics)
	}
}

// planCreate notes whom the create is for, and what may be pending after it.
func (r *bulkResource) planCreate(ctx context.Context, plan *bulkModel, planned roster, resp *resource.ModifyPlanResponse) {
	if plan.Users.IsUnknown() {
		notePlannedUnknown(ctx, resp.Private, &resp.Diagnostics)
	} else {
		notePlannedUsers(ctx, resp.Private, planned.users, &resp.Diagnostics)
	}
	if plan.mayPend() {
		plan.Pending = types.MapUnknown(types.StringType)
	} else {
		plan.Pending = mapOf(nil)
	}
	if r.exclusive && !plan.Users.IsUnknown() && r.conn != nil && r.conn.list != nil {
		r.refuseUnseen(ctx, planned, &resp.Diagnostics)
	}
}

// mayPend reports whether an apply may leave users pending.
func (m bulkModel) mayPend() bool { return m.AllowPending.IsUnknown() || m.AllowPending.ValueBool() }

// planUpdate plans a change of a state, of which current are the users and
// pending those who are not blocked yet.
func planUpdate(plan *bulkModel, planned roster, state bulkModel, current, pending roster, diags *diag.Diagnostics) {
	if plan.Users.IsUnknown() {
		plan.Pending = types.MapUnknown(types.StringType)
		if len(current.keys) > len(pending.keys) {
			diags.AddAttributeWarning(path.Root("users"), "The users are not known yet: the plan does not show who is going to be unblocked",
				fmt.Sprintf("Who is in the map depends on something that is known only after apply. Of the %s who are blocked now, the apply unblocks everyone who is not in it then.\n\n", count(len(current.keys)-len(pending.keys)))+
					"To see them before, apply what the map depends on first (terraform apply -target=…), and plan again.")
		}
		return
	}
	same := planned.sameAs(current)
	if same {
		plan.Users = state.Users
	}
	var again, respelled []string
	additions := false
	for i, user := range planned.users {
		key, listed := current.keyOf[user]
		switch _, waits := pending.keyOf[user]; {
		case waits:
			again = append(again, planned.keys[i])
		case !listed:
			additions = true
		case key != planned.keys[i] && !same:
			respelled = append(respelled, planned.keys[i])
		}
	}
	if len(respelled) > 0 {
		diags.AddAttributeWarning(atUser(respelled[0]), count(len(respelled))+" only spelled differently",
			"The plan shows them as removed under one spelling and added under another. They stay blocked, and nothing is sent for them:\n"+nameSome(respelled))
	}
	switch {
	case len(pending.keys) > 0 || (additions && plan.mayPend()):
		plan.Pending = types.MapUnknown(types.StringType)
	default:
		plan.Pending = state.Pending
	}
	if len(again) > 0 {
		diags.AddAttributeWarning(atUser(again[0]), count(len(again))+" not blocked yet, will be tried again",
			"The service refused to block them when it was asked last, since they had sent no message within 24 hours or are not on WhatsApp:\n"+nameSome(again))
	}
}
