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

// Someone unblocks a user by hand while a plan reads the list. If the API rejects the
// cursors, the plan blocks this user again. If the cursors shift and the API so leaves out
// another user, this plan shows no change, and the next one blocks the user again.
func TestAccByHand_unblockedDuringScan(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(100, 130)
	gone := []string{users[4]}
	for shape, config := range acctest.Shapes {
		for name, shifting := range map[string]bool{"rejected cursors": false, "cursors that shift": true} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				api, provider := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{StaleCursorsOK: shifting}, ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
				api.Seed(users...) // in this order, and so adopted
				now, later := expectPlanned{block: gone}, expectPlanned{}
				if shifting {
					now, later = later, now
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{Config: provider + config(users)},
						{
							PreConfig:          onSecondPage(api, func(s *fakeapi.Server) { s.Remove(gone...) }),
							Config:             provider + config(users),
							ConfigPlanChecks:   resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{now}},
							ExpectNonEmptyPlan: shifting,
						},
						{
							Config:           provider + config(users),
							ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{later}},
							Check:            checkResult(api, nil, users...),
						},
					},
				})
			})
		}
	}
}

// onSecondPage runs act at the second request for a page.
func onSecondPage(api *fakeapi.Server, act func(*fakeapi.Server)) func() {
	return func() {
		api.Inject(fakeapi.Fault{Method: http.MethodGet, Skip: 1, Kind: fakeapi.FaultHook, Do: act})
	}
}

// checkResult checks which users were unblocked by an apply and which are blocked, and
// that a fault was hit.
func checkResult(api *fakeapi.Server, unblocked []string, blocked ...string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		if got := api.Deleted(); !slices.Equal(got, unblocked) {
			return fmt.Errorf("a DELETE was sent for %v, want %v", got, unblocked)
		}
		if api.FaultHits() == 0 {
			return errors.New("no fault was hit")
		}
		return acctest.CheckBlocked(api, blocked...)(state)
	}
}

// Someone blocks a user by hand while a plan reads the list. Only the plan of an exclusive
// resource shows it.
func TestAccByHand_blockedDuringScan(t *testing.T) {
	t.Parallel()
	users, unmanaged := acctest.SomeUsers(100, 130), "16505550100"
	for shape, config := range acctest.Shapes {
		t.Run(shape, func(t *testing.T) {
			api, provider := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
			planned, left := expectPlanned{}, append(slices.Clone(users), unmanaged)
			if shape == acctest.ExclusiveType {
				planned, left = expectPlanned{unblock: []string{unmanaged}}, users
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{
					{Config: provider + config(users)},
					{
						PreConfig:        onSecondPage(api, func(s *fakeapi.Server) { s.Seed(unmanaged) }),
						Config:           provider + config(users),
						ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned}},
						Check:            checkResult(api, planned.unblock, left...),
					},
				},
			})
		})
	}
}

// Someone does by hand what an apply is about to request.
func TestAccByHand_sameAsApply(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(100, 105)
	first, rest := users[0], users[1:]
	for shape, config := range acctest.Shapes {
		for _, noOp := range []fakeapi.NoOp{fakeapi.NoOpReject, fakeapi.NoOpIgnore} {
			t.Run(shape+"/"+noOp.String(), func(t *testing.T) {
				api, provider := acctest.StartFakeAPI(t, fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: noOp, NotBlocked: noOp}})
				meanwhile := func(method string, do func(*fakeapi.Server)) func() {
					return func() {
						api.Inject(fakeapi.Fault{Method: method, Kind: fakeapi.FaultHook, Do: do})
					}
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{
							PreConfig: meanwhile(http.MethodPost, func(s *fakeapi.Server) { s.Seed(first) }),
							Config:    provider + config(users),
							Check:     acctest.CheckBlocked(api, users...),
						},
						{
							PreConfig: meanwhile(http.MethodDelete, func(s *fakeapi.Server) {
								checkUnblocked(t, api, first)
								s.Remove(first)
							}),
							Config: provider + config(rest),
							Check:  acctest.CheckBlocked(api, rest...),
						},
					},
				})
				if api.FaultHits() != 2 {
					t.Errorf("%d faults were hit, want 2", api.FaultHits())
				}
			})
		}
	}
}

// Someone unblocks a user by hand while an apply blocks others. The next plan blocks that
// user again.
func TestAccByHand_undoneDuringApply(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(100, 106)
	before, added := users[:3], users[4]
	for shape, config := range acctest.Shapes {
		for name, undone := range map[string]string{"held before": users[1], "just blocked": added} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				api, provider := acctest.StartFakeAPI(t, fakeapi.Options{})
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{Config: provider + config(before)},
						{
							PreConfig: func() {
								// Of several requests the first that names the added user.
								var done atomic.Bool
								api.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultHook, Times: fakeapi.Forever, DoAfter: func(s *fakeapi.Server) {
									if s.IsBlocked(added) && done.CompareAndSwap(false, true) {
										s.Remove(undone)
									}
								}})
							},
							Config:             provider + config(users),
							ExpectNonEmptyPlan: true,
						},
						{
							PreConfig:        api.ClearFaults,
							Config:           provider + config(users),
							ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectPlanned{block: []string{undone}}}},
							Check:            checkResult(api, nil, users...),
						},
					},
				})
			})
		}
	}
}

// A list that changes during every scan is an error, and no one is confirmed absent.
func TestAccByHand_constantChange(t *testing.T) {
	users, unmanaged := acctest.SomeUsers(100, 130), "16505550100"
	api, provider := acctest.StartFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{Config: provider + acctest.Shapes[acctest.BulkType](users)},
			{
				PreConfig: func() {
					api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultHook, Times: fakeapi.Forever, DoAfter: func(s *fakeapi.Server) {
						s.Seed(unmanaged)
						s.Remove(unmanaged)
					}})
				},
				Config:      provider + acctest.Shapes[acctest.BulkType](users),
				ExpectError: acctest.Wrapped("Cannot find out who is blocked", "139102", "Another run keeps changing the same list"),
			},
			{
				PreConfig:        api.ClearFaults,
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

// missing returns the users of all who are not in some, sorted.
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
