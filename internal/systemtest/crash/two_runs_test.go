package crash_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// Two teams with separate states apply to one list at the same time. The writes of one team
// overlap with those of the other, and make the cursors of its scans invalid.
func TestAccTwoRuns(t *testing.T) {
	t.Parallel()
	if acctest.IsLive() {
		t.Skip("needs the fake API, which D360_TEST_LIVE switches off")
	}
	base := startWorkspace(t)
	for name, code := range map[string]int{"rejected as a conflict": 139102, "rejected as a fault": 139103} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Not acctest.StartFakeAPI, because overlapping writes are no errors in this test.
			api := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{RejectOverlap: code}, ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
			baseURL, stop, err := api.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			others := api.SeedN(5)
			config := acctest.RequiredProviders + acctest.ProviderBlock(baseURL, fakeapi.DefaultKey, "")
			one := newTeam(t, base, config+"%s", acctest.Shapes[acctest.BulkType])
			other := newTeam(t, base, config+"%s", acctest.ForEach)

			one.users, other.users = acctest.SomeUsers(100, 140), acctest.SomeUsers(200, 212)
			applyAtOnce(api, one, http.MethodPost, other, http.MethodPost)
			acctest.CheckList(t, "shared", api, slices.Concat(others, one.users, other.users)...)

			one.users, other.users = acctest.SomeUsers(110, 150), acctest.SomeUsers(206, 218)
			applyDuringScan(api, one, other)
			acctest.CheckList(t, "shared", api, slices.Concat(others, one.users, other.users)...)

			one.users, other.users = acctest.SomeUsers(120, 150), acctest.SomeUsers(206, 224)
			applyAtOnce(api, other, http.MethodPost, one, http.MethodDelete)
			acctest.CheckList(t, "shared", api, slices.Concat(others, one.users, other.users)...)

			one.run("plan", "-detailed-exitcode")
			other.run("plan", "-detailed-exitcode")
			removed := slices.Concat(acctest.SomeUsers(100, 120), acctest.SomeUsers(200, 206))
			for _, user := range api.Deleted() {
				if !slices.Contains(removed, user) {
					t.Errorf("%s was unblocked", user)
				}
			}
			for _, violation := range api.Violations() {
				if !strings.Contains(violation, "overlaps with another write") {
					t.Errorf("sent to the API: %s", violation)
				}
			}
		})
	}
}

type team struct {
	t    *testing.T
	work *workspace.Workspace
	// config has a %s for the resources, which shape returns.
	config string
	shape  func(users []string) string
	users  []string
}

func newTeam(t *testing.T, base *workspace.Workspace, config string, shape func([]string) string) *team {
	t.Helper()
	return &team{t: t, work: beside(t, base), config: config, shape: shape}
}

func (tm *team) run(args ...string) {
	tm.t.Helper()
	if err := tm.work.Write("main.tf", fmt.Sprintf(tm.config, tm.shape(tm.users))); err != nil {
		tm.t.Error(err)
		return
	}
	if err := run(tm.t, tm.work, args...); err != nil {
		tm.t.Error(err)
	}
}

// apply starts an apply, and closes the channel once it has ended.
func (tm *team) apply() (ended <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tm.run("apply", "-auto-approve")
	}()
	return done
}

// applyAtOnce makes both teams apply. A request of the other team arrives while the API serves
// one of the first team, and the API rejects it.
func applyAtOnce(api *fakeapi.Server, one *team, method string, other *team, otherMethod string) {
	t := one.t
	t.Helper()
	hits := api.FaultHits()
	arrived, overlapped := make(chan struct{}), make(chan struct{})
	api.Inject(fakeapi.Fault{Method: method, Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
		s.Inject(fakeapi.Fault{Method: otherMethod, Kind: fakeapi.FaultHook, Do: func(*fakeapi.Server) { close(overlapped) }})
		close(arrived)
		select {
		case <-overlapped:
		case <-t.Context().Done():
		}
	}})
	oneEnded := one.apply()
	select {
	case <-arrived:
	case <-oneEnded:
		t.Fatalf("the first run sent no %s", method)
	}
	otherEnded := other.apply()
	select {
	case <-overlapped:
	case <-otherEnded:
		t.Fatalf("the other run sent no %s", otherMethod)
	}
	<-otherEnded
	<-oneEnded
	if got := api.FaultHits() - hits; got != 2 {
		t.Errorf("%d requests overlapped, want 2", got)
	}
}

// applyDuringScan makes the other team apply during a scan of the first one.
func applyDuringScan(api *fakeapi.Server, one, other *team) {
	t := one.t
	t.Helper()
	arrived, release := make(chan struct{}), make(chan struct{})
	api.Inject(fakeapi.Fault{Method: http.MethodGet, Skip: 1, Kind: fakeapi.FaultHook, Do: func(*fakeapi.Server) {
		close(arrived)
		<-release
	}})
	ended := one.apply()
	select {
	case <-arrived:
		<-other.apply()
	case <-ended:
		t.Error("the first run read no second page")
	}
	close(release)
	<-ended
	if !slices.ContainsFunc(api.Requests(), func(r fakeapi.Request) bool { return r.Method == http.MethodGet && r.Status == http.StatusBadRequest }) {
		t.Error("no cursor was invalid")
	}
}
