terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The number's whole list. If other users are on the list, the first plan is an
# error: import the list first.
resource "d360_blocklist_exclusive" "list" {
  users = {
    "+1 650 555 0123"   = "spam links, ticket 4711"
    "+33 6 39 98 00 42" = "threats, reported to police"
    "+44 7700 900123"   = null # a note may be left out
  }
}
