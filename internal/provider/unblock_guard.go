package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// unblockLimit is how many users one plan may unblock.
type unblockLimit struct {
	max int
	// isSet is set if the attribute or the variable is, byAttribute if the attribute is.
	isSet, byAttribute bool
}

// String says where the limit comes from.
func (l unblockLimit) String() string {
	switch {
	case l.byAttribute:
		return fmt.Sprintf("max_unblocks = %d in the provider block", l.max)
	case l.isSet:
		return fmt.Sprintf("%s=%d in the environment", maxUnblocksVariable, l.max)
	default:
		return fmt.Sprintf("max_unblocks, %d unless it is set", l.max)
	}
}

// remedy says how to allow n unblocks for one run.
func (l unblockLimit) remedy(n int) string {
	if l.byAttribute {
		return fmt.Sprintf("If all of them are to be unblocked, set max_unblocks = %d in the provider block for this run. The attribute wins over %s.", n, maxUnblocksVariable)
	}
	return fmt.Sprintf("If all of them are to be unblocked, allow it for this run of apply or destroy:\n\n  %s=%d terraform apply", maxUnblocksVariable, n)
}

// howToShow says how to see all n users of a plan that exceeds the limit.
func (l unblockLimit) howToShow(n int) string {
	if l.byAttribute {
		return fmt.Sprintf("a plan with max_unblocks = %d shows all", n)
	}
	return fmt.Sprintf("%s=%d terraform plan shows all", maxUnblocksVariable, n)
}

// unblocksSummary is always the same, because Terraform merges warnings with equal
// summaries.
const unblocksSummary = "This plan unblocks users"

// reportUnblocked reports the users that the plan unblocks. The warning needs isPlan,
// because an apply, which looks like a plan without a refresh, must not repeat it.
func (l unblockLimit) reportUnblocked(u *planreview.Unblocked, isPlan bool, at path.Path, diags *diag.Diagnostics) {
	switch {
	case u == nil:
	case u.Exceeds:
		diags.AddAttributeError(at, fmt.Sprintf("This plan unblocks %s, and the limit is %d", count(len(u.Users)), l.max),
			fmt.Sprintf("The limit is %s. These users are to be unblocked%s:\n%s\n", l, onChannels(u.Channels), nameUsers(u.Users, l.howToShow(len(u.Users))))+
				"An unblock often cannot be undone: WhatsApp lets a business block a user only within 24 hours of that user's last message. Nothing was sent.\n\n"+
				"Is the file that the users come from empty or cut short, or do its numbers lack the country calling code? "+l.remedy(len(u.Users)))
	case isPlan:
		summary := unblocksSummary
		if u.IsMore {
			summary += fmt.Sprintf(": %d so far", len(u.Users))
		}
		diags.AddAttributeWarning(at, summary,
			fmt.Sprintf("%s to be unblocked%s:\n%s\n", sentenceCount(len(u.Users)), onChannels(u.Channels), nameUsers(u.Users, inPlan))+
				"An unblock often cannot be undone: WhatsApp lets a business block a user only within 24 hours of that user's last message.")
	}
}

// onChannels names the known channels in a message.
func onChannels(channels []string) string {
	var known []string
	for _, c := range channels {
		if c != "" {
			known = append(known, c)
		}
	}
	if len(known) == 0 {
		return ""
	}
	slices.Sort(known) // Terraform plans in any order.
	return " on " + strings.Join(known, ", ")
}

// minEmptied is the smallest bulk resource for which removing all users is an error.
const minEmptied = 10

// rejectEmptied adds an error if a plan removes all users of a bulk resource, as a broken
// input file would. A limit that is set replaces this check.
func (l unblockLimit) rejectEmptied(d difference, before int, diags *diag.Diagnostics) {
	if l.isSet || before < minEmptied || len(d.remove) == 0 || len(d.keep)+len(d.retry) > 0 {
		return
	}
	what := "is then empty"
	if len(d.add) > 0 {
		what = "then has only other users"
	}
	diags.AddAttributeError(usersPath, fmt.Sprintf("This plan unblocks all %s of the resource", count(before)),
		fmt.Sprintf("The map %s, and the plan unblocks:\n%s\n", what, nameUsers(d.remove, l.howToShow(len(d.remove))))+
			"An unblock often cannot be undone: WhatsApp lets a business block a user only within 24 hours of that user's last message. Nothing was sent.\n\n"+
			"Is the file that the users come from empty or cut short, have all its rows expired, or does a column have another name? "+l.remedy(len(d.remove)))
}
