package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// Without max_unblocks, the limit is the default or comes from the environment.
var defaultLimit = faketerraform.Attributes{"max_unblocks": nil}

func limit(n int) faketerraform.Attributes { return faketerraform.Attributes{"max_unblocks": n} }

// expectRejected expects a plan to fail with an error that has all texts, and to write nothing.
func expectRejected(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform, config faketerraform.Configuration, state faketerraform.State, texts ...string) {
	t.Helper()
	api.ResetStats()
	run := tf.Apply(t.Context(), config, state)
	expectDiagnostic(t, run.All(), true, texts...)
	if run.Applied {
		t.Error("the plan was applied")
	}
	expectNoWrites(t, api)
}

func TestUnblockLimit(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		for name, test := range map[string]struct {
			before, after int
			settings      faketerraform.Attributes
			says          []string
		}{
			"emptied":                {150, 0, defaultLimit, []string{"150 users"}},
			"cut short":              {50, 5, defaultLimit, []string{"This plan unblocks 45 users, and the limit is 20", "The limit is max_unblocks, 20 unless it is set", "+4915120000006", "… and 35 more: D360_MAX_UNBLOCKS=45 terraform plan shows all", "D360_MAX_UNBLOCKS=45 terraform apply"}},
			"to the limit":           {50, 30, defaultLimit, nil},
			"above a limit":          {5, 2, limit(2), []string{"This plan unblocks 3 users, and the limit is 2", "max_unblocks = 2 in the provider block", "set max_unblocks = 3 in the provider block"}},
			"to a limit":             {5, 3, limit(2), nil},
			"nobody may be":          {5, 4, limit(0), []string{"This plan unblocks 1 user, and the limit is 0"}},
			"emptied within a limit": {30, 0, limit(30), nil},
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				inMemoryWith(t, fakeapi.Options{}, test.settings, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					users := phoneNumbers(test.before)
					state := apply(t, tf, config(users...), nil)
					if test.says != nil {
						expectRejected(t, api, tf, config(users[:test.after]...), state, test.says...)
						return
					}
					run := tf.Apply(t.Context(), config(users[:test.after]...), state)
					if run.All().HasErrors() {
						t.Fatal(run.All())
					}
					expectDiagnostic(t, run.Plan.Diagnostics, false, "This plan unblocks users", fmt.Sprintf("%d user", test.before-test.after), users[test.after], "often cannot be undone")
					for _, d := range run.Diagnostics {
						if strings.HasPrefix(d.Summary, "This plan unblocks users") {
							t.Errorf("the apply repeats the warning: %s", d)
						}
					}
					expectBlocked(t, api, canonical(users[:test.after])...)
				})
			})
		}
	}
}

// A plan may not leave a bulk resource of ten users without any of them, unless a
// limit is set.
func TestUnblockLimit_allUsersOfAResource(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{acctest.BulkType, acctest.ExclusiveType} {
		config := kinds[kind]
		for name, test := range map[string]struct {
			before, after []string
			says          []string
		}{
			"emptied":       {phoneNumbers(10), nil, []string{"This plan unblocks all 10 users of the resource", "The map is then empty", "D360_MAX_UNBLOCKS=10"}},
			"all replaced":  {phoneNumbers(20)[:10], phoneNumbers(20)[10:], []string{"This plan unblocks all 10 users of the resource", "The map then has only other users"}},
			"one stays":     {phoneNumbers(20)[:10], phoneNumbers(20)[9:], nil},
			"a few emptied": {phoneNumbers(9), nil, nil},
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				inMemoryWith(t, fakeapi.Options{}, defaultLimit, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					state := apply(t, tf, config(test.before...), nil)
					if test.says != nil {
						expectRejected(t, api, tf, config(test.after...), state, test.says...)
						return
					}
					apply(t, tf, config(test.after...), state)
					expectBlocked(t, api, canonical(test.after)...)
				})
			})
		}
	}
}

// A destroy counts each user once. A replacement by the same users counts none.
func TestUnblockLimit_destroyAndReplace(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inMemoryWith(t, fakeapi.Options{}, limit(3), func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				users := phoneNumbers(4)
				state := apply(t, tf, config(users...), nil)
				plan := tf.PlanWith(t.Context(), config(users...), state, faketerraform.PlanOptions{Destroy: true})
				expectDiagnostic(t, plan.Diagnostics, true, "This plan unblocks 4 users, and the limit is 3")
				state = apply(t, tf, config(users[:3]...), state)
				run := tf.ApplyWith(t.Context(), config(users[:3]...), state, faketerraform.PlanOptions{Replace: state.Addresses()})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}
				run = tf.ApplyWith(t.Context(), config(), run.State, faketerraform.PlanOptions{Destroy: true})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}
				expectBlocked(t, api)
			})
		})
	}
}

// A rename without a moved block is an error that says what to do. The limit says nothing
// of it, because raising the limit would not help.
func TestUnblockLimit_renamed(t *testing.T) {
	t.Parallel()
	renamed := func(users []string) faketerraform.Configuration {
		var resources []map[string]faketerraform.Resource
		for _, u := range users {
			resources = append(resources, acctest.At(fmt.Sprintf("d360_blocked_user.renamed[%q]", u), acctest.Single(u)))
		}
		return acctest.Resources(resources...)
	}
	for _, parallelism := range []int{10, 50} {
		inMemoryWith(t, fakeapi.Options{Delay: 2 * time.Second}, defaultLimit, func(t *testing.T, _ *fakeapi.Server, tf *faketerraform.Terraform) {
			users := phoneNumbers(60)
			state := apply(t, tf, kinds[acctest.SingleType](users...), nil)
			tf.Parallelism = parallelism
			plan := tf.Plan(t.Context(), renamed(users), state)
			expectDiagnostic(t, plan.Diagnostics, true, "60 users are unblocked and blocked in one plan", "moved {")
			for _, d := range plan.Diagnostics {
				if strings.Contains(d.Summary, "This plan unblocks") {
					t.Errorf("parallelism %d: the limit counts renamed users: %s", parallelism, d)
				}
			}
			// The review reads the list in this plan, which takes longer than the wait for
			// other instances.
			plan = tf.PlanWith(t.Context(), renamed(users), state, faketerraform.PlanOptions{NoRefresh: true})
			for _, d := range plan.Diagnostics {
				if strings.Contains(d.Summary, "This plan unblocks") {
					t.Errorf("parallelism %d, no refresh: the limit counts renamed users: %s", parallelism, d)
				}
			}
			// A user who is only removed still counts.
			plan = tf.Plan(t.Context(), renamed(users[:39]), state)
			expectDiagnostic(t, plan.Diagnostics, true, "This plan unblocks 21 users, and the limit is 20")
		})
	}
}

// Terraform hides the details of warnings with equal summaries, so those after the
// first have the count in theirs.
func TestUnblockLimit_oneAtATime(t *testing.T) {
	t.Parallel()
	inMemoryWith(t, fakeapi.Options{}, limit(10), func(t *testing.T, _ *fakeapi.Server, tf *faketerraform.Terraform) {
		tf.Parallelism = 1
		users := phoneNumbers(6)
		config := kinds[acctest.SingleType]
		state := apply(t, tf, config(users...), nil)
		plan := tf.Plan(t.Context(), config(users[5:]...), state)
		expectDiagnostic(t, plan.Diagnostics, false, "This plan unblocks users: 5 so far")
		first := 0
		for _, d := range plan.Diagnostics.Warnings() {
			if d.Summary == "This plan unblocks users" {
				first++
			}
		}
		if first != 1 {
			t.Errorf("%d warnings have the summary without a count:\n%s", first, plan.Diagnostics)
		}
	})
}

// The attribute wins over the variable, and the message names the one in force.
func TestUnblockLimit_environment(t *testing.T) {
	t.Setenv("D360_MAX_UNBLOCKS", "2")
	config := kinds[acctest.BulkType]
	for _, test := range []struct {
		settings faketerraform.Attributes
		says     []string
	}{
		{defaultLimit, []string{"the limit is 2", "D360_MAX_UNBLOCKS=2 in the environment", "D360_MAX_UNBLOCKS=3 terraform apply"}},
		{limit(1), []string{"the limit is 1", "max_unblocks = 1 in the provider block", "The attribute wins over D360_MAX_UNBLOCKS"}},
	} {
		inMemoryWith(t, fakeapi.Options{}, test.settings, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
			users := phoneNumbers(5)
			state := apply(t, tf, config(users...), nil)
			expectRejected(t, api, tf, config(users[3:]...), state, test.says...)
		})
	}
}

// A plan hides the keys of a sensitive map, but shows how many users it unblocks.
func TestAccUnblockLimit_sensitive(t *testing.T) {
	t.Parallel()
	_, tf := startTerraform(t, fakeapi.Options{})
	users := func(users string) string {
		return "variable \"users\" {\n  type = map(string)\n  sensitive = true\n  default = { " + users + " }\n}\nresource \"d360_blocked_users\" \"all\" {\n  users = var.users\n}\n"
	}
	tf.apply(users(`"+49 1512 0000001" = "", "+49 1512 0000002" = ""`))
	tf.plan(users(`"+49 1512 0000001" = ""`), "unblocked = 0 -> 1", "Warning: This plan unblocks users")
}

// While max_unblocks is not known yet, a plan cannot read the list.
func TestUnblockLimit_unknown(t *testing.T) {
	t.Parallel()
	inMemoryWith(t, fakeapi.Options{}, limit(50), func(t *testing.T, api *fakeapi.Server, _ *faketerraform.Terraform) {
		unknown := acctest.InMemoryTerraform(t, api, faketerraform.Attributes{"max_unblocks": faketerraform.Unknown})
		config := faketerraform.Configuration{Data: map[string]faketerraform.Attributes{"d360_blocked_users.all": {}}}
		expectDiagnostic(t, unknown.Plan(t.Context(), config, nil).Diagnostics, true, "The provider's settings are not known yet", "max_unblocks")
	})
}
