package blocklist_test

import (
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
)

// The writes of a run override an earlier scan, and no later one.
func TestAll_afterWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seed []string
		act  func(t *testing.T, e *env)
		want []string
	}{
		"blocked after the scan": {
			seed: []string{phoneNumber(1)},
			act: func(t *testing.T, e *env) {
				_, _ = e.list.All(t.Context())
				expectSuccess(t, e.block(phoneNumber(2)))
			},
			want: []string{phoneNumber(1), phoneNumber(2)},
		},
		"blocked after two empty scans": {
			act: func(t *testing.T, e *env) {
				_, _ = e.list.All(t.Context())
				expectSuccess(t, e.block(phoneNumber(2)))
			},
			want: []string{phoneNumber(2)},
		},
		"blocked before the scan, and unblocked by hand": {
			seed: []string{phoneNumber(1)},
			act: func(t *testing.T, e *env) {
				expectSuccess(t, e.block(phoneNumber(2)))
				e.server.Remove(phoneNumber(2))
			},
			want: []string{phoneNumber(1)},
		},
		"unblocked after the scan": {
			seed: phoneNumbers(2),
			act: func(t *testing.T, e *env) {
				_, _ = e.list.All(t.Context())
				expectSuccess(t, e.unblock(phoneNumber(0)))
			},
			want: []string{phoneNumber(1)},
		},
		"unblocked before the scan, and blocked by hand": {
			seed: phoneNumbers(2),
			act: func(t *testing.T, e *env) {
				expectSuccess(t, e.unblock(phoneNumber(0)))
				e.server.Seed(phoneNumber(0))
				e.list.Learn(t.Context(), usersOf(phoneNumber(1))) // scans the list again
			},
			want: []string{phoneNumber(1), phoneNumber(0)},
		},
		"unblocked, though the list did not show the user": {
			seed: []string{phoneNumber(1)},
			act: func(t *testing.T, e *env) {
				removal := blocklist.Removal{Proof: blocklist.ProvenByRun, LastWrite: time.Now()}
				expectSuccess(t, e.unblockWith(t.Context(), removal, userOf(phoneNumber(2))))
			},
			want: []string{phoneNumber(1)},
		},
	} {
		runInEnv(t, name, setting{lag: time.Second}, func(t *testing.T, e *env) {
			e.server.Seed(test.seed...)
			test.act(t, e)
			e.expectAll(test.want...)
		})
	}
}
