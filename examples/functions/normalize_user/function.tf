terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

locals {
  # Two people reported the same user, each in their own spelling.
  reports = [
    { number = "+1 (650) 555-0123", reason = "spam links, ticket 4711" },
    { number = "0016505550123", reason = "spam links, ticket 4720" },
    { number = "+44 7700 900123", reason = "threats, reported to police" },
  ]
}

# One resource for each user, whatever the spelling: the keys are 16505550123
# and 447700900123.
resource "d360_blocked_user" "reported" {
  for_each = { for report in local.reports : provider::d360::normalize_user(report.number) => report.reason... }

  user = each.key
  note = join("; ", each.value)
}
