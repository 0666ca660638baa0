terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

data "d360_blocked_user" "caller" {
  user = "+33 6 39 98 00 42"
}

output "caller_is_blocked" {
  value = data.d360_blocked_user.caller.blocked
}
