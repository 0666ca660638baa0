package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const spammer = "d360_blocked_user.spammer"

func blockedUserConfig(user, note string) string {
	return fmt.Sprintf(`
resource "d360_blocked_user" "spammer" {
  user = %q
  note = %q
}
`, user, note)
}

// checkUnblocked compares the users of all DELETE requests with want.
func checkUnblocked(t *testing.T, api *fakeapi.Server, want ...string) {
	t.Helper()
	if got := api.Deleted(); !slices.Equal(got, want) {
		t.Errorf("a DELETE was sent for %v, want %v", got, want)
	}
}

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(spammer, action)}}
}

func expectEmptyPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

func TestAccBlockedUser_lifecycle(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Seed("4915100000001")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		CheckDestroy:             acctest.CheckBlocked(api, "4915100000001"),
		Steps: []resource.TestStep{
			{
				Config:           config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("user"), knownvalue.StringExact("+49 (151) 1234-5678")),
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("note"), knownvalue.StringExact("ticket 4711")),
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("wa_id"), knownvalue.StringExact("4915112345678")),
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("status"), knownvalue.StringExact("blocked")),
				},
				Check: acctest.CheckBlocked(api, "4915100000001", "4915112345678"),
			},
			{
				Config:           config + blockedUserConfig("004915112345678", "ticket 4711"),
				ConfigPlanChecks: expectEmptyPlan(),
			},
			{
				Config:           config + blockedUserConfig("4915112345678", "ticket 4712"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
				Check:            resource.TestCheckResourceAttr(spammer, "note", "ticket 4712"),
			},
			{
				Config:           config + blockedUserConfig("+49 151 2222222", "ticket 4712"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionReplace),
				Check:            acctest.CheckBlocked(api, "4915100000001", "491512222222"),
			},
		},
	})

	checkUnblocked(t, api, "4915112345678", "491512222222")
	if posts := api.Stats().Posts; posts != 2 {
		t.Errorf("%d POSTs, want one for each of the two users", posts)
	}
}

// TestAccBlockedUser_account runs against a fake API or, with D360_TEST_LIVE, against
// the account of D360_API_KEY, where it blocks and unblocks D360_TEST_USER.
func TestAccBlockedUser_account(t *testing.T) {
	var config, user string
	if acctest.IsLive() {
		user = os.Getenv("D360_TEST_USER")
		if user == "" || os.Getenv("D360_API_KEY") == "" {
			t.Fatal("D360_TEST_LIVE needs D360_API_KEY and D360_TEST_USER, a number that wrote to the business within 24 hours")
		}
	} else {
		user = "+4915112345678"
		_, config = acctest.StartFakeAPI(t, fakeapi.Options{})
	}

	one := fmt.Sprintf("data \"d360_blocked_user\" \"one\" {\n  user = %q\n  depends_on = [d360_blocked_user.spammer]\n}\n", user)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config: config + blockedUserConfig(user, "acceptance test") + one,
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(spammer, "status", "blocked"),
					resource.TestCheckResourceAttr("data.d360_blocked_user.one", "blocked", "true"),
				),
			},
			{
				ResourceName:                         spammer,
				ImportState:                          true,
				ImportStateId:                        user,
				ImportStateVerify:                    true,
				ImportStateVerifyIdentifierAttribute: "user",
				ImportStateVerifyIgnore:              []string{"note"},
			},
		},
	})
}

func TestAccBlockedUser_rejected(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Silent("4915112345678")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config: config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				ExpectError: acctest.Wrapped("Cannot block +49 (151) 1234-5678 (4915112345678)", `with d360_blocked_user.spammer`,
					`user = "+49 (151) 1234-5678"`, "code 131047", "within 24 hours of that user's last message"),
			},
			{
				// A tainted resource would be destroyed here, and so unblocked.
				PreConfig:        func() { api.Heard("4915112345678") },
				Config:           config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				Check:            acctest.CheckBlocked(api, "4915112345678"),
			},
		},
	})
	checkUnblocked(t, api, "4915112345678")
}

func TestAccBlockedUser_rejectionReasons(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code int
		says string
	}{
		"own number": {131021, "the business number itself"},
		"list full":  {139101, "The list of a number holds 64000 users"},
		"parameter":  {100, "Retrying will not help until the cause is fixed"},
		"no reason":  {139100, "the response does not say what. Apply again"},
		"restricted": {368, "Check its state in the 360dialog Hub"},
	} {
		t.Run(name, func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
			api.Reject("4915112345678", test.code, "", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{{
					Config:      config + blockedUserConfig("+4915112345678", ""),
					ExpectError: acctest.Wrapped("Cannot block +4915112345678", fmt.Sprintf("code %d", test.code), test.says),
				}},
			})
			checkUnblocked(t, api)
		})
	}
}

func TestAccBlockedUser_adopts(t *testing.T) {
	t.Parallel()
	for _, noOp := range []fakeapi.NoOp{fakeapi.NoOpAccept, fakeapi.NoOpReject, fakeapi.NoOpIgnore} {
		t.Run(noOp.String(), func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: noOp}})
			api.Seed("4915112345678")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				CheckDestroy:             acctest.CheckBlocked(api),
				Steps: []resource.TestStep{{
					Config: config + blockedUserConfig("+49 151 12345678", ""),
					Check:  acctest.CheckBlocked(api, "4915112345678"),
				}},
			})
		})
	}
}

// A user who was unblocked by hand is destroyed without an error, whatever the API's
// response to a second unblock is.
func TestAccBlockedUser_deleteOfUnblocked(t *testing.T) {
	t.Parallel()
	for _, noOp := range []fakeapi.NoOp{fakeapi.NoOpAccept, fakeapi.NoOpReject, fakeapi.NoOpIgnore} {
		t.Run(noOp.String(), func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{NotBlocked: noOp}})
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{Config: config + blockedUserConfig("+49 151 12345678", "")},
					{
						// The refresh still sees the user; they are gone when the DELETE arrives.
						PreConfig: func() {
							api.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) { s.Remove("4915112345678") }})
						},
						Config: config,
						Check:  acctest.CheckBlocked(api),
					},
				},
			})
			if api.FaultHits() != 1 {
				t.Error("the user was not unblocked by hand in time")
			}
		})
	}
}

func TestAccBlockedUser_drift(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: config + blockedUserConfig("+49 151 12345678", "")},
			{
				PreConfig:        func() { api.Remove("4915112345678") },
				Config:           config + blockedUserConfig("+49 151 12345678", ""),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				Check:            acctest.CheckBlocked(api, "4915112345678"),
			},
		},
	})
}

func TestAccBlockedUser_neverUnblockedBy(t *testing.T) {
	t.Parallel()
	const user = "+49 151 12345678"
	before := blockedUserConfig(user, "")
	for name, second := range map[string]resource.TestStep{
		"taint": {
			Taint:            []string{spammer},
			Config:           before,
			ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate),
		},
		"taint and another spelling": {
			Taint:            []string{spammer},
			Config:           blockedUserConfig("0049151/12345678", ""),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate),
		},
		"taint with create_before_destroy": {
			Taint:            []string{spammer},
			Config:           strings.Replace(before, "note =", "lifecycle { create_before_destroy = true }\n note =", 1),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionCreateBeforeDestroy),
		},
		"moved": {
			Config: strings.Replace(before, `"spammer"`, `"renamed"`, 1) + `
moved {
  from = d360_blocked_user.spammer
  to   = d360_blocked_user.renamed
}`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("d360_blocked_user.renamed", plancheck.ResourceActionNoop),
			}},
		},
		"a note": {
			Config:           blockedUserConfig(user, "changed"),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		"a user who turns out to be the same": {
			Config: `
resource "terraform_data" "user" {
  input = "0049 151 12345678"
}
resource "d360_blocked_user" "spammer" {
  user = terraform_data.user.output
  note = ""
}`,
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		"removed with destroy = false": {
			Config: `
removed {
  from = d360_blocked_user.spammer
  lifecycle { destroy = false }
}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(second.Config, "destroy = false") {
				needsOpenTofu(t, 10, "lifecycle in removed")
			}
			// Anyone who is unblocked here could not be blocked again.
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
			second.Config = config + second.Config
			second.PreConfig = func() { api.SetAllSilent(true) }
			second.Check = acctest.CheckBlocked(api, "4915112345678")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{Config: config + before},
					second,
					{
						PreConfig: func() { checkUnblocked(t, api) },
						Config:    second.Config,
						Check:     acctest.CheckBlocked(api, "4915112345678"),
					},
				},
			})
		})
	}
}

// If the user was unknown in the plan and is another one in the apply, the old user is
// unblocked only after a plan has shown it.
func TestAccBlockedUser_unknownIsAnother(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	fromData := func(user string) string {
		return fmt.Sprintf("%s\nresource \"terraform_data\" \"user\" {\n  input = %q\n}\nresource \"d360_blocked_user\" \"spammer\" {\n  user = terraform_data.user.output\n}\n", config, user)
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: fromData("+4915112345678")},
			{Config: fromData("+4915122222222"), ExpectError: acctest.Wrapped("inconsistent final plan")},
			{
				PreConfig:        func() { checkUnblocked(t, api) },
				Config:           fromData("+4915122222222"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionReplace),
				Check:            acctest.CheckBlocked(api, "4915122222222"),
			},
		},
	})
}

// The unknown user of a tainted resource may be the same one as before.
func TestAccTaintWithUnknownUsers(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{
		spammer:                    "resource \"d360_blocked_user\" \"spammer\" {\n  user = terraform_data.user.output\n}\n",
		"d360_blocked_users.abuse": "resource \"d360_blocked_users\" \"abuse\" {\n  users = { for user in [terraform_data.user.output] : user => null }\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
			spelled := func(user string) string {
				return fmt.Sprintf("%s\nresource \"terraform_data\" \"user\" {\n  input = %q\n}\n%s", config, user, block)
			}
			known := strings.ReplaceAll(spelled("0049 151 12345678"), "terraform_data.user.output", `"+49 151 12345678"`)
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				CheckDestroy:             acctest.CheckBlocked(api),
				Steps: []resource.TestStep{
					{Config: spelled("+4915112345678")},
					{
						PreConfig:   func() { api.SetAllSilent(true) },
						Taint:       []string{name},
						Config:      spelled("0049 151 12345678"),
						ExpectError: acctest.Wrapped("Cannot replace", "nothing was sent", "-target"),
					},
					{Config: known, Check: acctest.CheckBlocked(api, "4915112345678")},
					{PreConfig: func() { checkUnblocked(t, api) }, Config: known, PlanOnly: true},
				},
			})
		})
	}
}

func TestAccBlockedUser_import(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Seed("4915112345678", "US.13491208655302741918")
	importBlock := func(id string) string {
		return fmt.Sprintf("import {\n  to = d360_blocked_user.spammer\n  id = %q\n}\n", id)
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      config + blockedUserConfig("+4915112345678", "") + importBlock("0151 12345678"),
				ExpectError: acctest.Wrapped("Not a WhatsApp user", "starts with 0"),
			},
			{
				Config:      config + blockedUserConfig("+4915122222222", "") + importBlock("+49 151 22222222"),
				ExpectError: acctest.Wrapped("Cannot import +49 151 22222222 (4915122222222): not found on the list"),
			},
			{
				Config:           config + "resource \"d360_blocked_user\" \"spammer\" {\n  user = \"+49 (151) 12345678\"\n}\n" + importBlock("0049 151 12345678"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
				Check:            resource.TestCheckResourceAttr(spammer, "wa_id", "4915112345678"),
			},
			{
				Config:           config + "resource \"d360_blocked_user\" \"spammer\" {\n  user = \"+49 (151) 12345678\"\n}\n",
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
	checkUnblocked(t, api, "4915112345678")
	if posts := api.Stats().Posts; posts != 0 {
		t.Errorf("%d POSTs, want none for an import", posts)
	}
}

func TestAccBlockedUser_identity(t *testing.T) {
	if !knowsIdentity(t) {
		t.Skip("needs Terraform or OpenTofu 1.12, the first that know identities")
	}
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Seed("4915112345678")
	byIdentity := func(user string) string {
		return fmt.Sprintf("import {\n  to = d360_blocked_user.spammer\n  identity = {\n    user = %q\n  }\n}\n", user)
	}
	identity := []statecheck.StateCheck{statecheck.ExpectIdentityValue(spammer, tfjsonpath.New("user"), knownvalue.StringExact("4915112345678"))}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      config + blockedUserConfig("+49 151 22222222", "") + byIdentity("4915122222222"),
				ExpectError: acctest.Wrapped("Cannot import +4915122222222: not blocked"),
			},
			{
				Config: config + blockedUserConfig("+49 151 12345678", "") + byIdentity("4915112345678"),
				ConfigStateChecks: append(identity,
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("user"), knownvalue.StringExact("+4915112345678"))),
			},
			{
				// Another spelling and another note are the same identity.
				Config:            config + blockedUserConfig("0049 151 12345678", "x"),
				ConfigStateChecks: identity,
			},
		},
	})
}

func TestAccBlockedUser_invalid(t *testing.T) {
	_, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{{
			Config:      config + blockedUserConfig("0151 12345678", ""),
			PlanOnly:    true,
			ExpectError: acctest.Wrapped("Not a WhatsApp user", `user = "0151 12345678"`, "starts with 0", "country calling code"),
		}},
	})
}
