package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

const shortForm = "+55 11 8765-4321" // of typedForm, without the ninth digit

// formChanges are the ways in which a configuration changes a number to its
// alternate form.
var formChanges = map[string]struct {
	before, after faketerraform.Configuration
	// replace are addresses for -replace.
	replace []string
}{
	"a key of for_each": {
		before: acctest.Resources(acctest.At(`d360_blocked_user.each["551187654321"]`, acctest.Single(shortForm))),
		after:  acctest.Resources(acctest.At(`d360_blocked_user.each["5511987654321"]`, acctest.Single(typedForm))),
	},
	"one resource": {
		before: acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(shortForm))),
		after:  acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(typedForm))),
	},
	"a map": {
		before: acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(ann, shortForm))),
		after:  acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(ann, typedForm))),
	},
	"a map, replaced": {
		before:  acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(ann, shortForm))),
		after:   acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(ann, typedForm))),
		replace: []string{"d360_blocked_users.a"},
	},
	"the whole list": {
		before: acctest.Resources(acctest.At("d360_blocklist_exclusive.a", acctest.Many(ann, shortForm))),
		after:  acctest.Resources(acctest.At("d360_blocklist_exclusive.a", acctest.Many(ann, typedForm))),
	},
	"the whole list, replaced": {
		before:  acctest.Resources(acctest.At("d360_blocklist_exclusive.a", acctest.Many(ann, shortForm))),
		after:   acctest.Resources(acctest.At("d360_blocklist_exclusive.a", acctest.Many(ann, typedForm))),
		replace: []string{"d360_blocklist_exclusive.a"},
	},
	"from a map to a resource": {
		before: acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(shortForm))),
		after:  acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many()), acctest.At("d360_blocked_user.b", acctest.Single(typedForm))),
	},
}

var waIDFormats = map[string]fakeapi.ResponseFormat{
	"WhatsApp IDs":             {},
	"no WhatsApp IDs":          {OmitWaID: true},
	"WhatsApp IDs in the list": {OmitWaID: true, List: fakeapi.ListFlat},
}

func TestAlternateForm_planIsAnError(t *testing.T) {
	t.Parallel()
	for shape, format := range waIDFormats {
		for name, test := range formChanges {
			t.Run(shape+"/"+name, func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{typedDigits: listedForm}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					state := apply(t, tf, test.before, nil)
					blocked := api.Blocked()
					api.SetAllSilent(true)

					run := tf.ApplyWith(t.Context(), test.after, state, faketerraform.PlanOptions{Replace: test.replace})
					if text := run.Plan.Diagnostics.Errors().String(); !strings.Contains(text, "1 pair of numbers may be one user") ||
						!strings.Contains(text, "Keep the number as it was. If they are two people, remove the old number in one apply, and add the new one in the next.") {
						t.Errorf("the plan says:\n%s", run.All())
					}
					checkUnblocked(t, api)
					expectBlocked(t, api, blocked...)
					expectNoChanges(t, tf, test.before, run.State)
				})
			})
		}
	}
}

// Two entries on the list are two people, so one number may replace the other.
func TestAlternateForm_twoEntriesAreTwoUsers(t *testing.T) {
	t.Parallel()
	for name, test := range formChanges {
		if name == "the whole list, replaced" {
			continue // a replacement that removes a user is an error
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, test.before, nil)
				api.Seed(typedDigits)
				if strings.HasPrefix(name, "the whole list") {
					state = refresh(t, tf, test.before, state)
				}
				run := tf.ApplyWith(t.Context(), test.after, state, faketerraform.PlanOptions{Replace: test.replace})
				if run.All().HasErrors() {
					t.Errorf("the apply says:\n%s", run.All())
				}
				checkUnblocked(t, api, listedForm)
				if !api.IsBlocked(typedDigits) {
					t.Error("the second user was unblocked")
				}
			})
		})
	}
}

// The plan does not know yet that another resource will block the alternate form. The
// apply does, and unblocks a user only if both are proven to be two people.
func TestAlternateForm_apply(t *testing.T) {
	t.Parallel()
	oneUser := map[string]string{typedDigits: listedForm}
	for name, test := range map[string]struct {
		options fakeapi.Options
		// fails is set where the apply cannot tell who is who.
		fails     bool
		unblocked []string
	}{
		"one user, block rejected":                     {fakeapi.Options{WaIDs: oneUser, Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}}, true, nil},
		"one user, block without a response":           {fakeapi.Options{WaIDs: oneUser, Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpIgnore}}, true, nil},
		"one user, by the response":                    {fakeapi.Options{WaIDs: oneUser}, false, nil},
		"one user, no WhatsApp IDs":                    {fakeapi.Options{WaIDs: oneUser, ResponseFormat: waIDFormats["no WhatsApp IDs"]}, true, nil},
		"one user, WhatsApp IDs in the list alone":     {fakeapi.Options{WaIDs: oneUser, ResponseFormat: waIDFormats["WhatsApp IDs in the list"]}, true, nil},
		"two people, by the responses":                 {fakeapi.Options{}, false, []string{listedForm}},
		"two people, WhatsApp IDs, and block rejected": {fakeapi.Options{Rules: fakeapi.Rules{OwnNumber: typedForm}}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, order := range []func([]string){slices.Sort[[]string], reverse} {
				inMemory(t, test.options, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					state := apply(t, tf, acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(shortForm))), nil)
					plan := tf.Plan(t.Context(), acctest.Resources(acctest.At("d360_blocked_user.b", acctest.Single("", faketerraform.Attributes{"user": faketerraform.Unknown}))), state)
					if plan.Failed() {
						t.Fatal(plan.Diagnostics)
					}
					tf.Order = order
					state, diags := tf.ApplyPlan(t.Context(), plan.Resolve(acctest.Resources(acctest.At("d360_blocked_user.b", acctest.Single(typedForm)))))
					checkUnblocked(t, api, test.unblocked...)
					if diags.HasErrors() != test.fails || (test.fails && !strings.Contains(diags.String(), "This number and another one that this run blocks or keeps may be one user")) {
						t.Errorf("the apply says:\n%s", diags)
					}
					if isHeld := state["d360_blocked_user.a"].Current != nil; isHeld != test.fails {
						t.Errorf("the old resource is in the state: %t, want %t", isHeld, test.fails)
					}
				})
			}
		})
	}
}

func reverse(addresses []string) {
	slices.Sort(addresses)
	slices.Reverse(addresses)
}
