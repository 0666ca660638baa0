# The users to block on one number. Which number it is, the caller says with
# `providers`.
terraform {
  required_providers {
    d360 = {
      source = "registry.terraform.io/d360/d360"
    }
  }
}

variable "users" {
  description = "Who to block, and why."
  type        = map(string)
}

variable "allow_pending" {
  description = "Whether users whom the service refuses for now are a warning instead of an error."
  type        = bool
  default     = false
}

resource "d360_blocked_users" "listed" {
  users         = var.users
  allow_pending = var.allow_pending
}
