package quiet_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/quiet"
)

// TestWait checks how long a wait takes for each sequence of windows. Something arrives
// at the seconds in arrivals, and the context ends after an hour.
func TestWait(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tt := range map[string]struct {
		windows  []time.Duration // the last one is repeated
		arrivals []time.Duration
		want     time.Duration
	}{
		"nothing arrives":              {[]time.Duration{2 * s}, nil, 2 * s},
		"an arrival starts it again":   {[]time.Duration{2 * s}, []time.Duration{s, 2 * s}, 4 * s},
		"an arrival too late":          {[]time.Duration{2 * s}, []time.Duration{3 * s}, 2 * s},
		"zero at once":                 {[]time.Duration{0}, nil, 0},
		"zero after an arrival":        {[]time.Duration{2 * s, 0}, []time.Duration{s}, s},
		"the next arrival":             {[]time.Duration{quiet.UntilNext, s}, []time.Duration{10 * s}, 11 * s},
		"arrivals until ctx is done":   {[]time.Duration{2 * time.Hour}, []time.Duration{s}, time.Hour},
		"no arrival until ctx is done": {[]time.Duration{quiet.UntilNext}, nil, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				arrived := make(chan struct{}, 1)
				for _, at := range tt.arrivals {
					time.AfterFunc(at, func() { arrived <- struct{}{} })
				}
				start, calls := time.Now(), 0
				quiet.Wait(ctx, arrived, func() time.Duration {
					calls++
					return tt.windows[min(calls, len(tt.windows))-1]
				})
				if got := time.Since(start); got != tt.want {
					t.Errorf("waited %v, want %v", got, tt.want)
				}
			})
		})
	}
}
