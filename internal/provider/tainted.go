package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// plannedAnewKey is set in the private state by the plan of a create with which
// planning an instance began. Terraform plans a tainted resource so, and of what
// the resource has held no review can know then. The destroy gets the same
// private state, and learns by it that it is about a tainted resource.
const plannedAnewKey = "planned_anew"

func setPlannedAnew(ctx context.Context, private privateSetter, anew bool, diags *diag.Diagnostics) {
	setPrivate(ctx, private, plannedAnewKey, anew, diags)
}

// plannedAnew reports whether a destroy is the first half of replacing a tainted
// resource.
func plannedAnew(ctx context.Context, private privateGetter, diags *diag.Diagnostics) bool {
	value, d := private.GetKey(ctx, plannedAnewKey)
	diags.Append(d...)
	var anew bool
	return len(value) > 0 && json.Unmarshal(value, &anew) == nil && anew
}

// taintedSummary and taintedDetail tell why users stay who leave a tainted
// resource. names lists them.
const taintedSummary = "Cannot take users out of a resource that is tainted"

func taintedDetail(names string) string {
	return "The resource is tainted, and the configuration no longer has these users in it:\n" + names +
		"\nOf a tainted resource Terraform tells the provider what is to come and not what goes, so that nobody could check whether another resource of the plan takes them over. They would be unblocked for it. Nothing was sent.\n\n" +
		"Nothing has to be replaced: a resource of this provider is never broken. Run \"terraform untaint\" with its address, and apply again."
}
