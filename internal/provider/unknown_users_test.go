package provider_test

import (
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// unknownUsers is a bulk resource whose map is not known yet.
func unknownUsers() faketerraform.Resource {
	return faketerraform.Resource{Attributes: faketerraform.Attributes{"users": faketerraform.Unknown}}
}

// If a user has left a map that was unknown in the plan, Terraform stops before the update.
func TestUnknownUsers(t *testing.T) {
	t.Parallel()
	for _, kind := range bulkTypes {
		for name, test := range map[string]struct {
			final   []string
			fails   bool
			blocked []string
		}{
			"one leaves":                 {[]string{ann}, true, []string{"4915120000001", "4915120000002"}},
			"all leave":                  {nil, true, []string{"4915120000001", "4915120000002"}},
			"one leaves, another comes":  {[]string{ann, cleo}, true, []string{"4915120000001", "4915120000002"}},
			"nobody leaves":              {[]string{ann, "004915120000002"}, false, []string{"4915120000001", "4915120000002"}},
			"nobody leaves, one is new":  {[]string{ann, bob, cleo}, false, []string{"4915120000001", "4915120000002", "4915120000003"}},
			"one leaves by another name": {[]string{ann, "DE.13604915120000002"}, false, []string{"4915120000001", "4915120000002"}},
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{WriteUserIDs: true}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					address := kind + ".a"
					state := apply(t, tf, acctest.Resources(acctest.At(address, acctest.Many(ann, bob))), nil)
					plan := tf.Plan(t.Context(), acctest.Resources(acctest.At(address, unknownUsers())), state)
					if text := plan.Diagnostics.Warnings().String(); plan.Failed() || !strings.Contains(text, "2 users are blocked now") || !strings.Contains(text, `"Provider produced inconsistent final plan"`) {
						t.Errorf("the plan says:\n%s", plan.Diagnostics)
					}
					final := acctest.Resources(acctest.At(address, acctest.Many(test.final...)))
					state, diags := tf.ApplyPlan(t.Context(), plan.Resolve(final))
					if diags.HasErrors() != test.fails || (test.fails && !strings.Contains(diags.String(), "Provider produced inconsistent final plan")) {
						t.Errorf("the apply says:\n%s", diags)
					}
					checkUnblocked(t, api)
					expectBlocked(t, api, test.blocked...)

					// The next plan shows who leaves.
					apply(t, tf, final, state)
					if left := len(api.Blocked()); left != len(test.final) {
						t.Errorf("%d users are on the list then, want %d", left, len(test.final))
					}
				})
			})
		}
	}
}

var bulkTypes = []string{acctest.BulkType, acctest.ExclusiveType}

// Users may leave an unknown map, so no other resource can take them over in the same plan.
func TestUnknownUsers_takenOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more   map[string]faketerraform.Resource
		before map[string]faketerraform.Resource
		fails  bool
	}{
		"by a new resource":      {more: acctest.At("d360_blocked_user.b", acctest.Single(ann)), fails: true},
		"by a new map":           {more: acctest.At("d360_blocked_users.b", acctest.Many(ann)), fails: true},
		"by a map with one more": {before: acctest.At("d360_blocked_users.b", acctest.Many(cleo)), more: acctest.At("d360_blocked_users.b", acctest.Many(ann, cleo)), fails: true},
		"by a replacement":       {before: acctest.At("d360_blocked_user.b", acctest.Single(cleo)), more: acctest.At("d360_blocked_user.b", acctest.Single(ann)), fails: true},
		"nobody is":              {more: acctest.At("d360_blocked_user.b", acctest.Single(cleo))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(ann, bob)), test.before), nil)
				plan := tf.Plan(t.Context(), acctest.Resources(acctest.At("d360_blocked_users.a", unknownUsers()), test.more), state)
				text := plan.Diagnostics.Errors().String()
				if plan.Failed() != test.fails || (test.fails && (!strings.Contains(text, "1 user is unblocked and blocked in one plan") || !strings.Contains(text, "may leave a map that is not known yet") || !strings.Contains(text, "-target="))) {
					t.Errorf("the plan says:\n%s", plan.Diagnostics)
				}
				checkUnblocked(t, api)
			})
		})
	}
}

func TestAccUnknownUsers_takenOver(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	const computed = "resource \"terraform_data\" \"u\" {\n  input = \"%\"\n}\nresource \"d360_blocked_users\" \"a\" {\n  users = { (terraform_data.u.output) = null }\n}\n"
	tf.apply(strings.Replace(computed, "%", ann, 1))
	api.SetAllSilent(true)
	tf.applyFails(strings.Replace(computed, "%", bob, 1)+single("b", ann), nil, "Error: 1 user is unblocked and blocked in one plan", "may leave a map that is not known yet", "-target=")
	checkUnblocked(t, api)
	expectBlocked(t, api, "4915120000001")
}
