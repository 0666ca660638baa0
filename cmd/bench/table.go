package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

func costRows(sc scenario, costs map[string]cost) [][]string {
	rows := [][]string{{"", sc.blocked.name, sc.baseline.name, "ratio", "GET", "POST", "DELETE", "users/write", "in flight", "memory"}}
	for _, p := range sc.phases {
		c := costs[p.name]
		perWrite := "-"
		if c.writes() > 0 {
			perWrite = fmt.Sprintf("%.1f", c.usersPerWrite())
		}
		rows = append(rows, []string{
			p.name, seconds(median(c.blocked)), seconds(median(c.baseline)), fmt.Sprintf("%.2f", c.ratio()),
			strconv.Itoa(c.stats.Gets), strconv.Itoa(c.stats.Posts), strconv.Itoa(c.stats.Deletes),
			perWrite, strconv.Itoa(c.stats.MaxWritesInFlight), megabytes(c.peak),
		})
	}
	return rows
}

// table aligns rows in columns: to the right where a cell begins with a digit, otherwise to the left.
func table(rows [][]string) string {
	var widths []int
	var right []bool
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, right = append(widths, 0), append(right, false)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			right[i] = right[i] || cell != "" && cell[0] >= '0' && cell[0] <= '9'
		}
	}
	var text strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if right[i] {
				line.WriteString("  " + pad + cell)
			} else {
				line.WriteString("  " + cell + pad)
			}
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return text.String()
}
