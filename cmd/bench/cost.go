package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// measured is the cost of one run of a phase.
type measured struct {
	blocked, baseline time.Duration
	// stats are from the provider's side.
	stats fakeapi.Stats
	// peak is the highest memory use of a provider process in bytes; 0 where it is unknown.
	peak uint64
}

func (m measured) String() string {
	return fmt.Sprintf("%s against %s, %d GETs, %d writes", seconds(m.blocked), seconds(m.baseline), m.stats.Gets, m.stats.Posts+m.stats.Deletes)
}

// cost is the cost of all runs of a phase.
type cost struct {
	// blocked and baseline are the times of the runs.
	blocked, baseline []time.Duration
	// stats and peak are the largest values of all runs.
	stats fakeapi.Stats
	peak  uint64
}

func (c cost) add(m measured) cost {
	return cost{
		blocked:  append(c.blocked, m.blocked),
		baseline: append(c.baseline, m.baseline),
		stats: fakeapi.Stats{
			Gets:              max(c.stats.Gets, m.stats.Gets),
			Posts:             max(c.stats.Posts, m.stats.Posts),
			Deletes:           max(c.stats.Deletes, m.stats.Deletes),
			UsersPosted:       max(c.stats.UsersPosted, m.stats.UsersPosted),
			UsersDeleted:      max(c.stats.UsersDeleted, m.stats.UsersDeleted),
			MaxWritesInFlight: max(c.stats.MaxWritesInFlight, m.stats.MaxWritesInFlight),
			Scans:             max(c.stats.Scans, m.stats.Scans),
			HealthStatus:      max(c.stats.HealthStatus, m.stats.HealthStatus),
		},
		peak: max(c.peak, m.peak),
	}
}

func (c cost) writes() int { return c.stats.Posts + c.stats.Deletes }

// usersPerWrite is the average number of users in a write; 0 without a write.
func (c cost) usersPerWrite() float64 {
	if c.writes() == 0 {
		return 0
	}
	return float64(c.stats.UsersPosted+c.stats.UsersDeleted) / float64(c.writes())
}

// ratio is the time of the provider divided by that of the baseline.
func (c cost) ratio() float64 {
	return median(c.blocked).Seconds() / median(c.baseline).Seconds()
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// megabytes is a dash for 0.
func megabytes(bytes uint64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f MiB", mebibytes(bytes))
}

func mebibytes(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
