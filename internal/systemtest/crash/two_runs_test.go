package crash_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// Two teams with states of their own apply to one list at the same time. The writes of one
// collide with those of the other, and make the cursors of its scans invalid.
func TestAccTwoRuns(t *testing.T) {
	t.Parallel()
	if acctest.IsLive() {
		t.Skip("needs the fake API, which D360_TEST_LIVE switches off")
	}
	base := acctest.StartWorkspace(t)
	acctest.Run(t, base, acctest.RequiredProviders, "init")
	for name, code := range map[string]int{"rejected as a conflict": 139102, "rejected as a fault": 139103} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Overlapping writes are expected. Other violations are errors, see below.
			api := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{RejectOverlap: code}, ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
			baseURL, stop, err := api.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			others := api.SeedN(5)
			provider := acctest.RequiredProviders + acctest.ProviderBlock(baseURL, fakeapi.DefaultKey, "")
			one := newTeam(t, base, provider+"%s", acctest.Shapes[acctest.BulkType])
			other := newTeam(t, base, provider+"%s", acctest.ForEach)

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

// team has a workspace of its own.
type team struct {
	t    *testing.T
	work *workspace.Workspace
	// config has a verb for the resources, which shape returns.
	config string
	shape  func(users []string) string
	users  []string
}

func newTeam(t *testing.T, base *workspace.Workspace, config string, shape func([]string) string) *team {
	t.Helper()
	work, err := base.Beside()
	if err != nil {
		t.Fatal(err)
	}
	return &team{t: t, work: work, config: config, shape: shape}
}

func (m *team) run(args ...string) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 3*time.Minute)
	defer cancel()
	if err := m.work.Write("main.tf", fmt.Sprintf(m.config, m.shape(m.users))); err != nil {
		m.t.Error(err)
		return
	}
	if _, err := m.work.Run(ctx, append(args, "-no-color")...); err != nil {
		m.t.Error(err)
	}
}

// apply starts an apply, and closes the channel once it has ended.
func (m *team) apply() (ended <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.run("apply", "-auto-approve")
	}()
	return done
}

// applyAtOnce makes both teams apply, so that a request of the other team arrives while the
// API serves one of the first. The API rejects the second request.
func applyAtOnce(api *fakeapi.Server, one *team, request string, other *team, otherRequest string) {
	t := one.t
	t.Helper()
	hits := api.FaultHits()
	arrived, collided := make(chan struct{}), make(chan struct{})
	api.Inject(fakeapi.Fault{Method: request, Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
		s.Inject(fakeapi.Fault{Method: otherRequest, Kind: fakeapi.FaultHook, Do: func(*fakeapi.Server) { close(collided) }})
		close(arrived)
		select {
		case <-collided:
		case <-t.Context().Done():
		}
	}})
	oneEnded := one.apply()
	select {
	case <-arrived:
	case <-oneEnded:
		t.Fatalf("the first run sent no %s", request)
	}
	otherEnded := other.apply()
	select {
	case <-collided:
	case <-otherEnded:
		t.Fatalf("the other run sent no %s", otherRequest)
	}
	<-otherEnded
	<-oneEnded
	if got := api.FaultHits() - hits; got != 2 {
		t.Errorf("%d requests collided, want 2", got)
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
