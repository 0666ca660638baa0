package blocklist_test

import (
	"slices"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
)

// What this run wrote lies over a scan that came before, and over no other.
func TestAllAfterWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seed []string
		act  func(t *testing.T, w *env)
		want []string
	}{
		"blocked after the scan": {
			seed: []string{number(1)},
			act: func(t *testing.T, w *env) {
				_, _ = w.list.All(t.Context())
				allDone(t, w.block(number(2)))
			},
			want: []string{number(1), number(2)},
		},
		"blocked after two empty scans": {
			act: func(t *testing.T, w *env) {
				_, _ = w.list.All(t.Context())
				allDone(t, w.block(number(2)))
			},
			want: []string{number(2)},
		},
		"blocked before the scan, and unblocked by hand": {
			seed: []string{number(1)},
			act: func(t *testing.T, w *env) {
				allDone(t, w.block(number(2)))
				w.server.Remove(number(2))
			},
			want: []string{number(1)},
		},
		"unblocked after the scan": {
			seed: numbers(2),
			act: func(t *testing.T, w *env) {
				_, _ = w.list.All(t.Context())
				allDone(t, w.unblock(number(0)))
			},
			want: []string{number(1)},
		},
		"unblocked before the scan, and blocked by hand": {
			seed: numbers(2),
			act: func(t *testing.T, w *env) {
				allDone(t, w.unblock(number(0)))
				w.server.Seed(number(0))
				w.list.Learn(t.Context(), usersOf(number(1))) // by a scan of its own
			},
			want: []string{number(1), number(0)},
		},
		"unblocked though the scan did not show the user": {
			seed: []string{number(1)},
			act: func(t *testing.T, w *env) {
				removal := blocklist.Removal{Proof: blocklist.ProvenByMark, LastWrite: time.Now()}
				allDone(t, w.unblockWith(t.Context(), removal, named(number(2))))
			},
			want: []string{number(1)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEnv(t, setting{lag: time.Second}, func(t *testing.T, w *env) {
				w.server.Seed(test.seed...)
				test.act(t, w)
				if all, err := w.list.All(t.Context()); err != nil || !slices.Equal(keys(all), test.want) {
					t.Errorf("%q, %v; want %q", keys(all), err, test.want)
				}
			})
		})
	}
}
