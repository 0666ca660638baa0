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

// Two teams keep users of one list in states of their own, and apply at the same
// time: the writes of one collide with those of the other, and void the cursors
// of its scans.
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
			// Overlapping writes are what this is about: other violations are told below.
			service := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{RejectOverlap: code}, ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
			baseURL, stop, err := service.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			others := service.SeedN(5)
			provider := acctest.RequiredProviders + acctest.ProviderBlock(baseURL, fakeapi.DefaultKey, "")
			one := newTeam(t, base, provider+"%s", acctest.Shapes[acctest.BulkType])
			other := newTeam(t, base, provider+"%s", acctest.ForEach)

			one.users, other.users = acctest.SomeUsers(100, 140), acctest.SomeUsers(200, 212)
			applyAtOnce(service, one, http.MethodPost, other, http.MethodPost)
			acctest.CheckList(t, "shared", service, slices.Concat(others, one.users, other.users)...)

			one.users, other.users = acctest.SomeUsers(110, 150), acctest.SomeUsers(206, 218)
			applyDuringScan(service, one, other)
			acctest.CheckList(t, "shared", service, slices.Concat(others, one.users, other.users)...)

			one.users, other.users = acctest.SomeUsers(120, 150), acctest.SomeUsers(206, 224)
			applyAtOnce(service, other, http.MethodPost, one, http.MethodDelete)
			acctest.CheckList(t, "shared", service, slices.Concat(others, one.users, other.users)...)

			one.run("plan", "-detailed-exitcode")
			other.run("plan", "-detailed-exitcode")
			removed := slices.Concat(acctest.SomeUsers(100, 120), acctest.SomeUsers(200, 206))
			for _, user := range service.Deleted() {
				if !slices.Contains(removed, user) {
					t.Errorf("%s was unblocked", user)
				}
			}
			for _, violation := range service.Violations() {
				if !strings.Contains(violation, "overlaps with another write") {
					t.Errorf("sent to the API: %s", violation)
				}
			}
		})
	}
}

// team keeps users in a workspace of its own.
type team struct {
	t    *testing.T
	work *workspace.Workspace
	// config has a place for the users' resources, which shape makes.
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

// apply starts to apply, and closes the channel when that has ended.
func (m *team) apply() (ended <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.run("apply", "-auto-approve")
	}()
	return done
}

// applyAtOnce lets both apply, so that a request of the other one arrives while
// the API is about to serve one of the first. It rejects the other's for that.
func applyAtOnce(service *fakeapi.Server, one *team, request string, other *team, meets string) {
	t := one.t
	t.Helper()
	hits := service.FaultHits()
	arrived, met := make(chan struct{}), make(chan struct{})
	service.Inject(fakeapi.Fault{Method: request, Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
		s.Inject(fakeapi.Fault{Method: meets, Kind: fakeapi.FaultHook, Do: func(*fakeapi.Server) { close(met) }})
		close(arrived)
		select {
		case <-met:
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
	case <-met:
	case <-otherEnded:
		t.Fatalf("the other run sent no %s", meets)
	}
	<-otherEnded
	<-oneEnded
	if got := service.FaultHits() - hits; got != 2 {
		t.Errorf("%d requests met, want 2", got)
	}
}

// applyDuringScan lets the other one apply, from start to end, while the first is
// in the middle of reading the list.
func applyDuringScan(service *fakeapi.Server, one, other *team) {
	t := one.t
	t.Helper()
	arrived, release := make(chan struct{}), make(chan struct{})
	service.Inject(fakeapi.Fault{Method: http.MethodGet, Skip: 1, Kind: fakeapi.FaultHook, Do: func(*fakeapi.Server) {
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
	if !slices.ContainsFunc(service.Requests(), func(r fakeapi.Request) bool { return r.Method == http.MethodGet && r.Status == http.StatusBadRequest }) {
		t.Error("no cursor was void")
	}
}
