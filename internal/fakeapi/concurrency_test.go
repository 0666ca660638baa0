package fakeapi_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	const rounds = 20
	c := start(t, fakeapi.Options{Rules: fakeapi.Rules{StaleScans: 1}})
	hub := fakeapi.NewHub(fakeapi.New(fakeapi.Options{Key: supportKey}), c.server)
	base, httpClient, stop := hub.StartInMemory()
	t.Cleanup(stop)
	h := &client{t: t, base: base, http: httpClient}
	var all sync.WaitGroup
	for _, act := range []func(){
		func() { c.raw(c.request(http.MethodGet, "limit=5", "")) },
		func() { c.raw(c.request(http.MethodPost, "", writeBody(anna, dora))) },
		func() { c.raw(c.request(http.MethodDelete, "", writeBody(anna, dora))) },
		func() { c.raw(c.healthRequest(channelFields)) },
		func() { h.raw(h.request(http.MethodGet, "", "")) },
		func() { hub.Violations(); hub.Unauthorized(); c.server.SetKey("another-key"); c.server.SetKey("") },
		func() { c.server.Remove(c.server.SeedN(3)...) },
		func() { c.server.Silent(anna); c.server.Heard(anna); c.server.SetAllSilent(true) },
		func() { c.server.Reject(dora, 100, "", ""); c.server.Allow(dora) },
		func() { c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultDropAfter}); c.server.ClearFaults() },
		func() {
			c.server.SetFormat(fakeapi.ResponseFormat{List: fakeapi.ListFlat})
			c.server.SetRules(fakeapi.Rules{})
		},
		func() { c.server.Requests(); c.server.Violations(); c.server.Deleted(); c.server.Stats() },
		func() { c.server.Hide(anna); c.server.Show(c.server.UserID(anna)) },
		func() { c.server.IsBlocked(anna); c.server.FaultHits(); c.server.ResetStats() },
	} {
		all.Go(func() {
			for range rounds {
				act()
			}
		})
	}
	all.Wait()
	// The client may send a GET again if its connection was dropped.
	if n := len(c.server.Requests()); n < 3*rounds {
		t.Errorf("%d requests arrived", n)
	}
}
