package blocklistcsv

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// The names of columns, in lower case. Of several columns for notes, the first name
// in the list wins.
var (
	numberNames = []string{"user", "number", "phone", "phone number", "phone_number", "mobile", "msisdn", "whatsapp", "wa_id"}
	userIDNames = []string{"user_id"}
	noteNames   = []string{"note", "reason", "comment"}
	untilNames  = []string{"until"}
)

// columns holds the index of each column, -1 if the file has none.
type columns struct {
	number, userID, note, until int
}

func findColumns(header []string, needsUntil bool) (columns, error) {
	numbers, userIDs := columnIndexes(header, numberNames), columnIndexes(header, userIDNames)
	untils := columnIndexes(header, untilNames)
	switch {
	case len(numbers)+len(userIDs) == 0 && slices.ContainsFunc(header, looksLikeUser):
		return columns{}, errors.New("the file has no header row: its first row holds a user. " + example)
	case len(numbers)+len(userIDs) == 0:
		return columns{}, fmt.Errorf("the file has no column for users. The columns are %s. Rename the one with the phone numbers to number. The separator is a comma, a semicolon or a tab", quoteAll(header))
	case len(numbers) > 1:
		return columns{}, fmt.Errorf("%d columns hold phone numbers: %s. The columns are %s. Rename all but one",
			len(numbers), quoteAll(pick(header, numbers)), quoteAll(header))
	case len(userIDs) > 1:
		return columns{}, fmt.Errorf("%d columns are named user_id. The columns are %s. Rename all but one", len(userIDs), quoteAll(header))
	case needsUntil && len(untils) == 0:
		return columns{}, fmt.Errorf("the file has no column until, which the second argument needs. The columns are %s. Add the column, or leave out the second argument", quoteAll(header))
	case needsUntil && len(untils) > 1:
		return columns{}, fmt.Errorf("%d columns are named until. The columns are %s. Rename all but one", len(untils), quoteAll(header))
	}
	return columns{number: firstIndex(numbers), userID: firstIndex(userIDs), note: firstIndex(columnIndexes(header, noteNames)), until: firstIndex(untils)}, nil
}

func hasUserColumn(header []string) bool {
	return len(columnIndexes(header, numberNames))+len(columnIndexes(header, userIDNames)) > 0
}

// columnIndexes returns the indexes of the columns with these names, in the order of names.
func columnIndexes(header, names []string) []int {
	var indexes []int
	for _, name := range names {
		for i, cell := range header {
			if strings.EqualFold(strings.Join(strings.Fields(cell), " "), name) {
				indexes = append(indexes, i)
			}
		}
	}
	return indexes
}

func firstIndex(indexes []int) int {
	if len(indexes) == 0 {
		return -1
	}
	return indexes[0]
}

func pick(header []string, indexes []int) []string {
	var names []string
	for _, i := range indexes {
		names = append(names, header[i])
	}
	return names
}

// looksLikeUser reports whether a cell of the first row holds a user, perhaps with a
// mistake in it, instead of the name of a column.
func looksLikeUser(cell string) bool {
	const fewDigits = 5
	_, err := userid.Parse(cell)
	return err == nil || countDigits(cell) >= fewDigits
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func quoteAll(names []string) string {
	const maxNames, maxLength = 20, 40
	var quoted []string
	for i, name := range names {
		if i == maxNames {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-maxNames))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%.*q", maxLength, name))
	}
	return strings.Join(quoted, ", ")
}

// cell returns a cell of a row, or "" if the row is too short or the file has no such
// column.
func (c columns) cell(cells []string, at int) string {
	if at < 0 || at >= len(cells) {
		return ""
	}
	return cells[at]
}

// user returns the number of a row, or its user ID if it has no number. The error
// quotes nothing of the row.
func (c columns) user(cells []string) (userid.ID, error) {
	number, userID := c.cell(cells, c.number), c.cell(cells, c.userID)
	if number == "" && userID == "" {
		return userid.ID{}, errors.New("it has no phone number")
	}
	id, err := userid.Parse(cmp.Or(number, userID))
	if parseError, ok := errors.AsType[*userid.ParseError](err); ok {
		return userid.ID{}, errors.New(parseError.Reason)
	}
	if number == "" && id.IsNumber() {
		// Columns named user_id often hold the IDs of a customer database.
		return userid.ID{}, errors.New("user_id holds no WhatsApp user ID such as US.13491208655302741918; write a phone number into the column of the numbers")
	}
	return id, err
}
