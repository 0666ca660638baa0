terraform {
  required_version = ">= 1.8"

  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

# Set with TF_VAR_sales_key and TF_VAR_support_key. Terraform 1.10 and OpenTofu
# 1.11 also know `ephemeral = true`, which keeps a key out of saved plans.
variable "sales_key" {
  description = "API key of the sales number."
  type        = string
  sensitive   = true
}

variable "support_key" {
  description = "API key of the support number."
  type        = string
  sensitive   = true
}

provider "d360" {
  channels = {
    sales   = { api_key = var.sales_key }
    support = { api_key = var.support_key }
  }
}

locals {
  users = provider::d360::read_csv(file("${path.module}/blocklist.csv"))

  # Most of these users wrote to sales only.
  allow_pending = {
    sales   = false
    support = true
  }
}

resource "d360_blocked_users" "listed" {
  for_each = local.allow_pending

  channel       = each.key
  users         = local.users
  allow_pending = each.value
}
