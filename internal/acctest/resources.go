package acctest

import (
	"maps"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// Single is a d360_blocked_user with a note; more attributes replace its own.
func Single(user string, more ...faketerraform.Attributes) faketerraform.Resource {
	attributes := faketerraform.Attributes{"user": user, "note": "ticket 4711"}
	for _, m := range more {
		maps.Copy(attributes, m)
	}
	return faketerraform.Resource{Attributes: attributes}
}

// Many is a bulk resource of either type.
func Many(users ...string) faketerraform.Resource {
	notes := map[string]any{}
	for _, user := range users {
		notes[user] = "ticket 4711"
	}
	return faketerraform.Resource{Attributes: faketerraform.Attributes{"users": notes}}
}

// At gives a resource its address.
func At(address string, resource faketerraform.Resource) map[string]faketerraform.Resource {
	return map[string]faketerraform.Resource{address: resource}
}

// Resources is a configuration of resources by address.
func Resources(parts ...map[string]faketerraform.Resource) faketerraform.Configuration {
	all := map[string]faketerraform.Resource{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return faketerraform.Configuration{Resources: all}
}

// UsersIn returns the blocked and the pending users of a resource, as they are spelled.
func UsersIn(attributes map[string]any) (blocked, pending []string) {
	users, isMany := attributes["users"].(map[string]any)
	if !isMany {
		user, _ := attributes["user"].(string)
		switch {
		case user == "":
			return nil, nil
		case attributes["status"] == "pending":
			return nil, []string{user}
		default:
			return []string{user}, nil
		}
	}
	isPending, _ := attributes["pending"].(map[string]any)
	for user := range users {
		if _, ok := isPending[user]; ok {
			pending = append(pending, user)
		} else {
			blocked = append(blocked, user)
		}
	}
	return blocked, pending
}

// Removed returns the users that a plan shows as removed, as they are spelled and sorted.
func Removed(plan *faketerraform.Plan) []string {
	var removed []string
	for _, change := range plan.Changes {
		before, _ := UsersIn(change.Before())
		after, _ := UsersIn(change.After())
		for _, user := range before {
			if !slices.Contains(after, user) {
				removed = append(removed, user)
			}
		}
	}
	slices.Sort(removed)
	return removed
}
