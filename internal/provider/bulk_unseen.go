package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// rejectUnseen adds an error if the list has users that the configuration of a new
// exclusive resource does not, because the plan of a create cannot show that they are unblocked.
func (r *bulkOnChannel) rejectUnseen(ctx context.Context, planned userMap, diags *diag.Diagnostics) {
	if r.channel.replaced.Load() {
		// The plan has shown everyone who leaves. Users that Delete has just blocked may be
		// on the list under another name.
		return
	}
	list := r.channel.openOrReport(ctx, heldChannel{}, diags)
	if list == nil {
		return
	}
	entries, err := list.All(ctx)
	if err != nil {
		diags.AddError("Cannot find out who is on the list", r.channel.explain(err))
		return
	}
	// A number may be on the list in its alternate form, for example after a failed create.
	// The block tells, because its response has the WhatsApp ID. If the entry is another
	// user, the next plan shows the unblock.
	var missing userid.Index
	listed := userid.NewIndex(entries...)
	for _, u := range planned.all() {
		if !listed.Has(u) {
			missing.Add(u)
		}
	}
	var unseen []userid.User
	for _, entry := range entries {
		if !planned.users.Has(entry) && len(missing.Alternates(entry)) == 0 {
			unseen = append(unseen, entry)
		}
	}
	if len(unseen) == 0 {
		return
	}
	remedy := importFirst
	if r.channel.holdsExclusive.Load() {
		remedy = changeInPlace
	}
	diags.AddAttributeError(usersPath, fmt.Sprintf("The list holds %s that the configuration does not", count(len(unseen))),
		"This resource makes the list exactly what the configuration says, and so would unblock:\n"+nameUsers(unseen, inDataSource)+
			"\nAn unblock often cannot be undone, so the provider unblocks only users that a plan has shown. "+remedy)
}

// What to do so that a plan shows each unblock.
const (
	// importFirst is for a list that is in no state.
	importFirst = "Import the list first; the plan then shows each of them:\n\n" +
		"  import {\n    to = <the address of this resource>\n    id = \"" + exclusiveImportID + "\"\n  }\n\n" +
		"To block users and leave all others alone, use d360_blocked_users instead."
	// changeInPlace is for a list that is in the state already.
	changeInPlace = "The plan of a create shows none of them. The state holds this list already, so nothing has to be created, and a change in place shows each of them:\n\n" +
		"  - if the resource is tainted, run \"terraform untaint\" with its address;\n" +
		"  - if it is to be replaced, by -replace or replace_triggered_by, leave that out;\n" +
		"  - if it only got another name, say so with a moved block."
)
