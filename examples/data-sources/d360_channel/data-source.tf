data "d360_channel" "this" {}

output "business_number" {
  description = "The number whose blocklist this configuration manages."
  value       = data.d360_channel.this.number
}
