terraform {
  required_providers {
    d360 = {
      source = "registry.terraform.io/d360/d360"
    }
  }
}

# The API key comes from the environment variable D360_API_KEY.
provider "d360" {}

locals {
  rows = csvdecode(file("${path.module}/blocklist.csv"))

  # One key per user, however the file spells the number. With the spelling
  # itself as key, a row that is tidied up later would look like one user gone
  # and another one come.
  blocklist = {
    for row in local.rows : provider::d360::normalize_user(row.number) => row
  }
}

resource "d360_blocked_user" "listed" {
  for_each = local.blocklist

  user = each.value.number
  note = each.value.reason
}

data "d360_blocked_users" "all" {
  depends_on = [d360_blocked_user.listed]
}

output "blocked" {
  description = "How many users are blocked on the number, whoever blocked them."
  value       = length(data.d360_blocked_users.all.users)
}
