package provider

import (
	"fmt"
	"strings"
)

// shapes are the ways to keep a list, as configurations of users in canonical
// form.
var shapes = map[string]func(users []string) string{
	blockedUserType: oneByOne,
	additive:        func(users []string) string { return bulkConfig(additive, unexplained(users)) },
	exclusive:       func(users []string) string { return bulkConfig(exclusive, unexplained(users)) },
}

// oneByOne is a resource for each of the users, each with a name of its own: the
// testing framework knows no for_each.
func oneByOne(users []string) string {
	var b strings.Builder
	for _, user := range users {
		fmt.Fprintf(&b, "resource \"d360_blocked_user\" \"user_%s\" {\n  user = \"+%s\"\n}\n", user, user)
	}
	return b.String()
}

// forEach is an instance for each of the users.
func forEach(users []string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" \"abuse\" {\n  for_each = { for user in [\"%s\"] : user => \"+${user}\" }\n  user     = each.value\n}\n", strings.Join(users, `", "`))
}

// unexplained are users with an empty note each.
func unexplained(users []string) map[string]string {
	notes := make(map[string]string, len(users))
	for _, user := range users {
		notes["+"+user] = ""
	}
	return notes
}

// someUsers makes up users, always the same ones.
func someUsers(from, to int) []string {
	users := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		users = append(users, fmt.Sprintf("4477%08d", i))
	}
	return users
}
