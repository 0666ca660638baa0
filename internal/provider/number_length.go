package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// warnLengths warns of added numbers with a length that their country does not have,
// because the API rejects a typo with the same code as a user who has not written. Users
// on the list have a right number. at is the path of a user.
//
// Call it after the plan review, which reads the list.
func (c *channel) warnLengths(added []userid.User, at func(userid.User) path.Path, diags *diag.Diagnostics) {
	var impossible []userid.User
	for _, u := range added {
		if u.ID.ImpossibleLength() != "" {
			impossible = append(impossible, u)
		}
	}
	if len(impossible) > 0 && c.isKnown() {
		if view := c.list.LastView(); view != nil {
			impossible = slices.DeleteFunc(impossible, view.Shows)
		}
	}
	if len(impossible) == 0 || c == nil || c.review.IsOver() {
		return
	}
	// The summary is the same for all, because Terraform merges warnings by summary.
	summary := "A phone number has an impossible length"
	if len(impossible) > 1 {
		summary = count(len(impossible)) + " have a phone number of impossible length"
	}
	diags.AddAttributeWarning(at(impossible[0]), summary,
		"No number of this length exists in its country:\n"+nameAll(impossible, func(u userid.User) string { return describe(u) + ": " + u.ID.ImpossibleLength() }, inPlan)+
			"\nThe plan goes on with it. If it is a typo, the API rejects the block with the same code as for a user who has sent no message (131047). Check the number before you apply.")
}
