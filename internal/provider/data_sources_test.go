package provider_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

func TestAccBlockedUserDataSource(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways}})
	api.Seed("4915112345678", "US.13491208655302741918")
	const one, byUserID, other = "data.d360_blocked_user.one", "data.d360_blocked_user.byUserID", "data.d360_blocked_user.other"
	oneUserID := api.UserID("4915112345678")
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      config + "data \"d360_blocked_user\" \"one\" {\n  user = \"somebody\"\n}\n",
				ExpectError: acctest.Wrapped("Not a WhatsApp user", "'s'"),
			},
			{
				Config: config + `
data "d360_blocked_user" "one" {
  user = "0049 (151) 12345678"
}
data "d360_blocked_user" "byUserID" {
  user = "US.13491208655302741918"
}
data "d360_blocked_user" "other" {
  user = "+49 151 2222222"
}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(one, tfjsonpath.New("user"), knownvalue.StringExact("0049 (151) 12345678")),
					statecheck.ExpectKnownValue(one, tfjsonpath.New("user_id"), knownvalue.StringExact(oneUserID)),
					statecheck.ExpectKnownValue(one, tfjsonpath.New("blocked"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue(one, tfjsonpath.New("wa_id"), knownvalue.StringExact("4915112345678")),
					statecheck.ExpectKnownValue(byUserID, tfjsonpath.New("blocked"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue(byUserID, tfjsonpath.New("wa_id"), knownvalue.Null()),
					statecheck.ExpectKnownValue(byUserID, tfjsonpath.New("user_id"), knownvalue.StringExact("US.13491208655302741918")),
					// Anyone who the user ID stands for may have this number.
					statecheck.ExpectKnownValue(other, tfjsonpath.New("blocked"), knownvalue.Null()),
					statecheck.ExpectKnownValue(other, tfjsonpath.New("user_id"), knownvalue.Null()),
					statecheck.ExpectKnownValue(other, tfjsonpath.New("wa_id"), knownvalue.Null()),
				},
			},
			{
				PreConfig: func() { api.Remove("US.13491208655302741918", "4915112345678") },
				Config: config + `
data "d360_blocked_user" "one" {
  user = "0049 (151) 12345678"
}
data "d360_blocked_user" "byUserID" {
  user = "US.13491208655302741918"
}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(one, tfjsonpath.New("blocked"), knownvalue.Bool(false)),
					statecheck.ExpectKnownValue(byUserID, tfjsonpath.New("blocked"), knownvalue.Bool(false)),
				},
			},
		},
	})
}

func TestAccBlockedUsersDataSource(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		format fakeapi.ResponseFormat
		want   map[string]knownvalue.Check
	}{
		"nested": {fakeapi.ResponseFormat{Echo: fakeapi.EchoSpaced}, map[string]knownvalue.Check{
			"4915112345678":           knownvalue.StringExact("+49 151 123 456 78"),
			"US.13491208655302741918": knownvalue.StringExact("US.13491208655302741918"),
		}},
		"flat": {fakeapi.ResponseFormat{List: fakeapi.ListFlat}, map[string]knownvalue.Check{
			"4915112345678":           knownvalue.StringExact("4915112345678"),
			"US.13491208655302741918": knownvalue.StringExact("US.13491208655302741918"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: test.format})
			const all = "data.d360_blocked_users.all"
			config += "data \"d360_blocked_users\" \"all\" {}\n"
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{
						Config:            config,
						ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(all, tfjsonpath.New("users"), knownvalue.MapSizeExact(0))},
					},
					{
						PreConfig:         func() { api.Seed("4915112345678", "US.13491208655302741918") },
						Config:            config,
						ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(all, tfjsonpath.New("users"), knownvalue.MapExact(test.want))},
					},
					{
						PreConfig: func() {
							api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultRawBody, Body: "{}"})
						},
						Config:   config,
						PlanOnly: true,
					},
					{
						PreConfig: func() {
							api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultCode, Code: 190, Times: fakeapi.Forever})
						},
						Config:      config,
						ExpectError: acctest.Wrapped("Cannot read the list of blocked users", "code 190", "Check that it is the key of this number"),
					},
				},
			})
		})
	}
}

// The key of a user is the same whatever the form of the list, and changes once,
// when the user hides the number.
func TestBlockedUsersDataSource_keys(t *testing.T) {
	t.Parallel()
	for _, format := range formatsWithUserIDs() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			opts := fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{typedDigits: listedForm}}
			inMemory(t, opts, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				api.Seed(typedDigits, "4915120000001")
				hidden := api.UserID("4915120000001")
				keys := func() (users, userIDs []string) {
					plan := tf.Plan(t.Context(), faketerraform.Configuration{Data: map[string]faketerraform.Attributes{"d360_blocked_users.all": {}}}, nil)
					if plan.Failed() {
						t.Fatal(plan.Diagnostics)
					}
					all := plan.Data["d360_blocked_users.all"]
					for key := range all["users"].(map[string]any) {
						users = append(users, key)
					}
					for key, id := range all["user_ids"].(map[string]any) {
						userIDs = append(userIDs, key+"="+id.(string))
					}
					slices.Sort(users)
					slices.Sort(userIDs)
					return users, userIDs
				}
				users, userIDs := keys()
				if want := []string{"4915120000001", listedForm}; !slices.Equal(users, want) {
					t.Errorf("the keys are %v, want %v", users, want)
				}
				if want := []string{"4915120000001=" + hidden, listedForm + "=" + api.UserID(typedDigits)}; !slices.Equal(userIDs, want) {
					t.Errorf("the user IDs are %v, want %v", userIDs, want)
				}
				api.Hide("4915120000001")
				users, userIDs = keys()
				if want := []string{listedForm, hidden}; !slices.Equal(users, want) {
					t.Errorf("the keys are %v, want %v", users, want)
				}
				if want := []string{listedForm + "=" + api.UserID(typedDigits)}; !slices.Equal(userIDs, want) {
					t.Errorf("the user IDs are %v, want %v", userIDs, want)
				}
			})
		})
	}
}
