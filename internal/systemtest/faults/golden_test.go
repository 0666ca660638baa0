package faults_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// goldenFile has the results, after an explanation of the marks.
const (
	goldenFile   = "testdata/matrix.md"
	tablesHeader = "| Fault |"
)

// marks stand for results in the golden file.
var marks = map[result]string{notHit: "–", unaffected: "✓", reported: "!", undetectable: "○"}

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
	return fmt.Sprintf("%d cells: %d ended as without the fault, %d reported it and the next apply finished the work, "+
		"and in %d the list left users out without a sign. No user was unblocked that no plan removed.\n",
		m.tried[unaffected]+m.tried[reported]+m.tried[undetectable], m.tried[unaffected], m.tried[reported], m.tried[undetectable])
}

// compare checks that the golden file has a row for each fault and a column for each
// operation, and no better result than this run.
func (m *matrix) compare(t *testing.T, tables string) {
	t.Helper()
	golden := map[[2]string]string{}
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
				golden[[2]string{op, fields[0]}] = fields[i+1]
			}
		}
	}
	mayBeUndetectable := map[string]bool{}
	for _, group := range m.groups {
		for _, f := range group.faults {
			mayBeUndetectable[f.name] = f.undetectable != 0
		}
	}
	for key, worst := range m.worst {
		row := []rune(golden[key])
		for i, v := range worst {
			if len(row) != len(worst) || !slices.Contains(acceptableResults(row[i], mayBeUndetectable[key[1]]), v) {
				t.Errorf("%s, %s: the golden file says %q for one request, two and all, and the results are %v: run make fault-matrix", key[1], key[0], string(row), worst)
				break
			}
		}
	}
}

// acceptableResults returns the results that a cell may have if the worst one of its fault and
// operation has this mark. There are several, because the scheduler decides which users share
// a request.
func acceptableResults(mark rune, mayBeUndetectable bool) []result {
	switch {
	case string(mark) == marks[notHit]:
		return []result{notHit}
	case mayBeUndetectable:
		return []result{unaffected, reported, undetectable}
	default:
		return []result{unaffected, reported}
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
