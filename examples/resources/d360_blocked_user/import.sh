# The ID is the user, in any usual spelling.
terraform import d360_blocked_user.spammer '+44 7700 900123'

# Quote the address, because the shell removes the quotes of a for_each key.
terraform import 'd360_blocked_user.listed["491713920017"]' '+49 171 3920017'

# A user ID
terraform import d360_blocked_user.nameless US.13491208655302741918
