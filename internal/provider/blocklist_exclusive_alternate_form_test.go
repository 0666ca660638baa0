package provider_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// A list that shows WhatsApp IDs alone may hold someone under another form of the
// number than the map has, be it from a create that broke off. That is no one
// unseen. If it is another user after all, the next plan shows them.
func TestBlocklistExclusive_alternateForm(t *testing.T) {
	t.Parallel()
	const inMap, onList = "+5215541637145", "+525541637145"
	for _, test := range []struct {
		waIDs map[string]string
		// removed is who the next plan shows as removed.
		removed []string
	}{
		{waIDs: map[string]string{inMap[1:]: onList[1:]}},
		{removed: []string{onList[1:]}},
	} {
		synctest.Test(t, func(t *testing.T) {
			api := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, WaIDs: test.waIDs})
			api.Seed(onList)
			tf := acctest.InMemoryTerraform(t, api, nil)
			config := acctest.Resources(acctest.At("d360_blocklist_exclusive.all", acctest.Many(inMap)))
			run := tf.Apply(t.Context(), config, nil)
			if run.All().HasErrors() {
				t.Fatal(run.All())
			}
			if removed := acctest.Removed(tf.Plan(t.Context(), config, run.State)); !slices.Equal(removed, test.removed) {
				t.Errorf("the next plan shows %s as removed, want %s", removed, test.removed)
			}
			if deleted := api.Deleted(); len(deleted) > 0 {
				t.Errorf("a DELETE named %s", deleted)
			}
		})
	}
}
