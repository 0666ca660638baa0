package fakeapi

import (
	"fmt"
	"maps"
	"strings"
)

// madeUpUserID begins the user ID of a number for which Options.UserIDs has none; the WhatsApp ID follows. So a
// made-up user ID leads to its number at any time, and no table of the numbers seen so far is needed.
const madeUpUserID = "DE.1360"

// userNames knows which names belong to one user. It never changes.
type userNames struct {
	// waIDs gives the WhatsApp ID of the numbers that are not their own.
	waIDs map[string]string
	// userIDs gives the configured user ID of a WhatsApp ID, and owners the reverse.
	userIDs, owners map[string]string
}

// newUserNames panics where the names make no sense.
func newUserNames(waIDs, userIDs map[string]string) userNames {
	n := userNames{waIDs: maps.Clone(waIDs), userIDs: map[string]string{}, owners: map[string]string{}}
	for number, id := range userIDs {
		switch {
		case !sentNumber.MatchString("+" + number):
			panic(fmt.Sprintf("fakeapi: UserIDs: %q is no number in digits", number))
		case !userID.MatchString(id) || parentUserID.MatchString(id):
			panic(fmt.Sprintf("fakeapi: UserIDs: %q is no user ID", id))
		case strings.HasPrefix(id, madeUpUserID):
			panic(fmt.Sprintf("fakeapi: UserIDs: %q is made up for a number", id))
		}
		waID := n.waID(number)
		if other, ok := n.userIDs[waID]; ok && other != id {
			panic(fmt.Sprintf("fakeapi: UserIDs: %s has two user IDs", waID))
		}
		if other, ok := n.owners[id]; ok && other != waID {
			panic(fmt.Sprintf("fakeapi: UserIDs: %q belongs to two users", id))
		}
		n.userIDs[waID], n.owners[id] = id, waID
	}
	return n
}

func (n userNames) waID(number string) string {
	if waID, ok := n.waIDs[number]; ok {
		return waID
	}
	return number
}

// key is what the API knows the user by: the WhatsApp ID of a user with a number, which is not always its digits,
// and the user ID of a user known by user ID alone. Names with one key are one user.
func (n userNames) key(u user) string {
	if !u.isID {
		return n.waID(u.canonical)
	}
	if waID, ok := n.owners[u.canonical]; ok {
		return waID
	}
	waID, madeUp := strings.CutPrefix(u.canonical, madeUpUserID)
	if madeUp && sentNumber.MatchString("+"+waID) && n.waID(waID) == waID && n.userID(waID) == u.canonical {
		return waID
	}
	return u.canonical
}

// userID gives the user ID of the user with this key.
func (n userNames) userID(key string) string {
	if !isNumber(key) {
		return key
	}
	if id, ok := n.userIDs[key]; ok {
		return id
	}
	return madeUpUserID + key
}

// keyOf gives the key of a user by any of their names, in any usual spelling.
func (s *Server) keyOf(name string) string { return s.names.key(mustParse(name)) }

// UserID gives the business-scoped user ID of a user by any of their names. It is the one of Options.UserIDs or,
// where that has none, one that is made up of the WhatsApp ID and leads back to it.
func (s *Server) UserID(user string) string { return s.names.userID(s.keyOf(user)) }
