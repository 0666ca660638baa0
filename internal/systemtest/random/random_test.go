package random_test

import (
	"cmp"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// parts is how many runs of rapid's checks there are in parallel. With 100 checks each,
// they take half a minute on two cores with the race detector.
const parts = 6

// With any configuration, any change of the list and any fault of the API, the network, the
// provider and Terraform: no user is unblocked that no plan showed, no user of the
// configuration is unblocked, the state loses no block, and it claims none.
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
