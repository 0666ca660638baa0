package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// Two teams keep users of one list in states of their own, and apply at the same
// time: the writes of one collide with those of the other, and void the cursors
// of its scans.
func TestTwoRuns(t *testing.T) {
	t.Parallel()
	if live() {
		t.Skip("needs the sandbox, which D360_TEST_LIVE switches off")
	}
	base := startWorkspace(t)
	run(t, base, requiredProviders, "init")
	for name, code := range map[string]int{"refused as a conflict": 139102, "refused as a fault": 139103} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Overlapping writes are what this is about: other violations are told below.
			service := sandbox.New(sandbox.Options{Rules: sandbox.Rules{RefuseOverlap: code}, Wire: sandbox.Wire{MaxLimit: 10}})
			baseURL, stop, err := service.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			others := service.SeedN(5)
			provider := requiredProviders + providerConfig(baseURL, sandbox.DefaultKey, "")
			one := newTeam(t, base, provider+"%s", shapes[additive])
			other := newTeam(t, base, provider+"%s", forEach)

			one.users, other.users = someUsers(100, 140), someUsers(200, 212)
			applyAtOnce(service, one, http.MethodPost, other, http.MethodPost)
			checkList(t, "shared", service, slices.Concat(others, one.users, other.users)...)

			one.users, other.users = someUsers(110, 150), someUsers(206, 218)
			applyDuringScan(service, one, other)
			checkList(t, "shared", service, slices.Concat(others, one.users, other.users)...)

			one.users, other.users = someUsers(120, 150), someUsers(206, 224)
			applyAtOnce(service, other, http.MethodPost, one, http.MethodDelete)
			checkList(t, "shared", service, slices.Concat(others, one.users, other.users)...)

			one.run("plan", "-detailed-exitcode")
			other.run("plan", "-detailed-exitcode")
			removed := slices.Concat(someUsers(100, 120), someUsers(200, 206))
			for _, user := range service.Deleted() {
				if !slices.Contains(removed, user) {
					t.Errorf("%s was unblocked", user)
				}
			}
			for _, violation := range service.Violations() {
				if !strings.Contains(violation, "overlaps with another write") {
					t.Errorf("sent to the service: %s", violation)
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
// the service is about to serve one of the first. It refuses the other's for that.
func applyAtOnce(service *sandbox.Server, one *team, request string, other *team, meets string) {
	t := one.t
	t.Helper()
	hits := service.FaultHits()
	arrived, met := make(chan struct{}), make(chan struct{})
	service.Inject(sandbox.Fault{Method: request, Kind: sandbox.FaultHook, Do: func(s *sandbox.Server) {
		s.Inject(sandbox.Fault{Method: meets, Kind: sandbox.FaultHook, Do: func(*sandbox.Server) { close(met) }})
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
func applyDuringScan(service *sandbox.Server, one, other *team) {
	t := one.t
	t.Helper()
	arrived, release := make(chan struct{}), make(chan struct{})
	service.Inject(sandbox.Fault{Method: http.MethodGet, Skip: 1, Kind: sandbox.FaultHook, Do: func(*sandbox.Server) {
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
	if !slices.ContainsFunc(service.Requests(), func(r sandbox.Request) bool { return r.Method == http.MethodGet && r.Status == http.StatusBadRequest }) {
		t.Error("no cursor was void")
	}
}

// Somebody unblocks a user by hand while a plan reads the list. If the service
// then calls the cursors void, the plan is about this user. If it goes on from
// where they were, and so leaves out somebody else, the plan takes nobody for
// unblocked, and the next one is about this user.
func TestByHand_unblockedDuringScan(t *testing.T) {
	users := someUsers(100, 130)
	gone := []string{users[4]}
	for shape, config := range shapes {
		for name, shifting := range map[string]bool{"void cursors": false, "cursors that shift": true} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				service, provider := startSandbox(t, sandbox.Options{Rules: sandbox.Rules{StaleCursorsOK: shifting}, Wire: sandbox.Wire{MaxLimit: 10}})
				service.Seed(users...) // in this order, and hence adopted
				now, later := expectPlanned{block: gone}, expectPlanned{}
				if shifting {
					now, later = later, now
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: factories,
					Steps: []resource.TestStep{
						{Config: provider + config(users)},
						{
							PreConfig:          onSecondPage(service, func(s *sandbox.Server) { s.Remove(gone...) }),
							Config:             provider + config(users),
							ConfigPlanChecks:   resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{now}},
							ExpectNonEmptyPlan: shifting,
						},
						{
							Config:           provider + config(users),
							ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{later}},
							Check:            checkSettled(service, nil, users...),
						},
					},
				})
			})
		}
	}
}

// onSecondPage lets somebody act when the next but one page is asked for.
func onSecondPage(service *sandbox.Server, act func(*sandbox.Server)) func() {
	return func() {
		service.Inject(sandbox.Fault{Method: http.MethodGet, Skip: 1, Kind: sandbox.FaultHook, Do: act})
	}
}

// checkSettled checks who is on the list, who was ever unblocked by an apply, and
// that whatever was to happen has happened.
func checkSettled(service *sandbox.Server, unblocked []string, blocked ...string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		if got := service.Deleted(); !slices.Equal(got, unblocked) {
			return fmt.Errorf("a DELETE was sent for %v, want %v", got, unblocked)
		}
		if service.FaultHits() == 0 {
			return errors.New("nobody did anything by hand")
		}
		return checkBlocked(service, blocked...)(state)
	}
}

// Somebody blocks a user by hand while a plan reads the list. That is nobody's
// concern but of the resource that is the whole list, whose plan shows it.
func TestByHand_blockedDuringScan(t *testing.T) {
	users, stranger := someUsers(100, 130), "16505550100"
	for shape, config := range shapes {
		t.Run(shape, func(t *testing.T) {
			service, provider := startSandbox(t, sandbox.Options{Wire: sandbox.Wire{MaxLimit: 10}})
			planned, left := expectPlanned{}, append(slices.Clone(users), stranger)
			if shape == exclusive {
				planned, left = expectPlanned{unblock: []string{stranger}}, users
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: provider + config(users)},
					{
						PreConfig:        onSecondPage(service, func(s *sandbox.Server) { s.Seed(stranger) }),
						Config:           provider + config(users),
						ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned}},
						Check:            checkSettled(service, planned.unblock, left...),
					},
				},
			})
		})
	}
}

// Somebody does by hand what an apply is just about to do, and the service has
// nothing left to do for it.
func TestByHand_sameAsApply(t *testing.T) {
	users := someUsers(100, 105)
	first, rest := users[0], users[1:]
	for shape, config := range shapes {
		for _, answer := range []sandbox.NoOp{sandbox.NoOpRefuse, sandbox.NoOpIgnore} {
			t.Run(shape+"/"+answer.String(), func(t *testing.T) {
				service, provider := startSandbox(t, sandbox.Options{Rules: sandbox.Rules{AlreadyBlocked: answer, NotBlocked: answer}})
				meanwhile := func(method string, do func(*sandbox.Server)) func() {
					return func() {
						service.Inject(sandbox.Fault{Method: method, Kind: sandbox.FaultHook, Do: do})
					}
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: factories,
					Steps: []resource.TestStep{
						{
							PreConfig: meanwhile(http.MethodPost, func(s *sandbox.Server) { s.Seed(first) }),
							Config:    provider + config(users),
							Check:     checkBlocked(service, users...),
						},
						{
							PreConfig: meanwhile(http.MethodDelete, func(s *sandbox.Server) {
								checkUnblocked(t, service, first)
								s.Remove(first)
							}),
							Config: provider + config(rest),
							Check:  checkBlocked(service, rest...),
						},
					},
				})
				if service.FaultHits() != 2 {
					t.Errorf("somebody was as fast as the apply %d times, want twice", service.FaultHits())
				}
			})
		}
	}
}

// Somebody unblocks by hand a user whom the state holds, or one who was blocked
// this moment, while an apply blocks others. The next plan is about that user.
func TestByHand_undoneDuringApply(t *testing.T) {
	users := someUsers(100, 106)
	before, added := users[:3], users[4]
	for shape, config := range shapes {
		for name, undone := range map[string]string{"held before": users[1], "just blocked": added} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				service, provider := startSandbox(t, sandbox.Options{})
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: factories,
					Steps: []resource.TestStep{
						{Config: provider + config(before)},
						{
							PreConfig: func() {
								// Of several requests the first that names the added user.
								var done atomic.Bool
								service.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultHook, Times: sandbox.Forever, DoAfter: func(s *sandbox.Server) {
									if s.IsBlocked(added) && done.CompareAndSwap(false, true) {
										s.Remove(undone)
									}
								}})
							},
							Config:             provider + config(users),
							ExpectNonEmptyPlan: true,
						},
						{
							PreConfig:        service.ClearFaults,
							Config:           provider + config(users),
							ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectPlanned{block: []string{undone}}}},
							Check:            checkSettled(service, nil, users...),
						},
					},
				})
			})
		}
	}
}

// A list that never stands still is an error, and nobody is called absent for it.
func TestByHand_neverStill(t *testing.T) {
	users, stranger := someUsers(100, 130), "16505550100"
	service, provider := startSandbox(t, sandbox.Options{Wire: sandbox.Wire{MaxLimit: 10}})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: provider + shapes[additive](users)},
			{
				PreConfig: func() {
					service.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultHook, Times: sandbox.Forever, DoAfter: func(s *sandbox.Server) {
						s.Seed(stranger)
						s.Remove(stranger)
					}})
				},
				Config:      provider + shapes[additive](users),
				ExpectError: wraps("Cannot find out who is blocked", "139102", "Somebody else keeps changing the same list"),
			},
			{
				PreConfig:        service.ClearFaults,
				Config:           provider + shapes[additive](users),
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}

// expectPlanned checks whom a plan shows as blocked and as unblocked.
type expectPlanned struct{ block, unblock []string }

func (e expectPlanned) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	before, after := map[string]bool{}, map[string]bool{}
	for _, change := range req.Plan.ResourceChanges {
		addUsers(before, change.Change.Before)
		addUsers(after, change.Change.After)
	}
	if block, unblock := missing(before, after), missing(after, before); !slices.Equal(block, e.block) || !slices.Equal(unblock, e.unblock) {
		resp.Error = fmt.Errorf("the plan blocks %v and unblocks %v, want %v and %v", block, unblock, e.block, e.unblock)
	}
}

// addUsers adds the users of a resource's attributes, without their plus sign.
func addUsers(to map[string]bool, value any) {
	attributes, _ := value.(map[string]any)
	users, _ := attributes["users"].(map[string]any)
	for user := range users {
		to[strings.TrimPrefix(user, "+")] = true
	}
	if user, ok := attributes["user"].(string); ok {
		to[strings.TrimPrefix(user, "+")] = true
	}
}

// missing returns who of all is not in some, in order.
func missing(some, all map[string]bool) []string {
	var rest []string
	for user := range all {
		if !some[user] {
			rest = append(rest, user)
		}
	}
	slices.Sort(rest)
	return rest
}
