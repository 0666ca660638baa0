package faults_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// goldenFile has the verdicts, after an explanation of the marks.
const (
	goldenFile   = "testdata/matrix.md"
	tablesHeader = "| Fault |"
)

// marks stand for verdicts in the golden file.
var marks = map[verdict]string{missed: "–", survived: "✓", named: "!", unseen: "○"}

// render returns the tables of the golden file. They are incomplete if only some faults
// were tried.
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
		"and in %d the list left users out unseen. In none was a user unblocked that no plan removed.\n",
		m.tried[survived]+m.tried[named]+m.tried[unseen], m.tried[survived], m.tried[named], m.tried[unseen])
}

// compare checks that the golden file has a row for each fault and a column for each
// operation, and no better verdict than the result.
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
	mayBeUnseen := map[string]bool{}
	for _, group := range m.groups {
		for _, f := range group.faults {
			mayBeUnseen[f.name] = f.unseen != 0
		}
	}
	for of, worst := range m.worst {
		row := []rune(promised[of])
		for i, v := range worst {
			if len(row) != len(worst) || !slices.Contains(expectedVerdicts(row[i], mayBeUnseen[of[1]]), v) {
				t.Errorf("%s, %s: the golden file says %q, and what came of it, once, twice and for ever, is %v: run make fault-matrix", of[1], of[0], string(row), worst)
				break
			}
		}
	}
}

// expectedVerdicts returns the verdicts that one cell may have if the worst one of its
// fault has this mark. They are several, because the scheduler decides which users share a
// request. Each verdict keeps the promises.
func expectedVerdicts(mark rune, mayBeUnseen bool) []verdict {
	switch {
	case string(mark) == marks[missed]:
		return []verdict{missed}
	case mayBeUnseen:
		return []verdict{survived, named, unseen}
	default:
		return []verdict{survived, named}
	}
}

// readGolden returns the golden file: the explanation and the tables.
func readGolden(t *testing.T) (explanation, tables string) {
	t.Helper()
	golden, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	explanation, tables, found := strings.Cut(string(golden), tablesHeader)
	if !found {
		t.Fatalf("%s has no tables", goldenFile)
	}
	return explanation, tablesHeader + tables
}

func writeGolden(t *testing.T, tables string) {
	t.Helper()
	explanation, _ := readGolden(t)
	if err := os.WriteFile(goldenFile, []byte(explanation+tables), 0o600); err != nil {
		t.Fatal(err)
	}
}
