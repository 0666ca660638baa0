package faults_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// matrixRetries is max_retries in the matrix: a fault that hits twice is survived,
// if it is one that passes.
const matrixRetries = 2

// env is an API in memory, and a Terraform that reaches it.
type env struct {
	service *fakeapi.Server
	tf      *faketerraform.Terraform
}

// newEnv makes an env for an operation, with answers of the likeliest look and
// small pages. A request for more than three users is rejected, so that more than
// one is needed. It has to end with the bubble that it is made in.
func newEnv(t *testing.T, op operation, form form) *env {
	t.Helper()
	service := fakeapi.New(fakeapi.Options{
		ResponseFormat: form.format(),
		WaIDs:          matrixWaIDs,
		Rules:          fakeapi.Rules{MaxBatch: 3, BatchCode: 100, RejectOverlap: 139103},
	})
	tf := acctest.InMemoryTerraform(t, service, faketerraform.Attributes{"max_retries": matrixRetries})
	if op.parallelism > 0 {
		tf.Parallelism = op.parallelism
	}
	return &env{service: service, tf: tf}
}

// form is what responses look like.
type form struct {
	lastPage fakeapi.LastPage
	// userIDs shows everyone's user ID, as since 2026.
	userIDs bool
}

func (f form) format() fakeapi.ResponseFormat {
	format := fakeapi.ResponseFormat{List: fakeapi.ListFlat, LastPage: f.lastPage, Echo: fakeapi.EchoDigits, FailedWaID: true, MaxLimit: 3}
	if f.userIDs {
		format.UserIDs, format.UserIDAs = fakeapi.UserIDsAlways, fakeapi.UserIDAsBoth
	}
	return format
}

// list is who is on the list, in order.
func (w *env) list() []string { return slices.Sorted(slices.Values(w.service.Blocked())) }

// outcome is what a run of an operation came to.
type outcome struct {
	diags faketerraform.Diagnostics
	// state is what Terraform holds then.
	state faketerraform.State
	// facts are what was found or is held, a line for each.
	facts []string
	// applied is set where the plan was applied, and removed is who it showed as
	// removed.
	applied bool
	removed []string
}

// run runs the operation once, from a state.
func (op operation) run(ctx context.Context, w *env, state faketerraform.State) outcome {
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
		o.removed = keys(acctest.Removed(run.Plan))
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
func factsOf(state faketerraform.State) []string {
	var facts []string
	for _, address := range state.Addresses() {
		current := state[address].Current
		facts = append(facts, factsAbout(address, current.Attributes())...)
		facts = append(facts, fmt.Sprint(address, " identity ", current.Identity(), " tainted ", current.Tainted))
	}
	slices.Sort(facts)
	return facts
}

// factsAbout are one for each attribute, and one for each entry of a map. The user
// ID is none: when it is learned depends on when the list is read.
func factsAbout(address string, attributes map[string]any) []string {
	var facts []string
	for name, value := range attributes {
		if name == "user_id" {
			continue
		}
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

// keys are what the API knows users by, each once and in order.
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
