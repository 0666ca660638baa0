package provider_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// The create of a replacement gets the names of the users who stay. Otherwise a user that
// the list shows under another name would leave the state when the API rejects a second
// block.
func TestReplacement_hiddenNumber(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		if kind == acctest.ExclusiveType {
			continue // its plan is an error
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			rules := fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}
			inMemory(t, fakeapi.Options{Rules: rules}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				users := phoneNumbers(1)
				state := apply(t, tf, config(users...), nil)
				api.Hide(users...)
				address := state.Addresses()[0]
				run := tf.ApplyWith(t.Context(), config(users...), state, faketerraform.PlanOptions{Replace: []string{address}})
				if run.All().HasErrors() {
					t.Errorf("the replacement fails:\n%s", run.All())
				}
				object := run.State[address].Current
				if object == nil {
					t.Fatal("the user has left the state")
				}
				if blocked, pending := acctest.UsersIn(object.Attributes()); len(blocked) != 1 || len(pending) != 0 {
					t.Errorf("the state holds %v as blocked and %v as pending", blocked, pending)
				}
				checkUnblocked(t, api)
				expectBlocked(t, api, canonical(users)...)
			})
		})
	}
}

// The list may show by number a user that the replacement blocked by user ID.
func TestReplacement_exclusiveByUserID(t *testing.T) {
	t.Parallel()
	opts := fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, UserIDs: map[string]string{"16505550100": "US.1"}}
	inMemory(t, opts, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		config, users := kinds[acctest.ExclusiveType], phoneNumbers(1)
		state := apply(t, tf, config(users...), nil)
		run := tf.ApplyWith(t.Context(), config(users[0], "US.1"), state, faketerraform.PlanOptions{Replace: state.Addresses()})
		if run.All().HasErrors() {
			t.Errorf("the replacement fails:\n%s", run.All())
		}
		expectBlocked(t, api, append(canonical(users), "16505550100")...)
	})
}

// Only the list shows whether a user ID belongs to the user of a number.
func TestOtherName_listUnreadable(t *testing.T) {
	t.Parallel()
	inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		const address = "d360_blocked_user.a"
		state := apply(t, tf, acctest.Resources(acctest.At(address, acctest.Single("+16505550100"))), nil)
		api.Inject(fakeapi.Fault{Method: "GET", Kind: fakeapi.FaultStatus, Status: 500, Times: fakeapi.Forever})
		plan := tf.PlanWith(t.Context(), acctest.Resources(acctest.At(address, acctest.Single("US.1"))), state, faketerraform.PlanOptions{NoRefresh: true})
		expectDiagnostic(t, plan.Diagnostics, true, "Cannot find out whether +16505550100 and US.1 are the same user")
	})
}

// If the list shows the new user only after the plan, the new and the old one may be the
// same user.
func TestOtherName_listedAfterThePlan(t *testing.T) {
	t.Parallel()
	opts := fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, UserIDs: map[string]string{"16505550100": "US.1"}}
	for kind, config := range kinds {
		if kind == acctest.ExclusiveType {
			continue // its plan covers the whole list
		}
		if kind == acctest.SingleType {
			config = func(users ...string) faketerraform.Configuration {
				return acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(users[0])))
			}
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inMemory(t, opts, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, config("US.1"), nil)
				address := state.Addresses()[0]
				plan := tf.Plan(t.Context(), config("+16505550101"), state)
				if plan.Failed() {
					t.Fatal(plan.Diagnostics)
				}
				api.Seed("16505550101")
				state, diags := tf.ApplyPlan(t.Context(), plan)
				if kind == acctest.SingleType {
					expectDiagnostic(t, diags, true, "Cannot replace US.1 by +16505550101", "The list has changed since the plan", "Nothing was sent")
					if blocked, _ := acctest.UsersIn(state[address].Current.Attributes()); len(blocked) != 1 || blocked[0] != "US.1" {
						t.Errorf("the state holds %v", blocked)
					}
				} else {
					expectDiagnostic(t, diags, false, "no one is unblocked", "US.1")
				}
				checkUnblocked(t, api)
				expectBlocked(t, api, "16505550100", "16505550101")
			})
		})
	}
}
