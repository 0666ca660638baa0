terraform {
  required_version = ">= 1.8"

  # Put a backend with locking here: runs share the state, and one of them writes at
  # a time.

  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# No max_unblocks here: the attribute would override D360_MAX_UNBLOCKS of the
# pipeline.
provider "d360" {}

resource "d360_blocked_users" "listed" {
  users = provider::d360::read_csv(file("${path.module}/blocklist.csv"))

  allow_pending = true
}
