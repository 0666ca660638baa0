package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// What a plan notes in the private state. Terraform plans a replacement in two
// halves, the resource as it is and then the new one alone, and hands what the
// first has noted to the second, and that to the destroy. A tainted resource has
// the second half alone.
const (
	// plannedUsersKey holds whom a create is for, so that the destroy of a
	// replacement unblocks none of them.
	plannedUsersKey = "planned_users"
	// plannedAsKey holds what the plan was of.
	plannedAsKey = "planned_as"
)

// Values of plannedAsKey.
const (
	// plannedExisting is of a resource as it is.
	plannedExisting = "existing"
	// plannedAgain is of the second half of a replacement.
	plannedAgain = "again"
	// plannedAnew is of a create with which planning began. Where a destroy comes of
	// it, that is about a tainted resource, of whose users no review could know.
	plannedAnew = "anew"
)

// unknownUser stands for whoever is not known yet when a create is planned.
const unknownUser = "?"

// noteExisting notes that a resource is planned as it is.
func noteExisting(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, plannedAsKey, plannedExisting, diags)
}

// noteCreate notes that a create is planned and tells, by what was noted before,
// whether it is the second half of a replacement. Whom it is for is noted by
// notePlannedUsers.
func noteCreate(ctx context.Context, before privateGetter, after privateSetter, diags *diag.Diagnostics) (again bool) {
	if again = plannedAs(ctx, before, diags) == plannedExisting; again {
		setPrivate(ctx, after, plannedAsKey, plannedAgain, diags)
	} else {
		setPrivate(ctx, after, plannedAsKey, plannedAnew, diags)
	}
	return again
}

// isTainted reports whether a destroy is the first half of replacing a tainted
// resource.
func isTainted(ctx context.Context, private privateGetter, diags *diag.Diagnostics) bool {
	return plannedAs(ctx, private, diags) == plannedAnew
}

func plannedAs(ctx context.Context, private privateGetter, diags *diag.Diagnostics) string {
	var as string
	if _, err := getPrivate(ctx, private, plannedAsKey, &as, diags); err != nil {
		return ""
	}
	return as
}

func notePlannedUsers(ctx context.Context, private privateSetter, users []userid.ID, diags *diag.Diagnostics) {
	spelled := make([]string, len(users))
	for i, user := range users {
		spelled[i] = user.String()
	}
	setPrivate(ctx, private, plannedUsersKey, strings.Join(spelled, " "), diags)
}

func notePlannedUnknown(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, plannedUsersKey, unknownUser, diags)
}

// plannedUsers returns whom the replacement of a resource is for, nobody where
// there is no replacement. What cannot be read may be of anybody.
func plannedUsers(ctx context.Context, private privateGetter, diags *diag.Diagnostics) (planned map[userid.ID]struct{}, unknown bool) {
	var spelled string
	found, err := getPrivate(ctx, private, plannedUsersKey, &spelled, diags)
	if !found || err != nil {
		return nil, err != nil
	}
	planned = map[userid.ID]struct{}{}
	for user := range strings.FieldsSeq(spelled) {
		id, err := userid.Parse(user)
		if err != nil {
			return nil, true
		}
		planned[id] = struct{}{}
	}
	return planned, false
}

// forgetPlan takes the notes back. They stay with the resource otherwise, whose
// next destroy, and next create if it is found to be gone, are no replacement.
func forgetPlan(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	notePlannedUsers(ctx, private, nil, diags)
	setPrivate(ctx, private, plannedAsKey, "", diags)
}

// replacedByUnknown is what to do about a replacement of which nobody can tell
// whether it is for the same users.
const replacedByUnknown = "The resource is being replaced, since it is tainted or -replace names it, and the plan could not tell by whom: that depends on something known only after apply. " +
	"If it is the same user, an unblock now might cost the block, so nothing was sent.\n\nApply first what that depends on (terraform apply -target=…), or untaint the resource."

// taintedSummary and taintedDetail tell why users stay who leave a tainted
// resource. names lists them.
const taintedSummary = "Cannot take users out of a resource that is tainted"

func taintedDetail(names string) string {
	return "The resource is tainted, and the configuration no longer has these users in it:\n" + names +
		"\nOf a tainted resource Terraform tells the provider what is to come and not what goes, so that nobody could check whether another resource of the plan takes them over. They would be unblocked for it. Nothing was sent.\n\n" +
		"Nothing has to be replaced: a resource of this provider is never broken. Run \"terraform untaint\" with its address, and apply again."
}
