package provider_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// A list that shows WhatsApp IDs alone may hold somebody under another form of the
// number than the map has, be it from a create that broke off. That is nobody
// unseen. If it is another user after all, the next plan shows them.
func TestBlocklistExclusive_otherFormOfANumber(t *testing.T) {
	t.Parallel()
	const inMap, onList = "+5215541637145", "+525541637145"
	for _, test := range []struct {
		waIDs map[string]string
		// removed is whom the next plan shows as removed.
		removed []string
	}{
		{waIDs: map[string]string{inMap[1:]: onList[1:]}},
		{removed: keys([]string{onList})},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := sandbox.New(sandbox.Options{Wire: sandbox.Wire{List: sandbox.ListFlat}, WaIDs: test.waIDs})
			service.Seed(onList)
			tf := terraformInMemory(t, service, nil)
			config := resources(one(exclusiveAddress, many(inMap)))
			run := tf.Apply(t.Context(), config, nil)
			if run.All().HasErrors() {
				t.Fatal(run.All())
			}
			if removed := removals(tf.Plan(t.Context(), config, run.State)); !slices.Equal(removed, test.removed) {
				t.Errorf("the next plan shows %s as removed, want %s", removed, test.removed)
			}
			if deleted := service.Deleted(); len(deleted) > 0 {
				t.Errorf("a DELETE named %s", deleted)
			}
		})
	}
}
