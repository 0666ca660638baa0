package blocklistcsv

import (
	"fmt"
	"strings"
)

// RowsError lists the wrong rows of a file.
type RowsError struct {
	// count counts the wrong rows, lines describes the first of them.
	count int
	lines []string
}

const maxErrorRows = 20

func (e *RowsError) add(row int, reason string) {
	e.addLine(fmt.Sprintf("Row %d: %s", row, reason))
}

func (e *RowsError) addDuplicate(first, row int) {
	e.addLine(fmt.Sprintf("Rows %d and %d: both name one user; keep one of the two", first, row))
}

func (e *RowsError) addLine(line string) {
	if e.count++; e.count <= maxErrorRows {
		e.lines = append(e.lines, line+".")
	}
}

// Error has a line for each of the first rows, and counts the others.
func (e *RowsError) Error() string {
	var b strings.Builder
	if e.count == 1 {
		b.WriteString("1 row is wrong:\n")
	} else {
		fmt.Fprintf(&b, "%d rows are wrong:\n", e.count)
	}
	b.WriteString(strings.Join(e.lines, "\n"))
	if rest := e.count - len(e.lines); rest > 0 {
		fmt.Fprintf(&b, "\n… and %d more.", rest)
	}
	return b.String()
}
