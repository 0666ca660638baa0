package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func bothBulk(t *testing.T, test func(t *testing.T, kind string)) {
	for _, kind := range bulkTypes {
		t.Run(kind, func(t *testing.T) { test(t, kind) })
	}
}

func expectBulk(kind string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(kind+".abuse", action)}}
}

// expectUsers checks the keys of users and pending in the state.
func expectUsers(kind string, users []string, pending ...string) []statecheck.StateCheck {
	keys := func(names []string) knownvalue.Check {
		want := map[string]knownvalue.Check{}
		for _, name := range names {
			want[name] = anything{}
		}
		return knownvalue.MapExact(want)
	}
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(kind+".abuse", tfjsonpath.New("users"), keys(users)),
		statecheck.ExpectKnownValue(kind+".abuse", tfjsonpath.New("pending"), keys(pending)),
	}
}

type anything struct{}

func (anything) CheckValue(any) error { return nil }
func (anything) String() string       { return "anything" }

func TestAccBulk_lifecycle(t *testing.T) {
	t.Parallel()
	bothBulk(t, func(t *testing.T, kind string) {
		api, config := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, WaIDs: map[string]string{"5511912345678": "551112345678"}})
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			CheckDestroy:             acctest.CheckBlocked(api),
			Steps: []resource.TestStep{
				{
					Config:            config + acctest.Bulk(kind, map[string]string{"+49 151 12345678": "ticket 1", "+55 11 91234-5678": "", "US.13491208655302741918": "x"}),
					ConfigPlanChecks:  expectBulk(kind, plancheck.ResourceActionCreate),
					ConfigStateChecks: expectUsers(kind, []string{"+49 151 12345678", "+55 11 91234-5678", "US.13491208655302741918"}),
					Check:             acctest.CheckBlocked(api, "4915112345678", "551112345678", "US.13491208655302741918"),
				},
				{
					Config:           config + acctest.Bulk(kind, map[string]string{"004915112345678": "ticket 1", "5511912345678": "", "US.13491208655302741918": "x"}),
					ConfigPlanChecks: expectEmptyPlan(),
				},
				{
					Config:           config + acctest.Bulk(kind, map[string]string{"004915112345678": "ticket 2", "5511912345678": "", "US.13491208655302741918": "x"}),
					ConfigPlanChecks: expectBulk(kind, plancheck.ResourceActionUpdate),
					ConfigStateChecks: append(expectUsers(kind, []string{"004915112345678", "5511912345678", "US.13491208655302741918"}),
						statecheck.ExpectKnownValue(kind+".abuse", tfjsonpath.New("users").AtMapKey("004915112345678"), knownvalue.StringExact("ticket 2"))),
				},
				{
					Config: config + acctest.Bulk(kind, map[string]string{"004915112345678": "ticket 2", "5511912345678": "", "+1 650 555 0100": "", "US.13491208655302741918": "x"}),
				},
				{
					PreConfig:         func() { checkUnblocked(t, api) },
					Config:            config + acctest.Bulk(kind, map[string]string{"004915112345678": "ticket 2", "5511912345678": "", "+1 650 555 0100": ""}),
					ConfigPlanChecks:  expectBulk(kind, plancheck.ResourceActionUpdate),
					ConfigStateChecks: expectUsers(kind, []string{"004915112345678", "5511912345678", "+1 650 555 0100"}),
					Check:             acctest.CheckBlocked(api, "4915112345678", "551112345678", "16505550100"),
				},
				{
					// Drift is exactly the user concerned.
					PreConfig: func() {
						checkUnblocked(t, api, "US.13491208655302741918")
						api.Remove("16505550100")
					},
					Config: config + acctest.Bulk(kind, map[string]string{"004915112345678": "ticket 2", "5511912345678": "", "+1 650 555 0100": ""}),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(kind+".abuse", plancheck.ResourceActionUpdate),
						expectPosts{api, 2},
					}},
					Check: acctest.CheckBlocked(api, "4915112345678", "551112345678", "16505550100"),
				},
				{
					Config: config + acctest.Bulk(kind, nil),
					Check:  acctest.CheckBlocked(api),
				},
			},
		})
		if stats := api.Stats(); stats.Posts != 3 || stats.UsersPosted != 5 || stats.UsersDeleted != 4 {
			t.Errorf("%+v, want 3 POSTs of 5 users in all, and 4 users deleted", stats)
		}
	})
}

func TestAccBulk_taintUnblocksNobody(t *testing.T) {
	t.Parallel()
	bothBulk(t, func(t *testing.T, kind string) {
		api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
		config += acctest.Bulk(kind, map[string]string{"+49 151 12345678": "", "+16505550100": ""})
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			CheckDestroy:             acctest.CheckBlocked(api),
			Steps: []resource.TestStep{
				{Config: config},
				{
					PreConfig:        func() { api.SetAllSilent(true) },
					Taint:            []string{kind + ".abuse"},
					Config:           config,
					ConfigPlanChecks: expectBulk(kind, plancheck.ResourceActionDestroyBeforeCreate),
					Check:            acctest.CheckBlocked(api, "4915112345678", "16505550100"),
				},
				{PreConfig: func() { checkUnblocked(t, api) }, Config: config, PlanOnly: true},
			},
		})
	})
}

func TestAccBulk_invalid(t *testing.T) {
	t.Parallel()
	bothBulk(t, func(t *testing.T, kind string) {
		_, config := acctest.StartFakeAPI(t, fakeapi.Options{})
		many := map[string]string{}
		for i := range 30 {
			many[fmt.Sprintf("0%d", i)] = ""
		}
		many["'+4915112345678"] = ""
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			Steps: []resource.TestStep{
				{
					Config:      config + acctest.Bulk(kind, map[string]string{"+49 151 12345678": "", "004915112345678": ""}),
					PlanOnly:    true,
					ExpectError: acctest.Wrapped("One user under two keys", `"+49 151 12345678" and "004915112345678" (4915112345678)`, "The two keys name one user; keep one of them."),
				},
				{
					Config:      config + acctest.Bulk(kind, map[string]string{"+49 (0)151 12345678": ""}),
					PlanOnly:    true,
					ExpectError: acctest.Wrapped("Not a WhatsApp user", "trunk prefix"),
				},
				{
					Config:      config + acctest.Bulk(kind, many),
					PlanOnly:    true,
					ExpectError: acctest.Wrapped("31 keys are invalid", `"'+4915112345678"`, "It starts with an apostrophe", `"00"`, "… and 19 more: the next plan shows them", "It starts with 0", "Write a number with its country calling code"),
				},
			},
		})
	})
}

// A create that fails for some users saves nothing, and the next create adopts the others.
func TestAccBulk_createPartlyRejected(t *testing.T) {
	t.Parallel()
	bothBulk(t, func(t *testing.T, kind string) {
		api, config := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}})
		users := map[string]string{"+16505550100": ""}
		for i := range 20 {
			user := fmt.Sprintf("+44 7700 9001%02d", i)
			users[user] = ""
			api.Silent(user)
		}
		api.Reject("+16505550199", 131021, "", "")
		users["+16505550199"] = ""
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			Steps: []resource.TestStep{
				{
					Config: config + acctest.Bulk(kind, users),
					ExpectError: acctest.Wrapped("Cannot block 21 of 22 users", "+16505550199", "the business number itself", "+44 7700 900100",
						"… and 10 more: the next plan shows all", "code 131047", "The state does not hold any of them"),
				},
				{
					PreConfig: func() {
						api.SetAllSilent(false)
						api.Allow("+16505550199")
						for user := range users {
							api.Heard(user)
						}
					},
					Config:           config + acctest.Bulk(kind, users),
					ConfigPlanChecks: expectBulk(kind, plancheck.ResourceActionCreate),
				},
				{PreConfig: func() { checkUnblocked(t, api) }, Config: config + acctest.Bulk(kind, users), PlanOnly: true},
			},
		})
	})
}

// An update that fails for some users saves who is blocked.
func TestAccBulk_updatePartlyRejected(t *testing.T) {
	t.Parallel()
	bothBulk(t, func(t *testing.T, kind string) {
		api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
		after := config + acctest.Bulk(kind, map[string]string{"+16505550100": "", "+16505550103": "", "+16505550104": ""})
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			Steps: []resource.TestStep{
				{Config: config + acctest.Bulk(kind, map[string]string{"+16505550100": "", "+16505550101": "one", "+16505550102": ""})},
				{
					PreConfig: func() {
						api.Silent("+16505550104")
						api.RejectUnblock("+16505550101", 100, "", "")
					},
					Config:      after,
					ExpectError: acctest.Wrapped("Cannot unblock 1 of 2 users", "+16505550101", "Cannot block 1 of 2 users", `: "+16505550104" = ""`, "+16505550104", "131047"),
				},
				{
					PreConfig: func() {
						if err := acctest.CheckBlocked(api, "16505550100", "16505550101", "16505550103")(nil); err != nil {
							t.Error(err)
						}
						api.Heard("+16505550104")
						api.Allow("+16505550101")
					},
					RefreshState:       true,
					ExpectNonEmptyPlan: true,
					Check:              resource.TestCheckResourceAttr(kind+".abuse", "users.+16505550101", "one"),
				},
				{
					Config:           after,
					ConfigPlanChecks: expectBulk(kind, plancheck.ResourceActionUpdate),
					Check:            acctest.CheckBlocked(api, "16505550100", "16505550103", "16505550104"),
				},
			},
		})
	})
}

func TestAccBulk_allowPending(t *testing.T) {
	t.Parallel()
	bothBulk(t, func(t *testing.T, kind string) {
		api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
		api.Silent("+16505550100", "+16505550101")
		users := map[string]string{"+1 650 555 0100": "", "+1 650 555 0101": "spam", "+1 650 555 0102": ""}
		pending := config + acctest.Bulk(kind, users, "allow_pending = true")
		all := slices.Sorted(maps.Keys(users))
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			Steps: []resource.TestStep{
				{
					PreConfig:   func() { api.Reject("+16505550102", 368, "", "") },
					Config:      pending,
					ExpectError: acctest.Wrapped("Cannot block 1 of 3 users", "+1 650 555 0102", "code 368"),
				},
				{
					PreConfig:          func() { api.Allow("+16505550102") },
					Config:             pending,
					ExpectNonEmptyPlan: true,
					ConfigStateChecks:  expectUsers(kind, all, "+1 650 555 0100", "+1 650 555 0101"),
					Check:              acctest.CheckBlocked(api, "16505550102"),
				},
				{
					// One of the two sends a message, and the apply blocks them.
					PreConfig:          func() { api.Heard("+16505550100") },
					Config:             pending,
					ConfigPlanChecks:   expectBulk(kind, plancheck.ResourceActionUpdate),
					ExpectNonEmptyPlan: true,
					ConfigStateChecks:  expectUsers(kind, all, "+1 650 555 0101"),
					Check:              acctest.CheckBlocked(api, "16505550100", "16505550102"),
				},
				{
					Config:      config + acctest.Bulk(kind, users),
					ExpectError: acctest.Wrapped("Cannot block 1 of 1 user", "+1 650 555 0101", "131047"),
				},
				{
					// Someone blocks the last one by hand.
					PreConfig:         func() { api.Seed("16505550101") },
					Config:            pending,
					ConfigStateChecks: expectUsers(kind, all),
				},
				{Config: pending, ConfigPlanChecks: expectEmptyPlan()},
			},
		})
		checkUnblocked(t, api, api.Deleted()...)
	})
}

// A destroy sends no unblock for pending users.
func TestAccBulk_destroyOfPending(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Silent("+16505550100", "+16505550102")
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{{
			Config: config + acctest.Bulk(acctest.BulkType, map[string]string{"+16505550100": "", "+16505550101": ""}, "allow_pending = true") + `
resource "d360_blocked_user" "spammer" {
  user          = "+16505550102"
  allow_pending = true
}`,
			ExpectNonEmptyPlan: true,
			Check:              resource.TestCheckResourceAttr(spammer, "status", "pending"),
		}},
	})
	checkUnblocked(t, api, "16505550101")
}

func TestAccBlockedUser_allowPending(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Silent("+16505550100")
	pending := config + "resource \"d360_blocked_user\" \"spammer\" {\n  user = \"+1 650 555 0100\"\n  allow_pending = true\n}\n"
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:             pending,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks:   resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownValue(spammer, tfjsonpath.New("status"))}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("status"), knownvalue.StringExact("pending")),
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("wa_id"), knownvalue.Null()),
				},
			},
			{
				Config:             pending,
				ConfigPlanChecks:   expectAction(plancheck.ResourceActionUpdate),
				ExpectNonEmptyPlan: true,
			},
			{
				Config:      strings.Replace(pending, "allow_pending = true", "", 1),
				ExpectError: acctest.Wrapped("Cannot block +1 650 555 0100", "131047", "allow_pending = true"),
			},
			{
				PreConfig: func() { api.Heard("+16505550100") },
				Config:    pending,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("status"), knownvalue.StringExact("blocked")),
					statecheck.ExpectKnownValue(spammer, tfjsonpath.New("wa_id"), knownvalue.StringExact("16505550100")),
				},
			},
			{Config: pending, ConfigPlanChecks: expectEmptyPlan()},
		},
	})
}

func TestAccBlockedUsers_leavesOthersAlone(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	others := api.SeedN(100)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		CheckDestroy:             acctest.CheckBlocked(api, others...),
		Steps: []resource.TestStep{
			{Config: config + acctest.Bulk(acctest.BulkType, map[string]string{"+16505550100": ""})},
			{
				Config: config + acctest.Bulk(acctest.BulkType, map[string]string{"+16505550101": ""}),
				Check:  acctest.CheckBlocked(api, append([]string{"16505550101"}, others...)...),
			},
		},
	})
	checkUnblocked(t, api, "16505550100", "16505550101")
}

func TestAccBlocklistExclusive_rejectedUntilImported(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Seed("16505550100", "16505550101", "16505550102")
	kept := acctest.Bulk(acctest.ExclusiveType, map[string]string{"16505550100": "kept", "16505550103": "new"})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config: config + kept,
				ExpectError: acctest.Wrapped("The list holds 2 users that the configuration does not", "16505550101", "16505550102",
					"import {", `id = "blocklist"`, "use d360_blocked_users instead"),
			},
			{
				PreConfig:   func() { checkUnblocked(t, api) },
				Config:      config + kept + "import {\n  to = d360_blocklist_exclusive.abuse\n  id = \"everything\"\n}\n",
				ExpectError: acctest.Wrapped("Unknown import ID", `its import ID is "blocklist", not "everything"`),
			},
			{
				Config: config + kept + "import {\n  to = d360_blocklist_exclusive.abuse\n  id = \"blocklist\"\n}\n",
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(acctest.ExclusiveType+".abuse", plancheck.ResourceActionUpdate),
					expectKeysRemoved{acctest.ExclusiveType + ".abuse", []string{"16505550101", "16505550102"}},
				}},
				Check: acctest.CheckBlocked(api, "16505550100", "16505550103"),
			},
			{
				// Anyone who is blocked by hand shows up in the next plan.
				PreConfig: func() {
					checkUnblocked(t, api, "16505550101", "16505550102")
					api.Seed("16505550109")
				},
				Config: config + kept,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(acctest.ExclusiveType+".abuse", plancheck.ResourceActionUpdate),
					expectKeysRemoved{acctest.ExclusiveType + ".abuse", []string{"16505550109"}},
				}},
				Check: acctest.CheckBlocked(api, "16505550100", "16505550103"),
			},
		},
	})
}

// Terraform plans a tainted resource like a create, and a create shows no removed users.
func TestAccBlocklistExclusive_taintedAndChanged(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: config + acctest.Bulk(acctest.ExclusiveType, map[string]string{"+16505550100": "", "+16505550101": ""})},
			{
				Taint:       []string{acctest.ExclusiveType + ".abuse"},
				Config:      config + acctest.Bulk(acctest.ExclusiveType, map[string]string{"+16505550100": ""}),
				ExpectError: acctest.Wrapped("The list holds 1 user that the configuration does not", "16505550101", "The state holds this list already", `run "terraform untaint" with its address`),
			},
		},
		CheckDestroy: acctest.CheckBlocked(api),
	})
}

// A user who was blocked after the plan is not unblocked.
func TestAccBlocklistExclusive_blockedAfterPlan(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	before := config + acctest.Bulk(acctest.ExclusiveType, map[string]string{"+16505550100": "", "+16505550101": ""})
	after := config + acctest.Bulk(acctest.ExclusiveType, map[string]string{"+16505550100": ""})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: before},
			{
				PreConfig: func() {
					api.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) { s.Seed("16505550109") }})
				},
				Config:             after,
				ExpectNonEmptyPlan: true,
				Check:              acctest.CheckBlocked(api, "16505550100", "16505550109"),
			},
		},
	})
}

func TestAccBlockedUsers_import(t *testing.T) {
	needsOpenTofu(t, 10, "lifecycle in removed")
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Seed("16505550100", "16505550101", "16505550102")
	importing := func(id string) string {
		return fmt.Sprintf("import {\n  to = d360_blocked_users.abuse\n  id = %q\n}\n", id)
	}
	two := acctest.Bulk(acctest.BulkType, map[string]string{"+1 650 555 0100": "spam", "16505550101": ""})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      config + two + importing("+16505550100, +16505550108, +16505550109"),
				ExpectError: acctest.Wrapped("Cannot import 2 users: not blocked", "+16505550108", "+16505550109"),
			},
			{
				Config:      config + two + importing("+16505550100, 0016505550100"),
				ExpectError: acctest.Wrapped("One user twice in the import ID", `"+16505550100" and "0016505550100" name one user`),
			},
			{
				Config:      config + two + importing("+16505550100, everyone"),
				ExpectError: acctest.Wrapped("Not a WhatsApp user", "* for everyone on the list"),
			},
			{
				Config:      config + two + importing("+16505550100,"),
				ExpectError: acctest.Wrapped("Not a list of WhatsApp users", "a comma with no user before or after it"),
			},
			{
				Config:            config + two + importing("+16505550100, 0016505550101"),
				ConfigPlanChecks:  expectBulk(acctest.BulkType, plancheck.ResourceActionUpdate),
				ConfigStateChecks: expectUsers(acctest.BulkType, []string{"+1 650 555 0100", "16505550101"}),
			},
			{
				Config: config + "removed {\n  from = d360_blocked_users.abuse\n  lifecycle {\n    destroy = false\n  }\n}\n",
			},
			{
				Config:            config + acctest.Bulk(acctest.BulkType, map[string]string{"16505550100": "", "16505550101": "", "16505550102": ""}) + importing("*"),
				ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectKeysRemoved{acctest.BulkType + ".abuse", nil}}},
				ConfigStateChecks: expectUsers(acctest.BulkType, []string{"16505550100", "16505550101", "16505550102"}),
			},
		},
	})
	if stats := api.Stats(); stats.Posts != 0 || stats.UsersDeleted != 3 {
		t.Errorf("%+v, want no POST, and the three unblocked by the final destroy alone", stats)
	}
}

func TestAccBulk_moves(t *testing.T) {
	t.Parallel()
	needsOpenTofu(t, 10, "lifecycle in removed, and moved between types")
	const user, other = "+1 650 555 0100", "+1 650 555 0101"
	both := map[string]string{user: "x", other: ""}
	singles := `
resource "d360_blocked_user" "one" {
  user = "+1 650 555 0100"
}
resource "d360_blocked_user" "two" {
  user = "+1 650 555 0101"
}
`
	const forgetSingles = `
removed {
  from = d360_blocked_user.one
  lifecycle { destroy = false }
}
removed {
  from = d360_blocked_user.two
  lifecycle { destroy = false }
}
`
	removedBlock := func(kind string) string {
		return fmt.Sprintf("removed {\n  from = %s.abuse\n  lifecycle {\n    destroy = false\n  }\n}\n", kind)
	}
	importing := func(to, id string) string { return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", to, id) }
	moved := func(from, to string) string {
		return fmt.Sprintf("moved {\n  from = %s.abuse\n  to   = %s.abuse\n}\n", from, to)
	}
	for name, test := range map[string]struct{ before, after string }{
		"single to bulk by import":     {singles, acctest.Bulk(acctest.BulkType, both) + forgetSingles + importing("d360_blocked_users.abuse", user+","+other)},
		"single to bulk by adoption":   {singles, acctest.Bulk(acctest.BulkType, both) + forgetSingles},
		"single to exclusive":          {singles, acctest.Bulk(acctest.ExclusiveType, both) + forgetSingles},
		"bulk to single":               {acctest.Bulk(acctest.BulkType, both), singles + removedBlock(acctest.BulkType) + importing("d360_blocked_user.one", user) + importing("d360_blocked_user.two", other)},
		"additive to exclusive, moved": {acctest.Bulk(acctest.BulkType, both), acctest.Bulk(acctest.ExclusiveType, both) + moved(acctest.BulkType, acctest.ExclusiveType)},
		"exclusive to additive, moved": {acctest.Bulk(acctest.ExclusiveType, both), acctest.Bulk(acctest.BulkType, both) + moved(acctest.ExclusiveType, acctest.BulkType)},
	} {
		t.Run(name, func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{Config: config + test.before},
					{
						PreConfig: func() {
							api.SetRules(fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject})
							api.SetAllSilent(true)
						},
						Config: config + test.after,
						Check:  acctest.CheckBlocked(api, "16505550100", "16505550101"),
					},
					{PreConfig: func() { checkUnblocked(t, api) }, Config: config + test.after, PlanOnly: true},
				},
			})
		})
	}
}

// Additions go first, unless the list has no room for them.
func TestAccBulk_order(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules fakeapi.Rules
		want  []string
	}{
		"room":              {fakeapi.Rules{}, []string{"POST 2", "DELETE 2"}},
		"full, per user":    {fakeapi.Rules{Capacity: 3}, []string{"POST 2", "DELETE 1", "POST 1", "DELETE 1"}},
		"full, all at once": {fakeapi.Rules{Capacity: 3, Full: fakeapi.FullWholeRequest}, []string{"POST 2", "DELETE 2", "POST 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{Rules: test.rules})
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{Config: config + acctest.Bulk(acctest.BulkType, map[string]string{"+16505550100": "", "+16505550101": ""})},
					{
						Config: config + acctest.Bulk(acctest.BulkType, map[string]string{"+16505550102": "", "+16505550103": ""}),
						Check:  acctest.CheckBlocked(api, "16505550102", "16505550103"),
					},
				},
			})
			var writes []string
			for _, request := range api.Requests() {
				if request.Method != http.MethodGet {
					writes = append(writes, fmt.Sprintf("%s %d", request.Method, len(request.Users)))
				}
			}
			// The first is the create, the last the destroy at the end of the test.
			if got := writes[1 : len(writes)-1]; !slices.Equal(got, test.want) {
				t.Errorf("the update sent %v, want %v", got, test.want)
			}
		})
	}
}

// A change of eight users among thousands costs one request of each kind.
func TestAccBulk_costOfAChange(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	users := map[string]string{}
	for i := range 3000 {
		users[fmt.Sprintf("+4477%08d", i)] = ""
	}
	changed := maps.Clone(users)
	for i := range 5 {
		delete(changed, fmt.Sprintf("+4477%08d", i*7))
	}
	for i := range 3 {
		changed[fmt.Sprintf("+4478%08d", i)] = ""
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config: config + acctest.Bulk(acctest.BulkType, users),
				Check: func(*terraform.State) error {
					if stats := api.Stats(); stats.Posts != 3 {
						return fmt.Errorf("%+v, want 3 POSTs for 3,000 users", stats)
					}
					api.ResetStats()
					return nil
				},
			},
			{
				PreConfig:        api.ResetStats,
				Config:           config + acctest.Bulk(acctest.BulkType, changed),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectPosts{api, 0}}},
				Check: func(*terraform.State) error {
					if stats := api.Stats(); stats.Posts != 1 || stats.UsersPosted != 3 || stats.Deletes != 1 || stats.UsersDeleted != 5 {
						return fmt.Errorf("%+v, want a POST of 3 and a DELETE of 5", stats)
					}
					return nil
				},
			},
		},
	})
}
