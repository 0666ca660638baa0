package blocklist_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// "make test" runs a short soak test, "make soak" one of an hour.
var (
	soakMinutes = flag.Int("soak.minutes", 8, "how many minutes of changes to soak")
	soakUsers   = flag.Int("soak.users", 4000, "how many `users` the list holds")
)

// TestSoak changes a full list for up to an hour of a fake clock. Every second minute has a
// run of its own, and one run lasts for the others. The runs block and unblock users in
// bulk and one by one, the list is changed by hand, and some requests fail. At the end the
// list is right, and the memory has not grown. The synctest bubble checks that no goroutine
// is left.
func TestSoak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := fakeapi.New(fakeapi.Options{})
		want := server.SeedN(*soakUsers)
		rt := &transport{handler: server}
		fillMemory(t, server)
		longRun := newList(t, rt, setting{})
		heaps := make([]float64, 0, *soakMinutes)
		requests, next := 0, 0
		newNumber := func() string { next++; return fmt.Sprintf("4477%08d", next) }

		for minute := range *soakMinutes {
			begin := time.Now()
			list := longRun
			if minute%2 == 1 {
				list = newList(t, rt, setting{})
			}
			if minute%3 == 0 {
				server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: 503, Skip: minute % 7})
				server.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultDropAfter})
				server.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultStatusAfter, Status: 502})
			}

			// 60 changes: 40 at once, ten alone, and ten by hand.
			removed := usersOf(want[:25]...)
			want = want[25:]
			var added []userid.User
			for range 25 {
				user := newNumber()
				added, want = append(added, userOf(user)), append(want, user)
			}
			expectSuccess(t, list.Block(t.Context(), added[:20]...))
			removal := blocklist.Removal{Proof: blocklist.ProvenByRun}
			expectSuccess(t, list.Unblock(t.Context(), removal, removed[:20]...))
			var wg sync.WaitGroup
			for i := range 5 {
				wg.Go(func() { expectSuccess(t, list.Block(t.Context(), added[20+i])) })
				wg.Go(func() { expectSuccess(t, list.Unblock(t.Context(), removal, removed[20+i])) })
			}
			wg.Wait()
			for range 5 {
				server.Remove(want[0])
				user := newNumber()
				server.Seed(user)
				want = append(want[1:], user)
			}

			server.ClearFaults()
			if entries, err := newList(t, rt, setting{}).All(t.Context()); err != nil || len(entries) != len(want) {
				t.Fatalf("minute %d: the list holds %d users, %v; want %d", minute, len(entries), err, len(want))
			}
			requests += server.Stats().Requests()
			server.ResetStats()
			runtime.GC()
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			heaps = append(heaps, float64(memory.HeapAlloc)/(1<<20))
			time.Sleep(time.Minute - time.Since(begin)%time.Minute)
		}

		for _, user := range want {
			if !server.IsBlocked(user) {
				t.Errorf("%s is not blocked", user)
			}
		}
		quarter := max(1, len(heaps)/4)
		first, last := mean(heaps[:quarter]), mean(heaps[len(heaps)-quarter:])
		t.Logf("%d minutes on a list of %d: %d changes, %d requests, %d of them failed; live heap %.1f MiB in the first quarter, %.1f MiB in the last",
			*soakMinutes, *soakUsers, *soakMinutes*60, requests, server.FaultHits(), first, last)
		if last > first*1.1+1 {
			t.Errorf("the live heap grew from %.1f to %.1f MiB", first, last)
		}
		for _, violation := range server.Violations() {
			t.Error(violation)
		}
	})
}

// fillMemory makes the fake API record as many requests as it keeps, so that its memory does
// not grow later.
func fillMemory(t *testing.T, server *fakeapi.Server) {
	t.Helper()
	for range 10_000 {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fakeapi.Path+"?limit=1", nil)
		request.Header.Set(fakeapi.KeyHeader, fakeapi.DefaultKey)
		request.Header.Set("User-Agent", "blocklist-test")
		server.ServeHTTP(httptest.NewRecorder(), request)
	}
	server.ResetStats()
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
