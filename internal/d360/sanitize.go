package d360

import (
	"strings"
	"unicode"
)

const (
	// maxText bounds a text of the API in messages, in characters.
	maxText = 300
	// maxInput bounds the input of a user, in characters: there may be many in memory.
	// A user ID has at most 135.
	maxInput = 140
)

// sanitize makes a text of the API safe for a terminal: without the key, without
// control and formatting characters (which can move the cursor or reverse text), on
// one line, and at most maxText characters long.
func (c *Client) sanitize(s string) string { return printable(c.redact(s), maxText) }

// redact removes the key from a text. It has to run before the text is shortened,
// which could leave a part of the key.
func (c *Client) redact(s string) string {
	if c.key == "" {
		return s
	}
	return strings.ReplaceAll(s, c.key, "(the API key)")
}

// printable replaces unprintable characters by spaces, folds spaces, and shortens.
func printable(s string, limit int) string {
	// A bound for the work: a character has four bytes at most.
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

// Printable makes a text safe for a terminal: printable characters on one line, at
// most 300 of them.
func Printable(s string) string { return printable(s, maxText) }
