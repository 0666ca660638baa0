package random_test

import (
	"maps"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// readList reads the list by a query and by data sources. Without an error, they return the
// whole list.
func (e *env) readList(team *team, next step) {
	list := e.listed()
	ctx := e.t.Context()
	undetectable := slices.ContainsFunc(next.faults, func(f faultCase) bool { return f.isUndetectable })
	results, diags := team.tf.Query(ctx, faketerraform.Query{Type: acctest.SingleType, IncludeResource: next.team%2 == 0})
	e.logf("  query: %d results, %s", len(results), diags)
	e.checkDiagnostics(diags)
	if !diags.HasErrors() && !undetectable && len(e.changedByOthers) == 0 && len(results) != len(list) {
		e.reportf("a query shows another list", "%d users, want %d", len(results), len(list))
	}
	one := e.people.name(next.team)
	config := faketerraform.Configuration{Data: map[string]faketerraform.Attributes{
		"d360_blocked_users.all": {},
		"d360_blocked_user.one":  {"user": one.spelled(1)},
	}}
	plan := team.tf.Plan(ctx, config, nil)
	e.logf("  data: %v, %s", plan.Data, plan.Diagnostics)
	e.checkDiagnostics(plan.Diagnostics)
	if all, ok := plan.Data["d360_blocked_users.all"]; ok && !undetectable && len(e.changedByOthers) == 0 {
		if users, _ := all["users"].(map[string]any); len(users) != len(list) {
			e.reportf("a data source shows another list", "%v, on the list: %v", slices.Sorted(maps.Keys(users)), sorted(list))
		}
	}
	if data, ok := plan.Data["d360_blocked_user.one"]; ok && data["blocked"] != nil {
		if person := e.people.person(one.id); data["blocked"] != list[person] && !e.isChangedByOthers(person) {
			e.reportf("a data source is wrong about a user", "%s: %v, on the list: %t", one.id, data["blocked"], list[person])
		}
	}
	if sent := team.transport.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		e.reportf("reading the list made a write", "%+v", sent)
	}
}
