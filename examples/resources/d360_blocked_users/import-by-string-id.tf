terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The ID is the users, separated by commas, or "*" for everyone on the list.
# Someone who is not blocked cannot be imported.
import {
  to = d360_blocked_users.abuse
  id = "+1 650 555 0123, +44 7700 900123"
}

resource "d360_blocked_users" "abuse" {
  users = {
    "+1 650 555 0123" = "spam links, ticket 4711"
    "+44 7700 900123" = "threats"
  }
}
