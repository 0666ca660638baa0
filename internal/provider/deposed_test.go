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

func createBeforeDestroy(r faketerraform.Resource) faketerraform.Resource {
	r.CreateBeforeDestroy = true
	return r
}

// With create_before_destroy, Terraform plans the unblock during the apply. It is not sent
// before a second plan has shown it.
func TestDeposed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind           string
		before, after  faketerraform.Resource
		taint, replace bool
		removed        []string
	}{
		"one user":                    {acctest.SingleType, acctest.Single(ann), acctest.Single(bob), false, false, []string{ann}},
		"one user, tainted":           {acctest.SingleType, acctest.Single(ann), acctest.Single(bob), true, false, []string{ann}},
		"one user, the same":          {acctest.SingleType, acctest.Single(ann), acctest.Single(ann), false, true, nil},
		"one user, tainted, the same": {acctest.SingleType, acctest.Single(ann), acctest.Single(ann), true, false, nil},
		"a map":                       {acctest.BulkType, acctest.Many(ann, cleo), acctest.Many(bob, cleo), false, true, []string{ann}},
		"a map, tainted":              {acctest.BulkType, acctest.Many(ann, cleo), acctest.Many(bob, cleo), true, false, []string{ann}},
		"a map with more in it":       {acctest.BulkType, acctest.Many(ann, cleo), acctest.Many(ann, bob, cleo), false, true, nil},
		"the whole list, more in it":  {acctest.ExclusiveType, acctest.Many(ann), acctest.Many(ann, bob), false, true, nil},
		"the whole list, tainted":     {acctest.ExclusiveType, acctest.Many(ann), acctest.Many(ann, bob), true, false, nil},
	} {
		for orderName, order := range map[string]func([]string){"as they come": nil, "backwards": reverse} {
			t.Run(name+"/"+orderName, func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					address := test.kind + ".a"
					tf.Parallelism, tf.Order = 1, order
					state := apply(t, tf, acctest.Resources(acctest.At(address, createBeforeDestroy(test.before))), nil)
					after := acctest.Resources(acctest.At(address, createBeforeDestroy(test.after)))
					var opts faketerraform.PlanOptions
					if test.replace {
						opts.Replace = []string{address}
					}
					if test.taint {
						state = state.Taint(address)
					}
					run := tf.ApplyWith(t.Context(), after, state, opts)
					text := run.Diagnostics.Errors().String()
					if fails := len(test.removed) > 0; !run.Applied || run.Diagnostics.HasErrors() != fails || (fails && !strings.Contains(text, "the next plan shows it as a deposed object")) {
						t.Errorf("the apply says:\n%s", run.All())
					}
					checkUnblocked(t, api)
					if deposed := len(run.State[address].Deposed); (deposed > 0) != (len(test.removed) > 0) {
						t.Errorf("%d deposed objects are left", deposed)
					}

					plan := tf.Plan(t.Context(), after, run.State)
					shown := acctest.Removed(plan)
					for _, user := range test.removed {
						if !slices.Contains(shown, user) {
							t.Errorf("the second plan shows %q as removed, want %q too", shown, user)
						}
					}
					checkUnblocked(t, api)
					state, diags := tf.ApplyPlan(t.Context(), plan)
					if plan.Failed() || diags.HasErrors() || len(state[address].Deposed) > 0 {
						t.Errorf("the second apply says:\n%s\n%s", plan.Diagnostics, diags)
					}
					var unblocked []string
					if len(test.removed) > 0 {
						unblocked = []string{"4915120000001"}
					}
					checkUnblocked(t, api, unblocked...)
					expectNoChanges(t, tf, after, state)
				})
			})
		}
	}
}

// A resource that comes later takes over the user that a tainted one loses.
func TestDeposed_takenOver(t *testing.T) {
	t.Parallel()
	for _, taint := range []bool{false, true} {
		for _, later := range []string{"d360_blocked_user.z", "d360_blocked_users.z"} {
			for orderName, order := range map[string]func([]string){"as they come": nil, "backwards": reverse} {
				t.Run(fmt.Sprintf("tainted=%t/%s/%s", taint, later, orderName), func(t *testing.T) {
					t.Parallel()
					inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						tf.Parallelism, tf.Order = 1, order
						const address = "d360_blocked_user.a"
						state := apply(t, tf, acctest.Resources(acctest.At(address, createBeforeDestroy(acctest.Single(ann)))), nil)
						if taint {
							state = state.Taint(address)
						}
						api.SetAllSilent(true)
						api.Heard(bob)
						newHolder := acctest.Single(ann)
						if strings.HasPrefix(later, acctest.BulkType) {
							newHolder = acctest.Many(ann)
						}
						config := acctest.Resources(acctest.At(address, createBeforeDestroy(acctest.Single(bob))), acctest.At(later, newHolder))
						for range 3 {
							run := tf.Apply(t.Context(), config, state)
							state = run.State
							checkUnblocked(t, api)
							if !run.All().HasErrors() && len(state[address].Deposed) > 0 {
								t.Errorf("no error, and a deposed object is left: %s", run.All())
							}
						}
						if !api.IsBlocked(ann) {
							t.Error("the user was unblocked")
						}
					})
				})
			}
		}
	}
}

func TestAccDeposed(t *testing.T) {
	t.Parallel()
	first := func(block string) string {
		return strings.Replace(block, "{\n", "{\n  lifecycle {\n    create_before_destroy = true\n  }\n", 1)
	}
	t.Run("a user leaves", func(t *testing.T) {
		t.Parallel()
		api, tf := startTerraform(t, fakeapi.Options{})
		tf.apply(first(single("a", ann)))
		tf.applyFails(first(single("a", bob)), nil, "Error: Cannot unblock "+ann, "No plan has shown this unblock, so nothing was sent", "Apply again: the next plan shows it as a deposed object")
		checkUnblocked(t, api)
		tf.apply(first(single("a", bob)), "d360_blocked_user.a (deposed object", "will be destroyed", "0 added, 0 changed, 1 destroyed")
		checkUnblocked(t, api, "4915120000001")
		expectBlocked(t, api, "4915120000002")
	})
	t.Run("another resource takes the user of a tainted one over", func(t *testing.T) {
		t.Parallel()
		api, tf := startTerraform(t, fakeapi.Options{})
		tf.apply(first(single("a", ann)))
		tf.run(first(single("a", ann)), "taint", "d360_blocked_user.a")
		api.SetAllSilent(true)
		api.Heard(bob)
		// The destroy of the deposed object comes before the create.
		later := "resource \"terraform_data\" \"slow\" {\n  provisioner \"local-exec\" {\n    command = \"sleep 2\"\n  }\n}\n" +
			strings.Replace(single("z", ann), "}", "  depends_on = [terraform_data.slow]\n}", 1)
		tf.applyFails(first(single("a", bob))+later, nil, "No plan has shown this unblock, so nothing was sent", "deposed object")
		tf.applyFails(first(single("a", bob))+later, nil, "Error: 1 user is unblocked and blocked in one plan", "deposed object", "terraform state rm")
		checkUnblocked(t, api)
		expectBlocked(t, api, "4915120000001", "4915120000002")
		// The remedy of the message unblocks no one.
		tf.run(first(single("a", bob))+later, "state rm", "d360_blocked_user.a")
		tf.apply(first(single("a", bob)) + later)
		checkUnblocked(t, api)
	})
	t.Run("a map loses a user", func(t *testing.T) {
		t.Parallel()
		api, tf := startTerraform(t, fakeapi.Options{})
		tf.apply(first(bulk("a", ann, cleo)))
		tf.applyFails(first(bulk("a", bob, cleo)), []string{"-replace=d360_blocked_users.a"}, "Error: Cannot unblock 1 of 2 users", "Apply again: the next plan shows it as a deposed object")
		checkUnblocked(t, api)
		tf.apply(first(bulk("a", bob, cleo)), "d360_blocked_users.a (deposed object", `- "`+ann+`" = null`, "0 added, 0 changed, 1 destroyed")
		checkUnblocked(t, api, "4915120000001")
	})
}
