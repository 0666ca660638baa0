terraform {
  required_version = ">= 1.8"

  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# The API key comes from the environment variable D360_API_KEY.
provider "d360" {}

resource "d360_blocked_users" "listed" {
  users = provider::d360::read_csv(file("${path.module}/blocklist.csv"))

  # Users who have not written within 24 hours are retried by the next apply.
  allow_pending = true
}
