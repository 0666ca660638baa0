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

// kinds are the ways to keep a list, each a configuration of some users.
var kinds = map[string]func(users ...string) faketerraform.Configuration{
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

// wiresWithUserIDs are the forms that a list and a response with user IDs may have.
func wiresWithUserIDs() []fakeapi.ResponseFormat {
	var wires []fakeapi.ResponseFormat
	for _, list := range []fakeapi.ListShape{fakeapi.ListFlat, fakeapi.ListNested} {
		for _, inWrites := range []bool{false, true} {
			wires = append(wires, fakeapi.ResponseFormat{List: list, UserIDs: fakeapi.UserIDsAlways, WriteUserIDs: inWrites, LastPage: fakeapi.LastPageAfterOnly})
		}
	}
	return wires
}

// everyKind runs a test for each kind of resource and each form of the list.
func everyKind(t *testing.T, test func(t *testing.T, format fakeapi.ResponseFormat, config func(users ...string) faketerraform.Configuration)) {
	t.Helper()
	for kind, config := range kinds {
		for _, format := range wiresWithUserIDs() {
			t.Run(kind+"/"+format.String(), func(t *testing.T) {
				t.Parallel()
				test(t, format, config)
			})
		}
	}
}

// Who hides the number is found by the user ID that the state remembers, stays
// blocked, and is unblocked when they leave the configuration.
func TestHiddenNumbers(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, format fakeapi.ResponseFormat, config func(users ...string) faketerraform.Configuration) {
		for _, unblock := range []fakeapi.HiddenUnblock{fakeapi.HiddenUnblockWorks, fakeapi.HiddenUnblockReject, fakeapi.HiddenUnblockNoEffect} {
			users := inARow(5)
			inMemory(t, fakeapi.Options{ResponseFormat: format, Rules: fakeapi.Rules{HiddenUnblock: unblock}}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, config(users...), nil)
				state = refresh(t, tf, config(users...), state)
				service.Hide(users[:3]...)
				service.SetAllSilent(true)
				service.ResetStats()

				expectNoChanges(t, tf, config(users...), state)
				state = apply(t, tf, config(users...), state)
				expectNoWrites(t, service)
				expectBlocked(t, service, canonical(users)...)

				state = apply(t, tf, config(users[1:]...), state)
				expectBlocked(t, service, canonical(users[1:])...)
				expectNoChanges(t, tf, config(users[1:]...), state)
				// The number that is shown again is followed as well.
				service.Show(users[1])
				expectNoChanges(t, tf, config(users[1:]...), state)
				apply(t, tf, faketerraform.Configuration{}, state)
				expectBlocked(t, service)
			})
		}
	})
}

// A refresh that teaches a name changes no plan.
func TestHiddenNumbers_learning(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, format fakeapi.ResponseFormat, config func(users ...string) faketerraform.Configuration) {
		users := inARow(2)
		quiet := format
		quiet.UserIDs, quiet.WriteUserIDs = fakeapi.UserIDsNever, false
		inMemory(t, fakeapi.Options{ResponseFormat: quiet}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
			state := apply(t, tf, config(users...), nil)
			service.SetFormat(format)
			expectNoChanges(t, tf, config(users...), state)
		})
	})
}

// No one is confirmed absent who may be on the list under a name that no one knows.
func TestHiddenNumbers_unknown(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, format fakeapi.ResponseFormat, config func(users ...string) faketerraform.Configuration) {
		users := inARow(3)
		quiet := format
		quiet.UserIDs, quiet.WriteUserIDs = fakeapi.UserIDsNever, false
		inMemory(t, fakeapi.Options{ResponseFormat: quiet}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
			state := apply(t, tf, config(users...), nil)
			service.Hide(users[0])
			service.SetAllSilent(true)
			service.SetFormat(format)
			service.ResetStats()

			plan := tf.Plan(t.Context(), config(users...), state)
			if plan.Failed() || !plan.IsEmpty() {
				t.Errorf("the plan is not empty:\n%s", plan.Diagnostics)
			}
			expectDiagnostic(t, plan.Diagnostics, false, "Cannot tell whether 1 user is still blocked", "1 entry of the list", "webhooks carry it as user_id", "terraform apply -refresh-only -auto-approve")

			// Who leaves the configuration may be on the list, so it takes a remedy.
			run := tf.Apply(t.Context(), config(users[1:]...), state)
			expectDiagnostic(t, run.Diagnostics, true, "Cannot unblock", "may show them under another one", "write it in place of the number", "destroy = false")
			expectNoWrites(t, service)
			expectBlocked(t, service, canonical(users)...)

			// The user ID in place of the number is such a remedy, and sends nothing.
			named := slices.Concat([]string{service.UserID(users[0])}, users[1:])
			plan = tf.Plan(t.Context(), config(named...), run.State)
			if kindOf(config) != acctest.SingleType {
				expectDiagnostic(t, plan.Diagnostics, false, "no one is unblocked", users[0])
			}
		})
	})
}

// A user ID in place of a number that the list does not show adopts the entry.
func TestHiddenNumbers_writeUserID(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]func(user string) faketerraform.Configuration{
		acctest.SingleType: func(user string) faketerraform.Configuration {
			return acctest.Resources(acctest.At("d360_blocked_user.one", acctest.Single(user)))
		},
		acctest.BulkType: func(user string) faketerraform.Configuration {
			return kinds[acctest.BulkType](user, "+4915120000009")
		},
		acctest.ExclusiveType: func(user string) faketerraform.Configuration {
			return kinds[acctest.ExclusiveType](user, "+4915120000009")
		},
	} {
		for _, format := range wiresWithUserIDs() {
			t.Run(kind+"/"+format.String(), func(t *testing.T) {
				t.Parallel()
				quiet := format
				quiet.UserIDs, quiet.WriteUserIDs = fakeapi.UserIDsNever, false
				inMemory(t, fakeapi.Options{ResponseFormat: quiet}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
					const number = "+4915120000001"
					state := apply(t, tf, config(number), nil)
					listed := service.Blocked()
					service.Hide(number)
					service.SetAllSilent(true)
					service.SetFormat(format)
					service.ResetStats()
					plan := tf.Plan(t.Context(), config(service.UserID(number)), state)
					expectDiagnostic(t, plan.Diagnostics, false, "no one is unblocked", number, "they stay blocked")
					state = apply(t, tf, config(service.UserID(number)), state)
					expectNoWrites(t, service)
					expectBlocked(t, service, listed...)
					expectNoChanges(t, tf, config(service.UserID(number)), state)
				})
			})
		}
	}
}

// An exclusive resource that would remove entries which may be users of its
// configuration is an error, whether it is imported or its keys change.
func TestHiddenNumbers_exclusive(t *testing.T) {
	t.Parallel()
	for _, format := range wiresWithUserIDs() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{ResponseFormat: format}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
				users := inARow(5)
				service.Seed(users...)
				service.Hide(users[:3]...)
				service.SetAllSilent(true)
				config := kinds[acctest.ExclusiveType]
				imported := config(users...)
				imported.Imports = []faketerraform.Import{{To: "d360_blocklist_exclusive.all", ID: "blocklist"}}
				run := tf.Apply(t.Context(), imported, nil)
				expectDiagnostic(t, run.All(), true, "The plan unblocks 3 users who may be in the configuration",
					service.UserID(users[0]), users[0], "write the user ID in place of the number")
				if run.Applied {
					t.Error("the plan was applied")
				}
				var named []string
				for _, user := range users[:3] {
					named = append(named, service.UserID(user))
				}
				imported = config(append(named, users[3:]...)...)
				imported.Imports = []faketerraform.Import{{To: "d360_blocklist_exclusive.all", ID: "blocklist"}}
				state := apply(t, tf, imported, nil)
				expectNoWrites(t, service)
				expectBlocked(t, service, canonical(users)...)
				expectNoChanges(t, tf, imported, state)
			})
		})
	}
}

// inARow are n numbers in a row.
func inARow(n int) []string {
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
		digits[i] = user[1:]
	}
	return digits
}

// kindOf is the type of a configuration's resources.
func kindOf(config func(users ...string) faketerraform.Configuration) string {
	for address := range config("+4915120000001").Resources {
		kind, _, _ := strings.Cut(address, ".")
		return kind
	}
	return ""
}

// refresh is what "terraform apply -refresh-only" saves.
func refresh(t *testing.T, tf *faketerraform.Terraform, config faketerraform.Configuration, state faketerraform.State) faketerraform.State {
	t.Helper()
	plan := tf.Plan(t.Context(), config, state)
	if plan.Failed() {
		t.Fatalf("the plan fails:\n%s", plan.Diagnostics)
	}
	return plan.Refreshed()
}

// expectNoWrites checks that nothing was sent that changes the list.
func expectNoWrites(t *testing.T, service *fakeapi.Server) {
	t.Helper()
	if stats := service.Stats(); stats.Posts+stats.Deletes > 0 {
		t.Errorf("%d POSTs and %d DELETEs were sent, want none", stats.Posts, stats.Deletes)
	}
}

// expectDiagnostic looks for an error or a warning that has all texts, in order.
func expectDiagnostic(t *testing.T, diags faketerraform.Diagnostics, isError bool, texts ...string) {
	t.Helper()
	for _, d := range diags {
		if d.Error == isError && acctest.Wrapped(texts...).MatchString(d.Summary+"\n"+d.Detail) {
			return
		}
	}
	t.Errorf("no diagnostic (error: %t) says %q:\n%s", isError, texts, diags)
}
