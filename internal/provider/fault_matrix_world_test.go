package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// matrixRetries is max_retries in the matrix: a fault that hits twice is survived,
// if it is one that passes.
const matrixRetries = 2

// world is a service in memory, and a Terraform that reaches it.
type world struct {
	service *sandbox.Server
	tf      *prototest.Terraform
}

// newWorld makes a world for an operation, with answers of the likeliest look and
// small pages. A request for more than three users is refused, so that more than
// one is needed. It has to end with the bubble that it is made in.
func newWorld(t *testing.T, op operation, last sandbox.LastPage) *world {
	t.Helper()
	service := sandbox.New(sandbox.Options{
		Wire:  sandbox.Wire{List: sandbox.ListFlat, LastPage: last, Echo: sandbox.EchoDigits, FailedWaID: true, MaxLimit: 3},
		WaIDs: matrixWaIDs,
		Rules: sandbox.Rules{MaxBatch: 3, BatchCode: 100, RefuseOverlap: 139103},
	})
	tf := terraformInMemory(t, service, prototest.Attributes{"max_retries": matrixRetries})
	if op.parallelism > 0 {
		tf.Parallelism = op.parallelism
	}
	return &world{service: service, tf: tf}
}

// list is who is on the list, in order.
func (w *world) list() []string { return slices.Sorted(slices.Values(w.service.Blocked())) }

// outcome is what a run of an operation came to.
type outcome struct {
	diags prototest.Diagnostics
	// state is what Terraform holds then.
	state prototest.State
	// facts are what was found or is held, a line for each.
	facts []string
	// applied is set where the plan was applied, and removed is whom it showed as
	// removed.
	applied bool
	removed []string
}

// run runs the operation once, from a state.
func (op operation) run(ctx context.Context, w *world, state prototest.State) outcome {
	if op.query != nil {
		listed, diags := w.tf.Query(ctx, *op.query)
		o := outcome{diags: diags}
		for _, l := range listed {
			o.facts = append(o.facts, fmt.Sprint(l.DisplayName, l.Identity, l.Resource))
		}
		slices.Sort(o.facts)
		return o
	}
	run := w.tf.Apply(ctx, op.config, state)
	o := outcome{diags: run.All(), state: run.State, facts: factsOf(run.State), applied: run.Applied}
	for address, attributes := range run.Plan.Data {
		o.facts = append(o.facts, factsAbout("data."+address, attributes)...)
	}
	slices.Sort(o.facts)
	if run.Applied {
		o.removed = removals(run.Plan)
	}
	return o
}

// sameAs reports whether two outcomes are the same, also in what only the provider
// reads of a state.
func (o outcome) sameAs(other outcome) bool {
	if !slices.Equal(o.facts, other.facts) {
		return false
	}
	for address, instance := range o.state {
		if !slices.Equal(instance.Current.Private(), other.state[address].Current.Private()) {
			return false
		}
	}
	return true
}

// factsOf are those of a state.
func factsOf(state prototest.State) []string {
	var facts []string
	for _, address := range state.Addresses() {
		current := state[address].Current
		facts = append(facts, factsAbout(address, current.Attributes())...)
		facts = append(facts, fmt.Sprint(address, " identity ", current.Identity(), " tainted ", current.Tainted))
	}
	slices.Sort(facts)
	return facts
}

// factsAbout are one for each attribute, and one for each entry of a map.
func factsAbout(address string, attributes map[string]any) []string {
	var facts []string
	for name, value := range attributes {
		if entries, ok := value.(map[string]any); ok {
			for key, entry := range entries {
				facts = append(facts, fmt.Sprintf("%s %s[%s] = %v", address, name, key, entry))
			}
		} else {
			facts = append(facts, fmt.Sprintf("%s %s = %v", address, name, value))
		}
	}
	return facts
}

// usersIn are the users of a resource's attributes: who is blocked, and who is
// pending.
func usersIn(attributes map[string]any) (blocked, pending []string) {
	users, isMany := attributes["users"].(map[string]any)
	if !isMany {
		user, _ := attributes["user"].(string)
		switch {
		case user == "":
			return nil, nil
		case attributes["status"] == "pending":
			return nil, []string{user}
		default:
			return []string{user}, nil
		}
	}
	waiting, _ := attributes["pending"].(map[string]any)
	for user := range users {
		if _, ok := waiting[user]; ok {
			pending = append(pending, user)
		} else {
			blocked = append(blocked, user)
		}
	}
	return blocked, pending
}

// removals are the users whom a plan shows as removed.
func removals(plan *prototest.Plan) []string {
	var removed []string
	for _, change := range plan.Changes {
		before, _ := usersIn(change.Before())
		after, _ := usersIn(change.After())
		for _, user := range before {
			if !slices.Contains(after, user) {
				removed = append(removed, user)
			}
		}
	}
	return keys(removed)
}

// keys are what the service knows users by, each once and in order.
func keys(users []string) []string {
	known := make([]string, len(users))
	for i, user := range users {
		known[i] = strings.TrimPrefix(user, "+")
		if waID, ok := matrixWaIDs[known[i]]; ok {
			known[i] = waID
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// without are those of a sorted list who are not in another.
func without(users, others []string) []string {
	return slices.DeleteFunc(slices.Clone(users), func(user string) bool {
		_, found := slices.BinarySearch(others, user)
		return found
	})
}
