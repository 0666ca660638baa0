package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// A plan with an exclusive resource and another one that blocks or holds users is an error.
// Otherwise each apply would undo the previous one.
func TestExclusive_notAlone(t *testing.T) {
	t.Parallel()
	all := acctest.At("d360_blocklist_exclusive.all", acctest.Many(ann, bob))
	unknown := faketerraform.Attributes{"user": faketerraform.Unknown}
	for name, test := range map[string]struct {
		before, after faketerraform.Configuration
		opts          faketerraform.PlanOptions
		// says is the summary of the error, empty if there is none.
		says string
	}{
		"alone":                        {after: acctest.Resources(all)},
		"a resource in its map":        {after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single(ann))), says: notAlone},
		"a resource not in its map":    {after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single(cleo))), says: notAlone},
		"a user who is not known yet":  {after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single("", unknown))), says: notAlone},
		"a map":                        {after: acctest.Resources(all, acctest.At("d360_blocked_users.b", acctest.Many(cleo))), says: notAlone},
		"a map that is not known yet":  {after: acctest.Resources(all, acctest.At("d360_blocked_users.b", unknownUsers())), says: notAlone},
		"an empty map":                 {after: acctest.Resources(all, acctest.At("d360_blocked_users.b", acctest.Many()))},
		"a second one":                 {after: acctest.Resources(all, acctest.At("d360_blocklist_exclusive.b", acctest.Many(cleo))), says: "More than one d360_blocklist_exclusive for one list"},
		"a second one, empty":          {after: acctest.Resources(all, acctest.At("d360_blocklist_exclusive.b", acctest.Many())), says: "More than one d360_blocklist_exclusive for one list"},
		"a second one, not known yet":  {after: acctest.Resources(all, acctest.At("d360_blocklist_exclusive.b", unknownUsers())), says: "More than one d360_blocklist_exclusive for one list"},
		"a resource that stays":        {before: acctest.Resources(acctest.At("d360_blocked_user.b", acctest.Single(ann))), after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single(ann))), says: notAlone},
		"a map that stays":             {before: acctest.Resources(acctest.At("d360_blocked_users.b", acctest.Many(ann))), after: acctest.Resources(all, acctest.At("d360_blocked_users.b", acctest.Many(ann))), says: notAlone},
		"a resource that is replaced":  {before: acctest.Resources(acctest.At("d360_blocked_user.b", acctest.Single(ann))), after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single(bob))), says: notAlone},
		"beside one that stays":        {before: acctest.Resources(all), after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single(cleo))), says: notAlone},
		"beside one that is replaced":  {before: acctest.Resources(all), after: acctest.Resources(all, acctest.At("d360_blocked_user.b", acctest.Single(cleo))), opts: faketerraform.PlanOptions{Replace: []string{"d360_blocklist_exclusive.all"}}, says: notAlone},
		"beside one not known yet":     {before: acctest.Resources(all), after: acctest.Resources(acctest.At("d360_blocklist_exclusive.all", unknownUsers()), acctest.At("d360_blocked_user.b", acctest.Single(cleo))), says: notAlone},
		"beside an empty one":          {after: acctest.Resources(acctest.At("d360_blocklist_exclusive.all", acctest.Many()), acctest.At("d360_blocked_user.b", acctest.Single(cleo))), says: notAlone},
		"replaced alone":               {before: acctest.Resources(all), after: acctest.Resources(all), opts: faketerraform.PlanOptions{Replace: []string{"d360_blocklist_exclusive.all"}}},
		"a resource that is forgotten": {before: acctest.Resources(acctest.At("d360_blocked_user.b", acctest.Single(ann))), after: faketerraform.Configuration{Resources: all, Removed: []string{"d360_blocked_user.b"}}},
		"data sources":                 {after: faketerraform.Configuration{Resources: all, Data: map[string]faketerraform.Attributes{"d360_blocked_users.d": {}, "d360_blocked_user.d": {"user": ann}}}},
		"moved from a map":             {before: acctest.Resources(acctest.At("d360_blocked_users.b", acctest.Many(ann, bob))), after: faketerraform.Configuration{Resources: all, Moved: []faketerraform.Move{{From: "d360_blocked_users.b", To: "d360_blocklist_exclusive.all"}}}},
		"one goes, a map comes":        {before: acctest.Resources(all), after: acctest.Resources(acctest.At("d360_blocked_users.b", acctest.Many(cleo)))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for orderName, order := range map[string]func([]string){"as they come": nil, "backwards": reverse} {
				t.Run(orderName, func(t *testing.T) {
					inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						tf.Order = order
						state := apply(t, tf, test.before, nil)
						api.ResetStats()
						run := tf.ApplyWith(t.Context(), test.after, state, test.opts)
						errors := run.All().Errors()
						at := slices.IndexFunc(errors, func(d faketerraform.Diagnostic) bool { return d.Summary == test.says })
						switch {
						case (test.says == "") != (len(errors) == 0), test.says != "" && (at < 0 || run.Applied):
							t.Errorf("the apply says:\n%s", run.All())
						case test.says == notAlone && !strings.Contains(errors[at].Detail, "Add their users to its map"):
							t.Errorf("the plan does not say what to do:\n%s", run.All())
						case test.says != "" && api.Stats().Posts+api.Stats().Deletes > 0:
							t.Error("the API was sent a write")
						}
					})
				})
			}
		})
	}
}

const notAlone = "d360_blocklist_exclusive is not alone on its list"

func TestAccExclusive_notAlone(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	all := strings.Replace(bulk("all", ann), acctest.BulkType, acctest.ExclusiveType, 1)
	tf.applyFails(all+single("a", ann)+single("b", bob), nil, "Error: "+notAlone, "The plan has other resources that block or hold users of this list: 2 of type d360_blocked_user.", "Nothing was sent", "Add their users to its map")
	tf.applyFails(all+strings.Replace(all, `"all"`, `"other"`, 1), nil, "Error: More than one d360_blocklist_exclusive for one list")
	expectBlocked(t, api)
	tf.apply(single("b", bob))
	tf.applyFails(all+single("b", bob), nil, "Error: ")
	// The remedy of the message.
	both := strings.Replace(all, "{\n    \"", "{\n    \""+bob+"\" = null\n    \"", 1)
	tf.apply(both + forget("d360_blocked_user.b"))
	checkUnblocked(t, api)
	expectBlocked(t, api, "4915120000001", "4915120000002")
}
