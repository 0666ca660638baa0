package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// functionConfig calls the function. Its provider is found under the address
// that the testing framework gives to providers without one.
func functionConfig(argument string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    d360 = {
      source = "hashicorp/d360"
    }
  }
}
output "user" {
  value = provider::d360::normalize_user(%s)
}
`, argument)
}

func TestNormalizeUser(t *testing.T) {
	needsOpenTofu(t, 11, "functions of providers that are not configured")
	for spelling, want := range map[string]string{
		"+49 (151) 123-45678":     "4915112345678",
		"0049 151/12345678":       "4915112345678",
		"US.13491208655302741918": "US.13491208655302741918",
	} {
		t.Run(spelling, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:            functionConfig(fmt.Sprintf("%q", spelling)),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("user", knownvalue.StringExact(want))},
				}},
			})
		})
	}
}

func TestNormalizeUser_refused(t *testing.T) {
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      functionConfig(`"+49 (0)151 12345678"`),
				ExpectError: wraps("trunk prefix", "leave it out"),
			},
			{
				Config:      functionConfig(`"+49 151 CALL"`),
				ExpectError: wraps("character 9 is 'C'"),
			},
			{
				Config:      functionConfig("null"),
				ExpectError: wraps("argument must not be null"),
			},
		},
	})
}
