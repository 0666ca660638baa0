package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// pendingReason is the value of each pending user in the attribute pending.
const pendingReason = "no message within 24 hours, or not on WhatsApp (code 131047); will be tried again"

// report reports the failures of a change and returns who is pending. A pending user is
// a warning if the model allows it. Every other failure is an error; meanwhile then tells
// what happened to the other users.
func (r *bulkOnChannel) report(c *listChange, model bulkModel, meanwhile string, diags *diag.Diagnostics) types.Map {
	warnRenamed(c.renamed, usersPath, diags)
	reasons := map[string]attr.Value{}
	pending, rejected := c.split(model.AllowPending.ValueBool())
	for _, f := range pending {
		reasons[f.user.Spelling] = types.StringValue(pendingReason)
	}
	if len(pending) > 0 {
		users := failedUsers(pending)
		diags.AddAttributeWarning(atUser(users[0].Spelling), fmt.Sprintf("%d of %s not blocked yet", len(pending), count(len(c.added))),
			explainAll(pending, r.channel.explain, inPending)+r.channel.alternates(users...)+"\n\nThey are pending because of allow_pending, and the next apply tries again.")
	}
	if len(rejected) > 0 {
		users := failedUsers(rejected)
		diags.AddAttributeError(atUser(users[0].Spelling), fmt.Sprintf("Cannot block %d of %s", len(rejected), count(len(c.added))),
			explainAll(rejected, r.channel.explainRejection, inNextPlan)+r.channel.alternates(users...)+"\n\n"+meanwhile)
	}
	if len(c.notUnblocked) > 0 {
		diags.AddAttributeError(usersPath, fmt.Sprintf("Cannot unblock %d of %s", len(c.notUnblocked), count(len(c.removed))),
			explainAll(c.notUnblocked, r.channel.explain, inNextPlan)+"\n\n"+meanwhile)
	}
	return mapOf(reasons)
}
