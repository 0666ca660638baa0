terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

data "d360_blocked_users" "all" {}

output "blocked" {
  description = "How many users are blocked on the number."
  value       = length(data.d360_blocked_users.all.users)
}

output "csv" {
  description = "The list as a file: terraform output -raw csv > blocklist.csv"
  value = join("\n", concat(
    ["number,reason"],
    [for user in values(data.d360_blocked_users.all.users) : "${user},blocked before"],
    [""],
  ))
}
