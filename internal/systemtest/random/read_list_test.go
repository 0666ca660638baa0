package random_test

import (
	"maps"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// readList reads the list by a query and by data sources, which return the whole list or an
// error.
func (e *env) readList(team *teamEnv, next step) {
	list := e.listed()
	ctx := e.t.Context()
	undetectable := slices.ContainsFunc(next.faults, func(f faultCase) bool { return f.isUndetectable })
	results, diags := team.tf.Query(ctx, faketerraform.Query{Type: acctest.SingleType, IncludeResource: next.team%2 == 0})
	e.logf("  query: %d results, %s", len(results), diags)
	e.checkDiagnostics(diags)
	if !diags.HasErrors() && !undetectable && len(e.changedByOthers) == 0 && len(results) != len(list) {
		e.reportf("a query does not show the list", "%d users, want %d", len(results), len(list))
	}
	one := e.users.name(next.team)
	config := faketerraform.Configuration{Data: map[string]faketerraform.Attributes{
		"d360_blocked_users.all": {},
		"d360_blocked_user.one":  {"user": one.spelled(1)},
	}}
	plan := team.tf.Plan(ctx, config, nil)
	e.logf("  data: %v, %s", plan.Data, plan.Diagnostics)
	e.checkDiagnostics(plan.Diagnostics)
	if all, ok := plan.Data["d360_blocked_users.all"]; ok && !undetectable && len(e.changedByOthers) == 0 {
		if users, _ := all["users"].(map[string]any); len(users) != len(list) {
			e.reportf("a data source does not show the list", "%v, on the list: %v", slices.Sorted(maps.Keys(users)), sorted(list))
		}
	}
	if data, ok := plan.Data["d360_blocked_user.one"]; ok && data["blocked"] != nil {
		if key := e.users.keyOf(one.id); data["blocked"] != list[key] && !e.isChangedByOthers(key) {
			e.reportf("a data source is wrong about a user", "%s: %v, on the list: %t", one.id, data["blocked"], list[key])
		}
	}
	if sent := team.transport.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		e.reportf("reading the list made a write", "%+v", sent)
	}
}
