package provider_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// matrixGuide is the guide that has the tables, between two lines.
const (
	matrixGuide  = "../../templates/guides/faults.md"
	tablesBegin  = "<!-- made by: make fault-matrix -->\n"
	tablesEnd    = "<!-- end of what is made -->\n"
	tablesHeader = "| What goes wrong |"
)

// marks stand for verdicts in the guide.
var marks = map[verdict]string{missed: "–", survived: "✓", named: "!", unseen: "○"}

// render gives the tables, as the guide has them. They are not complete where only
// some faults were tried.
func (m *matrix) render() (tables string, complete bool) {
	var b strings.Builder
	complete = true
	for i, ops := range m.tables {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(tablesHeader)
		for _, op := range ops {
			b.WriteString(" " + op.name + " |")
		}
		b.WriteString("\n|---|" + strings.Repeat(":-:|", len(ops)) + "\n")
		for _, group := range m.groups {
			b.WriteString("| **" + group.title + "** |" + strings.Repeat(" |", len(ops)) + "\n")
			for _, f := range group.faults {
				b.WriteString("| " + f.name + " |")
				for _, op := range ops {
					worst, tried := m.worst[[2]string{op.name, f.name}]
					if !tried {
						complete = false
						continue
					}
					b.WriteString(" ")
					for _, v := range worst {
						b.WriteString(marks[v])
					}
					b.WriteString(" |")
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String(), complete
}

// summary counts the cells.
func (m *matrix) summary() string {
	return fmt.Sprintf("%d cells: %d came out as if there had been no fault, %d ended with an error that names it and with the next apply, "+
		"and in %d the list left users out unseen. In none was anybody unblocked whom no plan removed.\n",
		m.tried[survived]+m.tried[named]+m.tried[unseen], m.tried[survived], m.tried[named], m.tried[unseen])
}

// compare checks that the guide has a row for each fault and a column for each
// operation, and nothing better than what was seen.
func (m *matrix) compare(t *testing.T, tables string) {
	t.Helper()
	promised := map[[2]string]string{}
	var ops []string
	for line := range strings.Lines(tables) {
		fields := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		switch {
		case strings.HasPrefix(line, tablesHeader):
			ops = fields[1:]
		case len(fields) == len(ops)+1:
			for i, op := range ops {
				promised[[2]string{op, fields[0]}] = fields[i+1]
			}
		}
	}
	for of, worst := range m.worst {
		row := []rune(promised[of])
		for i, v := range worst {
			if len(row) != len(worst) || !slices.Contains(admitted(row[i]), v) {
				t.Errorf("%s, %s: the guide says %q, and what came of it, once, twice and for ever, is %v: run make fault-matrix", of[1], of[0], string(row), worst)
				break
			}
		}
	}
}

// admitted are the verdicts on one cell where the worst of them all has a mark.
func admitted(mark rune) []verdict {
	switch string(mark) {
	case marks[survived], marks[named]:
		// Which users share a request is up to the scheduler, and with it whether a
		// retry was left for the one that is hit. Either keeps the promise, to which
		// every cell is held.
		return []verdict{survived, named}
	case marks[unseen]:
		return []verdict{survived, named, unseen}
	default:
		return []verdict{missed}
	}
}

// guideAround is the guide before, between and after the lines around the tables.
func guideAround(t *testing.T) (before, tables, after string) {
	t.Helper()
	guide, err := os.ReadFile(matrixGuide)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(guide), tablesBegin)
	tables, after, ends := strings.Cut(rest, tablesEnd)
	if !begins || !ends {
		t.Fatalf("%s has no place for the tables", matrixGuide)
	}
	return before, tables, after
}

func readGuide(t *testing.T) string {
	t.Helper()
	_, tables, _ := guideAround(t)
	return tables
}

func writeGuide(t *testing.T, tables string) {
	t.Helper()
	before, _, after := guideAround(t)
	guide := before + tablesBegin + "\n" + tables + "\n" + tablesEnd + after
	if err := os.WriteFile(matrixGuide, []byte(guide), 0o600); err != nil {
		t.Fatal(err)
	}
}
