terraform {
  required_version = ">= 1.8"

  required_providers {
    d360 = {
      source = "registry.terraform.io/d360/d360"
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

# One configuration for each number, since a key belongs to one number.
provider "d360" {
  alias   = "sales"
  api_key = var.sales_key
}

provider "d360" {
  alias   = "support"
  api_key = var.support_key
}

locals {
  rows  = csvdecode(file("${path.module}/blocklist.csv"))
  users = { for row in local.rows : row.number => row.reason }
}

module "sales" {
  source    = "./blocklist"
  providers = { d360 = d360.sales }

  users = local.users
}

module "support" {
  source    = "./blocklist"
  providers = { d360 = d360.support }

  users = local.users

  # They wrote to sales. To support most of them are silent, and a number can
  # block only who wrote to it within 24 hours.
  allow_pending = true
}
