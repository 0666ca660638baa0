package userid

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	// minMaskedDigits is the length from which on a run of digits is masked.
	minMaskedDigits = 7
	// shownDigits is how many of the last characters a mask shows.
	shownDigits = 3
)

// namesInText finds dates, user IDs and beginnings of numbers. It matches dates so
// that Mask can skip them. A user ID without a digit must be longer than a file ending.
var namesInText = regexp.MustCompile(`\b(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\b|\b[A-Za-z]{2}\.(?:ENT\.)?(?:[A-Za-z0-9]*[0-9][A-Za-z0-9]*|[A-Za-z]{8,})\b|\+?\b[0-9]`)

// spellingAndCanonical matches a masked spelling with the masked canonical form in
// brackets. Mask shows equal ones once.
var spellingAndCanonical = regexp.MustCompile(`\S*…\S{3} \(\S*…\S{3}\)`)

// Mask hides the users in a text, in any spelling: of a number it shows the country
// calling code and the last three digits (+49…678), of a user ID the letters and the
// last three characters (DE.…123). Runs of fewer than seven digits, dates, and numbers
// after "ID " or "such as " stay as they are.
func Mask(text string) string {
	var b strings.Builder
	for {
		at := namesInText.FindStringIndex(text)
		if at == nil {
			b.WriteString(text)
			return spellingAndCanonical.ReplaceAllStringFunc(b.String(), func(both string) string {
				if spelled, canonical, _ := strings.Cut(both, " ("); canonical == spelled+")" {
					return spelled
				}
				return both
			})
		}
		b.WriteString(text[:at[0]])
		found, rest := text[at[0]:at[1]], text[at[1]:]
		switch letters, id, isUserID := strings.Cut(found, "."); {
		case isUserID:
			if !strings.HasSuffix(b.String(), "such as ") {
				found = letters + ".…" + lastOf(id)
			}
		default:
			number, digits := numberAt(text[at[0]:])
			if number == found {
				break // A date. A number that begins like a date goes on.
			}
			rest = text[at[0]+len(number):]
			found = number
			before := b.String()
			if len(digits) >= minMaskedDigits && !strings.HasSuffix(before, "ID ") && !strings.HasSuffix(before, "such as ") {
				found = maskNumber(digits)
			}
		}
		b.WriteString(found)
		text = rest
	}
}

// numberAt returns the number that text begins with, and its digits. A bracket after
// a whole number is not part of it: messages put the canonical form in brackets.
func numberAt(text string) (number, digits string) {
	const maxGap = 3 // such as " / "
	end, gap := 0, 0
	var found []rune
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			found = append(found, r)
			end, gap = i+1, 0
		case r == '(' && len(found) >= minMaskedDigits, gap == maxGap && end > 0, r != '+' && !isFormatting(r):
			return text[:end], string(found)
		default:
			gap++
		}
	}
	return text[:end], string(found)
}

func maskNumber(digits string) string {
	shown := "…" + lastOf(digits)
	international := strings.TrimPrefix(digits, "00")
	if code, _, ok := (ID{canonical: international}).splitCallingCode(); ok && international[0] != '0' {
		shown = "+" + strconv.Itoa(code) + shown
	}
	return shown
}

func lastOf(s string) string { return s[max(0, len(s)-shownDigits):] }
