package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// reviewPlan passes the change of one instance to the plan review, and reports the
// findings of the whole plan at an attribute of this instance, because the provider does
// not know the addresses of others. at is the path of a user in this instance.
func (c *channel) reviewPlan(ctx context.Context, change planreview.Change, at func(userid.User) path.Path, diags *diag.Diagnostics) {
	if len(change.Unblock) > 0 {
		c.data.unblocks.Add(c.label(ctx), c.review, change.Unblock)
	}
	end := c.data.unblocks.Begin() // The review may find conflicts.
	found := c.review.Add(ctx, change)
	end()
	c.report(found, at, diags)
	c.data.limit.reportUnblocked(c.data.unblocks.Report(ctx), c.data.isPlan.Load(), at(userid.User{}), diags)
}

// warnUnchecked warns, once per run, of users who may be blocked or not according to a
// refresh. Users for which isPending holds are left out.
func (c *channel) warnUnchecked(ctx context.Context, found *blocklist.Findings, isPending func(i int) bool, at path.Path, diags *diag.Diagnostics) {
	unchecked := planreview.Unchecked{Candidates: found.Candidates, Incomplete: found.Incomplete}
	for i, f := range found.Of {
		if f.Presence == blocklist.Uncertain && !isPending(i) {
			unchecked.Users = append(unchecked.Users, f.User)
		}
	}
	c.report(c.review.AddUnchecked(ctx, unchecked), func(userid.User) path.Path { return at }, diags)
}

func (c *channel) report(found planreview.Findings, at func(userid.User) path.Path, diags *diag.Diagnostics) {
	if len(found.Conflicts) > 0 {
		summary, detail := describeConflicts(found.Conflicts)
		diags.AddAttributeError(at(found.Conflicts[0].User), summary, detail)
	}
	if len(found.Duplicates) > 0 {
		summary, detail := describeDuplicates(found.Duplicates)
		diags.AddAttributeError(at(found.Duplicates[0]), summary, detail)
	}
	if len(found.Replaced) > 0 {
		summary, detail := describeReplaced(found.Replaced)
		diags.AddAttributeError(at(found.Replaced[0].B), summary, detail)
	}
	if found.NotAlone != nil {
		summary, detail := describeNotAlone(*found.NotAlone)
		diags.AddError(summary, detail)
	}
	if found.Overflow != nil {
		summary, detail := describeOverflow(*found.Overflow)
		diags.AddAttributeWarning(at(userid.User{}), summary, detail)
	}
	if len(found.MaybeDuplicates) > 0 {
		summary, detail := describeMaybeDuplicates(found.MaybeDuplicates)
		diags.AddAttributeWarning(at(found.MaybeDuplicates[0]), summary, detail)
	}
	if len(found.Adopted) > 0 {
		summary, detail := describeAdopted(found.Adopted)
		diags.AddAttributeWarning(at(found.Adopted[0]), summary, detail)
	}
	if len(found.MaybeSame) > 0 {
		summary, detail := describeMaybeSame(found.MaybeSame)
		diags.AddAttributeWarning(at(found.MaybeSame[0].B), summary, detail)
	}
	if found.Unchecked != nil {
		summary, detail := c.describeUnchecked(*found.Unchecked)
		diags.AddAttributeWarning(at(found.Unchecked.Users[0]), summary, detail)
	}
	switch {
	case d360.IsKind(found.ReadError, d360.Unauthorized):
		diags.AddError("Cannot find out who is on the list", c.explain(found.ReadError))
	case found.ReadError != nil:
		diags.AddWarning("The plan was not checked against the list", "The list could not be read. The plan goes on, but it does not show which users are on the list already, or whether the list has room.\n\n"+
			c.explain(found.ReadError))
	}
}

// describeConflicts reports users that one resource unblocks and another blocks or
// holds, and what to write so that they stay blocked.
func describeConflicts(conflicts []planreview.Conflict) (summary, detail string) {
	names := nameAll(conflicts, func(c planreview.Conflict) string {
		switch {
		case c.Kept:
			return describe(c.User) + " (held already)"
		case c.MayLeave:
			return describe(c.User) + " (may leave a map that is not known yet)"
		default:
			return describe(c.User)
		}
	}, inConfiguration)
	return fmt.Sprintf("%s %s unblocked and blocked in one plan", count(len(conflicts)), are(len(conflicts))),
		"Terraform may do this in either order, and the block may be lost for good:\n" + names + "\n" + remedyOf(conflicts) +
			"\nOther cases: " + guideURL("moving") + whenDestroying
}

// remedyOf says what to write for the most likely cause. The next plan shows conflicts
// that remain.
func remedyOf(conflicts []planreview.Conflict) string {
	var renamed, deposed, removed, shifted, mayLeave, moved string
	for _, c := range conflicts {
		switch isSameType := c.From.Type == c.To.Type; {
		case c.MayLeave:
			mayLeave = "A map is not known yet. Apply first what it depends on (terraform apply -target=…).\n"
		case c.From.Action == planreview.Replace || isSameType && c.To.Action == planreview.Replace:
			shifted = "With count, adding or removing one instance shifts the others. Use for_each with the user as key, and a moved block for each instance.\n"
		case c.From.Action == planreview.Remove && isSameType && !c.Kept:
			renamed = "If only the name, module or for_each key of the resource changed, add:\n\n" +
				fmt.Sprintf("  moved {\n    from = %[1]s.<old name>\n    to   = %[1]s.<new name>\n  }\n", c.From.Type)
		case c.From.Action == planreview.Remove && isSameType:
			deposed = "If the plan shows a deposed object, an earlier apply was interrupted: run \"terraform state rm\" with its address, which sends nothing, and apply.\n" +
				"If another resource takes over, take the old one out of the state:\n" + removedBlock(c.From.Type)
		case c.From.Action == planreview.Remove:
			removed = "If another resource takes over, take the old one out of the state:\n" + removedBlock(c.From.Type)
		default:
			moved = "If users go to another map, give the map that they leave a new name, and take the old one out of the state:\n" + removedBlock(c.From.Type)
		}
	}
	return cmp.Or(renamed, deposed, removed, shifted, mayLeave, moved)
}

func removedBlock(resource string) string {
	return fmt.Sprintf("\n  removed {\n    from = %s.<old name>\n    lifecycle {\n      destroy = false\n    }\n  }\n", resource)
}

func describeDuplicates(users []userid.User) (summary, detail string) {
	return fmt.Sprintf("%s %s in two resources", count(len(users)), are(len(users))),
		"Two resources, or a resource and a map, are going to be created for the same user:\n" + nameUsers(users, inConfiguration) +
			"\nWhichever is removed first would unblock them for both. Keep one of the two. Where they come from a list of numbers, provider::d360::normalize_user makes keys in which two spellings of a user are one.\n" + whenDestroying
}

func describeMaybeDuplicates(users []userid.User) (summary, detail string) {
	return count(len(users)) + " may be in two resources, or in one that is replaced",
		"A resource in the state holds these users. Either another resource or another key of its map has them, too, or the resource is being replaced:\n" + nameUsers(users, inPlan) +
			"\nIf Terraform was told to replace the resource, with -replace or replace_triggered_by, there is nothing to do: this unblocks no one. " +
			"If there are two, removing either unblocks them for both: keep one, and remove the other from the state with a removed block that says destroy = false."
}

func describeAdopted(users []userid.User) (summary, detail string) {
	return fmt.Sprintf("%s %s blocked already", count(len(users)), are(len(users))),
		"The plan counts these as additions. They are on the list, so they will be adopted, and nothing changes for them:\n" + nameUsers(users, inPlan) +
			"\nFrom then on, removing the resource unblocks them, even if someone else blocked them."
}

const formsHelp = "\nWhatsApp uses one form for some users and the other form for others, and the number does not show which. "

// describeReplaced reports numbers that are unblocked while their alternate form is
// blocked or kept.
func describeReplaced(pairs []planreview.Pair) (summary, detail string) {
	return countPairs(len(pairs)) + " of numbers may be one user, and the plan unblocks one of the two",
		"The plan unblocks the first of each pair, and blocks or keeps the second:\n" + nameAll(pairs, describePair, inConfiguration) +
			formsHelp + "If the two are one user, the unblock may come last, or the block may be rejected. Nothing was sent.\n\n" +
			"Keep the number as it was. If they are two people, remove the old number in one apply, and add the new one in the next.\n" + whenDestroying
}

// describeMaybeSame reports numbers and alternate forms that are both to be blocked.
func describeMaybeSame(pairs []planreview.Pair) (summary, detail string) {
	return countPairs(len(pairs)) + " of numbers may be one user",
		"These numbers are both to be blocked:\n" + nameAll(pairs, describePair, inPlan) +
			formsHelp + "Nothing is rewritten. If the two are one user, removing either unblocks them for both: keep one."
}

func describePair(p planreview.Pair) string {
	_, rule := p.A.Number().AlternateForm()
	return fmt.Sprintf("%s and %s (%s)", describe(p.A), describe(p.B), rule)
}

func countPairs(n int) string {
	if n == 1 {
		return "1 pair"
	}
	return fmt.Sprintf("%d pairs", n)
}

func describeNotAlone(n planreview.NotAlone) (summary, detail string) {
	if n.Exclusive > 1 {
		return "More than one d360_blocklist_exclusive for one list",
			fmt.Sprintf("The plan has %d of them. Each makes the list exactly what its own map says, and so unblocks the users of the others. Nothing was sent.\n\nKeep one, with all users in its map.\n", n.Exclusive) + whenDestroying
	}
	return "d360_blocklist_exclusive is not alone on its list",
		fmt.Sprintf("The plan has other resources that block or hold users of this list: %d of type %s. d360_blocklist_exclusive unblocks everyone who is not in its own map. Nothing was sent.\n\n", n.Others, strings.Join(n.Types, " or ")) +
			"Add their users to its map, and remove the other resources from the state with a removed block that says destroy = false. Or use d360_blocked_users, which leaves all others alone.\n" + whenDestroying
}

// describeUnchecked reports users who may be blocked or not according to a refresh.
func (c *channel) describeUnchecked(u planreview.Unchecked) (summary, detail string) {
	summary = "Cannot tell whether " + count(len(u.Users)) + " " + are(len(u.Users)) + " still blocked"
	if u.Incomplete != nil {
		return summary, sentence(u.Incomplete.Error()) + "\n\nThe list shows no entry for these users:\n" + nameUsers(u.Users, inStateOnly) +
			"\nThe provider does not treat anyone as unblocked because of this. They keep their place in the state, and the plan changes nothing for them. Plan again. If the problem remains, please report it with the number of blocked users."
	}
	return summary, "The list shows no entry for these users under a known name:\n" + nameUsers(u.Users, inStateOnly) +
		"\n" + candidates(u.Candidates, len(u.Users)) + ": a user who picks a username hides the phone number, and the list shows the user ID alone.\n\n" +
		"They keep their place in the state, and the plan changes nothing for them. If you know a user's ID (webhooks carry it as user_id), write it in place of the number. " +
		"In a file for read_csv, fill in the column user_id and empty the number. With for_each, add a moved block from the number to the user ID. " +
		"To let the provider learn user IDs before numbers are hidden, run \"terraform apply -refresh-only -auto-approve\" at least weekly."
}

func describeOverflow(o planreview.Overflow) (summary, detail string) {
	after := o.Listed + o.Added - o.Removed
	return fmt.Sprintf("The list has no room for %s", count(after-d360.MaxUsersOnList)),
		fmt.Sprintf("It holds %s. As far as this plan is known now, it adds %d who are not among them and removes %d. That makes %d, and the list of a number holds %d at most.\n\n"+
			"The apply blocks as many users as there is room for, and fails for the others. If the plan removes more users than counted here, they make room: apply again then. Otherwise add fewer, or remove some.",
			count(o.Listed), o.Added, o.Removed, after, d360.MaxUsersOnList)
}
