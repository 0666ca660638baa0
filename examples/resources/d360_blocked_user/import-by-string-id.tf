terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The ID is the user, in any usual spelling. Someone who is not blocked cannot
# be imported.
import {
  to = d360_blocked_user.spammer
  id = "+44 7700 900123"
}

resource "d360_blocked_user" "spammer" {
  user = "+44 7700 900123"
  note = "spam links, ticket 4711"
}
