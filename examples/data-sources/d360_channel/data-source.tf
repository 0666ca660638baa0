terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

data "d360_channel" "this" {}

output "business_number" {
  description = "The number whose blocklist this configuration manages."
  value       = data.d360_channel.this.number
}
