package sandbox_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// TestConcurrentUse does everything at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	const rounds = 20
	c := start(t, sandbox.Options{Rules: sandbox.Rules{StaleScans: 1}})
	var all sync.WaitGroup
	for _, act := range []func(){
		func() { c.raw(c.request(http.MethodGet, "limit=5", "")) },
		func() { c.raw(c.request(http.MethodPost, "", writeBody(anna, dora))) },
		func() { c.raw(c.request(http.MethodDelete, "", writeBody(anna, dora))) },
		func() { c.server.Remove(c.server.SeedN(3)...) },
		func() { c.server.Silent(anna); c.server.Heard(anna); c.server.SetAllSilent(true) },
		func() { c.server.Refuse(dora, 100, "", ""); c.server.Allow(dora) },
		func() { c.server.Inject(sandbox.Fault{Kind: sandbox.FaultDropAfter}); c.server.ClearFaults() },
		func() { c.server.SetWire(sandbox.Wire{List: sandbox.ListFlat}); c.server.SetRules(sandbox.Rules{}) },
		func() { c.server.Requests(); c.server.Violations(); c.server.Deleted(); c.server.Stats() },
		func() { c.server.IsBlocked(anna); c.server.FaultHits(); c.server.ResetStats() },
	} {
		all.Go(func() {
			for range rounds {
				act()
			}
		})
	}
	all.Wait()
	// The client may send a GET again whose connection was dropped, but none is lost.
	if n := len(c.server.Requests()); n < 3*rounds {
		t.Errorf("%d requests arrived", n)
	}
}
