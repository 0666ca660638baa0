terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The ID is always "blocklist". The plan then shows everyone who is on the list
# and not in the map: the apply unblocks them.
import {
  to = d360_blocklist_exclusive.list
  id = "blocklist"
}

resource "d360_blocklist_exclusive" "list" {
  users = {
    "+1 650 555 0123" = "spam links, ticket 4711"
    "+44 7700 900123" = "threats"
  }
}
