package random_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// shownUser is a user in a state or a plan.
type shownUser struct {
	// User has all known names.
	userid.User
	isPending bool
	note      any
}

func mustParse(spelled string) userid.ID {
	id, err := userid.Parse(spelled)
	if err != nil {
		panic(err)
	}
	return id
}

// text returns a string attribute, empty if it is null.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// withNames returns a user with further names, each empty if unknown.
func withNames(id userid.ID, waID, userID string) userid.User {
	var names userid.User
	if waID != "" {
		names.WaID = mustParse(waID)
	}
	if userID != "" {
		names.UserID = mustParse(userID)
	}
	return userid.User{ID: id}.Learn(names)
}

// usersIn returns the users in the attributes of an instance by canonical form. further has
// the names in the private state of a bulk resource.
func usersIn(address string, attributes map[string]any, further map[string][2]string) map[string]shownUser {
	users := map[string]shownUser{}
	if attributes == nil {
		return users
	}
	if isSingle(address) {
		id := mustParse(text(attributes["user"]))
		users[id.String()] = shownUser{
			User:      withNames(id, text(attributes["wa_id"]), text(attributes["user_id"])),
			isPending: attributes["status"] == "pending", note: attributes["note"],
		}
		return users
	}
	items, _ := attributes["users"].(map[string]any)
	pending, _ := attributes["pending"].(map[string]any)
	for spelled, note := range items {
		id := mustParse(spelled)
		known := further[id.String()]
		_, isPending := pending[spelled]
		users[id.String()] = shownUser{User: withNames(id, known[0], known[1]), isPending: isPending, note: note}
	}
	return users
}

// usersOf returns the users of an object of the state.
func usersOf(address string, object *faketerraform.Object) map[string]shownUser {
	if object == nil {
		return nil
	}
	return usersIn(address, object.Attributes(), privateNames(object))
}

// privateNames returns the names in the private state of a bulk resource.
func privateNames(object *faketerraform.Object) map[string][2]string {
	names := map[string][2]string{}
	if object == nil {
		return names
	}
	var private map[string][]byte
	if json.Unmarshal(object.Private(), &private) == nil {
		// Without the key, there are no names.
		_ = json.Unmarshal(private["names"], &names)
	}
	return names
}

// shownPlan is what a plan shows to its reviewer.
type shownPlan struct {
	// removed has the blocked users that the plan removes from an instance. held has the
	// users of instances after the apply, including new ones.
	removed, held []userChange
}

// userChange is a user of one change.
type userChange struct {
	shownUser
	change *faketerraform.Change
}

func readPlan(plan *faketerraform.Plan) shownPlan {
	var shown shownPlan
	refreshed := plan.Refreshed()
	for _, change := range plan.Changes {
		if change.Action == faketerraform.Forget {
			continue
		}
		further := privateNames(refreshed[change.Address].Current)
		if change.Deposed {
			for _, deposed := range refreshed[change.Address].Deposed {
				maps.Copy(further, privateNames(deposed))
			}
		}
		before, after := usersIn(change.Address, change.Before(), further), usersIn(change.Address, change.After(), nil)
		for _, id := range slices.Sorted(maps.Keys(before)) {
			if _, stays := after[id]; !stays && !before[id].isPending {
				shown.removed = append(shown.removed, userChange{before[id], change})
			}
		}
		for _, id := range slices.Sorted(maps.Keys(after)) {
			user := after[id]
			if was, had := before[id]; had {
				user.User = was.User
			}
			shown.held = append(shown.held, userChange{user, change})
		}
	}
	return shown
}

// blockedIn returns the users that a state holds as blocked, by address.
func blockedIn(state faketerraform.State) map[string][]shownUser {
	held := map[string][]shownUser{}
	for _, address := range state.Addresses() {
		instance := state[address]
		for _, object := range append(slices.Clone(instance.Deposed), instance.Current) {
			for _, user := range usersOf(address, object) {
				if !user.isPending {
					held[address] = append(held[address], user)
				}
			}
		}
	}
	return held
}

// sorted formats a set for messages.
func sorted(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}
