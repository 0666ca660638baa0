terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

locals {
  # A file would be read with file("${path.module}/blocklist.csv").
  spreadsheet = <<-CSV
    Number;Note;Until
    +1 (650) 555-0123;spam links, ticket 4711;
    0044 7700 900123;threats, reported to police;2099-12-31
    +49 171 3920011;floods the queue at night;2020-01-31
  CSV
}

# One resource for all users. The keys are 16505550123 and 447700900123; the last
# row has expired. Leave out plantimestamp() where no row expires.
resource "d360_blocked_users" "listed" {
  users = provider::d360::read_csv(local.spreadsheet, plantimestamp())
}
