package userid

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseError tells why a text names no WhatsApp user.
type ParseError struct {
	// Input is the text as given, unchecked.
	Input string
	// Reason says what is wrong with it, as a clause about "it".
	Reason string
}

// maxQuoted bounds how much of an invalid input an error repeats, in bytes.
const maxQuoted = 60

// Error quotes the input and gives the reason.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%s is neither an international phone number nor a WhatsApp user ID: %s", e.QuotedInput(), e.Reason)
}

// QuotedInput returns the input shortened and with control characters escaped.
func (e *ParseError) QuotedInput() string {
	shown := e.Input
	if len(shown) > maxQuoted {
		shown = strings.ToValidUTF8(shown[:maxQuoted], "") + "…"
	}
	return strconv.Quote(shown)
}
