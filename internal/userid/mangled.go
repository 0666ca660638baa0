package userid

import (
	"fmt"
	"regexp"
	"strings"
)

// Spreadsheets, address books and web pages change numbers. For these the error
// names the cause instead of the first unexpected character.
var (
	// scientific matches a number from a spreadsheet column that is too narrow.
	scientific = regexp.MustCompile(`^['+]?\d(?:[.,]\d*)?[eE]\+?\d{1,3}$`)
	// decimal matches a phone number that was written as a decimal fraction.
	decimal = regexp.MustCompile(`^['+]?\d{7,}[.,]0+$`)
	formula = regexp.MustCompile(`^=\s*"?`)
	scheme  = regexp.MustCompile(`^(?i:tel|sms|whatsapp):`)
	// link matches the beginning of a click-to-chat address.
	link = regexp.MustCompile(`^(?i:(?:https?://)?(?:www\.)?(?:wa\.me/|api\.whatsapp\.com/|web\.whatsapp\.com/|chat\.whatsapp\.com/)|https?://)`)
	// username matches a WhatsApp username, which exist since 2026.
	username = regexp.MustCompile(`^@[A-Za-z0-9._-]+$`)
)

// mangled says how another program changed a number, or returns "". s has no white
// space around it.
func mangled(s string) (reason string) {
	if !strings.ContainsAny(s, ".,eE'\u2019=:/@") {
		return "" // a fast path for most of thousands of numbers
	}
	const fromSource = "take the number from its source, and format the column as text"
	switch {
	case scientific.MatchString(s):
		return "a spreadsheet rounded this number, and its digits are lost; " + fromSource
	case decimal.MatchString(s):
		return "a spreadsheet or a program turned this number into a decimal fraction and may have rounded it, so its digits may be lost; " + fromSource
	case strings.HasPrefix(s, "'"), strings.HasPrefix(s, "\u2019"):
		return "it starts with an apostrophe, by which a spreadsheet marks text; remove the apostrophe"
	case formula.MatchString(s):
		return fmt.Sprintf("it is the formula of a spreadsheet; remove the equals sign and the quotation marks (%s)", `="…"`)
	case scheme.MatchString(s):
		return fmt.Sprintf("it is a link; remove %q from its beginning", scheme.FindString(s))
	case link.MatchString(s):
		return fmt.Sprintf("it is a web address; remove %q and keep the number alone", link.FindString(s))
	case username.MatchString(s):
		return "it is a username, and users cannot be blocked by username; write the phone number or the user ID (webhooks carry it as user_id)"
	}
	return ""
}
