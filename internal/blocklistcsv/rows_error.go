package blocklistcsv

import (
	"fmt"
	"strconv"
	"strings"
)

// RowsError lists the wrong rows of a file by what is wrong with them.
type RowsError struct {
	// count counts the wrong rows. mistakes has the first ones in the order of the file.
	count    int
	mistakes []mistake
}

// mistake is what is wrong with some rows. shown names the first of them.
type mistake struct {
	reason string
	count  int
	shown  []string
}

const (
	// maxMistakes is large, because some reasons contain a number.
	maxMistakes       = 20
	maxRowsPerMistake = 10
)

func (e *RowsError) add(row int, reason string) { e.addRow(strconv.Itoa(row), reason) }

// addDuplicate adds a row with the user of an earlier one.
func (e *RowsError) addDuplicate(first, row int) {
	e.addRow(fmt.Sprintf("%d (the user of row %d)", row, first), "the user is in an earlier row already; keep one of the two")
}

func (e *RowsError) addRow(row, reason string) {
	e.count++
	i := 0
	for i < len(e.mistakes) && e.mistakes[i].reason != reason {
		i++
	}
	if i == maxMistakes {
		return
	}
	if i == len(e.mistakes) {
		e.mistakes = append(e.mistakes, mistake{reason: reason})
	}
	m := &e.mistakes[i]
	if m.count++; m.count <= maxRowsPerMistake {
		m.shown = append(m.shown, row)
	}
}

// Error has a line for each mistake, with the first rows that have it.
func (e *RowsError) Error() string {
	var b strings.Builder
	if e.count == 1 {
		b.WriteString("1 row is wrong:")
	} else {
		fmt.Fprintf(&b, "%d rows are wrong:", e.count)
	}
	rest := e.count
	for _, m := range e.mistakes {
		b.WriteString("\n" + m.String())
		rest -= m.count
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\n… and %d more.", rest)
	}
	return b.String()
}

func (m mistake) String() string {
	if m.count == 1 {
		return fmt.Sprintf("Row %s: %s.", m.shown[0], m.reason)
	}
	more := ""
	if rest := m.count - len(m.shown); rest > 0 {
		more = fmt.Sprintf(" and %d more", rest)
	}
	return fmt.Sprintf("Rows %s%s: %s.", strings.Join(m.shown, ", "), more, m.reason)
}
