package provider_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

func countOf(t *testing.T, attributes map[string]any) int {
	t.Helper()
	n, ok := attributes["unblocked"].(float64)
	if !ok {
		t.Fatalf("unblocked is %v", attributes["unblocked"])
	}
	return int(n)
}

// The attribute unblocked says how many users a resource has unblocked so far, and a
// plan raises it by as many as it unblocks.
func TestUnblocked(t *testing.T) {
	t.Parallel()
	for _, kind := range bulkTypes {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				address := kind + ".a"
				var state faketerraform.State
				step := func(what string, planned, saved int, fails bool, r faketerraform.Resource, replace ...string) {
					t.Helper()
					run := tf.ApplyWith(t.Context(), acctest.Resources(acctest.At(address, r)), state, faketerraform.PlanOptions{Replace: replace})
					if run.All().HasErrors() != fails {
						t.Errorf("%s: the apply says:\n%s", what, run.All())
					}
					state = run.State
					change := run.Plan.Change(address)
					if change == nil || state[address].Current == nil {
						t.Fatalf("%s: the resource is not in the plan, or not in the state", what)
					}
					if got := countOf(t, change.After()); got != planned {
						t.Errorf("%s: the plan says %d, want %d", what, got, planned)
					}
					if got := countOf(t, state[address].Current.Attributes()); got != saved {
						t.Errorf("%s: the state says %d, want %d", what, got, saved)
					}
				}
				pending := faketerraform.Attributes{"allow_pending": true}
				step("a create", 0, 0, false, acctest.Many(ann, bob, cleo))
				step("another note", 0, 0, false, faketerraform.Resource{Attributes: faketerraform.Attributes{"users": map[string]any{ann: "new", bob: nil, cleo: nil}}})
				step("another spelling", 0, 0, false, acctest.Many("004915120000001", bob, cleo))
				api.RejectUnblock(bob, 100, "", "")
				step("a rejected unblock", 2, 1, true, acctest.Many(ann))
				api.Allow(bob)
				step("the rest", 2, 2, false, acctest.Many(ann))
				api.Silent("+16505550100")
				step("a pending user", 2, 2, false, with(acctest.Many(ann, "+16505550100"), pending))
				step("the pending user leaves", 2, 2, false, acctest.Many(ann))
				step("a replacement", 0, 0, false, acctest.Many(ann), address)
				step("one for another", 1, 1, false, acctest.Many(bob))
				checkUnblocked(t, api, "4915120000002", "4915120000003", "4915120000002", "4915120000001")
			})
		})
	}
}

func TestUnblocked_import(t *testing.T) {
	t.Parallel()
	inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		api.Seed(ann, bob)
		config := acctest.Resources(acctest.At("d360_blocklist_exclusive.a", acctest.Many(ann)))
		config.Imports = []faketerraform.Import{{To: "d360_blocklist_exclusive.a", ID: "blocklist"}}
		plan := tf.Plan(t.Context(), config, nil)
		change := plan.Change("d360_blocklist_exclusive.a")
		if plan.Failed() || countOf(t, change.Before()) != 0 || countOf(t, change.After()) != 1 {
			t.Errorf("the plan goes from %v to %v: %s", change.Before(), change.After(), plan.Diagnostics)
		}
	})
}

// The apply counts as the plan did, whatever happens to the list in between.
func TestUnblocked_applyMatchesPlan(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*fakeapi.Server){
		"nothing happens":               func(*fakeapi.Server) {},
		"the leaving user is unblocked": func(s *fakeapi.Server) { s.Remove(bob) },
		"the staying user is unblocked": func(s *fakeapi.Server) { s.Remove(ann) },
		"another user is blocked":       func(s *fakeapi.Server) { s.Seed("16505550100") },
		"the new user is blocked":       func(s *fakeapi.Server) { s.Seed(cleo) },
		"numbers are hidden":            func(s *fakeapi.Server) { s.Hide(ann, bob) },
		"the list shows other names":    func(s *fakeapi.Server) { s.SetFormat(fakeapi.ResponseFormat{}) },
		"the list fails once": func(s *fakeapi.Server) {
			s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: 503})
		},
	} {
		for _, kind := range bulkTypes {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					address := kind + ".a"
					state := apply(t, tf, acctest.Resources(acctest.At(address, acctest.Many(ann, bob))), nil)
					plan := tf.Plan(t.Context(), acctest.Resources(acctest.At(address, acctest.Many(ann, cleo))), state)
					if plan.Failed() || countOf(t, plan.Change(address).After()) != 1 {
						t.Fatal(plan.Diagnostics)
					}
					meanwhile(api)
					state, diags := tf.ApplyPlan(t.Context(), plan)
					if diags.HasErrors() {
						t.Fatalf("the apply says:\n%s", diags)
					}
					if got := countOf(t, state[address].Current.Attributes()); got != 1 {
						t.Errorf("the state says %d", got)
					}
					for _, user := range api.Deleted() {
						if !slices.Contains([]string{"4915120000002", api.UserID(bob)}, user) {
							t.Errorf("a DELETE was sent for %s", user)
						}
					}
				})
			})
		}
	}
}
