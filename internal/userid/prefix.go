package userid

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Prefix is the beginning of canonical forms. Every ID begins with the zero Prefix.
type Prefix struct {
	canonical string
}

// userIDPrefix matches the beginning of a user ID, down to one letter of the country.
var userIDPrefix = regexp.MustCompile(`^([A-Za-z]{1,2}|[A-Za-z]{2}\.)([A-Za-z0-9]{0,128})$`)

// ParsePrefix reads the beginning of a phone number with its country calling code, or
// of a user ID, in any spelling that [Parse] accepts. The error says which part of
// the input is wrong.
func ParsePrefix(s string) (Prefix, error) {
	if match := userIDPrefix.FindStringSubmatch(strings.TrimSpace(s)); match != nil && (strings.HasSuffix(match[1], ".") || match[2] == "") {
		return Prefix{canonical: strings.ToUpper(match[1]) + match[2]}, nil
	}
	// Complete the beginning to a whole number, so that the parser finds its mistakes.
	// The two digits more than the shortest number replace a "00" that is dropped.
	present := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	rest := strings.Repeat("1", max(0, minDigits+len("00")-len(present)))
	digits, err := digitsOf(s + rest)
	canonical := strings.TrimSuffix(digits, rest)

	var reason string
	if parseError, ok := errors.AsType[*ParseError](err); ok {
		reason = parseError.Reason
	}
	switch {
	case strings.TrimSpace(s) == "":
		reason = "it is empty"
	case err == nil && canonical == "":
		reason = "it holds no digits of the number itself"
	case err == nil:
		return Prefix{canonical: canonical}, nil
	}
	return Prefix{}, fmt.Errorf("%.60q is the beginning of neither an international phone number nor a WhatsApp user ID: %s", s, reason)
}

// String returns the canonical form.
func (p Prefix) String() string { return p.canonical }

// Begins reports whether the canonical form of a user begins with p.
func (p Prefix) Begins(id ID) bool { return strings.HasPrefix(id.canonical, p.canonical) }
