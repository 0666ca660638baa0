package random_test

import (
	"cmp"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// parts are as many runs of rapid's checks side by side: with its usual 100 each,
// they take half a minute of two cores under the race detector.
const parts = 6

// Whatever a team writes into its configuration, whatever happens to the list and
// in whatever way API, network, provider and Terraform fail: no user is unblocked
// unseen, no user that the configuration wants is unblocked, no block is lost from
// the state, and the state claims none.
func TestRandomConfigurations(t *testing.T) {
	t.Parallel()
	for i := range parts {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			var first string
			defer func() {
				if t.Failed() {
					t.Logf("the first failure, before it was made shorter:\n%s", first)
				}
			}()
			rapid.Check(t, func(rt *rapid.T) {
				problem, trace := drawScenario(rt).run(t)
				if problem != "" {
					first = cmp.Or(first, trace)
					rt.Log(trace)
					rt.Fatal(problem)
				}
			})
		})
	}
}
