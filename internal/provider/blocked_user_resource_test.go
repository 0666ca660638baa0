package provider

import (
	"fmt"
	"regexp"
	"slices"
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

// checkBlocked compares the service's list, the sandbox's own view, with want.
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

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(spammer, action)}}
}

func TestBlockedUser_lifecycle(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	service.Seed("4915100000001")

	resource.Test(t, resource.TestCase{
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
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
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

	if got, want := service.Deleted(), []string{"4915112345678", "491512222222"}; !slices.Equal(got, want) {
		t.Errorf("unblocked were %v, want %v", got, want)
	}
}

func TestBlockedUser_refused(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	service.Silent("4915112345678")

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				ExpectError: regexp.MustCompile(`(?s)Cannot block \+49 \(151\) 1234-5678 \(4915112345678\).*code\s131047.*24\shours`),
			},
			{
				PreConfig: func() { service.Heard("4915112345678") },
				Config:    config + blockedUserConfig("+49 (151) 1234-5678", "ticket 4711"),
				Check:     checkBlocked(service, "4915112345678"),
			},
		},
	})
}
