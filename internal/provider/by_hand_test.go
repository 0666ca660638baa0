package provider_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// Someone unblocks a user by hand while a plan reads the list. If the API
// then calls the cursors void, the plan is about this user. If it goes on from
// where they were, and so leaves out someone else, the plan takes no one for
// unblocked, and the next one is about this user.
func TestAccByHand_unblockedDuringScan(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(100, 130)
	gone := []string{users[4]}
	for shape, config := range acctest.Shapes {
		for name, shifting := range map[string]bool{"void cursors": false, "cursors that shift": true} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				service, provider := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{StaleCursorsOK: shifting}, ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
				service.Seed(users...) // in this order, and so adopted
				now, later := expectPlanned{block: gone}, expectPlanned{}
				if shifting {
					now, later = later, now
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{Config: provider + config(users)},
						{
							PreConfig:          onSecondPage(service, func(s *fakeapi.Server) { s.Remove(gone...) }),
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

// onSecondPage lets someone act when the next but one page is asked for.
func onSecondPage(service *fakeapi.Server, act func(*fakeapi.Server)) func() {
	return func() {
		service.Inject(fakeapi.Fault{Method: http.MethodGet, Skip: 1, Kind: fakeapi.FaultHook, Do: act})
	}
}

// checkSettled checks who is on the list, who was ever unblocked by an apply, and
// that whatever was to happen has happened.
func checkSettled(service *fakeapi.Server, unblocked []string, blocked ...string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		if got := service.Deleted(); !slices.Equal(got, unblocked) {
			return fmt.Errorf("a DELETE was sent for %v, want %v", got, unblocked)
		}
		if service.FaultHits() == 0 {
			return errors.New("nobody did anything by hand")
		}
		return acctest.CheckBlocked(service, blocked...)(state)
	}
}

// Someone blocks a user by hand while a plan reads the list. That is no one's
// concern but of the resource that is the whole list, whose plan shows it.
func TestAccByHand_blockedDuringScan(t *testing.T) {
	t.Parallel()
	users, stranger := acctest.SomeUsers(100, 130), "16505550100"
	for shape, config := range acctest.Shapes {
		t.Run(shape, func(t *testing.T) {
			service, provider := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
			planned, left := expectPlanned{}, append(slices.Clone(users), stranger)
			if shape == acctest.ExclusiveType {
				planned, left = expectPlanned{unblock: []string{stranger}}, users
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{Config: provider + config(users)},
					{
						PreConfig:        onSecondPage(service, func(s *fakeapi.Server) { s.Seed(stranger) }),
						Config:           provider + config(users),
						ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned}},
						Check:            checkSettled(service, planned.unblock, left...),
					},
				},
			})
		})
	}
}

// Someone does by hand what an apply is just about to do, and the API has
// nothing left to do for it.
func TestAccByHand_sameAsApply(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(100, 105)
	first, rest := users[0], users[1:]
	for shape, config := range acctest.Shapes {
		for _, answer := range []fakeapi.NoOp{fakeapi.NoOpReject, fakeapi.NoOpIgnore} {
			t.Run(shape+"/"+answer.String(), func(t *testing.T) {
				service, provider := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: answer, NotBlocked: answer}})
				meanwhile := func(method string, do func(*fakeapi.Server)) func() {
					return func() {
						service.Inject(fakeapi.Fault{Method: method, Kind: fakeapi.FaultHook, Do: do})
					}
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{
							PreConfig: meanwhile(http.MethodPost, func(s *fakeapi.Server) { s.Seed(first) }),
							Config:    provider + config(users),
							Check:     acctest.CheckBlocked(service, users...),
						},
						{
							PreConfig: meanwhile(http.MethodDelete, func(s *fakeapi.Server) {
								checkUnblocked(t, service, first)
								s.Remove(first)
							}),
							Config: provider + config(rest),
							Check:  acctest.CheckBlocked(service, rest...),
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

// Someone unblocks by hand a user that the state holds, or one who was blocked
// this moment, while an apply blocks others. The next plan is about that user.
func TestAccByHand_undoneDuringApply(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(100, 106)
	before, added := users[:3], users[4]
	for shape, config := range acctest.Shapes {
		for name, undone := range map[string]string{"held before": users[1], "just blocked": added} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				service, provider := acctest.StartFakeAPI(t, fakeapi.Options{})
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{Config: provider + config(before)},
						{
							PreConfig: func() {
								// Of several requests the first that names the added user.
								var done atomic.Bool
								service.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultHook, Times: fakeapi.Forever, DoAfter: func(s *fakeapi.Server) {
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

// A list that never stands still is an error, and no one is confirmed absent for it.
func TestAccByHand_neverStill(t *testing.T) {
	users, stranger := acctest.SomeUsers(100, 130), "16505550100"
	service, provider := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: provider + acctest.Shapes[acctest.BulkType](users)},
			{
				PreConfig: func() {
					service.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultHook, Times: fakeapi.Forever, DoAfter: func(s *fakeapi.Server) {
						s.Seed(stranger)
						s.Remove(stranger)
					}})
				},
				Config:      provider + acctest.Shapes[acctest.BulkType](users),
				ExpectError: acctest.Wrapped("Cannot find out who is blocked", "139102", "Another run keeps changing the same list"),
			},
			{
				PreConfig:        service.ClearFaults,
				Config:           provider + acctest.Shapes[acctest.BulkType](users),
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}

// expectPlanned checks the users that a plan shows as blocked and as unblocked.
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
