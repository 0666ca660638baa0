terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# One user, by name.
resource "d360_blocked_user" "spammer" {
  user = "+44 7700 900123"
  note = "spam links, ticket 4711"
}

# Many users, from a map. The keys are digits alone: a number that is spelled
# in another way later keeps its key, and no one is unblocked.
locals {
  blocklist = {
    "16505550147"  = { user = "+1 650 555 0147", note = "sells followers" }
    "33639980042"  = { user = "+33 6 39 98 00 42", note = "threats, reported to police" }
    "491713920017" = { user = "+49 171 3920017", note = "phishing for login codes" }
  }
}

resource "d360_blocked_user" "listed" {
  for_each = local.blocklist

  user = each.value.user
  note = each.value.note
}
