package d360

import (
	"strings"
	"unicode"
)

const (
	// maxText bounds how much of a foreign text is shown, in characters.
	maxText = 300
	// maxInput bounds how much of an input is kept, of which there may be many. A
	// user ID has at most 135 characters.
	maxInput = 140
)

// sanitize makes foreign text fit to be shown on a terminal: without the key,
// should the API repeat it, without control and formatting characters
// (which can move the cursor or reverse what is written), on one line, at most
// maxText characters long.
func (c *Client) sanitize(s string) string { return printable(c.redact(s), maxText) }

// redact takes the key out of a text. That has to be done before anything is
// cut off, which would leave a part of the key.
func (c *Client) redact(s string) string {
	if c.key == "" {
		return s
	}
	return strings.ReplaceAll(s, c.key, "(the API key)")
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
		gap := 0
		if space && length > 0 {
			gap = 1
		}
		if length+gap >= limit {
			b.WriteRune('…')
			break
		}
		b.WriteString(" "[:gap])
		b.WriteRune(r)
		length += gap + 1
		space = false
	}
	return b.String()
}

// Printable makes foreign text fit to be shown on a terminal, as the text of an
// [Error] is.
func Printable(s string) string { return printable(s, maxText) }
