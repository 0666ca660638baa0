package fakeapi

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	sentNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	// userID is a business-scoped user ID or, with ENT, its parent form (360dialog).
	userID = regexp.MustCompile(`^[A-Za-z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)
	// parentUserID is the parent form alone (Meta).
	parentUserID = regexp.MustCompile(`^[A-Za-z]{2}\.ENT\.`)
)

// formatting drops what people put between digits.
var formatting = strings.NewReplacer(" ", "", "\u00a0", "", ".", "", "-", "", "/", "", "(", "", ")", "", "[", "", "]", "")

// user is who a request or a test names.
type user struct {
	// canonical is the number's digits, or the user ID unchanged.
	canonical string
	isID      bool
}

// parseSent reads a user as a request must name them: a plus sign and 7 to 15 digits, or a user ID. Meta's send calls
// put the business's own country code before a number without a plus, so that one would mean someone else.
func parseSent(s string) (user, bool) {
	switch {
	case sentNumber.MatchString(s):
		return user{canonical: s[1:]}, true
	case userID.MatchString(s):
		return user{canonical: s, isID: true}, true
	}
	return user{}, false
}

// mustParse reads a user in any usual spelling, for the methods by which tests act as the outside world. It panics
// where there is none, since a test that names no one tests nothing.
func mustParse(s string) user {
	if u, ok := parseSent(s); ok {
		return u
	}
	digits := formatting.Replace(s)
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "+"), "00")
	u, ok := parseSent("+" + digits)
	if !ok {
		panic(fmt.Sprintf("fakeapi: %q is neither a number nor a user ID", s))
	}
	return u
}

// wireForm is how a client sends the user.
func (u user) wireForm() string {
	if u.isID {
		return u.canonical
	}
	return "+" + u.canonical
}

// isNumber tells whether a key is a WhatsApp ID, and not a user ID.
func isNumber(key string) bool { return key[0] >= '0' && key[0] <= '9' }

// parentOf gives the parent form of a user ID; a parent has none.
func parentOf(id string) string {
	if parentUserID.MatchString(id) {
		return ""
	}
	return id[:3] + "ENT." + id[3:]
}
