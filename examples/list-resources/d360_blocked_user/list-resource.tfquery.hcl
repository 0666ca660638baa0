# Everyone who is blocked on the number. Without a limit, Terraform
# stops after 100.
list "d360_blocked_user" "all" {
  provider = d360
  limit    = 64000
}

# Numbers of one country, with their WhatsApp IDs.
list "d360_blocked_user" "german" {
  provider         = d360
  include_resource = true

  config {
    prefix = "+49"
  }
}

# Users that the list shows by user ID.
list "d360_blocked_user" "user_ids" {
  provider = d360

  config {
    prefix = "US."
  }
}
