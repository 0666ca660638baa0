package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// usersPath is the path of the users of a bulk resource.
var usersPath = path.Root("users")

// report turns failures into diagnostics and returns who is pending: a rejection
// for now is a warning where the model allows it, everything else an error.
// meanwhile says what holds for users without a failure.
func (r *bulkOnChannel) report(c *listChange, model bulkModel, meanwhile string, diags *diag.Diagnostics) types.Map {
	warnRenamed(c.renamed, usersPath, diags)
	pending := map[string]attr.Value{}
	waiting, rejected := c.split(model.AllowPending.ValueBool())
	for _, f := range waiting {
		pending[f.user.Spelling] = types.StringValue(pendingReason)
	}
	if len(waiting) > 0 {
		users := failedUsers(waiting)
		diags.AddAttributeWarning(atUser(users[0].Spelling), fmt.Sprintf("%d of %s not blocked yet", len(waiting), count(len(c.added))),
			explainAll(waiting, r.channel.explain, inPending)+r.channel.alternates(users...)+"\n\nThey are pending because of allow_pending, and the next apply tries again.")
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
	return mapOf(pending)
}
