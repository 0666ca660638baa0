package provider

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

func TestBlockedUserDataSource(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	service.Seed("4915112345678", "US.13491208655302741918")
	const one, scoped, other = "data.d360_blocked_user.one", "data.d360_blocked_user.scoped", "data.d360_blocked_user.other"
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + "data \"d360_blocked_user\" \"one\" {\n  user = \"somebody\"\n}\n",
				ExpectError: wraps("Not a WhatsApp user", "'s'"),
			},
			{
				Config: config + `
data "d360_blocked_user" "one" {
  user = "0049 (151) 12345678"
}
data "d360_blocked_user" "scoped" {
  user = "US.13491208655302741918"
}
data "d360_blocked_user" "other" {
  user = "+49 151 2222222"
}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(one, tfjsonpath.New("user"), knownvalue.StringExact("0049 (151) 12345678")),
					statecheck.ExpectKnownValue(one, tfjsonpath.New("blocked"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue(one, tfjsonpath.New("wa_id"), knownvalue.StringExact("4915112345678")),
					statecheck.ExpectKnownValue(scoped, tfjsonpath.New("blocked"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue(scoped, tfjsonpath.New("wa_id"), knownvalue.Null()),
					statecheck.ExpectKnownValue(other, tfjsonpath.New("blocked"), knownvalue.Bool(false)),
					statecheck.ExpectKnownValue(other, tfjsonpath.New("wa_id"), knownvalue.Null()),
				},
			},
		},
	})
}

func TestBlockedUsersDataSource(t *testing.T) {
	for name, test := range map[string]struct {
		wire sandbox.Wire
		want map[string]knownvalue.Check
	}{
		"nested": {sandbox.Wire{Echo: sandbox.EchoSpaced}, map[string]knownvalue.Check{
			"4915112345678":           knownvalue.StringExact("+49 151 123 456 78"),
			"US.13491208655302741918": knownvalue.StringExact("US.13491208655302741918"),
		}},
		"flat": {sandbox.Wire{List: sandbox.ListFlat}, map[string]knownvalue.Check{
			"4915112345678":           knownvalue.StringExact("4915112345678"),
			"US.13491208655302741918": knownvalue.StringExact("US.13491208655302741918"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{Wire: test.wire})
			const all = "data.d360_blocked_users.all"
			config += "data \"d360_blocked_users\" \"all\" {}\n"
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{
						Config:            config,
						ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(all, tfjsonpath.New("users"), knownvalue.MapSizeExact(0))},
					},
					{
						PreConfig:         func() { service.Seed("4915112345678", "US.13491208655302741918") },
						Config:            config,
						ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(all, tfjsonpath.New("users"), knownvalue.MapExact(test.want))},
					},
					{
						PreConfig: func() {
							service.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultRawBody, Body: "{}"})
						},
						Config:   config,
						PlanOnly: true,
					},
					{
						PreConfig: func() {
							service.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultCode, Code: 190, Times: sandbox.Forever})
						},
						Config:      config,
						ExpectError: wraps("Cannot read the list of blocked users", "code 190", "Check that it is the key of this number"),
					},
				},
			})
		})
	}
}
