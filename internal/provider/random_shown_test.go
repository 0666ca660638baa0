package provider

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// randomUser is a user as a state or a plan knows them.
type randomUser struct {
	id string
	// waID is empty where it is not known.
	waID    string
	pending bool
	note    any
}

// names are all that the user is known to be called.
func (u randomUser) names() []string {
	if u.waID == "" {
		return []string{u.id}
	}
	return []string{u.id, u.waID}
}

// is reports whether two are known to be one.
func (u randomUser) is(other randomUser) bool {
	return slices.ContainsFunc(u.names(), func(name string) bool { return slices.Contains(other.names(), name) })
}

func canonical(spelled string) string {
	id, err := userid.Parse(spelled)
	if err != nil {
		panic(err)
	}
	return id.String()
}

// usersIn are the users of an instance by canonical form, from its attributes.
func usersIn(address string, attributes map[string]any, waIDs map[string]string) map[string]randomUser {
	users := map[string]randomUser{}
	if attributes == nil {
		return users
	}
	text := func(v any) string {
		s, _ := v.(string)
		return s
	}
	if isSingle(address) {
		id := canonical(text(attributes["user"]))
		users[id] = randomUser{id: id, waID: text(attributes["wa_id"]), pending: attributes["status"] == statusPending, note: attributes["note"]}
		return users
	}
	items, _ := attributes["users"].(map[string]any)
	pending, _ := attributes["pending"].(map[string]any)
	for spelled, note := range items {
		id := canonical(spelled)
		_, waits := pending[spelled]
		users[id] = randomUser{id: id, waID: waIDs[id], pending: waits, note: note}
	}
	return users
}

// usersOf are the users of an object of the state.
func usersOf(address string, object *prototest.Object) map[string]randomUser {
	if object == nil {
		return nil
	}
	return usersIn(address, object.Attributes(), privateWaIDs(object))
}

// privateWaIDs are the WhatsApp IDs that the private state of a bulk resource
// keeps.
func privateWaIDs(object *prototest.Object) map[string]string {
	waIDs := map[string]string{}
	if object == nil {
		return waIDs
	}
	var private map[string][]byte
	if json.Unmarshal(object.Private(), &private) == nil {
		// Without the key there are none.
		_ = json.Unmarshal(private[waIDsKey], &waIDs)
	}
	return waIDs
}

// randomShown is what a plan shows to whoever reviews it.
type randomShown struct {
	// removed leave an instance, and were blocked by it; held are those whom
	// instances have afterwards, the new ones among them.
	removed, held []randomClaim
}

// randomClaim is what one change says of a user.
type randomClaim struct {
	randomUser
	change *prototest.Change
	// tainted is set where the change replaces a tainted object.
	tainted bool
}

// showsOf reads a plan as a person does.
func showsOf(plan *prototest.Plan) randomShown {
	var shown randomShown
	refreshed := plan.Refreshed()
	for _, change := range plan.Changes {
		if change.Action == prototest.Forget {
			continue
		}
		waIDs := privateWaIDs(refreshed[change.Address].Current)
		if change.Deposed {
			for _, deposed := range refreshed[change.Address].Deposed {
				maps.Copy(waIDs, privateWaIDs(deposed))
			}
		}
		current := refreshed[change.Address].Current
		tainted := change.Action.IsReplace() && current != nil && current.Tainted
		before, after := usersIn(change.Address, change.Before(), waIDs), usersIn(change.Address, change.After(), nil)
		for _, id := range slices.Sorted(maps.Keys(before)) {
			if _, stays := after[id]; !stays && !before[id].pending {
				shown.removed = append(shown.removed, randomClaim{before[id], change, tainted})
			}
		}
		for _, id := range slices.Sorted(maps.Keys(after)) {
			user := after[id]
			// Of a tainted object the provider learns nothing in the plan.
			if was, had := before[id]; had && !tainted {
				user.waID = was.waID
			}
			shown.held = append(shown.held, randomClaim{user, change, false})
		}
	}
	return shown
}

// leaves reports whether a user may be unblocked by the plan: one instance gives
// them up, and none has them.
func (s randomShown) leaves(id string) bool {
	return slices.ContainsFunc(s.removed, func(r randomClaim) bool { return r.id == id && !s.holds(r.randomUser) })
}

func (s randomShown) holds(user randomUser) bool {
	return slices.ContainsFunc(s.held, func(h randomClaim) bool { return h.is(user) })
}

// conflicts are the users whom one instance gives up and another one has. Of a
// tainted one the provider cannot know in the plan, and refuses in the apply.
func (s randomShown) conflicts() []string {
	var users []string
	for _, r := range s.removed {
		renamed := slices.ContainsFunc(s.held, func(h randomClaim) bool { return h.change == r.change && h.is(r.randomUser) })
		for _, h := range s.held {
			if h.change != r.change && !renamed && !r.tainted && h.is(r.randomUser) {
				users = append(users, r.id+" leaves "+r.change.Address+" and is in "+h.change.Address)
			}
		}
	}
	return users
}

// may reports whether the plan shows that a user is to be blocked.
func (s randomShown) enters(id string) bool {
	return slices.ContainsFunc(s.held, func(h randomClaim) bool { return h.id == id && h.change.Action != prototest.NoOp })
}

// twofold are the people of whom more than one name is in play, so that what
// becomes of them cannot be foreseen: the plan warns of that, as far as it can
// know.
func twofold(people randomPeople, users ...map[string]randomUser) map[string]bool {
	names := map[string]string{}
	several := map[string]bool{}
	for _, some := range users {
		for id := range some {
			person := people.person(id)
			if other, seen := names[person]; seen && other != id {
				several[person] = true
			}
			names[person] = id
		}
	}
	return several
}

// sorted lists a set, for messages.
func sorted(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}
