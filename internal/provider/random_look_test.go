package provider

import (
	"github.com/d360/terraform-provider-d360/internal/prototest"
)

// look reads the list by way of the list resource and the data sources. What
// comes without an error is the whole list.
func (w *randomWorld) look(team *randomTeam, step randomStep) {
	list := w.listed()
	ctx := w.t.Context()
	results, diags := team.tf.Query(ctx, prototest.Query{Type: blockedUserType, IncludeResource: step.team%2 == 0})
	w.tell("  query: %d results, %s", len(results), diags)
	w.checkDiagnostics(diags)
	if !diags.HasErrors() {
		found := map[string]bool{}
		for _, result := range results {
			if id, ok := result.Identity["user"].(string); ok {
				found[w.people.person(id)] = true
			}
		}
		w.compare(list, found, "a query")
	}
	config := prototest.Configuration{Data: map[string]prototest.Attributes{
		"d360_blocked_users.all": {},
		"d360_blocked_user.one":  {"user": randomNames[0].spelled(1)},
	}}
	plan := team.tf.Plan(ctx, config, nil)
	w.tell("  data: %v, %s", plan.Data, plan.Diagnostics)
	w.checkDiagnostics(plan.Diagnostics)
	if all, ok := plan.Data["d360_blocked_users.all"]; ok {
		found := map[string]bool{}
		users, _ := all["users"].(map[string]any)
		for id := range users {
			found[w.people.person(id)] = true
		}
		w.compare(list, found, "a data source")
	}
	if one, ok := plan.Data["d360_blocked_user.one"]; ok {
		if id := randomNames[0].id; one["blocked"] != list[id] && !w.touched[id] {
			w.wrong("a data source is wrong about a user", "%s: %v, on the list: %t", id, one, list[id])
		}
	}
	if sent := team.tap.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		w.wrong("a look at the list wrote", "%+v", sent)
	}
}

// compare holds what was found against the list, but for those whom somebody
// has blocked or unblocked at the same time.
func (w *randomWorld) compare(list, found map[string]bool, by string) {
	for person := range union(list, found) {
		if list[person] != found[person] && !w.touched[person] {
			w.wrong(by+" shows another list", "%s: shown: %t, on the list: %t", person, found[person], list[person])
		}
	}
}
