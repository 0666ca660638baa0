package userid

import "cmp"

// User holds the names of one WhatsApp user, as far as they are known. There are
// two kinds of names: phone numbers and WhatsApp IDs are one, user IDs the other.
//
// A configuration and the API may know the same user by different names, and a
// user may hide the phone number, so that the list shows the user ID alone. What
// two Users have in common is for [User.Compare] to say, and nothing else.
type User struct {
	// Spelling is how a configuration, a state or the list writes the user.
	Spelling string
	// ID is the name that Spelling stands for: a phone number or a user ID. It is
	// zero for a user that the list shows by WhatsApp ID or user ID alone.
	ID ID
	// WaID is the WhatsApp ID, zero if it is not known. It can differ from the
	// phone number.
	WaID ID
	// UserID is the business-scoped user ID, zero if it is not known.
	UserID ID
}

// New returns the user that a spelling names. The error is that of [Parse].
func New(spelling string) (User, error) {
	id, err := Parse(spelling)
	if err != nil {
		return User{}, err
	}
	return Of(spelling, id), nil
}

// Of returns the user that a spelling of id names.
func Of(spelling string, id ID) User {
	u := User{Spelling: spelling, ID: id}
	if !id.IsNumber() {
		u.UserID = id
	}
	return u
}

// Key returns the name that stands for the user: the one that was written, or the
// WhatsApp ID, or the user ID.
func (u User) Key() ID { return cmp.Or(u.ID, u.WaID, u.UserID) }

// IsZero reports whether u has no name at all.
func (u User) IsZero() bool { return u.Key().IsZero() }

// Number returns the phone number by which a request can name the user: the one
// that was written, or the WhatsApp ID. It is zero if neither is known.
func (u User) Number() ID {
	if u.ID.IsNumber() {
		return u.ID
	}
	return u.WaID
}

// Learn returns u with the names that other shows of the same user. Names that
// other does not show stay, because a list may hide what it showed before.
func (u User) Learn(other User) User {
	u.WaID = cmp.Or(other.WaID, u.WaID)
	u.UserID = cmp.Or(other.UserID, u.UserID)
	return u
}

// numbers returns the names of the first kind.
func (u User) numbers() (names [2]ID) {
	if u.ID.IsNumber() {
		names[0] = u.ID
	}
	names[1] = u.WaID
	return names
}

// userIDs returns the names of the second kind.
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
