// Package userid identifies WhatsApp users: it parses the spellings of people and of
// the API into one canonical form, and compares users by their names.
package userid

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ID is a phone number or a user ID in canonical form. The zero ID names no one. IDs
// are comparable: two spellings of one name parse to the same ID.
//
// The canonical form of a phone number is its digits with the country calling
// code and nothing else ("4915112345678"); that of a business-scoped user ID is
// the ID with its two letters in capitals ("US.13491208655302741918").
type ID struct {
	canonical string
}

// Lengths of an international number in digits, without prefix. ITU-T E.164 allows
// fifteen; no country has numbers of fewer than seven.
const (
	minDigits = 7
	maxDigits = 15
)

// maxUserID is the maximum of letters and digits after the dot of a user ID.
const maxUserID = 128

// userIDStart matches the two letters of a country and a dot, followed by "ENT." in a
// parent user ID. Source: Meta's page on business-scoped user IDs.
var userIDStart = regexp.MustCompile(`^[A-Za-z]{2}\.(?:(?i:ENT)\.)?`)

func userIDOf(prefix, s string) (string, error) {
	const lettersOfCountry = 2
	if len(prefix) > lettersOfCountry+len(".") {
		return "", &ParseError{Input: s, Reason: "it is a parent user ID, and WhatsApp cannot block by one; take the user ID without ENT, which webhooks carry as user_id"}
	}
	rest := s[len(prefix):]
	isPart := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	if at := strings.IndexFunc(rest, func(r rune) bool { return !isPart(r) }); at >= 0 {
		r, _ := utf8.DecodeRuneInString(rest[at:])
		return "", &ParseError{Input: s, Reason: fmt.Sprintf("character %d is %q, and after %q a user ID has letters and digits alone", len(prefix)+at+1, r, prefix)}
	}
	if len(rest) == 0 || len(rest) > maxUserID {
		return "", &ParseError{Input: s, Reason: fmt.Sprintf("after %q a user ID has 1 to %d letters and digits, and this has %d", prefix, maxUserID, len(rest))}
	}
	return strings.ToUpper(prefix) + rest, nil
}

// Parse reads an international phone number, with or without "+" or "00" before it
// and with spaces, dots, dashes, slashes and brackets anywhere in it, or a
// business-scoped user ID. It ignores white space around either. The error is a
// [*ParseError] and says which part of the input is wrong.
//
// Parse does not check numbers against a numbering plan: WhatsApp has users whose
// numbers such plans call invalid.
func Parse(s string) (ID, error) {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		return ID{}, &ParseError{Input: s, Reason: "it is empty"}
	}
	if reason := mangled(trimmed); reason != "" && utf8.ValidString(s) {
		return ID{}, &ParseError{Input: s, Reason: reason}
	}
	read := digitsOf
	if prefix := userIDStart.FindString(trimmed); prefix != "" && utf8.ValidString(s) {
		read = func(string) (string, error) { return userIDOf(prefix, trimmed) }
	}
	canonical, err := read(s)
	if err != nil {
		return ID{}, err
	}
	return ID{canonical: canonical}, nil
}

// String returns the canonical form.
func (id ID) String() string { return id.canonical }

// IsZero reports whether id names no one.
func (id ID) IsZero() bool { return id.canonical == "" }

// IsNumber reports whether id is a phone number, not a business-scoped user ID.
func (id ID) IsNumber() bool {
	return id.canonical != "" && id.canonical[0] >= '0' && id.canonical[0] <= '9'
}

// APIForm returns the form for requests: a number gets its plus sign, a user ID stays
// as it is. Without a plus sign, Meta adds the calling code of the business to numbers
// in send-message requests, which would name another user.
func (id ID) APIForm() string {
	if id.IsNumber() {
		return "+" + id.canonical
	}
	return id.canonical
}

func digitsOf(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", &ParseError{Input: s, Reason: "it is not valid UTF-8 text"}
	}
	if strings.ContainsRune(s, '(') && strings.Contains(strings.Join(strings.Fields(s), ""), "(0)") {
		return "", &ParseError{Input: s, Reason: `it holds the trunk prefix "(0)", which is dialled inside the country only; leave it out`}
	}

	var digits strings.Builder
	plus := false
	position := 0
	for _, r := range s {
		position++
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+':
			if plus || digits.Len() > 0 {
				return "", &ParseError{Input: s, Reason: fmt.Sprintf(`the "+" at character %d is not at the front`, position)}
			}
			plus = true
		case isFormatting(r):
		default:
			return "", &ParseError{Input: s, Reason: unexpected(r, position)}
		}
	}

	number := digits.String()
	if number == "" {
		return "", &ParseError{Input: s, Reason: "it holds no digits"}
	}
	if !plus {
		number = strings.TrimPrefix(number, "00")
	}
	switch {
	case strings.HasPrefix(number, "0"):
		return "", &ParseError{Input: s, Reason: "it starts with 0, so it has no country calling code"}
	case len(number) < minDigits:
		return "", &ParseError{Input: s, Reason: fmt.Sprintf("it has fewer than %d digits, so the country calling code may be missing", minDigits)}
	case len(number) > maxDigits:
		return "", &ParseError{Input: s, Reason: fmt.Sprintf("it has more than %d digits; groups cannot be blocked", maxDigits)}
	}
	return number, nil
}

// isFormatting accepts the variants that word processors and web pages use, such as
// a no-break space or an en dash.
func isFormatting(r rune) bool {
	switch r {
	case '.', '/', '(', ')', '[', ']', '{', '}':
		return true
	}
	return r == ' ' || r == '\t' || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) || r == '\u2212'
}

func unexpected(r rune, position int) string {
	switch {
	case unicode.IsDigit(r):
		return fmt.Sprintf("character %d is a digit outside ASCII (%U); write it as 0 to 9", position, r)
	case r == '@':
		return fmt.Sprintf(`character %d is "@"; write the number alone, without what follows it (groups cannot be blocked)`, position)
	case unicode.IsPrint(r):
		return fmt.Sprintf("character %d is %q, which belongs neither to a phone number nor to a user ID such as US.13491208655302741918", position, r)
	default:
		return fmt.Sprintf("character %d is invisible (%U); it may have been copied along, delete it", position, r)
	}
}
