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

// reviewed is one plan of which the review has something to say, or nothing.
type reviewed struct {
	// before is applied first, unless it is empty; after is planned.
	before, after string
	args          []string
	seed          []string
	// says are the summary of the only message, and texts in it.
	says []string
	// fails is set where the plan is an error.
	fails bool
}

// single is a resource for one user.
func single(name, user string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" %q {\n  user = %q\n}\n", name, user)
}

// bulk is an additive resource for several.
func bulk(name string, users ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "resource \"d360_blocked_users\" %q {\n  users = {\n", name)
	for _, user := range users {
		fmt.Fprintf(&b, "    %q = null\n", user)
	}
	return b.String() + "  }\n}\n"
}

// each is a resource with for_each.
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
	moved := []string{"moved {", "from = d360_blocked_user.<old address>", "to   = d360_blocked_user.<new address>"}
	removed := []string{"removed {", "from = d360_blocked_user.<old name>", "destroy = false"}
	for name, test := range map[string]reviewed{
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
		"move to a map, let go of": {
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
			says: []string{"Error: 2 users are unblocked and blocked in one plan", "Where count numbers the instances", "for_each"},
		},
		"one of two holders goes": {
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
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
			api.Seed(test.seed...)
			work := acctest.StartWorkspace(t)
			config = acctest.RequiredProviders + config
			acctest.Run(t, work, config+test.before, "init", "-no-color")
			if test.before != "" {
				acctest.Run(t, work, config+test.before, "apply", "-no-color", "-auto-approve")
			}
			api.ResetStats()
			if err := work.Write("main.tf", config+test.after); err != nil {
				t.Fatal(err)
			}
			output, err := work.Run(t.Context(), append([]string{"plan", "-no-color"}, test.args...)...)
			if (err != nil) != test.fails {
				t.Errorf("the plan's error is %v; printed was:\n%s", err, output)
			}
			if stats := api.Stats(); stats.Posts+stats.Deletes > 0 {
				t.Errorf("a plan wrote: %+v", stats)
			}
			checkSays(t, output, test.says)
		})
	}
}

// forget takes a resource out of the state, and unblocks no one.
func forget(address string) string {
	return fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
}

// counted is a resource with count.
func counted(users ...string) string {
	return fmt.Sprintf("resource \"d360_blocked_user\" \"counted\" {\n  count = %d\n  user = [\"%s\"][count.index]\n}\n", len(users), strings.Join(users, `", "`))
}

// counted messages are about users or pairs of them; forget adds one of the CLI's
// own, which is not.
var countedMessage = regexp.MustCompile(`(?m)^[│\s]*((?:Error|Warning): )(.*?)(\d+) (?:users?|pairs?)(?: is| are| may be)?(.*)$`)

// checkSays looks for one message, by its summary and by texts in it, however
// they are wrapped. On a slow machine a message may be split in two, which then
// have to add up. Any other message is a failure.
func checkSays(t *testing.T, output string, says []string) {
	t.Helper()
	tally := func(output string) map[string]int {
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
		want = tally(says[0])
	}
	if got := tally(output); !maps.Equal(got, want) {
		t.Errorf("messages are about %v, want %v; printed was:\n%s", got, want, tail(output))
	}
	for _, text := range says[min(1, len(says)):] {
		if !acctest.Wrapped(text).MatchString(output) {
			t.Errorf("does not say %q; printed was:\n%s", text, tail(output))
		}
	}
}

// A list that is full is a warning, unless the same plan makes room. The apply fails
// for which there is none.
func TestAccPlanReview_capacity(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.SeedN(d360.MaxUsersOnList - 2)
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	apply := []string{"apply", "-no-color", "-auto-approve"}
	acctest.Run(t, work, config+single("a", ann)+single("b", bob), apply...)

	api.ResetStats()
	if err := work.Write("main.tf", config+single("a", ann)+single("b", bob)+single("c", cleo)); err != nil {
		t.Fatal(err)
	}
	output := acctest.Run(t, work, config+single("a", ann)+single("b", bob)+single("c", cleo), "plan", "-no-color")
	checkSays(t, output, []string{"Warning: The list has no room for 1 user", "It holds 64000 users", "adds 1", "removes 0", "64001", "64000 at most"})
	output, err := work.Run(t.Context(), apply...)
	if err == nil || !acctest.Wrapped("Error: Cannot block +49 1512 0000003", "code 139101", "apply again: they make room").MatchString(output) {
		t.Errorf("the apply's error is %v; printed was:\n%s", err, output)
	}
	if stats := api.Stats(); stats.Deletes > 0 {
		t.Errorf("something was unblocked: %+v", stats)
	}

	output = acctest.Run(t, work, config+single("a", ann)+single("c", cleo), "plan", "-no-color")
	checkSays(t, output, nil)
}

// What a run has left that broke off while it replaced a resource, with
// create_before_destroy, would unblock the user that the resource holds.
func TestAccPlanReview_deposed(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config + single("a", ann)
	acctest.Run(t, work, config, "init", "-no-color")
	acctest.Run(t, work, config, "apply", "-no-color", "-auto-approve")
	depose(t, work)

	output, err := work.Run(t.Context(), "apply", "-no-color", "-auto-approve")
	if err == nil {
		t.Error("the user of a resource is unblocked")
	}
	checkSays(t, output, []string{"Error: 1 user is unblocked and blocked in one plan", "0000001 (4915120000001) (held already)", "deposed object", `run "terraform state rm" with its address`})
	acctest.Run(t, work, config, "state", "rm", "d360_blocked_user.a")
	output = acctest.Run(t, work, config, "apply", "-no-color", "-auto-approve")
	checkSays(t, output, []string{"Warning: 1 user is blocked already"})
	if deleted := api.Deleted(); len(deleted) > 0 {
		t.Errorf("%v were unblocked", deleted)
	}
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

// Users who were unblocked by hand are reviewed like new ones, also where their
// resources were updated before.
func TestAccPlanReview_afterUpdateAndDrift(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	work := acctest.StartWorkspace(t)
	users := single("a", "+55 11 98765-4321") + single("b", "+55 11 8765-4321")
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	acctest.Run(t, work, config+users, "apply", "-no-color", "-auto-approve")
	noted := config + strings.ReplaceAll(users, "\n}", "\n  note = \"x\"\n}")
	acctest.Run(t, work, noted, "apply", "-no-color", "-auto-approve")
	api.Remove("5511987654321", "551187654321")
	checkSays(t, acctest.Run(t, work, noted, "plan", "-no-color"), []string{"Warning: 1 pair of numbers may be one user", "Brazil's ninth digit"})
}

// A tainted resource is planned like a new one, also where it was updated before.
func TestAccPlanReview_afterUpdateAndTaint(t *testing.T) {
	t.Parallel()
	_, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	noted := strings.ReplaceAll(single("a", ann), "\n}", "\n  note = \"x\"\n}")
	acctest.Run(t, work, config, "init", "-no-color")
	acctest.Run(t, work, config+single("a", ann), "apply", "-no-color", "-auto-approve")
	acctest.Run(t, work, config+noted, "apply", "-no-color", "-auto-approve")
	acctest.Run(t, work, config+noted, "taint", "d360_blocked_user.a")
	if err := work.Write("main.tf", config+noted+single("b", ann)); err != nil {
		t.Fatal(err)
	}
	output, err := work.Run(t.Context(), "plan", "-no-color")
	if err == nil {
		t.Error("two resources for one user are no error")
	}
	checkSays(t, output, []string{"Error: 1 user is in two resources"})
}

// A list that cannot be read does not stop a plan that needs nothing of it.
func TestAccPlanReview_unread(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Inject(fakeapi.Fault{Method: "GET", Kind: fakeapi.FaultStatus, Status: 403, Times: fakeapi.Forever})
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	output := acctest.Run(t, work, config+single("a", ann)+single("b", bob)+single("c", cleo), "plan", "-no-color")
	if !acctest.Wrapped("Warning: The plan was not checked against the list", "HTTP 403").MatchString(output) {
		t.Errorf("the plan says:\n%s", output)
	}
	checkSays(t, output, nil)
	if n := api.Stats().Gets; n > 3 {
		t.Errorf("%d requests for a list that cannot be read", n)
	}
}

// With a wrong key no apply could come to anything, so that the plan says so.
func TestAccPlanReview_wrongKey(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.SetKey("another-key")
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	if err := work.Write("main.tf", config+single("a", ann)+single("b", bob)); err != nil {
		t.Fatal(err)
	}
	output, err := work.Run(t.Context(), "plan", "-no-color")
	if err == nil || !acctest.Wrapped("Error: Cannot find out who is on the list", "code 190", "The API key was taken from").MatchString(output) || strings.Count(output, "Error: ") != 1 {
		t.Errorf("the plan's error is %v; printed was:\n%s", err, output)
	}
}

// Where the keys of a map are not known, a plan cannot show who leaves it.
func TestAccPlanReview_unknownMap(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	computed := func(user string) string {
		return "resource \"terraform_data\" \"u\" {\n  input = \"" + user + "\"\n}\nresource \"d360_blocked_users\" \"all\" {\n  users = { (terraform_data.u.output) = null, \"" + cleo + "\" = null }\n}\n"
	}
	checkSays(t, acctest.Run(t, work, config+computed(ann), "apply", "-no-color", "-auto-approve"), nil)
	output := acctest.Run(t, work, config+computed(bob), "plan", "-no-color")
	if !acctest.Wrapped("Warning: The users are not known yet, so the plan cannot show who leaves the map", "2 users are blocked now", "Provider produced inconsistent final plan", "-target=").MatchString(output) {
		t.Errorf("the plan says:\n%s", output)
	}
	output, err := work.Run(t.Context(), "apply", "-no-color", "-auto-approve")
	if err == nil || !acctest.Wrapped("Provider produced inconsistent final plan", ".unblocked: was", "but now").MatchString(output) {
		t.Errorf("the apply's error is %v; printed was:\n%s", err, output)
	}
	checkUnblocked(t, api)
	// The next plan shows who leaves.
	output = acctest.Run(t, work, config+computed(bob), "apply", "-no-color", "-auto-approve")
	if !acctest.Wrapped("unblocked = 0 -> 1", `- "`+ann+`" = null`).MatchString(output) {
		t.Errorf("the plan says:\n%s", output)
	}
	if err := acctest.CheckBlocked(api, "4915120000002", "4915120000003")(nil); err != nil {
		t.Error(err)
	}
	// Users who are only added are blocked at once.
	more := strings.Replace(computed("+49 1512 0000004"), "users = {", "users = { \""+bob+"\" = null,", 1)
	acctest.Run(t, work, config+more, "apply", "-no-color", "-auto-approve")
	if err := acctest.CheckBlocked(api, "4915120000002", "4915120000003", "4915120000004")(nil); err != nil {
		t.Error(err)
	}
}

// Hundreds of users with the same trouble make one message, which names the first
// of them and counts the others.
func TestAccPlanReview_many(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	const n = 300
	api.SeedN(n)
	users := api.Blocked()
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	acctest.Run(t, work, config, "init", "-no-color")
	adopt := each("u", users...)
	output := acctest.Run(t, work, config+adopt, "apply", "-no-color", "-auto-approve")
	checkSays(t, output, []string{"Warning: 300 users are blocked already", "more"})
	api.ResetStats()
	if err := work.Write("main.tf", config+strings.Replace(adopt, ": u =>", `: "x${u}" =>`, 1)); err != nil {
		t.Fatal(err)
	}
	output, err := work.Run(t.Context(), "plan", "-no-color")
	if err == nil {
		t.Error("hundreds of conflicts are no error")
	}
	checkSays(t, output, []string{"Error: 300 users are unblocked and blocked in one plan", "more", "moved {"})
	if stats := api.Stats(); stats.Posts+stats.Deletes > 0 {
		t.Errorf("a plan wrote: %+v", stats)
	}
}
