package main

import (
	"fmt"
	"regexp"
	"strings"
)

// The functions below select a part of the CLI's output.

func all(output string) string { return output }

// heading is the line above each resource of a plan.
var heading = regexp.MustCompile(`(?m)^(?:\x1b\[[0-9;]*m)*  (?:\x1b\[[0-9;]*m)*# `)

// brief shows the first two resources of a plan, the number of the others, and the summary.
func brief(output string) string {
	const shown = 2
	plan := fromActions(output)
	starts := heading.FindAllStringIndex(plan, -1)
	end := strings.Index(plan, "Plan:")
	if len(starts) <= shown || end < 0 {
		return plan
	}
	end = strings.LastIndex(plan[:end], "\n") + 1
	return plan[:starts[shown][0]] + fmt.Sprintf("  … and %d more like these\n\n", len(starts)-shown) + plan[end:]
}

// dataSource is a data source in a plan.
var dataSource = regexp.MustCompile(`(?ms)^[^\n]*# (?:\x1b\[[0-9;]*m)*data\..*?^    \}\n(?:[^\n ]*\n)?`)

// fromActions shows the resources and the summary of a plan.
func fromActions(output string) string {
	output = dataSource.ReplaceAllString(output, "")
	if start := heading.FindStringIndex(output); start != nil {
		output = output[start[0]:]
	}
	if end := strings.Index(output, "─────"); end >= 0 {
		output = output[:strings.LastIndex(output[:end], "\n")+1]
	}
	return trailing.ReplaceAllString(output, "") + "\n"
}

// trailing is blank lines and colour codes at the end.
var trailing = regexp.MustCompile(`(?:\n|\x1b\[[0-9;]*m)+$`)

// result matches the line with the result of a command.
var result = regexp.MustCompile(`^(?:\x1b\[[0-9;]*m)*(?:Apply complete|Destroy complete|No changes)`)

func outcome(output string) string {
	for line := range strings.Lines(output) {
		if result.MatchString(line) {
			return line
		}
	}
	return output
}

// firstError shows the first line of an error, and the end with what to do.
func firstError(output string) string {
	_, message, _ := strings.Cut(output, "Error: ")
	first, rest, _ := strings.Cut(message, "\n")
	if at := strings.Index(rest, "Is the file"); at >= 0 {
		rest = rest[at:]
	}
	return "Error: " + first + "\n…\n" + rest
}
