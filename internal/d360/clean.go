package d360

import (
	"strings"
	"unicode"
)

// maxText bounds how much of a foreign text is shown, in characters.
const maxText = 300

// clean makes foreign text fit to be shown on a terminal: without the key,
// should the service repeat it, without control and formatting characters
// (which can move the cursor or reverse what is written), on one line, at most
// maxText characters long.
func (c *Client) clean(s string) string {
	if c.key != "" {
		s = strings.ReplaceAll(s, c.key, "(the API key)")
	}
	return printable(s, maxText)
}

// printable replaces what is not printable by spaces, folds those, and cuts.
func printable(s string, limit int) string {
	// What is not shown need not be looked at; a character has four bytes at most.
	if most := 8 * limit; len(s) > most {
		s = s[:most]
	}
	var b strings.Builder
	length, space := 0, false
	for _, r := range s {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) || r == ' ' {
			space = true
			continue
		}
		if space && length > 0 {
			b.WriteByte(' ')
			length++
		}
		space = false
		if length >= limit {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		length++
	}
	return b.String()
}

// Printable makes foreign text fit to be shown on a terminal, as the text of an
// [Error] is.
func Printable(s string) string { return printable(s, maxText) }
