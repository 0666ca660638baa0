package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

// view reads the list for a review. Where settings are not known yet there is
// nothing to read.
func (c *connection) view(ctx context.Context) (planreview.View, error) {
	if c.list == nil {
		return nil, nil //nolint:nilnil // A view is optional: a review does without.
	}
	view, err := c.list.View(ctx)
	if err != nil {
		return nil, err
	}
	return view, nil
}

// reviewPlan tells the review of the run what one instance plans, and reports
// what the plan as a whole does, at an attribute of this instance: Terraform
// does not say which other ones there are. at is where this instance has a user.
func (c *connection) reviewPlan(ctx context.Context, change planreview.Change, at func(userid.ID) path.Path, diags *diag.Diagnostics) {
	if c == nil {
		return
	}
	found := c.review.Add(ctx, change)
	if len(found.Conflicts) > 0 {
		summary, detail := describeConflicts(ctx, found.Conflicts)
		diags.AddAttributeError(at(found.Conflicts[0].User.ID), summary, detail)
	}
	if len(found.Duplicates) > 0 {
		summary, detail := describeDuplicates(ctx, found.Duplicates)
		diags.AddAttributeError(at(found.Duplicates[0].ID), summary, detail)
	}
	if found.Overflow != nil {
		summary, detail := describeOverflow(*found.Overflow)
		diags.AddAttributeError(at(userid.ID{}), summary, detail)
	}
	if len(found.MaybeDuplicates) > 0 {
		summary, detail := describeMaybeDuplicates(ctx, found.MaybeDuplicates)
		diags.AddAttributeWarning(at(found.MaybeDuplicates[0].ID), summary, detail)
	}
	if len(found.Adopted) > 0 {
		summary, detail := describeAdopted(ctx, found.Adopted)
		diags.AddAttributeWarning(at(found.Adopted[0].ID), summary, detail)
	}
	if len(found.Kin) > 0 {
		summary, detail := describeKin(ctx, found.Kin)
		diags.AddAttributeWarning(at(found.Kin[0].B.ID), summary, detail)
	}
	switch {
	case d360.IsKind(found.Unread, d360.Unauthorized):
		diags.AddError("Cannot find out who is on the list", c.explain(found.Unread))
	case found.Unread != nil:
		diags.AddWarning("The plan was not checked against the list", "The list could not be read. That does not stop the plan, but it does not tell who of those to be blocked is on the list already, and whether the list has room.\n\n"+
			c.explain(found.Unread))
	}
}

// spelled names a user of a plan as the configuration does.
func spelled(user planreview.User) string {
	return described(useridtype.NewValue(user.Spelled), user.ID)
}

// are is the verb that goes with a number of users.
func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// describeConflicts tells of users whom one resource unblocks and another blocks
// or holds, with what to write so that they stay blocked.
func describeConflicts(ctx context.Context, conflicts []planreview.Conflict) (summary, detail string) {
	var b strings.Builder
	b.WriteString("One resource of this plan unblocks these users, another one blocks or holds them:\n")
	b.WriteString(nameUsers(ctx, "unblocked and blocked in one plan", conflicts, func(c planreview.Conflict) string {
		if c.Kept {
			return spelled(c.User) + " (held already)"
		}
		return spelled(c.User)
	}))
	b.WriteString("\nTerraform may do the one before or after the other. The block may be lost, and often cannot be made again: WhatsApp lets a business block a user only within 24 hours of their last message. Nothing was sent.\n")

	renamed, removed, shifted, entries := map[string]struct{}{}, map[string]struct{}{}, false, map[string]struct{}{}
	deposed := false
	for _, c := range conflicts {
		switch c.From.Action {
		case planreview.Remove:
			removed[c.From.Type] = struct{}{}
			if c.From.Type == c.To.Type && !c.Kept {
				renamed[c.From.Type] = struct{}{}
			}
			deposed = deposed || (c.From.Type == c.To.Type && c.Kept)
		case planreview.Replace:
			shifted = true
		case planreview.Update, planreview.Create:
			entries[c.From.Type] = struct{}{}
		}
	}
	for _, resource := range slices.Sorted(maps.Keys(renamed)) {
		fmt.Fprintf(&b, "\nIf the resource only got another name, module or for_each key, say so:\n\n"+
			"  moved {\n    from = %[1]s.<old address>\n    to   = %[1]s.<new address>\n  }\n", resource)
	}
	for _, resource := range slices.Sorted(maps.Keys(removed)) {
		b.WriteString("\nIf another resource takes over, let go of the old one, which unblocks nobody:\n" + removedBlock(resource, "<old name>"))
		if resource == blockedUserType {
			b.WriteString("\nThat is for a resource as a whole. To let go of one instance, move it out first, and remove what it is called then:\n\n" +
				"  moved {\n    from = d360_blocked_user.<old name>[\"<key>\"]\n    to   = d360_blocked_user.leaving\n  }\n" + removedBlock(resource, "leaving"))
		}
	}
	if deposed {
		b.WriteString("\nIf the plan calls what unblocks them a deposed object, it was left by a run that broke off while it replaced the resource. Run \"terraform state rm\" with its address, which lets go of both and sends nothing, and apply: that adopts the users.\n")
	}
	if shifted {
		b.WriteString("\nIf the instances are numbered by count, one that comes or goes shifts all after it. Use for_each with the user as key, and a moved block for each instance.\n")
	}
	for _, resource := range slices.Sorted(maps.Keys(entries)) {
		b.WriteString("\nIf the users change to another map, give the resource that they leave a new name, and let go of the old one. Under the new name it adopts those who are blocked:\n" + removedBlock(resource, "<old name>"))
	}
	b.WriteString(whenDestroying)
	return fmt.Sprintf("%s %s unblocked and blocked in one plan", count(len(conflicts)), are(len(conflicts))), strings.TrimSpace(b.String())
}

// removedBlock is configuration that lets go of a resource.
func removedBlock(resource, name string) string {
	return fmt.Sprintf("\n  removed {\n    from = %s.%s\n\n    lifecycle {\n      destroy = false\n    }\n  }\n", resource, name)
}

func describeDuplicates(ctx context.Context, users []planreview.User) (summary, detail string) {
	return fmt.Sprintf("%s %s in two resources", count(len(users)), are(len(users))),
		"Two resources, or a resource and a map, are going to be created for the same user:\n" + nameUsers(ctx, "in two resources", users, spelled) +
			"\nWhichever is removed first would unblock them for both. Keep one of the two. Where they come from a list of numbers, provider::d360::normalize_user makes keys in which two spellings of a user are one.\n" + whenDestroying
}

// whenDestroying is for a destroy, before which Terraform makes a plan of the
// configuration that nobody sees and nobody applies.
const whenDestroying = "\nIf all is to be destroyed, \"terraform destroy -refresh=false\" does without this check of the configuration."

func describeMaybeDuplicates(ctx context.Context, users []planreview.User) (summary, detail string) {
	return count(len(users)) + " may be in two resources, or in one that is replaced",
		"A resource in the state holds these users, and there is a second one for them, a second entry in its map under another number of theirs, or the same is to be created anew:\n" + nameUsers(ctx, "maybe in two resources", users, spelled) +
			"\nIf Terraform was told to replace the resource, with -replace or replace_triggered_by, all is well: nobody is unblocked for that. " +
			"If there are two, whichever is removed first would unblock them for both: keep one, and let go of the other, a resource with a removed block that says destroy = false."
}

func describeAdopted(ctx context.Context, users []planreview.User) (summary, detail string) {
	return fmt.Sprintf("%s %s blocked already", count(len(users)), are(len(users))),
		"The plan counts these as additions. They are on the list, so they will be adopted, and nothing changes for them:\n" + nameUsers(ctx, "adopted", users, spelled) +
			"\nFrom then on, removing the resource unblocks them, whoever blocked them and why."
}

func describeKin(ctx context.Context, pairs []planreview.Pair) (summary, detail string) {
	var entries, replacements []planreview.Pair
	for _, pair := range pairs {
		if pair.Leaves {
			replacements = append(replacements, pair)
		} else {
			entries = append(entries, pair)
		}
	}
	name := func(p planreview.Pair) string {
		return fmt.Sprintf("%s and %s (%s)", spelled(p.A), spelled(p.B), p.Trait)
	}
	var b strings.Builder
	if len(entries) > 0 {
		b.WriteString("These numbers are both to be blocked:\n" + nameUsers(ctx, "maybe one user", entries, name) + "\n")
	}
	if len(replacements) > 0 {
		b.WriteString("The first of these is to be unblocked, while the second is to be blocked or stays so:\n" + nameUsers(ctx, "maybe one user, replaced", replacements, name) + "\n")
	}
	b.WriteString("WhatsApp knows some users by the one form and some by the other, and which it is cannot be told from the number. Nothing is rewritten.")
	if len(entries) > 0 {
		b.WriteString(" If two entries are one user, removing either unblocks them for both: keep one.")
	}
	if len(replacements) > 0 {
		b.WriteString(" If the old and the new number are one user, the unblock may come last, or the block may be refused: keep the number as it was.")
	}
	n := "1 pair"
	if len(pairs) > 1 {
		n = fmt.Sprintf("%d pairs", len(pairs))
	}
	return n + " of numbers may be one user", b.String()
}

func describeOverflow(o planreview.Overflow) (summary, detail string) {
	after := o.Listed + o.Added - o.Removed
	return fmt.Sprintf("The list has no room for %s", count(after-d360.MaxUsersOnList)),
		fmt.Sprintf("It holds %s. This plan adds %d who are not among them and removes %d, which makes %d, and the list of a number holds %d at most. Nothing was sent.\n\n"+
			"Add fewer, or remove some. Where other resources remove users, apply that first.",
			count(o.Listed), o.Added, o.Removed, after, d360.MaxUsersOnList)
}
