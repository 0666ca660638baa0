package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/d360/terraform-provider-d360/internal/acctest"
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

func TestAccNormalizeUser(t *testing.T) {
	t.Parallel()
	needsOpenTofu(t, 11, "functions of providers that are not configured")
	for spelling, want := range map[string]string{
		"+49 (151) 123-45678":     "4915112345678",
		"0049 151/12345678":       "4915112345678",
		"US.13491208655302741918": "US.13491208655302741918",
	} {
		t.Run(spelling, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{{
					Config:            functionConfig(fmt.Sprintf("%q", spelling)),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("user", knownvalue.StringExact(want))},
				}},
			})
		})
	}
}

func TestAccNormalizeUser_rejected(t *testing.T) {
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      functionConfig(`"+49 (0)151 12345678"`),
				ExpectError: acctest.Wrapped("trunk prefix", "leave it out"),
			},
			{
				Config:      functionConfig(`"+49 151 CALL"`),
				ExpectError: acctest.Wrapped("character 9 is 'C'"),
			},
			{
				// Terraform ends the message with a period.
				Config:      functionConfig(`"4,91511E+11"`),
				ExpectError: regexp.MustCompile(`(?s)a[\s│]+spreadsheet[\s│]+rounded.*13491208655302741918\.([^.]|$)`),
			},
			{
				Config:      functionConfig(`"@pat"`),
				ExpectError: acctest.Wrapped("users cannot be blocked by username"),
			},
			{
				Config:      functionConfig("null"),
				ExpectError: acctest.Wrapped("argument must not be null"),
			},
		},
	})
}
