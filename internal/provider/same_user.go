package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// sameUser plans no change if only the spelling of a user differs.
// [blockedUserResource.ModifyPlan] handles other names and other users.
type sameUser struct{}

func (sameUser) Description(context.Context) string {
	return "Another spelling of the same user changes nothing, another name of the same user changes the state alone, and another user replaces the resource."
}

func (m sameUser) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameUser) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || req.PlanValue.IsUnknown() {
		return
	}
	held, errHeld := userid.Parse(req.StateValue.ValueString())
	planned, errPlanned := userid.Parse(req.PlanValue.ValueString())
	if errHeld == nil && errPlanned == nil && held == planned {
		resp.PlanValue = req.StateValue
	}
}
