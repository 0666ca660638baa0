# The ID is the user, in any usual spelling.
terraform import d360_blocked_user.spammer '+44 7700 900123'

# The shell takes the quotes of a for_each key away, unless the address is quoted.
terraform import 'd360_blocked_user.listed["491713920017"]' '+49 171 3920017'

# A business-scoped user ID
terraform import d360_blocked_user.nameless US.13491208655302741918
