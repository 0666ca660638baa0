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

// configOf is a configuration of some users.
type configOf = func(users ...string) faketerraform.Configuration

var kinds = map[string]configOf{
	acctest.SingleType: func(users ...string) faketerraform.Configuration {
		var all []map[string]faketerraform.Resource
		for _, user := range users {
			all = append(all, acctest.At(fmt.Sprintf("d360_blocked_user.each[%q]", user), acctest.Single(user)))
		}
		return acctest.Resources(all...)
	},
	acctest.BulkType: func(users ...string) faketerraform.Configuration {
		return acctest.Resources(acctest.At("d360_blocked_users.all", acctest.Many(users...)))
	},
	acctest.ExclusiveType: func(users ...string) faketerraform.Configuration {
		return acctest.Resources(acctest.At("d360_blocklist_exclusive.all", acctest.Many(users...)))
	},
}

func formatsWithUserIDs() []fakeapi.ResponseFormat {
	var formats []fakeapi.ResponseFormat
	for _, list := range []fakeapi.ListShape{fakeapi.ListFlat, fakeapi.ListNested} {
		for _, inWrites := range []bool{false, true} {
			formats = append(formats, fakeapi.ResponseFormat{List: list, UserIDs: fakeapi.UserIDsAlways, WriteUserIDs: inWrites, LastPage: fakeapi.LastPageAfterOnly})
		}
	}
	return formats
}

// eachKind runs a parallel subtest for each kind of resource.
func eachKind(t *testing.T, test func(t *testing.T, kind string, config configOf)) {
	t.Helper()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, kind, config)
		})
	}
}

// eachFormat is eachKind for each format with user IDs, and for the same without them.
func eachFormat(t *testing.T, test func(t *testing.T, format, noUserIDs fakeapi.ResponseFormat, kind string, config configOf)) {
	t.Helper()
	eachKind(t, func(t *testing.T, kind string, config configOf) {
		for _, format := range formatsWithUserIDs() {
			t.Run(format.String(), func(t *testing.T) {
				t.Parallel()
				noUserIDs := format
				noUserIDs.UserIDs, noUserIDs.WriteUserIDs = fakeapi.UserIDsNever, false
				test(t, format, noUserIDs, kind, config)
			})
		}
	})
}

// The state remembers the user ID of a user who hides the number. So the user stays
// blocked, and is unblocked when they leave the configuration.
func TestHiddenNumbers(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, format, _ fakeapi.ResponseFormat, _ string, config configOf) {
		for _, unblock := range []fakeapi.HiddenUnblock{fakeapi.HiddenUnblockWorks, fakeapi.HiddenUnblockReject, fakeapi.HiddenUnblockNoEffect} {
			users := phoneNumbers(5)
			inMemory(t, fakeapi.Options{ResponseFormat: format, Rules: fakeapi.Rules{HiddenUnblock: unblock}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, config(users...), nil)
				state = refresh(t, tf, config(users...), state)
				api.Hide(users[:3]...)
				api.SetAllSilent(true)
				api.ResetStats()

				expectNoChanges(t, tf, config(users...), state)
				state = apply(t, tf, config(users...), state)
				expectNoWrites(t, api)
				expectBlocked(t, api, canonical(users)...)

				state = apply(t, tf, config(users[1:]...), state)
				expectBlocked(t, api, canonical(users[1:])...)
				expectNoChanges(t, tf, config(users[1:]...), state)
				api.Show(users[1])
				expectNoChanges(t, tf, config(users[1:]...), state)
				apply(t, tf, faketerraform.Configuration{}, state)
				expectBlocked(t, api)
			})
		}
	})
}

// A refresh that learns a name changes no plan.
func TestHiddenNumbers_learning(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, format, noUserIDs fakeapi.ResponseFormat, _ string, config configOf) {
		users := phoneNumbers(2)
		inMemory(t, fakeapi.Options{ResponseFormat: noUserIDs}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
			state := apply(t, tf, config(users...), nil)
			api.SetFormat(format)
			expectNoChanges(t, tf, config(users...), state)
		})
	})
}

// A user who may be on the list under an unknown name is not confirmed absent.
func TestHiddenNumbers_unknown(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, format, noUserIDs fakeapi.ResponseFormat, kind string, config configOf) {
		users := phoneNumbers(3)
		inMemory(t, fakeapi.Options{ResponseFormat: noUserIDs}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
			state := apply(t, tf, config(users...), nil)
			api.Hide(users[0])
			api.SetAllSilent(true)
			api.SetFormat(format)
			api.ResetStats()

			plan := tf.Plan(t.Context(), config(users...), state)
			if plan.Failed() || !plan.IsEmpty() {
				t.Errorf("the plan is not empty:\n%s", plan.Diagnostics)
			}
			expectDiagnostic(t, plan.Diagnostics, false, "Cannot tell whether 1 user is still blocked", "1 entry of the list", "webhooks carry it as user_id", "terraform apply -refresh-only -auto-approve")

			run := tf.Apply(t.Context(), config(users[1:]...), state)
			expectDiagnostic(t, run.Diagnostics, true, "Cannot unblock", "may show them under another one", "write it in place of the number", "destroy = false")
			expectNoWrites(t, api)
			expectBlocked(t, api, canonical(users)...)

			// The remedy of the message: the user ID in place of the number.
			named := slices.Concat([]string{api.UserID(users[0])}, users[1:])
			plan = tf.Plan(t.Context(), config(named...), run.State)
			if kind != acctest.SingleType {
				expectDiagnostic(t, plan.Diagnostics, false, "no one is unblocked", users[0])
			}
		})
	})
}

// A user ID in place of a hidden number adopts the entry.
func TestHiddenNumbers_writeUserID(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, format, noUserIDs fakeapi.ResponseFormat, kind string, config configOf) {
		inMemory(t, fakeapi.Options{ResponseFormat: noUserIDs}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
			const number = "+4915120000001"
			configWith := func(user string) faketerraform.Configuration {
				if kind == acctest.SingleType { // one address for both names
					return acctest.Resources(acctest.At("d360_blocked_user.one", acctest.Single(user)))
				}
				return config(user, "+4915120000009")
			}
			state := apply(t, tf, configWith(number), nil)
			listed := api.Blocked()
			api.Hide(number)
			api.SetAllSilent(true)
			api.SetFormat(format)
			api.ResetStats()
			after := configWith(api.UserID(number))
			plan := tf.Plan(t.Context(), after, state)
			expectDiagnostic(t, plan.Diagnostics, false, "no one is unblocked", number, "they stay blocked")
			state = apply(t, tf, after, state)
			expectNoWrites(t, api)
			expectBlocked(t, api, listed...)
			expectNoChanges(t, tf, after, state)
		})
	})
}

// A plan that removes entries which may be users of the configuration is an error.
func TestHiddenNumbers_exclusive(t *testing.T) {
	t.Parallel()
	for _, format := range formatsWithUserIDs() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{ResponseFormat: format}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				users := phoneNumbers(5)
				api.Seed(users...)
				api.Hide(users[:3]...)
				api.SetAllSilent(true)
				config := kinds[acctest.ExclusiveType]
				imported := config(users...)
				imported.Imports = []faketerraform.Import{{To: "d360_blocklist_exclusive.all", ID: "blocklist"}}
				run := tf.Apply(t.Context(), imported, nil)
				expectDiagnostic(t, run.All(), true, "The plan unblocks 3 users who may be in the configuration",
					api.UserID(users[0]), users[0], "write the user ID in place of the number")
				if run.Applied {
					t.Error("the plan was applied")
				}
				var named []string
				for _, user := range users[:3] {
					named = append(named, api.UserID(user))
				}
				imported = config(append(named, users[3:]...)...)
				imported.Imports = []faketerraform.Import{{To: "d360_blocklist_exclusive.all", ID: "blocklist"}}
				state := apply(t, tf, imported, nil)
				expectNoWrites(t, api)
				expectBlocked(t, api, canonical(users)...)
				expectNoChanges(t, tf, imported, state)
			})
		})
	}
}

func phoneNumbers(n int) []string {
	users := make([]string, n)
	for i := range users {
		users[i] = fmt.Sprintf("+%d", 4915120000001+i)
	}
	return users
}

// canonical are numbers without their plus.
func canonical(users []string) []string {
	digits := make([]string, len(users))
	for i, user := range users {
		digits[i] = strings.TrimPrefix(user, "+")
	}
	return digits
}

// refresh is the state that "terraform apply -refresh-only" saves.
func refresh(t *testing.T, tf *faketerraform.Terraform, config faketerraform.Configuration, state faketerraform.State) faketerraform.State {
	t.Helper()
	plan := tf.Plan(t.Context(), config, state)
	if plan.Failed() {
		t.Fatalf("the plan fails:\n%s", plan.Diagnostics)
	}
	return plan.Refreshed()
}

func expectNoWrites(t *testing.T, api *fakeapi.Server) {
	t.Helper()
	if stats := api.Stats(); stats.Posts+stats.Deletes > 0 {
		t.Errorf("%d POSTs and %d DELETEs were sent, want none", stats.Posts, stats.Deletes)
	}
}

// expectDiagnostic looks for an error or a warning that has all texts in this order.
func expectDiagnostic(t *testing.T, diags faketerraform.Diagnostics, isError bool, texts ...string) {
	t.Helper()
	for _, d := range diags {
		if d.Error == isError && acctest.Wrapped(texts...).MatchString(d.Summary+"\n"+d.Detail) {
			return
		}
	}
	t.Errorf("no diagnostic (error: %t) says %q:\n%s", isError, texts, diags)
}
