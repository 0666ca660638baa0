package provider

import (
	"cmp"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// randomParts are as many runs of rapid's checks side by side: with its usual 100
// each, they take half a minute of two cores under the race detector.
const randomParts = 6

// Whatever a team writes into its configuration, whatever happens to the list
// and in whatever way service, network, provider and Terraform fail: nobody is
// unblocked unseen, nothing is lost, and the state is true.
func TestRandomConfigurations(t *testing.T) {
	t.Parallel()
	for i := range randomParts {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			var first string
			defer func() {
				if t.Failed() {
					t.Logf("the first failure, before it was made shorter:\n%s", first)
				}
			}()
			rapid.Check(t, func(rt *rapid.T) {
				scenario := drawScenario(rt)
				problem, story := scenario.play(t)
				if problem != "" {
					first = cmp.Or(first, story)
					rt.Log(story)
					rt.Fatal(problem)
				}
			})
		})
	}
}
