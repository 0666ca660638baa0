package provider

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// planKey is where the planned private state keeps what the plan was of. Terraform
// plans a replacement in two halves, the resource as it is and then the new one
// alone. It hands what the first half has recorded to the second, and that to the
// destroy. A tainted resource has the second half alone.
const planKey = "plan"

// planRecord is what a plan records for the apply.
type planRecord struct {
	// Run is the ID of the run that made the plan.
	Run string `json:"run"`
	// As is what the plan was of.
	As planKind `json:"as"`
	// Users are those that a create is for, as the configuration spells them, each in a
	// line. Unknown is set where they are not known yet.
	Users   string `json:"users,omitempty"`
	Unknown bool   `json:"unknown,omitempty"`
	// Channel is the name of the channel of the new resource.
	Channel string `json:"channel,omitempty"`
	// AllowPending is that of the new resource.
	AllowPending bool `json:"allow_pending,omitempty"`
}

// planKind is what a plan was of.
type planKind string

const (
	// planExisting is of a resource as it is.
	planExisting planKind = "existing"
	// planReplacement is of the second half of a replacement.
	planReplacement planKind = "replacement"
	// planNew is of a create with which planning began. Where a destroy comes of it,
	// that is about a tainted resource, and the review could not know its users.
	planNew planKind = "new"
	// planDestroy is of a destroy.
	planDestroy planKind = "destroy"
	// planDeposed is of a destroy of a deposed object that sent nothing, because no
	// plan had shown it. The state keeps it: from then on every plan shows the object.
	planDeposed planKind = "deposed"
)

func recordPlan(ctx context.Context, private privateSetter, record planRecord, diags *diag.Diagnostics) {
	setPrivate(ctx, private, planKey, record, diags)
}

// recordedPlan returns what a plan has recorded, and the zero record if nothing can
// be read.
func recordedPlan(ctx context.Context, private privateGetter, diags *diag.Diagnostics) planRecord {
	var record planRecord
	if _, err := getPrivate(ctx, private, planKey, &record, diags); err != nil {
		return planRecord{Unknown: true}
	}
	return record
}

// forgetPlan takes the record back, which stays with the resource otherwise.
func forgetPlan(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	removePrivate(ctx, private, planKey, diags)
}

// destroyRecord is the record of a destroy. before is what the state has kept.
func destroyRecord(runID string, before planRecord) planRecord {
	if before.As == planDeposed {
		return before
	}
	return planRecord{Run: runID, As: planDestroy}
}

// recordDeposed keeps for the next apply that this one has sent nothing for a deposed
// object, or could not do so. failures are those of the unblocks.
func recordDeposed(ctx context.Context, private privateSetter, record planRecord, failures []failure, diags *diag.Diagnostics) {
	if slices.ContainsFunc(failures, func(f failure) bool { return errors.Is(f.err, blocklist.ErrNotShown) }) {
		record.As = planDeposed
	}
	if record.As == planDeposed && len(failures) > 0 {
		recordPlan(ctx, private, record, diags)
	}
}

// createRecord is the record of a create. before is what the plan has recorded until
// then, by which the second half of a replacement is known.
func createRecord(runID string, before planRecord) planRecord {
	record := planRecord{Run: runID, As: planNew}
	if before.As == planExisting && before.Run == runID {
		record.As = planReplacement
	}
	return record
}

// setUsers records the users that a create is for.
func (r *planRecord) setUsers(users ...userid.User) {
	spelled := make([]string, len(users))
	for i, u := range users {
		spelled[i] = u.Spelling
	}
	r.Users = strings.Join(spelled, "\n")
}

// users returns the users that the replacement of a resource is for, no one where there is no
// replacement. It is false where they are not known.
func (r *planRecord) users() ([]userid.User, bool) {
	var users []userid.User
	for spelled := range strings.Lines(r.Users) {
		u, err := userid.New(strings.TrimSuffix(spelled, "\n"))
		if err != nil {
			return nil, false
		}
		users = append(users, u)
	}
	return users, !r.Unknown
}

// proof says whether the plan that made the record has been shown. Terraform makes
// the plan of a deposed object in the middle of an apply, in the apply's own run; it
// is shown once an earlier apply has left the object.
func (r *planRecord) proof(runID string) blocklist.Proof {
	if r.Run == "" || r.Run == runID {
		return blocklist.NotProven
	}
	return blocklist.ProvenByMark
}

// replacement returns the users that the replacement of a resource is for on the channel that
// holds its users: no one where the new resource is on another channel, or where there
// is none. It is false where they are not known.
func (r *planRecord) replacement(ctx context.Context, holding *channel) ([]userid.User, bool) {
	users, known := r.users()
	if target := holding.data.channels[r.Channel]; target == nil || !holding.isSame(ctx, target) {
		users = nil
	}
	return users, known
}

// replacedByUnknown is what to do about a replacement of which the plan could not
// tell whether it is for the same users.
const replacedByUnknown = "The resource is being replaced, because it is tainted or -replace names it, and the plan could not tell by which users: that depends on something known only after apply. " +
	"If they are the same users, an unblock now might cost their blocks. So nothing was sent.\n\nApply first what the users depend on (terraform apply -target=…), or untaint the resource."

// taintedSummary and taintedDetail tell why users stay who leave a tainted
// resource. names lists them.
const taintedSummary = "Cannot take users out of a resource that is tainted"

func taintedDetail(names string) string {
	return "The resource is tainted, and the configuration no longer has these users in it:\n" + names +
		"\nFor a tainted resource, Terraform sends only the new configuration to the plan. So the provider could not check whether another resource takes them over. Nothing was sent, and they stay blocked.\n\n" +
		"Nothing has to be replaced: a resource of this provider is never broken. Run \"terraform untaint\" with its address, and apply again."
}
