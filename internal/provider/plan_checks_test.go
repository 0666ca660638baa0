package provider_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// expectPosts checks that an API was sent so many POSTs by the time of a plan.
type expectPosts struct {
	api  *fakeapi.Server
	want int
}

func (e expectPosts) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	if got := e.api.Stats().Posts; got != e.want {
		resp.Error = fmt.Errorf("%d POSTs by the time of the plan, want %d", got, e.want)
	}
}

// expectKeysRemoved checks that a plan shows exactly these keys leaving the map
// of users.
type expectKeysRemoved struct {
	address string
	want    []string
}

func (e expectKeysRemoved) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	keys := func(value any) map[string]any {
		attributes, _ := value.(map[string]any)
		users, _ := attributes["users"].(map[string]any)
		return users
	}
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != e.address {
			continue
		}
		var removed []string
		after := keys(change.Change.After)
		for key := range keys(change.Change.Before) {
			if _, stays := after[key]; !stays {
				removed = append(removed, key)
			}
		}
		slices.Sort(removed)
		if !slices.Equal(removed, e.want) {
			resp.Error = fmt.Errorf("the plan shows %v leaving, want %v", removed, e.want)
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in the plan", e.address)
}
