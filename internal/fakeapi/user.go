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

// formatting removes what people put between digits.
var formatting = strings.NewReplacer(" ", "", "\u00a0", "", ".", "", "-", "", "/", "", "(", "", ")", "", "[", "", "]", "")

type user struct {
	// canonical is the number's digits, or the user ID unchanged.
	canonical string
	isID      bool
}

// parseSent accepts what a request must send: a plus sign and 7 to 15 digits, or a user ID. Meta puts the business's own
// country code before a number without a plus, so that number would mean someone else.
func parseSent(s string) (user, bool) {
	switch {
	case sentNumber.MatchString(s):
		return user{canonical: s[1:]}, true
	case userID.MatchString(s):
		return user{canonical: s, isID: true}, true
	}
	return user{}, false
}

// mustParse accepts any usual spelling, for the methods that tests call. It panics where a text is not a name.
func mustParse(s string) user {
	if u, ok := parseSent(s); ok {
		return u
	}
	digits := formatting.Replace(s)
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "+"), "00")
	u, ok := parseSent("+" + digits)
	if !ok {
		panic(fmt.Sprintf("fakeapi: %q is not a number or a user ID", s))
	}
	return u
}

// apiForm is how a request names the user.
func (u user) apiForm() string {
	if u.isID {
		return u.canonical
	}
	return "+" + u.canonical
}

// isNumber reports whether a key is a WhatsApp ID and not a user ID.
func isNumber(key string) bool { return key[0] >= '0' && key[0] <= '9' }

// parentOf returns the parent form of a user ID, or nothing for a parent.
func parentOf(id string) string {
	if parentUserID.MatchString(id) {
		return ""
	}
	return id[:3] + "ENT." + id[3:]
}
