terraform {
  required_version = ">= 1.8"

  required_providers {
    d360 = {
      source = "registry.terraform.io/d360/d360"
    }
  }
}

# The key of the business number comes from the environment variable
# D360_API_KEY, and so is in no file.
provider "d360" {}

resource "d360_blocked_user" "spammer" {
  user = "+1 650 555 0123"
  note = "spam links, ticket 4711"
}
