package blocklistcsv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// The names of columns, in small letters. Of several columns for notes, the first
// name in the list counts.
var (
	numberNames = []string{"user", "number", "phone", "phone number", "phone_number", "mobile", "msisdn", "whatsapp", "wa_id"}
	userIDNames = []string{"user_id"}
	noteNames   = []string{"note", "reason", "comment"}
	untilNames  = []string{"until"}
)

// columns are the places of columns in a row. A column that a file does not have is
// at -1.
type columns struct {
	number, userID, note, until int
}

// findColumns finds the columns by a header. The column until has to be there if it
// is needed.
func findColumns(header []string, needsUntil bool) (columns, error) {
	numbers, userIDs := placesOf(header, numberNames), placesOf(header, userIDNames)
	untils := placesOf(header, untilNames)
	switch {
	case len(numbers)+len(userIDs) == 0 && slices.ContainsFunc(header, looksLikeUser):
		return columns{}, errors.New("the file has no header row: its first row holds a user. " + example)
	case len(numbers)+len(userIDs) == 0:
		return columns{}, fmt.Errorf("no column is for users. The columns are %s. Name the column of the phone numbers %s; the separator is a comma, a semicolon or a tab",
			quoteAll(header), either(slices.Concat(numberNames, userIDNames)))
	case len(numbers) > 1:
		return columns{}, fmt.Errorf("%d columns are for phone numbers, and it is not clear which one counts: %s. The columns are %s. Rename all but one",
			len(numbers), quoteAll(pick(header, numbers)), quoteAll(header))
	case len(userIDs) > 1:
		return columns{}, fmt.Errorf("%d columns are named user_id. The columns are %s. Rename all but one", len(userIDs), quoteAll(header))
	case needsUntil && len(untils) == 0:
		return columns{}, fmt.Errorf("the second argument leaves out rows by the column until, and there is no such column. The columns are %s. Add the column, or leave out the second argument", quoteAll(header))
	case needsUntil && len(untils) > 1:
		return columns{}, fmt.Errorf("%d columns are named until. The columns are %s. Rename all but one", len(untils), quoteAll(header))
	}
	return columns{number: first(numbers), userID: first(userIDs), note: first(placesOf(header, noteNames)), until: first(untils)}, nil
}

// hasUserColumn reports whether a header has a column for users.
func hasUserColumn(header []string) bool {
	return len(placesOf(header, numberNames))+len(placesOf(header, userIDNames)) > 0
}

// placesOf returns where a header has columns of these names, in the order of names.
func placesOf(header, names []string) []int {
	var places []int
	for _, name := range names {
		for i, cell := range header {
			if strings.EqualFold(strings.Join(strings.Fields(cell), " "), name) {
				places = append(places, i)
			}
		}
	}
	return places
}

func first(places []int) int {
	if len(places) == 0 {
		return -1
	}
	return places[0]
}

func pick(header []string, places []int) []string {
	var names []string
	for _, i := range places {
		names = append(names, header[i])
	}
	return names
}

// looksLikeUser reports whether a cell is no name of a column: it names a user, or
// would but for a mistake.
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

// quoteAll lists names of columns for a message.
func quoteAll(names []string) string {
	const most, longest = 20, 40
	var quoted []string
	for i, name := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%.*q", longest, name))
	}
	return strings.Join(quoted, ", ")
}

// either lists names of which one is to be chosen.
func either(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// cell returns a cell of a row, which is empty where the row is too short or the
// file has no such column.
func (c columns) cell(cells []string, at int) string {
	if at < 0 || at >= len(cells) {
		return ""
	}
	return cells[at]
}

// user returns the user of a row: its number where it has one, and otherwise its
// user ID. The error quotes nothing of the row.
func (c columns) user(cells []string) (userid.ID, error) {
	number, userID := c.cell(cells, c.number), c.cell(cells, c.userID)
	if number == "" && userID == "" {
		return userid.ID{}, errors.New("it names no user")
	}
	spelling := number
	if number == "" {
		spelling = userID
	}
	id, err := userid.Parse(spelling)
	if parseError, ok := errors.AsType[*userid.ParseError](err); ok {
		return userid.ID{}, errors.New(parseError.Reason)
	}
	if number == "" && id.IsNumber() {
		// A column of this name often holds the IDs of a customer database.
		return userid.ID{}, errors.New("user_id holds no WhatsApp user ID such as US.13491208655302741918; write a phone number into the column of the numbers")
	}
	return id, err
}
