package main

import (
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		name  string
		times []time.Duration
		want  time.Duration
	}{
		{"one", []time.Duration{7}, 7},
		{"odd", []time.Duration{9, 1, 5}, 5},
		{"even", []time.Duration{40, 10, 30, 20}, 25},
		{"outlier", []time.Duration{1, time.Hour, 2}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := test.times[0]
			if got := median(test.times); got != test.want {
				t.Errorf("median(%v) = %v, want %v", test.times, got, test.want)
			}
			if test.times[0] != before {
				t.Error("median changed the order of the times")
			}
		})
	}
}

func TestCostAdd(t *testing.T) {
	var c cost
	for _, m := range []measured{
		{blocked: 3 * time.Second, baseline: 2 * time.Second, stats: fakeapi.Stats{Posts: 10, UsersPosted: 90, MaxWritesInFlight: 1}, peak: 5},
		{blocked: 9 * time.Second, baseline: 1 * time.Second, stats: fakeapi.Stats{Gets: 4, Posts: 12, UsersPosted: 90}, peak: 4},
		{blocked: 2 * time.Second, baseline: 6 * time.Second, stats: fakeapi.Stats{Gets: 2, Posts: 11, UsersPosted: 90}, peak: 0},
	} {
		c = c.add(m)
	}
	if want := (fakeapi.Stats{Gets: 4, Posts: 12, UsersPosted: 90, MaxWritesInFlight: 1}); c.stats != want {
		t.Errorf("stats are %+v, want the largest of each count, %+v", c.stats, want)
	}
	if got := c.ratio(); got != 1.5 {
		t.Errorf("the ratio is %v, want that of the medians, 1.5", got)
	}
	if got := c.usersPerWrite(); got != 7.5 {
		t.Errorf("%v users per write, want 7.5", got)
	}
	if c.peak != 5 {
		t.Errorf("the peak is %d, want 5", c.peak)
	}
	if got := (cost{}).usersPerWrite(); got != 0 {
		t.Errorf("%v users per write without a write, want 0", got)
	}
}
