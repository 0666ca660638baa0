package userid

import "cmp"

// User holds the known names of one WhatsApp user. There are two kinds of names:
// phone numbers and WhatsApp IDs are one, user IDs the other.
//
// A configuration and the API may know the same user by different names, and a
// user may hide the phone number, so that the list shows the user ID only. Only
// [User.Compare] decides whether two Users are one person.
type User struct {
	// Spelling is the user as a configuration, a state or the list writes it.
	Spelling string
	// ID is the parsed Spelling: a phone number or a user ID. It is zero for a user
	// that the list shows by WhatsApp ID or user ID only.
	ID ID
	// WaID is the WhatsApp ID, zero if it is not known. It can differ from the
	// phone number.
	WaID ID
	// UserID is the business-scoped user ID, zero if it is not known.
	UserID ID
}

// New parses a spelling. The error is that of [Parse].
func New(spelling string) (User, error) {
	id, err := Parse(spelling)
	if err != nil {
		return User{}, err
	}
	return Of(spelling, id), nil
}

// Of returns the user with a spelling that was parsed to id.
func Of(spelling string, id ID) User {
	u := User{Spelling: spelling, ID: id}
	if !id.IsNumber() {
		u.UserID = id
	}
	return u
}

// Key returns ID, or else WaID, or else UserID.
func (u User) Key() ID { return cmp.Or(u.ID, u.WaID, u.UserID) }

// IsZero reports whether u has no name.
func (u User) IsZero() bool { return u.Key().IsZero() }

// Number returns the phone number that a request can send for the user: the number as
// written, or the WhatsApp ID. It is zero if neither is known.
func (u User) Number() ID {
	if u.ID.IsNumber() {
		return u.ID
	}
	return u.WaID
}

// Learn returns u with the WhatsApp ID and the user ID of other, which is the same
// person. Names that other lacks stay, because the list may hide a name that it
// showed before.
func (u User) Learn(other User) User {
	u.WaID = cmp.Or(other.WaID, u.WaID)
	u.UserID = cmp.Or(other.UserID, u.UserID)
	return u
}

func (u User) numbers() (names [2]ID) {
	if u.ID.IsNumber() {
		names[0] = u.ID
	}
	names[1] = u.WaID
	return names
}

func (u User) userIDs() (names [2]ID) {
	if !u.ID.IsNumber() {
		names[0] = u.ID
	}
	names[1] = u.UserID
	return names
}

// HasNumber reports whether a phone number or a WhatsApp ID is known.
func (u User) HasNumber() bool { return u.numbers() != [2]ID{} }

// HasUserID reports whether a user ID is known.
func (u User) HasUserID() bool { return u.userIDs() != [2]ID{} }
