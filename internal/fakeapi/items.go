package fakeapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
)

// Item is one item of a write, with the fields user and user_id. A field that was not sent is empty.
type Item struct{ User, UserID string }

// name prefers user over user_id (Meta).
func (i Item) name() string { return cmp.Or(i.User, i.UserID) }

func (in inspector) items(items []map[string]json.RawMessage) {
	e := in.e
	seen := make(map[string]bool, len(items))
	for i, fields := range items {
		item, ok := in.item(i, fields)
		e.record.Items = append(e.record.Items, item)
		if !ok {
			continue
		}
		e.record.Users = append(e.record.Users, item.name())
		u := in.user(item)
		forwarded := in.userID(item)
		in.parent(item.User, true)
		in.parent(item.UserID, forwarded)
		if seen[u.canonical] {
			in.reject("%q more than once", item.name())
		}
		seen[u.canonical] = true
		if e.record.Method == http.MethodDelete {
			name := u.canonical
			if u.isID {
				name = in.s.names.key(u)
			}
			in.s.deleted = append(in.s.deleted, name)
		}
		if item.User != "" || forwarded {
			e.users = append(e.users, u)
		}
	}
	if e.record.Method == http.MethodDelete {
		in.s.stats.UsersDeleted += len(e.record.Users)
	} else {
		in.s.stats.UsersPosted += len(e.record.Users)
	}
}

// item reads the fields of an item, and reports whether they name a user.
func (in inspector) item(i int, fields map[string]json.RawMessage) (Item, bool) {
	for name := range fields {
		if name != "user" && name != "user_id" {
			in.reject("unknown field %q in block_users[%d]", name, i)
		}
	}
	user, userOK := in.name(i, fields, "user")
	id, idOK := in.name(i, fields, "user_id")
	item := Item{User: user, UserID: id}
	if !userOK || !idOK {
		return item, false
	}
	if item.name() == "" {
		in.reject("block_users[%d] has no user", i)
		return item, false
	}
	return item, true
}

// name reads one field of an item. It returns an empty text for a field that was not sent, and false for an invalid one.
func (in inspector) name(i int, fields map[string]json.RawMessage, field string) (string, bool) {
	value, sent := fields[field]
	if !sent {
		return "", true
	}
	var text string
	if json.Unmarshal(value, &text) != nil || text == "" {
		in.reject("block_users[%d] has no user: %s is %s", i, field, value)
		return "", false
	}
	return text, true
}

func (in inspector) user(item Item) user {
	if item.UserID != "" && !userID.MatchString(item.UserID) {
		in.reject("%q is not a user ID", item.UserID)
	}
	if item.User == "" {
		return user{canonical: item.UserID, isID: true}
	}
	u, ok := parseSent(item.User)
	if !ok {
		in.reject("%q is neither + and 7 to 15 digits nor a user ID", item.User)
		u = user{canonical: strings.TrimPrefix(item.User, "+")}
	}
	if u.isID {
		in.s.stats.UserIDsAsUser++
		if in.s.rules.StrictUserIDs {
			in.reject("user ID %q in the field user", item.User)
		}
	}
	return u
}

// userID handles the field user_id as the proxy does, and reports whether it is forwarded.
func (in inspector) userID(item Item) bool {
	if item.UserID == "" {
		return false
	}
	if in.s.rules.UserIDs == UserIDsRejected {
		in.rejectWith(badParameter("unknown field user_id"))
	}
	return in.s.rules.UserIDs == UserIDsForwarded
}

// parent rejects a parent user ID that reaches the API, which can neither block nor unblock it (Meta, May 2026).
func (in inspector) parent(name string, forwarded bool) {
	if !parentUserID.MatchString(name) {
		return
	}
	if in.s.rules.StrictUserIDs {
		in.record("parent user ID %q", name)
	}
	if forwarded {
		in.rejectWith(badParameter("%q is a parent user ID", name))
	}
}
