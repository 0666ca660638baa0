package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"

	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

// sameUser plans no change where only the spelling of a user differs, and a
// replacement where it is another user.
//
// A user who is not known yet may turn out to be the same one, and a
// replacement would unblock them before anybody can tell. It is therefore
// planned as an update; should it be another user after all, Terraform refuses
// to make it a replacement in the middle of an apply, and nobody is unblocked.
type sameUser struct{}

func (sameUser) Description(context.Context) string {
	return "Another spelling of the same user changes nothing; another user replaces the resource."
}

func (m sameUser) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString compares the planned user with the one in the state.
func (sameUser) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || req.PlanValue.IsUnknown() {
		return
	}
	planned := useridtype.Value{StringValue: req.PlanValue}
	user, err := useridtype.Value{StringValue: req.StateValue}.Parse()
	if err == nil && planned.Names(user) {
		resp.PlanValue = req.StateValue
		return
	}
	resp.RequiresReplace = true
}
