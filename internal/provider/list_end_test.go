package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// listEnds are the ways in which a list can end, each flat and nested.
func listEnds(maxLimit int) map[string]fakeapi.ResponseFormat {
	ends := map[string]fakeapi.ResponseFormat{}
	for _, shape := range []fakeapi.ResponseFormat{{}, {List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}} {
		for _, last := range []fakeapi.LastPage{fakeapi.LastPageAfterOnly, fakeapi.LastPageNextNever} {
			for _, pastEnd := range []fakeapi.PastEnd{fakeapi.PastEndEmpty, fakeapi.PastEndReject, fakeapi.PastEndFirstPage} {
				w := shape
				w.LastPage, w.PastEnd, w.MaxLimit = last, pastEnd, maxLimit
				ends[w.String()] = w
			}
		}
	}
	return ends
}

func TestListEnd_driftIsSeen(t *testing.T) {
	t.Parallel()
	for formatName, format := range listEnds(10) {
		for kind, sizes := range map[string][]int{acctest.SingleType: {12}, acctest.BulkType: {7, 25}, acctest.ExclusiveType: {25}} {
			for _, n := range sizes {
				config := kinds[kind]
				t.Run(fmt.Sprintf("%s/%s/%d users", formatName, kind, n), func(t *testing.T) {
					t.Parallel()
					inMemory(t, fakeapi.Options{ResponseFormat: format}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						users := acctest.SomeUsers(0, n)
						config := config(users...)
						state := apply(t, tf, config, nil)
						api.ResetStats()
						expectNoChanges(t, tf, config, state)
						if gets := api.Stats().Gets; gets > n/10+2 {
							t.Errorf("%d requests for a list of %d pages", gets, n/10+1)
						}
						// Drift of the first and of the last user.
						api.Remove(users[0], users[n-1])
						state = apply(t, tf, config, state)
						expectBlocked(t, api, users...)
						expectNoChanges(t, tf, config, state)
					})
				})
			}
		}
	}
}

// incompleteEnds are formats in which a list of 25 users may have been cut short.
func incompleteEnds() map[string]fakeapi.ResponseFormat {
	ends := map[string]fakeapi.ResponseFormat{}
	for name, w := range listEnds(25) {
		if w.PastEnd != fakeapi.PastEndEmpty {
			ends[name] = w
		}
	}
	for _, shape := range []fakeapi.ListShape{fakeapi.ListNested, fakeapi.ListFlat} {
		for _, last := range []fakeapi.LastPage{fakeapi.LastPageAfterOnly, fakeapi.LastPageNextNever} {
			w := fakeapi.ResponseFormat{List: shape, LastPage: last, MaxLimit: 25, IgnoreAfter: true}
			ends[w.String()] = w
		}
	}
	return ends
}

// After an incomplete scan, a refresh keeps the users who are not shown, and warns once.
func TestListEnd_incomplete(t *testing.T) {
	t.Parallel()
	for formatName, format := range incompleteEnds() {
		for kind, config := range kinds {
			if kind == acctest.SingleType && !format.IgnoreAfter {
				continue // 30 resources for each would take long
			}
			t.Run(formatName+"/"+kind, func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					users := acctest.SomeUsers(0, 30)
					config := config(users...)
					state := apply(t, tf, config, nil)
					api.SetFormat(format)
					api.Remove(users[25:]...)
					api.ResetStats()
					plan := tf.Plan(t.Context(), config, state)
					if plan.Failed() || !plan.IsEmpty() {
						t.Errorf("the plan is empty: %t, and says:\n%s", plan.IsEmpty(), plan.Diagnostics)
					}
					warned := 0
					for _, d := range plan.Diagnostics.Warnings() {
						if d.Summary == "Cannot tell whether 5 users are still blocked" && strings.Contains(d.Detail, "The list may have been cut short") {
							warned++
						}
					}
					if warned != 1 || len(plan.Diagnostics) != 1 {
						t.Errorf("%d warnings, want one:\n%s", warned, plan.Diagnostics)
					}
					if gets := api.Stats().Gets; gets > 4 {
						t.Errorf("%d requests for two scans of one page", gets)
					}
					run := tf.Apply(t.Context(), faketerraform.Configuration{}, state)
					if !run.Diagnostics.HasErrors() {
						t.Error("the destroy of users who are not shown has no error")
					}
					for _, user := range api.Deleted() {
						if slices.Contains(users[25:], user) {
							t.Errorf("a DELETE was sent for %s, and the list does not show them", user)
						}
					}
					inState := 0
					for _, object := range run.State.Objects() {
						blocked, _ := acctest.UsersIn(object.Attributes())
						inState += len(blocked)
					}
					if inState != 5 {
						t.Errorf("the state holds %d users, want the five whose block is unknown", inState)
					}
				})
			})
		}
	}
}

func TestListEnd_warnsOnce(t *testing.T) {
	t.Parallel()
	inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		users := acctest.SomeUsers(0, 30)
		config := kinds[acctest.SingleType](users...)
		state := apply(t, tf, config, nil)
		api.SetFormat(fakeapi.ResponseFormat{IgnoreAfter: true, LastPage: fakeapi.LastPageNextNever, MaxLimit: 25})
		tf.Parallelism = 1
		plan := tf.Plan(t.Context(), config, state)
		if plan.Failed() || !plan.IsEmpty() || len(plan.Diagnostics) != 1 {
			t.Errorf("the plan is empty: %t, and says:\n%s", plan.IsEmpty(), plan.Diagnostics)
		}
	})
}

// After an incomplete scan, an exclusive resource still shows users who were added.
func TestListEnd_exclusiveRefresh(t *testing.T) {
	t.Parallel()
	for name, format := range incompleteEnds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				users := acctest.SomeUsers(0, 24)
				config := kinds[acctest.ExclusiveType](users...)
				state := apply(t, tf, config, nil)
				api.Seed(ann) // the 25th
				api.SetFormat(format)
				plan := tf.Plan(t.Context(), config, state)
				if removed := acctest.Removed(plan); plan.Failed() || !slices.Equal(removed, []string{"4915120000001"}) {
					t.Errorf("the plan shows %q as removed, and says:\n%s", removed, plan.Diagnostics)
				}
			})
		})
	}
}

func TestListEnd_wholeListNeeded(t *testing.T) {
	t.Parallel()
	for formatName, format := range incompleteEnds() {
		for name, config := range map[string]faketerraform.Configuration{
			"data source":           {Data: map[string]faketerraform.Attributes{"d360_blocked_users.all": {}}},
			"import of everyone":    {Resources: acctest.At("d360_blocked_users.a", acctest.Many(ann)), Imports: []faketerraform.Import{{To: "d360_blocked_users.a", ID: "*"}}},
			"import of a blocklist": {Resources: acctest.At("d360_blocklist_exclusive.a", acctest.Many(ann)), Imports: []faketerraform.Import{{To: "d360_blocklist_exclusive.a", ID: "blocklist"}}},
			"exclusive create":      kinds[acctest.ExclusiveType](acctest.SomeUsers(0, 25)...),
			"import of one user":    {Resources: acctest.At("d360_blocked_user.a", acctest.Single(ann)), Imports: []faketerraform.Import{{To: "d360_blocked_user.a", ID: ann}}},
		} {
			t.Run(formatName+"/"+name, func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{ResponseFormat: format}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					api.Seed(acctest.SomeUsers(0, 25)...)
					run := tf.Apply(t.Context(), config, nil)
					if text := run.Plan.Diagnostics.Errors().String(); !run.Plan.Failed() || !strings.Contains(text, "he list may have been cut short") {
						t.Errorf("the plan says:\n%s", run.All())
					}
					if len(api.Blocked()) != 25 || api.Stats().Posts > 0 {
						t.Error("the API was sent a write")
					}
				})
			})
		}
		t.Run(formatName+"/query", func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{ResponseFormat: format}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				api.Seed(acctest.SomeUsers(0, 25)...)
				listed, diags := tf.Query(t.Context(), faketerraform.Query{Type: acctest.SingleType})
				if !diags.HasErrors() || !strings.Contains(diags.String(), "he list may have been cut short") {
					t.Errorf("%d users, and the query says:\n%s", len(listed), diags)
				}
			})
		})
	}
}

// An exclusive resource is not created if the scan in the apply is incomplete.
func TestListEnd_exclusiveCreate(t *testing.T) {
	t.Parallel()
	inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		users := acctest.SomeUsers(0, 25)
		api.Seed(users...)
		plan := tf.Plan(t.Context(), kinds[acctest.ExclusiveType](users...), nil)
		if plan.Failed() {
			t.Fatal(plan.Diagnostics)
		}
		for _, format := range incompleteEnds() {
			api.SetFormat(format)
			state, diags := tf.ApplyPlan(t.Context(), plan)
			if !strings.Contains(diags.Errors().String(), "he list may have been cut short") || len(state) > 0 {
				t.Errorf("with %s, the apply says:\n%s", format, diags)
			}
		}
	})
}
