package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
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
// does not say which other ones there are.
func (c *connection) reviewPlan(ctx context.Context, change planreview.Change, at path.Path, diags *diag.Diagnostics) {
	if c == nil {
		return
	}
	found := c.review.Add(ctx, change)
	if len(found.Conflicts) > 0 {
		summary, detail := describeConflicts(ctx, found.Conflicts)
		diags.AddAttributeError(at, summary, detail)
	}
	if len(found.Duplicates) > 0 {
		summary, detail := describeDuplicates(ctx, found.Duplicates)
		diags.AddAttributeError(at, summary, detail)
	}
	if found.Overflow != nil {
		summary, detail := describeOverflow(*found.Overflow)
		diags.AddAttributeError(at, summary, detail)
	}
	if len(found.MaybeDuplicates) > 0 {
		summary, detail := describeMaybeDuplicates(ctx, found.MaybeDuplicates)
		diags.AddAttributeWarning(at, summary, detail)
	}
	if len(found.Adopted) > 0 {
		summary, detail := describeAdopted(ctx, found.Adopted)
		diags.AddAttributeWarning(at, summary, detail)
	}
	if len(found.Kin) > 0 {
		summary, detail := describeKin(ctx, found.Kin)
		diags.AddAttributeWarning(at, summary, detail)
	}
	if found.Unread != nil {
		diags.AddWarning("The plan was not checked against the list", "The list could not be read. That does not stop the plan, but it does not tell who of those to be blocked is on the list already, and whether the list has room.\n\n"+
			c.explain(found.Unread))
	}
}

// plannedBeforeKey is set in the private state by the plan of an instance that
// exists. Where Terraform plans a replacement it asks a second time, for the new
// instance alone, and hands that over: which tells a replacement from a new
// instance.
const plannedBeforeKey = "planned_before"

// createAction tells a new instance from one that was there before, and
// markPlanned makes it so.
func createAction(ctx context.Context, private privateGetter, diags *diag.Diagnostics) planreview.Action {
	value, d := private.GetKey(ctx, plannedBeforeKey)
	diags.Append(d...)
	if string(value) == "true" {
		return planreview.Recreate
	}
	return planreview.Create
}

func markPlanned(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, plannedBeforeKey, true, diags)
}

// unmarkPlanned is called once the plan is applied: the private state stays with
// the resource, even if it is found to be gone, and its next create is a new one.
func unmarkPlanned(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, plannedBeforeKey, false, diags)
}

// nameUsers lists users for a message, in order, and all of them in the log where
// the message shortens the list.
func nameUsers[T any](ctx context.Context, what string, items []T, name func(T) string) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	slices.Sort(names)
	if len(names) > mostNamed+1 {
		tflog.Warn(ctx, "All users of a list that a message shortens", map[string]any{"reason": what, "users": names})
	}
	return nameSome(names)
}

// spelled names a user of a plan as the configuration does.
func spelled(user planreview.User) string {
	return described(useridtype.NewValue(user.Spelled), user.ID)
}

// agree picks the form of a word that goes with a number.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
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
	for _, c := range conflicts {
		switch c.From.Action {
		case planreview.Remove:
			removed[c.From.Type] = struct{}{}
			if c.From.Type == c.To.Type && !c.Kept {
				renamed[c.From.Type] = struct{}{}
			}
		case planreview.Replace:
			shifted = true
		case planreview.Update, planreview.Create, planreview.Recreate:
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
	if shifted {
		b.WriteString("\nIf the instances are numbered by count, one that comes or goes shifts all after it. Use for_each with the user as key, and a moved block for each instance.\n")
	}
	for _, resource := range slices.Sorted(maps.Keys(entries)) {
		b.WriteString("\nIf the users change to another map, give the resource that they leave a new name, and let go of the old one. Under the new name it adopts those who are blocked:\n" + removedBlock(resource, "<old name>"))
	}
	n := len(conflicts)
	return fmt.Sprintf("%s unblocked and blocked in one plan", agree(n, "1 user is", fmt.Sprintf("%d users are", n))), strings.TrimSpace(b.String())
}

// removedBlock is configuration that lets go of a resource.
func removedBlock(resource, name string) string {
	return fmt.Sprintf("\n  removed {\n    from = %s.%s\n\n    lifecycle {\n      destroy = false\n    }\n  }\n", resource, name)
}

func describeDuplicates(ctx context.Context, users []planreview.User) (summary, detail string) {
	n := len(users)
	return fmt.Sprintf("%s in two resources", agree(n, "1 user is", fmt.Sprintf("%d users are", n))),
		"Two resources, or a resource and a map, are going to be created for the same user:\n" + nameUsers(ctx, "in two resources", users, spelled) +
			"\nWhichever is removed first would unblock them for both. Keep one of the two. Where they come from a list of numbers, provider::d360::normalize_user makes keys in which two spellings of a user are one."
}

func describeMaybeDuplicates(ctx context.Context, users []planreview.User) (summary, detail string) {
	n := len(users)
	return fmt.Sprintf("%s in two resources, or in one that is replaced", agree(n, "1 user may be", fmt.Sprintf("%d users may be", n))),
		"A resource in the state holds these users, and there is a second one for them, or the same is to be created anew:\n" + nameUsers(ctx, "maybe in two resources", users, spelled) +
			"\nIf Terraform was told to replace the resource, with -replace or replace_triggered_by, all is well: nobody is unblocked for that. " +
			"If there are two, whichever is removed first would unblock them for both: keep one, and let go of the other with a removed block that says destroy = false."
}

func describeAdopted(ctx context.Context, users []planreview.User) (summary, detail string) {
	n := len(users)
	return fmt.Sprintf("%s blocked already", agree(n, "1 user is", fmt.Sprintf("%d users are", n))),
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
	var b strings.Builder
	if len(entries) > 0 {
		b.WriteString("These numbers are both to be blocked:\n" + nameUsers(ctx, "maybe one user", entries, func(p planreview.Pair) string {
			return fmt.Sprintf("%s and %s (%s)", spelled(p.A), spelled(p.B), p.Trait)
		}) + "\n")
	}
	if len(replacements) > 0 {
		b.WriteString("The first of these is to be unblocked, while the second is to be blocked or stays so:\n" + nameUsers(ctx, "maybe one user, replaced", replacements, func(p planreview.Pair) string {
			return fmt.Sprintf("%s and %s (%s)", spelled(p.A), spelled(p.B), p.Trait)
		}) + "\n")
	}
	b.WriteString("WhatsApp knows some users by the one form and some by the other, and which it is cannot be told from the number. Nothing is rewritten.")
	if len(entries) > 0 {
		b.WriteString(" If two entries are one user, removing either unblocks them for both: keep one.")
	}
	if len(replacements) > 0 {
		b.WriteString(" If the old and the new number are one user, the unblock may come last, or the block may be refused: keep the number as it was.")
	}
	n := len(pairs)
	return fmt.Sprintf("%s of numbers may be one user", agree(n, "1 pair", fmt.Sprintf("%d pairs", n))), b.String()
}

func describeOverflow(o planreview.Overflow) (summary, detail string) {
	after := o.Listed + o.Added - o.Removed
	return fmt.Sprintf("The list has no room for %s", count(after-d360.MaxUsersOnList)),
		fmt.Sprintf("It holds %s. This plan adds %d who are not among them and removes %d, which makes %d, and the list of a number holds %d at most. Nothing was sent.\n\n"+
			"Add fewer, or remove some. Where other resources remove users, apply that first.",
			count(o.Listed), o.Added, o.Removed, after, d360.MaxUsersOnList)
}
