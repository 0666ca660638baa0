package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// measured is what one run of a phase took.
type measured struct {
	// blocked and baseline are the times of the two sides.
	blocked, baseline time.Duration
	// stats are of the provider's side.
	stats fakeapi.Stats
	// peak is the most memory in bytes that a process of the provider held; 0
	// where that cannot be known.
	peak uint64
}

// String says for those who wait how it went.
func (m measured) String() string {
	return fmt.Sprintf("%s against %s, %d GETs, %d writes", seconds(m.blocked), seconds(m.baseline), m.stats.Gets, m.stats.Posts+m.stats.Deletes)
}

// cost is what a phase took in all its runs.
type cost struct {
	// blocked and baseline are the times of the two sides, run for run.
	blocked, baseline []time.Duration
	// stats and peak are the largest of each that a run had.
	stats fakeapi.Stats
	peak  uint64
}

// add returns the cost with one more run.
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

// writes is how many requests wrote.
func (c cost) writes() int { return c.stats.Posts + c.stats.Deletes }

// usersPerWrite is how many users travelled together on average; 0 where none
// did.
func (c cost) usersPerWrite() float64 {
	if c.writes() == 0 {
		return 0
	}
	return float64(c.stats.UsersPosted+c.stats.UsersDeleted) / float64(c.writes())
}

// ratio is how much longer the provider's side took than the baseline: 2 is
// twice as long.
func (c cost) ratio() float64 {
	return median(c.blocked).Seconds() / median(c.baseline).Seconds()
}

// median is the middle one of some times, or the mean of the middle two.
func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// megabytes is a number of bytes as people read it, or a dash for 0.
func megabytes(bytes uint64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f MiB", mebibytes(bytes))
}

func mebibytes(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
