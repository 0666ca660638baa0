// Package userid tells who a WhatsApp user is: it parses what people and the
// API write and reduces it to one canonical form, by which users are compared
// everywhere in the provider.
package userid

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ID is one WhatsApp user in canonical form. The zero ID names no one. IDs are
// comparable: two spellings of one user parse to the same ID.
//
// The canonical form of a phone number is its digits with the country calling
// code and nothing else ("4915112345678"); that of a business-scoped user ID is
// the ID with its two letters in capitals ("US.13491208655302741918").
type ID struct {
	canonical string
}

// Lengths of an international number in digits, without prefix. Fifteen is the
// ceiling of ITU-T E.164; below seven no country has a full number.
const (
	minDigits = 7
	maxDigits = 15
)

// maxUserID is how many letters and digits a user ID has at most after its dot.
const maxUserID = 128

// userIDStart matches how only a user ID begins: two letters of a country and a
// dot, in a parent user ID with ENT and another dot.
// Source: Meta's page on business-scoped user IDs.
var userIDStart = regexp.MustCompile(`^[A-Za-z]{2}\.(?:(?i:ENT)\.)?`)

// userIDOf reads a user ID that begins with prefix.
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

// Parse reads a user in any usual spelling: an international phone number,
// with or without "+" or "00" before it and with spaces, dots, dashes, slashes
// and brackets anywhere in it, or a business-scoped user ID. White space around
// either does not count. The error is a [*ParseError] and says which part of the
// input is wrong.
//
// Numbers are never rewritten by country, and never judged by a numbering
// plan: WhatsApp has users whose numbers such plans call invalid.
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

// APIForm returns the form in which a request names the user: a number with its
// plus sign, because Meta says of send-message requests that it completes a number
// without one with the calling code of the business, which would make it another
// number; a user ID as it is.
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
		return "", &ParseError{Input: s, Reason: "it starts with 0, and no country calling code does; write the number in its international form, such as +49 151 12345678"}
	case len(number) < minDigits:
		return "", &ParseError{Input: s, Reason: fmt.Sprintf("it has %d digits, and an international number has at least %d; is the country calling code missing?", len(number), minDigits)}
	case len(number) > maxDigits:
		return "", &ParseError{Input: s, Reason: fmt.Sprintf("it has %d digits, and an international number has at most %d (groups cannot be blocked)", len(number), maxDigits)}
	}
	return number, nil
}

// isFormatting reports whether people write r between the digits of a number:
// spaces, dots, dashes, slashes and brackets, in the variants that word
// processors and web pages put in their place (a no-break space, an en dash).
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
