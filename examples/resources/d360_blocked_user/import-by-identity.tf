terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

import {
  to = d360_blocked_user.spammer
  identity = {
    user = "447700900123"
  }
}

resource "d360_blocked_user" "spammer" {
  user = "+44 7700 900123"
  note = "spam links, ticket 4711"
}
