terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The number's whole list. The first plan is refused while others are on the
# list: import it then.
resource "d360_blocklist_exclusive" "list" {
  users = {
    "+1 650 555 0123"   = "spam links, ticket 4711"
    "+33 6 39 98 00 42" = "threats, reported to police"
    "+44 7700 900123"   = null # a note may be left out
  }
}
