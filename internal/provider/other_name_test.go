package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// userID is the user ID of the user who is typedForm and listedForm.
const userID = "BR.13491208655302741918"

// oneEntry are options of a fake API that knows one user by all these names.
func oneEntry(format fakeapi.ResponseFormat) fakeapi.Options {
	return fakeapi.Options{
		ResponseFormat: format, Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject},
		WaIDs: map[string]string{typedDigits: listedForm}, UserIDs: map[string]string{typedDigits: userID},
	}
}

// Another name of the same user is an update in place that sends no request.
func TestAccOtherName(t *testing.T) {
	t.Parallel()
	configs := map[string]func(name string) string{
		acctest.SingleType: func(name string) string { return single("abuse", name) },
		acctest.BulkType:   func(name string) string { return acctest.Bulk(acctest.BulkType, map[string]string{name: "x", bob: ""}) },
		acctest.ExclusiveType: func(name string) string {
			return acctest.Bulk(acctest.ExclusiveType, map[string]string{name: "x", bob: ""})
		},
	}
	for kind, config := range configs {
		t.Run(kind, func(t *testing.T) {
			api, provider := acctest.StartFakeAPI(t, oneEntry(fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}))
			step := func(name, canonical string, action plancheck.ResourceActionType) resource.TestStep {
				s := resource.TestStep{
					Config:           provider + config(name),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(kind+".abuse", action)}},
				}
				switch {
				case kind != acctest.SingleType:
					s.ConfigStateChecks = append(expectUsers(kind, []string{name, bob}), statecheck.ExpectKnownValue(kind+".abuse", tfjsonpath.New("unblocked"), knownvalue.Int64Exact(0)))
				case knowsIdentity(t):
					s.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectIdentityValue(kind+".abuse", tfjsonpath.New("user"), knownvalue.StringExact(canonical))}
				}
				if action != plancheck.ResourceActionCreate {
					s.PreConfig = api.ResetStats
					s.Check = checkNoWrites(api)
				}
				return s
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				CheckDestroy:             acctest.CheckBlocked(api),
				Steps: []resource.TestStep{
					step(typedForm, typedDigits, plancheck.ResourceActionCreate),
					step("+"+listedForm, listedForm, plancheck.ResourceActionUpdate),
					step(userID, userID, plancheck.ResourceActionUpdate),
					step("+"+listedForm, listedForm, plancheck.ResourceActionUpdate),
				},
			})
		})
	}
}

func checkNoWrites(api *fakeapi.Server) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if stats := api.Stats(); stats.Posts+stats.Deletes > 0 || len(api.Deleted()) > 0 {
			return fmt.Errorf("the API was sent %+v", stats)
		}
		return nil
	}
}

func TestOtherName(t *testing.T) {
	t.Parallel()
	resources := map[string]func(name string) faketerraform.Resource{
		acctest.SingleType:    func(name string) faketerraform.Resource { return acctest.Single(name) },
		acctest.BulkType:      func(name string) faketerraform.Resource { return acctest.Many(name, bob) },
		acctest.ExclusiveType: func(name string) faketerraform.Resource { return acctest.Many(name, bob) },
	}
	for kind, resource := range resources {
		for _, format := range []fakeapi.ResponseFormat{
			{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways},
			{UserIDs: fakeapi.UserIDsAlways},
			{UserIDs: fakeapi.UserIDsAlways, Input: fakeapi.ListInputOmitted},
			{UserIDs: fakeapi.UserIDsAlways, WriteUserIDs: true, UserIDAs: fakeapi.UserIDAsBoth},
		} {
			for changeName, change := range map[string][]string{
				"number to WhatsApp ID":        {typedForm, "+" + listedForm},
				"WhatsApp ID to user ID":       {"+" + listedForm, userID},
				"number to user ID":            {typedForm, userID},
				"number, user ID, WhatsApp ID": {typedForm, userID, "+" + listedForm},
				"user ID to WhatsApp ID":       {userID, "+" + listedForm},
				"another letter case":          {userID, "br." + userID[3:]},
			} {
				t.Run(kind+"/"+format.String()+"/"+changeName, func(t *testing.T) {
					t.Parallel()
					inMemory(t, oneEntry(format), func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						var state faketerraform.State
						for i, name := range change {
							config := acctest.Resources(acctest.At(kind+".a", resource(name)))
							api.ResetStats()
							plan := tf.Plan(t.Context(), config, state)
							if i > 0 && plan.Count(faketerraform.Create, faketerraform.Delete, faketerraform.DeleteThenCreate) > 0 {
								t.Errorf("the plan of %s creates or destroys: %s", name, plan.Diagnostics)
							}
							state = apply(t, tf, config, state)
							if stats := api.Stats(); i > 0 && stats.Posts+stats.Deletes > 0 {
								t.Errorf("for %s, the API was sent %+v", name, stats)
							}
							expectNoChanges(t, tf, config, state)
						}
						checkUnblocked(t, api)
						api.Hide(typedDigits)
						apply(t, tf, faketerraform.Configuration{}, state)
						expectBlocked(t, api)
					})
				})
			}
		}
	}
}
