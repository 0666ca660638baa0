package random_test

import (
	"cmp"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// parallelChecks is how many times rapid's checks run in parallel. With 100 checks each,
// they take half a minute on two cores with the race detector.
const parallelChecks = 6

// Whatever the configuration, the changes by others and the faults of the API, the network,
// the provider and Terraform: the provider unblocks only users that a plan showed as removed,
// and no user of the configuration. The state has all users that it blocked, and no others.
func TestRandomConfigurations(t *testing.T) {
	t.Parallel()
	for i := range parallelChecks {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			var first string
			defer func() {
				if t.Failed() {
					t.Logf("the first failure, before rapid made it shorter:\n%s", first)
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
