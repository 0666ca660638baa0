terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# Who is blocked, and why. Everyone else on the number's list is left alone.
resource "d360_blocked_users" "abuse" {
  users = {
    "+1 650 555 0123"         = "spam links, ticket 4711"
    "+33 6 39 98 00 42"       = "threats, reported to police"
    "+44 7700 900123"         = null # a note may be left out
    "US.13491208655302741918" = "shows no phone number"
  }
}

# With allow_pending, users who have not written within 24 hours become pending,
# with a warning. Each apply tries them again.
resource "d360_blocked_users" "reported" {
  users = {
    "+49 171 3920017" = "phishing for login codes"
  }

  allow_pending = true
}

output "pending" {
  value = d360_blocked_users.reported.pending
}
