package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// planCase is one plan and the messages of its review.
type planCase struct {
	// before is applied, and after is planned.
	before, after string
	args          []string
	seed          []string
	// says are the summary of the only message, and texts in it.
	says  []string
	fails bool
}

func single(name, user string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" %q {\n  user = %q\n}\n", name, user)
}

func bulk(name string, users ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "resource \"d360_blocked_users\" %q {\n  users = {\n", name)
	for _, user := range users {
		fmt.Fprintf(&b, "    %q = null\n", user)
	}
	return b.String() + "  }\n}\n"
}

func each(key string, users ...string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" \"each\" {\n  for_each = { for u in [\"%s\"] : %s => u }\n  user = each.value\n}\n", strings.Join(users, `", "`), key)
}

const (
	ann  = "+49 1512 0000001"
	bob  = "+49 1512 0000002"
	cleo = "+49 1512 0000003"
)

func TestAccPlanReview(t *testing.T) {
	t.Parallel()
	moved := []string{"moved {", "from = d360_blocked_user.<old name>", "to   = d360_blocked_user.<new name>"}
	removed := []string{"removed {", "from = d360_blocked_user.<old name>", "destroy = false"}
	for name, test := range map[string]planCase{
		"rename": {
			before: single("a", ann), after: single("b", ann), fails: true,
			says: slices.Concat([]string{"Error: 1 user is unblocked and blocked in one plan", "+49 1512 0000001 (4915120000001)", "lost for good", `"terraform destroy -refresh=false", which skips this check`, "/docs/guides/moving.md"}, moved),
		},
		"rename with moved": {
			before: single("a", ann), after: single("b", ann) + "moved {\n  from = d360_blocked_user.a\n  to = d360_blocked_user.b\n}\n",
		},
		"another key of for_each": {
			before: each("u", ann, bob), after: each("replace(u, \" \", \"\")", ann, bob), fails: true,
			says: slices.Concat([]string{"Error: 2 users are unblocked and blocked in one plan", "0000001", "0000002"}, moved),
		},
		"move to a map": {
			before: single("a", ann) + single("b", bob), after: bulk("all", ann, "4915120000002"), fails: true,
			says: slices.Concat([]string{"Error: 2 users are unblocked and blocked in one plan"}, removed),
		},
		"move to a map with removed": {
			before: single("a", ann), after: bulk("all", ann) + forget("d360_blocked_user.a"),
			says: []string{"Warning: 1 user is blocked already"},
		},
		"from map to map": {
			before: bulk("a", ann, bob) + bulk("b", cleo), after: bulk("a", bob) + bulk("b", ann, cleo), fails: true,
			says: []string{"Error: 1 user is unblocked and blocked in one plan", "new name", "from = d360_blocked_users.<old name>", "destroy = false"},
		},
		"from map to map, by a new name": {
			before: bulk("a", ann, bob) + bulk("b", cleo),
			after:  bulk("c", bob) + bulk("b", ann, cleo) + forget("d360_blocked_users.a"),
			says:   []string{"Warning: 2 users are blocked already"},
		},
		"one of for_each to a map": {
			before: each("u", ann, bob) + bulk("all", cleo),
			after:  each("u", ann) + bulk("all", bob, cleo) + "moved {\n  from = d360_blocked_user.each[\"" + bob + "\"]\n  to = d360_blocked_user.leaving\n}\n" + forget("d360_blocked_user.leaving"),
			says:   []string{"Warning: 1 user is blocked already"},
		},
		"shifted count": {
			before: counted(ann, bob, cleo), after: counted(bob, cleo), fails: true,
			says: []string{"Error: 2 users are unblocked and blocked in one plan", "With count, adding or removing one instance", "for_each"},
		},
		"move to another type": {
			before: bulk("a", ann), after: single("b", ann), fails: true,
			says: []string{"Error: 1 user is unblocked and blocked in one plan", "removed {", "from = d360_blocked_users.<old name>", "destroy = false"},
		},
		"duplicate": {
			after: single("a", ann) + single("b", "4915120000001"), fails: true,
			says: []string{"Error: 1 user is in two resources", "0000001", "provider::d360::normalize_user"},
		},
		"duplicate in a map": {
			after: single("a", ann) + bulk("all", ann, bob), fails: true,
			says: []string{"Error: 1 user is in two resources", "0000001"},
		},
		"second resource for a user": {
			before: single("a", ann), after: single("a", ann) + single("b", ann),
			says: []string{"Warning: 1 user may be in two resources, or in one that is replaced", "0000001", "replace_triggered_by", "destroy = false"},
		},
		"replacement by force": {
			before: single("a", ann), after: single("a", ann), args: []string{"-replace=d360_blocked_user.a"},
		},
		"replacement": {before: single("a", ann), after: single("a", bob)},
		"replacement by force beside what is blocked already": {
			seed: []string{"4915120000003"}, before: single("a", ann) + bulk("all", bob), after: single("a", ann) + bulk("all", bob) + single("c", cleo),
			args: []string{"-replace=d360_blocked_user.a", "-replace=d360_blocked_users.all"},
			says: []string{"Warning: 1 user is blocked already", "0000003"},
		},
		"replacement by one blocked already": {
			seed: []string{"4915120000002"}, before: single("a", ann), after: single("a", bob),
			says: []string{"Warning: 1 user is blocked already", "0000002"},
		},
		"replacement by the user of another": {
			before: single("a", ann), after: single("a", bob) + single("b", bob), fails: true,
			says: []string{"Error: 1 user is in two resources", "0000002"},
		},
		"addition to a map of the user of another": {
			before: bulk("all", ann), after: bulk("all", ann, bob) + single("b", bob), fails: true,
			says: []string{"Error: 1 user is in two resources", "0000002"},
		},
		"blocked already": {
			seed: []string{"4915120000001", "4915120000003"}, after: single("a", ann) + single("b", bob) + bulk("all", cleo),
			says: []string{"Warning: 2 users are blocked already", "will be adopted", "0000001", "0000003", "removing the resource unblocks them"},
		},
		"blocked already, some of a map": {
			seed: []string{"4915120000001"}, before: bulk("all", cleo), after: bulk("all", ann, bob, cleo),
			says: []string{"Warning: 1 user is blocked already", "0000001"},
		},
		"maybe one user": {
			after: single("a", "+55 11 98765-4321") + single("b", "+55 11 8765-4321") + bulk("all", "5215541637145", "525541637145", "+5491123456789", "+541123456789"),
			says:  []string{"Warning: 3 pairs of numbers may be one user", "both to be blocked", "Argentina's 9 after 54", "Brazil's ninth digit", "Mexico's 1 after 52", "Nothing is rewritten"},
		},
		"maybe one user, replaced": {
			before: single("a", "+1 650 555 0100") + bulk("all", bob, "+55 11 98765-4321"), after: single("a", "+1 650 555 0100") + bulk("all", bob, "+55 11 8765-4321"), fails: true,
			says: []string{"Error: 1 pair of numbers may be one user, and the plan unblocks one of the two", "+55 11 98765-4321 (5511987654321) and +55 11 8765-4321 (551187654321)", "Brazil's ninth digit", "Keep the number as it was"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(test.after, "destroy = false") {
				needsOpenTofu(t, 10, "lifecycle in removed")
			}
			api, tf := startTerraform(t, fakeapi.Options{})
			api.Seed(test.seed...)
			if test.before != "" {
				tf.apply(test.before)
			}
			api.ResetStats()
			tf.write("main.tf", tf.head+test.after)
			output := tf.commandEnds(test.fails, "plan", test.args...)
			expectNoWrites(t, api)
			checkSays(t, output, test.says)
		})
	}
}

// forget removes a resource from the state, which unblocks no one.
func forget(address string) string {
	return fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
}

func counted(users ...string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" \"counted\" {\n  count = %d\n  user = [\"%s\"][count.index]\n}\n", len(users), strings.Join(users, `", "`))
}

// countedMessage matches the messages about users or pairs, and none of the CLI's own.
var countedMessage = regexp.MustCompile(`(?m)^[│\s]*((?:Error|Warning): )(.*?)(\d+) (?:users?|pairs?)(?: is| are| may be)?(.*)$`)

// checkSays looks for one message, by its summary and texts in it, and fails on any other.
// On a slow machine the review may report twice; then the counts have to add up.
func checkSays(t *testing.T, output string, says []string) {
	t.Helper()
	counts := func(output string) map[string]int {
		users := map[string]int{}
		for _, match := range countedMessage.FindAllStringSubmatch(output, -1) {
			n, err := strconv.Atoi(match[3])
			if err != nil {
				t.Fatal(err)
			}
			users[match[1]+match[2]+match[4]] += n
		}
		return users
	}
	var want map[string]int
	if len(says) > 0 {
		want = counts(says[0])
	}
	if got := counts(output); !maps.Equal(got, want) {
		t.Errorf("messages are about %v, want %v; printed was:\n%s", got, want, tail(output))
	}
	for _, text := range says[min(1, len(says)):] {
		if !acctest.Wrapped(text).MatchString(output) {
			t.Errorf("does not say %q; printed was:\n%s", text, tail(output))
		}
	}
}

// A full list is a warning, unless the same plan makes room.
func TestAccPlanReview_capacity(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	api.SeedN(d360.MaxUsersOnList - 2)
	tf.apply(single("a", ann) + single("b", bob))

	api.ResetStats()
	output := tf.plan(single("a", ann) + single("b", bob) + single("c", cleo))
	checkSays(t, output, []string{"Warning: The list has no room for 1 user", "It holds 64000 users", "adds 1", "removes 0", "64001", "64000 at most"})
	tf.applyFails(single("a", ann)+single("b", bob)+single("c", cleo), nil, "Error: Cannot block +49 1512 0000003", "code 139101", "apply again: they make room")
	if stats := api.Stats(); stats.Deletes > 0 {
		t.Errorf("the API was sent %+v, want no DELETE", stats)
	}
	checkSays(t, tf.plan(single("a", ann)+single("c", cleo)), nil)
}

// An interrupted replacement with create_before_destroy leaves a deposed object, which
// would unblock the user of the current one.
func TestAccPlanReview_deposed(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	config := single("a", ann)
	tf.apply(config)
	depose(t, tf.work)

	output := tf.applyFails(config, nil)
	checkSays(t, output, []string{"Error: 1 user is unblocked and blocked in one plan", "0000001 (4915120000001) (held already)", "deposed object", `run "terraform state rm" with its address`})
	tf.run(config, "state rm", "d360_blocked_user.a")
	checkSays(t, tf.apply(config), []string{"Warning: 1 user is blocked already"})
	checkUnblocked(t, api)
}

// depose adds a deposed object to each instance of the state, for the same user.
func depose(t *testing.T, work *workspace.Workspace) {
	t.Helper()
	content, err := work.Read(acctest.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal([]byte(content), &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		r := r.(map[string]any)
		instances := r["instances"].([]any)
		for _, instance := range instances {
			deposed := maps.Clone(instance.(map[string]any))
			deposed["deposed"] = "0123abcd"
			r["instances"] = append(instances, deposed)
		}
	}
	changed, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := work.Write(acctest.StateFile, string(changed)); err != nil {
		t.Fatal(err)
	}
}

// Users who were unblocked by hand are reviewed like new ones, also after an update.
func TestAccPlanReview_afterUpdateAndDrift(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	users := single("a", "+55 11 98765-4321") + single("b", "+55 11 8765-4321")
	noted := strings.ReplaceAll(users, "\n}", "\n  note = \"x\"\n}")
	tf.apply(users)
	tf.apply(noted)
	api.Remove("5511987654321", "551187654321")
	checkSays(t, tf.plan(noted), []string{"Warning: 1 pair of numbers may be one user", "Brazil's ninth digit"})
}

// A tainted resource is reviewed like a new one, also after an update.
func TestAccPlanReview_afterUpdateAndTaint(t *testing.T) {
	t.Parallel()
	_, tf := startTerraform(t, fakeapi.Options{})
	noted := strings.ReplaceAll(single("a", ann), "\n}", "\n  note = \"x\"\n}")
	tf.apply(single("a", ann))
	tf.apply(noted)
	tf.run(noted, "taint", "d360_blocked_user.a")
	checkSays(t, tf.planFails(noted+single("b", ann)), []string{"Error: 1 user is in two resources"})
}

// A list that cannot be read does not stop a plan of new users only.
func TestAccPlanReview_unread(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	api.Inject(fakeapi.Fault{Method: "GET", Kind: fakeapi.FaultStatus, Status: 403, Times: fakeapi.Forever})
	output := tf.plan(single("a", ann)+single("b", bob)+single("c", cleo), "Warning: The plan was not checked against the list", "HTTP 403")
	checkSays(t, output, nil)
	if n := api.Stats().Gets; n > 3 {
		t.Errorf("%d requests for a list that cannot be read, want 3 at most", n)
	}
}

func TestAccPlanReview_wrongKey(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	api.SetKey("another-key")
	output := tf.planFails(single("a", ann)+single("b", bob), "Error: Cannot find out who is on the list", "code 190", "The API key was taken from")
	if n := strings.Count(output, "Error: "); n != 1 {
		t.Errorf("%d errors, want one:\n%s", n, output)
	}
}

// Where the keys of a map are not known, a plan cannot show which users leave it.
func TestAccPlanReview_unknownMap(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	computed := func(user string) string {
		return "resource \"terraform_data\" \"u\" {\n  input = \"" + user + "\"\n}\nresource \"d360_blocked_users\" \"all\" {\n  users = { (terraform_data.u.output) = null, \"" + cleo + "\" = null }\n}\n"
	}
	checkSays(t, tf.apply(computed(ann)), nil)
	tf.plan(computed(bob), "Warning: The users are not known yet, so the plan cannot show who leaves the map", "2 users are blocked now", "Provider produced inconsistent final plan", "-target=")
	tf.applyFails(computed(bob), nil, "Provider produced inconsistent final plan", ".unblocked: was", "but now")
	checkUnblocked(t, api)
	tf.apply(computed(bob), "unblocked = 0 -> 1", `- "`+ann+`" = null`)
	expectBlocked(t, api, "4915120000002", "4915120000003")
	// Users who are only added are blocked at once.
	tf.apply(strings.Replace(computed("+49 1512 0000004"), "users = {", "users = { \""+bob+"\" = null,", 1))
	expectBlocked(t, api, "4915120000002", "4915120000003", "4915120000004")
}

// Hundreds of users with the same problem make one message.
func TestAccPlanReview_many(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	adopt := each("u", api.SeedN(300)...)
	checkSays(t, tf.apply(adopt), []string{"Warning: 300 users are blocked already", "more"})
	api.ResetStats()
	output := tf.planFails(strings.Replace(adopt, ": u =>", `: "x${u}" =>`, 1))
	checkSays(t, output, []string{"Error: 300 users are unblocked and blocked in one plan", "more", "moved {"})
	expectNoWrites(t, api)
}
