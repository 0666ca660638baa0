package acctest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The types of resources.
const (
	SingleType    = "d360_blocked_user"
	BulkType      = "d360_blocked_users"
	ExclusiveType = "d360_blocklist_exclusive"
)

// Shapes are configurations of users in canonical form, by type of resource.
var Shapes = map[string]func(users []string) string{
	SingleType:    oneByOne,
	BulkType:      func(users []string) string { return Bulk(BulkType, emptyNotes(users)) },
	ExclusiveType: func(users []string) string { return Bulk(ExclusiveType, emptyNotes(users)) },
}

// oneByOne has a resource block for each user, because terraform-plugin-testing does
// not support for_each.
func oneByOne(users []string) string {
	var b strings.Builder
	for _, user := range users {
		fmt.Fprintf(&b, "resource \"d360_blocked_user\" \"user_%s\" {\n  user = \"+%s\"\n}\n", user, user)
	}
	return b.String()
}

// ForEach is a resource with an instance for each user in canonical form.
func ForEach(users []string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" \"abuse\" {\n  for_each = { for user in [\"%s\"] : user => \"+${user}\" }\n  user     = each.value\n}\n", strings.Join(users, `", "`))
}

// Bulk is a bulk resource named abuse, with users and their notes; more is added to it
// as it is.
func Bulk(kind string, users map[string]string, more ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "resource %q \"abuse\" {\n  users = {\n", kind)
	for _, user := range slices.Sorted(maps.Keys(users)) {
		fmt.Fprintf(&b, "    %q = %q\n", user, users[user])
	}
	fmt.Fprintf(&b, "  }\n  %s\n}\n", strings.Join(more, "\n"))
	return b.String()
}

func emptyNotes(users []string) map[string]string {
	notes := make(map[string]string, len(users))
	for _, user := range users {
		notes["+"+user] = ""
	}
	return notes
}

// SomeUsers makes up users in canonical form.
func SomeUsers(from, to int) []string {
	users := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		users = append(users, fmt.Sprintf("4477%08d", i))
	}
	return users
}
