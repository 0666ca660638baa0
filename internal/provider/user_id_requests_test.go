package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// A user ID is blocked and unblocked beside numbers, in one request, whatever a proxy
// does with the field user_id.
func TestUserIDRequests(t *testing.T) {
	t.Parallel()
	const one, two = "US.13491208655302741918", "DE.987"
	for name, test := range map[string]struct {
		rules fakeapi.Rules
		// block and unblock are the names in each request, with a dash before user IDs
		// in the field user.
		block, more, unblock []string
	}{
		"forwarded": {
			fakeapi.Rules{UserIDs: fakeapi.UserIDsForwarded, StrictUserIDs: true},
			[]string{"POST +16505550100 " + one},
			[]string{"POST " + two},
			[]string{"DELETE " + two + " +16505550100 " + one},
		},
		"dropped": {
			fakeapi.Rules{UserIDs: fakeapi.UserIDsDropped},
			[]string{"POST +16505550100 " + one, "POST -" + one},
			[]string{"POST " + two, "POST -" + two},
			[]string{"DELETE " + two + " +16505550100 " + one, "DELETE -" + two + " -" + one},
		},
		"rejected": {
			fakeapi.Rules{UserIDs: fakeapi.UserIDsRejected},
			[]string{"POST +16505550100 " + one, "POST +16505550100 -" + one},
			[]string{"POST " + two, "POST -" + two},
			[]string{"DELETE " + two + " +16505550100 " + one, "DELETE -" + two + " +16505550100 -" + one},
		},
	} {
		for _, format := range []fakeapi.ResponseFormat{{}, {List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways, UserIDAs: fakeapi.UserIDAsBoth}} {
			t.Run(name+"/"+format.String(), func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{ResponseFormat: format, Rules: test.rules}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					sent := 0
					step := func(state faketerraform.State, want []string, users ...string) faketerraform.State {
						var config faketerraform.Configuration
						if len(users) > 0 {
							config = acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many(users...)))
						}
						state = apply(t, tf, config, state)
						all := writesOf(api)
						if got := all[sent:]; !slices.Equal(got, want) {
							t.Errorf("the API was sent %q, want %q", got, want)
						}
						sent = len(all)
						expectNoChanges(t, tf, config, state)
						return state
					}
					state := step(nil, test.block, "+16505550100", "us."+one[3:])
					expectBlocked(t, api, "16505550100", one)
					state = step(state, test.more, "+16505550100", one, " "+two+" ")
					expectBlocked(t, api, "16505550100", one, two)
					step(state, test.unblock)
					expectBlocked(t, api)
				})
			})
		}
	}
}

func writesOf(api *fakeapi.Server) []string {
	var writes []string
	for _, request := range api.Requests() {
		if request.Method == http.MethodGet {
			continue
		}
		write := request.Method
		for _, item := range request.Items {
			switch {
			case item.UserID != "":
				write += " " + item.UserID
			case strings.HasPrefix(item.User, "+"):
				write += " " + item.User
			default:
				write += " -" + item.User
			}
		}
		writes = append(writes, write)
	}
	return writes
}

// A run remembers which field took the user ID.
func TestUserIDRequests_remembered(t *testing.T) {
	t.Parallel()
	for _, rule := range []fakeapi.UserIDRequests{fakeapi.UserIDsDropped, fakeapi.UserIDsRejected} {
		t.Run(rule.String(), func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{Rules: fakeapi.Rules{UserIDs: rule}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many("US.1", "US.2"))), nil)
				api.ResetStats()
				apply(t, tf, acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many("US.2", "US.3"))), state)
				if stats := api.Stats(); stats.Posts != 2 || stats.Deletes != 1 {
					t.Errorf("%+v, want two POSTs, and one DELETE in the form that has worked", stats)
				}
				expectBlocked(t, api, "US.2", "US.3")
			})
		})
	}
}

// An unblock that the response rejects leaves the user in the state, whatever the
// HTTP status.
func TestUserIDRequests_unblockRejected(t *testing.T) {
	t.Parallel()
	for _, rejection := range []fakeapi.RejectionStatus{fakeapi.Rejection400, fakeapi.Rejection200, fakeapi.Rejection200Error} {
		t.Run(rejection.String(), func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Rejection: rejection, EmptyFailed: true}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				state := apply(t, tf, acctest.Resources(acctest.At("d360_blocked_users.a", acctest.Many("US.1", ann))), nil)
				api.RejectUnblock("US.1", 131047, "", "")
				run := tf.Apply(t.Context(), faketerraform.Configuration{}, state)
				if text := run.Diagnostics.Errors().String(); !strings.Contains(text, "Cannot unblock 1 of 2 users") || !strings.Contains(text, "code 131047") {
					t.Errorf("the apply says:\n%s", run.All())
				}
				expectBlocked(t, api, "US.1")
				blocked, _ := acctest.UsersIn(run.State["d360_blocked_users.a"].Current.Attributes())
				if !slices.Equal(blocked, []string{"US.1"}) {
					t.Errorf("the state holds %q", blocked)
				}
			})
		})
	}
}

// A user whose number is hidden is unblocked by user ID, where an unblock by number is
// rejected or does nothing.
func TestUserIDRequests_hiddenNumber(t *testing.T) {
	t.Parallel()
	for _, rule := range []fakeapi.HiddenUnblock{fakeapi.HiddenUnblockWorks, fakeapi.HiddenUnblockReject, fakeapi.HiddenUnblockNoEffect} {
		for kind, resource := range map[string]faketerraform.Resource{
			acctest.SingleType: acctest.Single(ann), acctest.BulkType: acctest.Many(ann), acctest.ExclusiveType: acctest.Many(ann),
		} {
			t.Run(fmt.Sprintf("%s/%s", rule, kind), func(t *testing.T) {
				t.Parallel()
				inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}, Rules: fakeapi.Rules{HiddenUnblock: rule, StrictUserIDs: true}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					config := acctest.Resources(acctest.At(kind+".a", resource))
					state := refresh(t, tf, config, apply(t, tf, config, nil))
					api.Hide(ann)
					expectNoChanges(t, tf, config, state)
					checkUnblocked(t, api)
					apply(t, tf, faketerraform.Configuration{}, state)
					expectBlocked(t, api)
				})
			})
		}
	}
}

// A user whose number was hidden before the provider saw the user ID is not confirmed
// absent, and no request is sent for them.
func TestHiddenNumber_unknownUserID(t *testing.T) {
	t.Parallel()
	for kind, resource := range map[string]faketerraform.Resource{
		acctest.SingleType: acctest.Single(ann), acctest.BulkType: acctest.Many(ann), acctest.ExclusiveType: acctest.Many(ann),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				config := acctest.Resources(acctest.At(kind+".a", resource))
				state := apply(t, tf, config, nil)
				api.Hide(ann)
				plan := tf.Plan(t.Context(), config, state)
				if text := plan.Diagnostics.Warnings().String(); plan.Failed() || !plan.IsEmpty() || !strings.Contains(text, "Cannot tell whether 1 user is still blocked") {
					t.Errorf("the plan is empty: %t, and says:\n%s", plan.IsEmpty(), plan.Diagnostics)
				}
				run := tf.Apply(t.Context(), faketerraform.Configuration{}, state)
				if !strings.Contains(run.Diagnostics.Errors().String(), "may show them under another one, so nothing was sent") || run.State[kind+".a"].Current == nil {
					t.Errorf("the destroy says:\n%s", run.All())
				}
				checkUnblocked(t, api)
			})
		})
	}
}

func TestAccParentUserID(t *testing.T) {
	_, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	const parent = "us.ENT.11815799212886844830"
	says := acctest.Wrapped("Not a WhatsApp user", "is a parent user ID, and WhatsApp cannot block by one", "take the user ID without ENT")
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: config + single("a", parent), PlanOnly: true, ExpectError: says},
			{Config: config + bulk("a", parent), PlanOnly: true, ExpectError: says},
		},
	})
}
