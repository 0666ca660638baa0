package fakeapi

import (
	"fmt"
	"maps"
	"strings"
)

// madeUpUserID is the prefix of a made-up user ID; the WhatsApp ID follows. So the server can derive the number and needs
// no table of made-up IDs.
const madeUpUserID = "DE.1360"

// userNames tells which names belong to one user. It never changes.
type userNames struct {
	// waIDs has the numbers that differ from their WhatsApp ID.
	waIDs map[string]string
	// userIDs maps WhatsApp IDs to configured user IDs, and owners the reverse.
	userIDs, owners map[string]string
}

// newUserNames panics where the names are invalid.
func newUserNames(waIDs, userIDs map[string]string) userNames {
	n := userNames{waIDs: maps.Clone(waIDs), userIDs: map[string]string{}, owners: map[string]string{}}
	for number, id := range userIDs {
		switch {
		case !sentNumber.MatchString("+" + number):
			panic(fmt.Sprintf("fakeapi: UserIDs: %q is not a number in digits", number))
		case !userID.MatchString(id) || parentUserID.MatchString(id):
			panic(fmt.Sprintf("fakeapi: UserIDs: %q is not a user ID", id))
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

// key identifies the user: it is the WhatsApp ID of a user with a number, and the user ID of a user known by user ID
// alone. All names of one user have the same key.
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

func (n userNames) userID(key string) string {
	if !isNumber(key) {
		return key
	}
	if id, ok := n.userIDs[key]; ok {
		return id
	}
	return madeUpUserID + key
}

// keyOf accepts any name in any usual spelling.
func (s *Server) keyOf(name string) string { return s.names.key(mustParse(name)) }

// UserID returns the business-scoped user ID of a user by any of their names: the one in Options.UserIDs, or one that is
// made up of the WhatsApp ID and is another name of the same user.
func (s *Server) UserID(user string) string { return s.names.userID(s.keyOf(user)) }
