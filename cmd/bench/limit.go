package main

import "fmt"

// measure is a figure of a cost that can have a limit.
type measure struct {
	name string
	// of is not ok where the figure is unknown.
	of     func(cost) (figure float64, ok bool)
	format string
	// advisory figures depend on the load of the machine.
	advisory bool
}

var (
	allRequests   = measure{name: "requests", format: "%.0f", of: func(c cost) (float64, bool) { return float64(c.stats.Requests()), true }}
	writeRequests = measure{name: "write requests", format: "%.0f", of: func(c cost) (float64, bool) { return float64(c.writes()), true }}
	inFlight      = measure{name: "writes in flight", format: "%.0f", of: func(c cost) (float64, bool) { return float64(c.stats.MaxWritesInFlight), true }}
	timeRatio     = measure{name: "times the baseline", format: "%.2f", advisory: true, of: func(c cost) (float64, bool) { return c.ratio(), true }}
	memoryPeak    = measure{name: "MiB of memory", format: "%.0f", of: func(c cost) (float64, bool) { return mebibytes(c.peak), c.peak > 0 }}
)

// limit is the highest cost of a phase in one measure.
type limit struct {
	phase   string
	measure measure
	most    float64
}

// atMost makes the same limit for several phases.
func atMost(most float64, m measure, phases ...phase) []limit {
	limits := make([]limit, len(phases))
	for i, p := range phases {
		limits[i] = limit{p.name, m, most}
	}
	return limits
}

// checkLimits returns a row for each limit, and whether a cost exceeds one that is not advisory.
func checkLimits(limits []limit, costs map[string]cost) (rows [][]string, exceeded bool) {
	for _, b := range limits {
		figure, known := b.measure.of(costs[b.phase])
		shown, verdict := fmt.Sprintf(b.measure.format, figure), "ok"
		switch {
		case !known:
			shown, verdict = "-", "unknown here"
		case figure > b.most && b.measure.advisory:
			verdict = "over the limit (only a warning)"
		case figure > b.most:
			verdict, exceeded = "over the limit", true
		}
		rows = append(rows, []string{b.phase, b.measure.name, shown, "of at most " + fmt.Sprintf(b.measure.format, b.most), verdict})
	}
	return rows, exceeded
}
