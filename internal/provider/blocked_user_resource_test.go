package provider

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
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

// checkBlocked compares the service's own list with want.
func checkBlocked(service *sandbox.Server, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got := service.Blocked()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("blocked are %v, want %v", got, want)
		}
		return nil
	}
}

// checkUnblocked compares who was ever named in a DELETE with want.
func checkUnblocked(t *testing.T, service *sandbox.Server, want ...string) {
	t.Helper()
	if got := service.Deleted(); !slices.Equal(got, want) {
		t.Errorf("a DELETE was sent for %v, want %v", got, want)
	}
}

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(spammer, action)}}
}

func expectEmptyPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// wraps matches text that Terraform breaks into lines, with a margin each.
func wraps(texts ...string) *regexp.Regexp {
	for i, text := range texts {
		texts[i] = strings.ReplaceAll(regexp.QuoteMeta(text), " ", `[\s│]+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(texts, ".*"))
}

func TestBlockedUser_lifecycle(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	service.Seed("4915100000001")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             checkBlocked(service, "4915100000001"),
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
				Check: checkBlocked(service, "4915100000001", "4915112345678"),
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
				Check:            checkBlocked(service, "4915100000001", "491512222222"),
			},
		},
	})

	checkUnblocked(t, service, "4915112345678", "491512222222")
	if posts := service.Stats().Posts; posts != 2 {
		t.Errorf("%d POSTs, want one for each of the two users", posts)
	}
}

// TestBlockedUser_account runs against a sandbox or, with D360_TEST_LIVE, against
// the account of D360_API_KEY, where it blocks and unblocks D360_TEST_USER.
func TestBlockedUser_account(t *testing.T) {
	var config, user string
	if live() {
		user = os.Getenv("D360_TEST_USER")
		if user == "" || os.Getenv(apiKeyVariable) == "" {
			t.Fatal("D360_TEST_LIVE needs D360_API_KEY and D360_TEST_USER, a number that wrote to the business within 24 hours")
		}
	} else {
		user = "+4915112345678"
		_, config = startSandbox(t, sandbox.Options{})
	}

	one := fmt.Sprintf("data \"d360_blocked_user\" \"one\" {\n  user = %q\n  depends_on = [d360_blocked_user.spammer]\n}\n", user)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
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

func TestBlockedUser_variants(t *testing.T) {
	for _, wire := range sandbox.Variants() {
		t.Run(wire.String(), func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{Wire: wire, WaIDs: map[string]string{"5511912345678": "551112345678"}})
			service.SeedN(250)
			config += `
resource "d360_blocked_user" "spammer" {
  user = "+55 11 91234-5678"
}
resource "d360_blocked_user" "scoped" {
  user = "US.13491208655302741918"
}
`
			ofOthers := service.Blocked()
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             checkBlocked(service, ofOthers...),
				Steps: []resource.TestStep{
					{
						Config: config,
						Check:  checkBlocked(service, append(slices.Clip(ofOthers), "551112345678", "US.13491208655302741918")...),
					},
					{Config: config, ConfigPlanChecks: expectEmptyPlan()},
				},
			})
		})
	}
}

func TestBlockedUser_refused(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	service.Silent("4915112345678")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				ExpectError: wraps("Cannot block +49 (151) 1234-5678 (4915112345678)", `with d360_blocked_user.spammer`,
					`user = "+49 (151) 1234-5678"`, "code 131047", "within 24 hours of that user's last message"),
			},
			{
				// A tainted resource would be destroyed here, and so unblocked.
				PreConfig:        func() { service.Heard("4915112345678") },
				Config:           config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				Check:            checkBlocked(service, "4915112345678"),
			},
		},
	})
	checkUnblocked(t, service, "4915112345678")
}

func TestBlockedUser_refusals(t *testing.T) {
	for name, test := range map[string]struct {
		code int
		says string
	}{
		"own number": {131021, "the business number itself"},
		"list full":  {139101, "The list of a number holds 64000 users"},
		"parameter":  {100, "Trying again will not help"},
		"no reason":  {139100, "the answer does not say what. Apply again"},
		"restricted": {368, "Check its state in the 360dialog Hub"},
	} {
		t.Run(name, func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{})
			service.Refuse("4915112345678", test.code, "", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      config + blockedUserConfig("+4915112345678", ""),
					ExpectError: wraps("Cannot block +4915112345678", fmt.Sprintf("code %d", test.code), test.says),
				}},
			})
			checkUnblocked(t, service)
		})
	}
}

func TestBlockedUser_adopts(t *testing.T) {
	for _, answer := range []sandbox.NoOp{sandbox.NoOpAccept, sandbox.NoOpRefuse, sandbox.NoOpIgnore} {
		t.Run(answer.String(), func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{Rules: sandbox.Rules{AlreadyBlocked: answer}})
			service.Seed("4915112345678")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             checkBlocked(service),
				Steps: []resource.TestStep{{
					Config: config + blockedUserConfig("+49 151 12345678", ""),
					Check:  checkBlocked(service, "4915112345678"),
				}},
			})
		})
	}
}

// Somebody who was unblocked by hand while nobody looked is deleted without an
// error, whatever the service says to a second unblock.
func TestBlockedUser_deleteOfUnblocked(t *testing.T) {
	for _, answer := range []sandbox.NoOp{sandbox.NoOpAccept, sandbox.NoOpRefuse, sandbox.NoOpIgnore} {
		t.Run(answer.String(), func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{Rules: sandbox.Rules{NotBlocked: answer}})
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: config + blockedUserConfig("+49 151 12345678", "")},
					{
						// The refresh still sees the user; they are gone when the DELETE arrives.
						PreConfig: func() {
							service.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultHook, Do: func(s *sandbox.Server) { s.Remove("4915112345678") }})
						},
						Config: config,
						Check:  checkBlocked(service),
					},
				},
			})
			if service.FaultHits() != 1 {
				t.Error("the user was not unblocked by hand in time")
			}
		})
	}
}

func TestBlockedUser_drift(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config + blockedUserConfig("+49 151 12345678", "")},
			{
				PreConfig:        func() { service.Remove("4915112345678") },
				Config:           config + blockedUserConfig("+49 151 12345678", ""),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				Check:            checkBlocked(service, "4915112345678"),
			},
		},
	})
}

// Nothing but a plan that shows a user as removed may unblock them.
func TestBlockedUser_neverUnblockedBy(t *testing.T) {
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
			// Whoever is unblocked here could not be blocked again.
			service, config := startSandbox(t, sandbox.Options{})
			second.Config = config + second.Config
			second.PreConfig = func() { service.SetAllSilent(true) }
			second.Check = checkBlocked(service, "4915112345678")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: config + before},
					second,
					{
						PreConfig: func() { checkUnblocked(t, service) },
						Config:    second.Config,
						Check:     checkBlocked(service, "4915112345678"),
					},
				},
			})
		})
	}
}

// A user who was unknown in the plan and turns out to be another is unblocked
// only after a plan has shown it.
func TestBlockedUser_unknownIsAnother(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	fromData := func(user string) string {
		return fmt.Sprintf("%s\nresource \"terraform_data\" \"user\" {\n  input = %q\n}\nresource \"d360_blocked_user\" \"spammer\" {\n  user = terraform_data.user.output\n}\n", config, user)
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: fromData("+4915112345678")},
			{Config: fromData("+4915122222222"), ExpectError: wraps("inconsistent final plan")},
			{
				PreConfig:        func() { checkUnblocked(t, service) },
				Config:           fromData("+4915122222222"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionReplace),
				Check:            checkBlocked(service, "4915122222222"),
			},
		},
	})
}

// A tainted resource whose user is not known in the plan may be for the same
// user again.
func TestTaintWithUnknownUsers(t *testing.T) {
	for name, block := range map[string]string{
		spammer:                    "resource \"d360_blocked_user\" \"spammer\" {\n  user = terraform_data.user.output\n}\n",
		"d360_blocked_users.abuse": "resource \"d360_blocked_users\" \"abuse\" {\n  users = { for user in [terraform_data.user.output] : user => null }\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{})
			spelled := func(user string) string {
				return fmt.Sprintf("%s\nresource \"terraform_data\" \"user\" {\n  input = %q\n}\n%s", config, user, block)
			}
			known := strings.ReplaceAll(spelled("0049 151 12345678"), "terraform_data.user.output", `"+49 151 12345678"`)
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             checkBlocked(service),
				Steps: []resource.TestStep{
					{Config: spelled("+4915112345678")},
					{
						PreConfig:   func() { service.SetAllSilent(true) },
						Taint:       []string{name},
						Config:      spelled("0049 151 12345678"),
						ExpectError: wraps("Cannot replace", "nothing was sent", "-target"),
					},
					{Config: known, Check: checkBlocked(service, "4915112345678")},
					{PreConfig: func() { checkUnblocked(t, service) }, Config: known, PlanOnly: true},
				},
			})
		})
	}
}

func TestBlockedUser_import(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	service.Seed("4915112345678", "US.13491208655302741918")
	importBlock := func(id string) string {
		return fmt.Sprintf("import {\n  to = d360_blocked_user.spammer\n  id = %q\n}\n", id)
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + blockedUserConfig("+4915112345678", "") + importBlock("0151 12345678"),
				ExpectError: wraps("Not a WhatsApp user", "starts with 0"),
			},
			{
				Config:      config + blockedUserConfig("+4915122222222", "") + importBlock("+49 151 22222222"),
				ExpectError: wraps("Cannot import +49 151 22222222 (4915122222222): not blocked"),
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
	checkUnblocked(t, service, "4915112345678")
	if posts := service.Stats().Posts; posts != 0 {
		t.Errorf("%d POSTs, want none for an import", posts)
	}
}

func TestBlockedUser_identity(t *testing.T) {
	if !knowsIdentity(t) {
		t.Skip("needs Terraform or OpenTofu 1.12, the first that know identities")
	}
	service, config := startSandbox(t, sandbox.Options{})
	service.Seed("4915112345678")
	byIdentity := func(user string) string {
		return fmt.Sprintf("import {\n  to = d360_blocked_user.spammer\n  identity = {\n    user = %q\n  }\n}\n", user)
	}
	identity := []statecheck.StateCheck{statecheck.ExpectIdentityValue(spammer, tfjsonpath.New("user"), knownvalue.StringExact("4915112345678"))}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + blockedUserConfig("+49 151 22222222", "") + byIdentity("4915122222222"),
				ExpectError: wraps("Cannot import +4915122222222: not blocked"),
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

func TestBlockedUser_invalid(t *testing.T) {
	_, config := startSandbox(t, sandbox.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config:      config + blockedUserConfig("0151 12345678", ""),
			PlanOnly:    true,
			ExpectError: wraps("Not a WhatsApp user", `user = "0151 12345678"`, "starts with 0", "country calling code"),
		}},
	})
}

// Faults of a write end in success or in an error that names the user, and the
// next apply ends the work without an unblock in between.
func TestBlockedUser_writeFaults(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"unavailable once":              {Kind: sandbox.FaultStatus, Status: 503},
		"unavailable for ever":          {Kind: sandbox.FaultStatus, Status: 503, Times: sandbox.Forever},
		"gateway gives up afterwards":   {Kind: sandbox.FaultStatusAfter, Status: 504, Times: sandbox.Forever},
		"internal error for ever":       {Kind: sandbox.FaultCode, Code: 131000, Times: sandbox.Forever},
		"version mismatch":              {Kind: sandbox.FaultCode, Code: 139102},
		"rate limit":                    {Kind: sandbox.FaultCode, Code: 130429, Times: 2},
		"lost before":                   {Kind: sandbox.FaultDropBefore},
		"lost before, for ever":         {Kind: sandbox.FaultDropBefore, Times: sandbox.Forever},
		"lost after":                    {Kind: sandbox.FaultDropAfter, Times: sandbox.Forever},
		"truncated":                     {Kind: sandbox.FaultTruncate, Times: sandbox.Forever},
		"senseless":                     {Kind: sandbox.FaultRawBody, Body: "[]", Times: sandbox.Forever},
		"senseless, done all the same":  {Kind: sandbox.FaultRawBodyAfter, Body: "<html>", Times: sandbox.Forever},
		"answers for nobody":            {Kind: sandbox.FaultRawBody, Body: `{"messaging_product":"whatsapp"}`, Times: sandbox.Forever},
		"key revoked":                   {Kind: sandbox.FaultCode, Code: 190, Times: sandbox.Forever},
		"redirect":                      {Kind: sandbox.FaultRedirect, Header: http.Header{"Location": {"https://example.invalid/"}}, Times: sandbox.Forever},
		"account restricted, then fine": {Kind: sandbox.FaultStatus, Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{})
			fault.Method = http.MethodPost
			service.Inject(fault)
			named := regexp.MustCompile(`Cannot\s+block`)
			config += blockedUserConfig("+4915112345678", "")
			done := strings.Contains(name, "done") || strings.Contains(name, "after") || name == "truncated" ||
				(fault.Times != sandbox.Forever && fault.Status != 403)
			first := resource.TestStep{Config: config}
			if !done {
				first.ExpectError = named
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             checkBlocked(service),
				Steps: []resource.TestStep{
					first,
					{
						PreConfig: service.ClearFaults,
						Config:    config,
						Check:     checkBlocked(service, "4915112345678"),
					},
				},
			})
			checkUnblocked(t, service, "4915112345678")
			if service.FaultHits() == 0 {
				t.Error("no request was hit by the fault")
			}
		})
	}
}

// A scan that fails, whichever way and on whichever page, is an error or gives
// the plan that it would have given without.
func TestBlockedUser_readFaults(t *testing.T) {
	faults := map[string]sandbox.Fault{
		"unavailable":      {Kind: sandbox.FaultStatus, Status: 500},
		"rate limit":       {Kind: sandbox.FaultStatus, Status: 429, Header: http.Header{"Retry-After": {"0"}}},
		"forbidden":        {Kind: sandbox.FaultStatus, Status: 403},
		"version mismatch": {Kind: sandbox.FaultCode, Code: 139102},
		"lost":             {Kind: sandbox.FaultDropBefore},
		"truncated":        {Kind: sandbox.FaultTruncate},
		"web page":         {Kind: sandbox.FaultRawBody, Body: "<html>bad gateway</html>", ContentType: "text/html"},
		"null":             {Kind: sandbox.FaultRawBody, Body: "null"},
		"empty object":     {Kind: sandbox.FaultRawBody, Body: "{}"},
		"empty list":       {Kind: sandbox.FaultRawBody, Body: `{"data":[]}`},
		"other object":     {Kind: sandbox.FaultRawBody, Body: `{"success":true}`},
		"error with 200":   {Kind: sandbox.FaultRawBody, Body: `{"error":{"code":131000,"message":"x"}}`},
		"loop":             {Kind: sandbox.FaultCursorLoop},
		"restart":          {Kind: sandbox.FaultCursorRestart},
		"repeat":           {Kind: sandbox.FaultRepeatPage},
		"skip":             {Kind: sandbox.FaultSkipPage},
		"empty page":       {Kind: sandbox.FaultEmptyPage},
		"empty, no next":   {Kind: sandbox.FaultEmptyPage, NoNext: true},
		"senseless entry":  {Kind: sandbox.FaultSenselessEntry},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for _, page := range []int{0, 1, 2} {
				t.Run(fmt.Sprintf("page %d", page+1), func(t *testing.T) {
					service, config := startSandbox(t, sandbox.Options{Wire: sandbox.Wire{MaxLimit: 10}})
					users := service.SeedN(25)
					config += fmt.Sprintf("locals {\n  users = [%q, %q, %q]\n}\n", users[0], users[12], users[24]) + `
resource "d360_blocked_user" "spammer" {
  count = 3
  user  = local.users[count.index]
}
data "d360_blocked_user" "last" {
  user = local.users[2]
}
output "blocked" {
  value = data.d360_blocked_user.last.blocked
}
`
					atPage := fault
					atPage.Method, atPage.Skip = http.MethodGet, page
					again := resource.TestStep{
						PreConfig: func() { service.Inject(atPage) },
						Config:    config,
						PlanOnly:  true,
					}
					if name == "forbidden" {
						again.ExpectError = wraps("Cannot find out whether")
					}
					resource.ParallelTest(t, resource.TestCase{
						ProtoV6ProviderFactories: factories,
						Steps:                    []resource.TestStep{{Config: config}, again},
					})
					if service.FaultHits() == 0 && (page < 2 || name != "skip") {
						t.Error("no request was hit by the fault")
					}
				})
			}
		})
	}
}
