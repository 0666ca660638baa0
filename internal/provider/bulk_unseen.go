package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// refuseUnseen is an error where the list holds users that the configuration
// does not: this resource would unblock them with the next apply after its
// create, and no plan has shown them.
func (r *bulkResource) refuseUnseen(ctx context.Context, planned roster, diags *diag.Diagnostics) {
	list := r.conn.blocklist(diags)
	if list == nil {
		return
	}
	entries, err := list.All(ctx)
	if err != nil {
		diags.AddError("Cannot find out who is on the list", r.conn.explain(err))
		return
	}
	var unseen []string
	missing := unlisted(planned, entries)
	for _, entry := range entries {
		if !names(planned, entry) && !mayBe(missing, entry) {
			unseen = append(unseen, entry.Shown())
		}
	}
	if len(unseen) == 0 {
		return
	}
	remedy := importFirst
	if r.conn.holdsExclusive.Load() {
		remedy = changeInPlace
	}
	diags.AddAttributeError(path.Root("users"), fmt.Sprintf("The list holds %s that the configuration does not", count(len(unseen))),
		"This resource makes the list exactly what the configuration says, and so would unblock:\n"+nameSome(unseen)+
			"\nAn unblock often cannot be undone, so nobody is unblocked whom no plan has shown. "+remedy)
}

// What to do so that a plan shows whom the exclusive resource would unblock.
const (
	// importFirst is for a list that no state holds.
	importFirst = "Import the list first; the plan then shows each of them:\n\n" +
		"  import {\n    to = <the address of this resource>\n    id = \"" + exclusiveImportID + "\"\n  }\n\n" +
		"To block users and leave all others alone, use d360_blocked_users instead."
	// changeInPlace is for one that the state holds, and that is to be created all
	// the same.
	changeInPlace = "The plan of a create shows none of them. The state holds this list already, so nothing has to be created, and a change in place shows each of them:\n\n" +
		"  - if the resource is tainted, run \"terraform untaint\" with its address;\n" +
		"  - if it is to be replaced, by -replace or replace_triggered_by, leave that out;\n" +
		"  - if it only got another name, say so with a moved block."
)

// names reports whether a roster names the user of a list entry.
func names(r roster, entry d360.Entry) bool {
	return slices.ContainsFunc(entry.IDs(), func(id userid.ID) bool {
		_, ok := r.keyOf[id]
		return ok
	})
}

// unlisted returns what is common to both forms of the numbers of a roster that
// have two, and that no entry is blocked under.
func unlisted(r roster, entries []d360.Entry) map[string]struct{} {
	listed := map[userid.ID]struct{}{}
	for _, entry := range entries {
		for _, id := range entry.IDs() {
			listed[id] = struct{}{}
		}
	}
	bases := map[string]struct{}{}
	for _, user := range r.users {
		if base, _ := user.Kin(); base != "" {
			if _, ok := listed[user]; !ok {
				bases[base] = struct{}{}
			}
		}
	}
	return bases
}

// mayBe reports whether an entry may be one of the unlisted under the other form
// of the number, as after a create that broke off. The block tells: its answer
// has the WhatsApp ID. Should it be somebody else, the next plan shows them.
func mayBe(unlisted map[string]struct{}, entry d360.Entry) bool {
	return slices.ContainsFunc(entry.IDs(), func(id userid.ID) bool {
		base, _ := id.Kin()
		_, ok := unlisted[base]
		return ok
	})
}
