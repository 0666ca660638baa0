terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The API key comes from the environment variable D360_API_KEY.
provider "d360" {}

# One key per user, however the file spells the number: a row that is tidied up
# later stays the same resource.
resource "d360_blocked_user" "listed" {
  for_each = provider::d360::read_csv(file("${path.module}/blocklist.csv"))

  user = each.key
  note = each.value
}

data "d360_blocked_users" "all" {
  depends_on = [d360_blocked_user.listed]
}

output "blocked" {
  description = "How many users are blocked on the number."
  value       = length(data.d360_blocked_users.all.users)
}
