package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// warnLengths warns of numbers that a plan adds and whose length their country does
// not have: a number with a typo looks exactly like a user who is silent. Users who
// are on the list already have the right number. at is where the plan has a user.
//
// The review of the plan comes first, because it reads the list.
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
	// Terraform shows one message where single resources give several of one summary.
	summary := "A phone number has an impossible length"
	if len(impossible) > 1 {
		summary = count(len(impossible)) + " have a phone number of impossible length"
	}
	diags.AddAttributeWarning(at(impossible[0]), summary,
		"No number of this length exists in its country:\n"+nameAll(impossible, func(u userid.User) string { return describe(u) + ": " + u.ID.ImpossibleLength() }, inPlan)+
			"\nThe plan goes on with it. If it is a typo, the API rejects the block with the same code as for a user who is silent (131047). Check the number before you apply.")
}
