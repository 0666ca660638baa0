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

// planKey is the private state key for the plan record. Terraform plans a replacement in
// two halves: the existing resource, then the new one. It passes the record of the first
// half to the second, and that of the second to the destroy. A tainted resource has only
// the second half.
const planKey = "plan"

// planRecord is what a plan records for the apply.
type planRecord struct {
	// Run is the ID of the run that made the plan.
	Run string   `json:"run"`
	As  planKind `json:"as"`
	// Users are the users of a new resource as the configuration spells them, one per line.
	// Unknown is set if they are not known yet.
	Users   string `json:"users,omitempty"`
	Unknown bool   `json:"unknown,omitempty"`
	// Channel is the name of the channel of the new resource.
	Channel string `json:"channel,omitempty"`
	// AllowPending is that of the new resource.
	AllowPending bool `json:"allow_pending,omitempty"`
}

// planKind is the kind of a plan.
type planKind string

const (
	// planExisting is for a resource that exists.
	planExisting planKind = "existing"
	// planReplacement is for the second half of a replacement.
	planReplacement planKind = "replacement"
	// planNew is for a create without a first half. A destroy with this record is that of a
	// tainted resource, whose users the plan review did not see.
	planNew planKind = "new"
	// planDestroy is for a destroy.
	planDestroy planKind = "destroy"
	// planDeposed is for a deposed object whose destroy sent nothing because no plan had
	// shown it. The state keeps this record, and from then on every plan shows the object.
	planDeposed planKind = "deposed"
)

func recordPlan(ctx context.Context, private privateSetter, record planRecord, diags *diag.Diagnostics) {
	setPrivate(ctx, private, planKey, record, diags)
}

// recordedPlan returns the plan record. Users are unknown if it cannot be read.
func recordedPlan(ctx context.Context, private privateGetter, diags *diag.Diagnostics) planRecord {
	var record planRecord
	if _, err := getPrivate(ctx, private, planKey, &record, diags); err != nil {
		return planRecord{Unknown: true}
	}
	return record
}

// removePlanRecord removes the record, which would stay in the state otherwise.
func removePlanRecord(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, planKey, nil)...)
}

// destroyRecord returns the record for a destroy. before is the record in the state.
func destroyRecord(runID string, before planRecord) planRecord {
	if before.As == planDeposed {
		return before
	}
	return planRecord{Run: runID, As: planDestroy}
}

// recordDeposed records for the next apply that the unblocks of a deposed object failed.
func recordDeposed(ctx context.Context, private privateSetter, record planRecord, failures []userFailure, diags *diag.Diagnostics) {
	if slices.ContainsFunc(failures, func(f userFailure) bool { return errors.Is(f.err, blocklist.ErrNotShown) }) {
		record.As = planDeposed
	}
	if record.As == planDeposed && len(failures) > 0 {
		recordPlan(ctx, private, record, diags)
	}
}

// createRecord returns the record for a create. before is the record of the first half, if
// this is the second half of a replacement.
func createRecord(runID string, before planRecord) planRecord {
	record := planRecord{Run: runID, As: planNew}
	if before.As == planExisting && before.Run == runID {
		record.As = planReplacement
	}
	return record
}

// setUsers records the users of a new resource.
func (r *planRecord) setUsers(users ...userid.User) {
	spelled := make([]string, len(users))
	for i, u := range users {
		spelled[i] = u.Spelling
	}
	r.Users = strings.Join(spelled, "\n")
}

// users returns the users of the new resource in a replacement, none without a replacement.
// It returns false if they are not known.
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

// proof returns whether a user has seen the plan of this record. The plan of a deposed
// object is made during the apply, in the apply's own run, so no one has seen it.
func (r *planRecord) proof(runID string) blocklist.Proof {
	if r.Run == "" || r.Run == runID {
		return blocklist.NotProven
	}
	return blocklist.ProvenByRun
}

// replacement returns users, and none if the new resource is on another channel than the
// one that holds the old users.
func (r *planRecord) replacement(ctx context.Context, holding *channel) ([]userid.User, bool) {
	users, known := r.users()
	if target := holding.data.channels[r.Channel]; target == nil || !holding.isSameAs(ctx, target) {
		users = nil
	}
	return users, known
}

// replacedByUnknown is for a replacement by users that the plan did not know.
const replacedByUnknown = "The resource is being replaced, because it is tainted or -replace names it, and the plan did not know the new users, because they depend on something known only after apply. " +
	"If they are the same users, an unblock now could lose their blocks, so nothing was sent.\n\nApply first what the users depend on (terraform apply -target=…), or untaint the resource."

// taintedSummary and taintedDetail explain why the provider does not unblock users who
// leave a tainted resource.
const taintedSummary = "Cannot take users out of a resource that is tainted"

func taintedDetail(names string) string {
	return "The resource is tainted, and the configuration no longer has these users in it:\n" + names +
		"\nFor a tainted resource, Terraform sends only the new configuration to the plan. So the provider could not check whether another resource takes them over. Nothing was sent, and they stay blocked.\n\n" +
		"Nothing has to be replaced: a resource of this provider is never broken. Run \"terraform untaint\" with its address, and apply again."
}
