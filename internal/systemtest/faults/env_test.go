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

// matrixRetries is max_retries in the matrix. A temporary fault that hits
// twice has no effect.
const matrixRetries = 2

type env struct {
	api *fakeapi.Server
	tf  *faketerraform.Terraform
}

// newEnv returns an env for an operation. The API rejects requests with more than three users,
// so that every operation needs several.
func newEnv(t *testing.T, op operation, format fakeapi.ResponseFormat) *env {
	t.Helper()
	api := fakeapi.New(fakeapi.Options{
		ResponseFormat: format,
		WaIDs:          matrixWaIDs,
		Rules:          fakeapi.Rules{MaxBatch: 3, BatchCode: 100, RejectOverlap: 139103},
	})
	tf := acctest.InMemoryTerraform(t, api, faketerraform.Attributes{"max_retries": matrixRetries})
	if op.parallelism > 0 {
		tf.Parallelism = op.parallelism
	}
	return &env{api: api, tf: tf}
}

// responseFormat returns a likely format of responses, with three users on a page. withUserIDs
// adds user IDs, which the API sends since 2026.
func responseFormat(lastPage fakeapi.LastPage, withUserIDs bool) fakeapi.ResponseFormat {
	format := fakeapi.ResponseFormat{List: fakeapi.ListFlat, LastPage: lastPage, Echo: fakeapi.EchoDigits, FailedWaID: true, MaxLimit: 3}
	if withUserIDs {
		format.UserIDs, format.UserIDAs = fakeapi.UserIDsAlways, fakeapi.UserIDAsBoth
	}
	return format
}

func (e *env) list() []string { return slices.Sorted(slices.Values(e.api.Blocked())) }

// outcome has what a run of an operation leaves.
type outcome struct {
	diags faketerraform.Diagnostics
	state faketerraform.State
	// facts has a line for each result of a query and each attribute of a data source or the state.
	facts []string
	// applied is set if Terraform applied the plan. removed has the users that the plan removes.
	applied bool
	removed []string
}

// run runs the operation once, from a state.
func (op operation) run(ctx context.Context, e *env, state faketerraform.State) outcome {
	if op.query != nil {
		listed, diags := e.tf.Query(ctx, *op.query)
		o := outcome{diags: diags}
		for _, l := range listed {
			o.facts = append(o.facts, fmt.Sprint(l.DisplayName, l.Identity, l.Resource))
		}
		slices.Sort(o.facts)
		return o
	}
	run := e.tf.Apply(ctx, op.config, state)
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

// sameAs reports whether two outcomes are the same, including the private state.
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

// factsAbout returns a fact for each attribute and each entry of a map. It leaves out user
// IDs, because they depend on when the list was read.
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

// keys returns the keys of users in the fake API's list, sorted and each once.
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

// without returns the users of a sorted list who are not in another one.
func without(users, excluded []string) []string {
	return slices.DeleteFunc(slices.Clone(users), func(user string) bool {
		_, found := slices.BinarySearch(excluded, user)
		return found
	})
}
