# These users
terraform import d360_blocked_users.abuse '+1 650 555 0123, +44 7700 900123'

# Everyone on the list
terraform import d360_blocked_users.abuse '*'
