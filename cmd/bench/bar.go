package main

import "fmt"

// measure is a figure of a cost that can be held to a bar.
type measure struct {
	name string
	// of is the figure; it is not ok where it is not known.
	of func(cost) (figure float64, ok bool)
	// format prints a figure.
	format string
	// advisory figures depend on what else the machine does.
	advisory bool
}

// The figures that bars are for.
var (
	allRequests   = measure{name: "requests", format: "%.0f", of: func(c cost) (float64, bool) { return float64(c.stats.Requests()), true }}
	writeRequests = measure{name: "write requests", format: "%.0f", of: func(c cost) (float64, bool) { return float64(c.writes()), true }}
	inFlight      = measure{name: "writes in flight", format: "%.0f", of: func(c cost) (float64, bool) { return float64(c.stats.MaxWritesInFlight), true }}
	timeRatio     = measure{name: "times the baseline", format: "%.2f", advisory: true, of: func(c cost) (float64, bool) { return c.ratio(), true }}
	memoryPeak    = measure{name: "MiB of memory", format: "%.0f", of: func(c cost) (float64, bool) { return mebibytes(c.peak), c.peak > 0 }}
)

// bar is the most that a phase may cost by one measure.
type bar struct {
	phase   string
	measure measure
	most    float64
}

// atMost makes one bar for several phases.
func atMost(most float64, m measure, phases ...phase) []bar {
	bars := make([]bar, len(phases))
	for i, p := range phases {
		bars[i] = bar{p.name, m, most}
	}
	return bars
}

// judge holds costs to bars. It returns a row for each bar, and whether one is
// broken that counts.
func judge(bars []bar, costs map[string]cost) (rows [][]string, broken bool) {
	for _, b := range bars {
		figure, known := b.measure.of(costs[b.phase])
		shown, verdict := fmt.Sprintf(b.measure.format, figure), "ok"
		switch {
		case !known:
			shown, verdict = "-", "not known here"
		case figure > b.most && b.measure.advisory:
			verdict = "over the bar (only a warning)"
		case figure > b.most:
			verdict, broken = "over the bar", true
		}
		rows = append(rows, []string{b.phase, b.measure.name, shown, "of at most " + fmt.Sprintf(b.measure.format, b.most), verdict})
	}
	return rows, broken
}
