package faults_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// operation is something that people do with Terraform, of which every request
// is hit by every fault.
type operation struct {
	// name is the column's title in the golden file.
	name string
	// listed are on the list from the start, even if others blocked them.
	listed []string
	// silent are users that the API rejects to block at first, until they write.
	silent []string
	// before is applied first, and well. Without resources there is no state.
	before faketerraform.Configuration
	// since happens between before and the operation itself.
	since func(*fakeapi.Server)
	// tainted are addresses that are tainted since.
	tainted []string
	// config is what the operation applies.
	config faketerraform.Configuration
	// query is run in place of an apply, if set.
	query *faketerraform.Query
	// parallelism is how many instances Terraform walks at once.
	parallelism int
	// want is the list in the end, and unblocked who is taken off it.
	want, unblocked []string
}

// Users of the matrix. The API knows one of them by another number.
var (
	strangers = numbersFrom("+491500000001", 4)
	ours      = append(numbersFrom("+491700000001", 5), "+5215541637145")
	others    = numbersFrom("+491600000001", 5)

	matrixWaIDs = map[string]string{"5215541637145": "525541637145"}
)

// numbersFrom are n numbers in a row.
func numbersFrom(first string, n int) []string {
	var digits int
	if _, err := fmt.Sscanf(first, "+%d", &digits); err != nil {
		panic(err)
	}
	users := make([]string, n)
	for i := range users {
		users[i] = fmt.Sprintf("+%d", digits+i)
	}
	return users
}

// singles are resources for one user each, u0, u1 and so on.
func singles(users ...string) map[string]faketerraform.Resource {
	resources := map[string]faketerraform.Resource{}
	for i, user := range users {
		resources[fmt.Sprintf("d360_blocked_user.u%d", i)] = acctest.Single(user)
	}
	return resources
}

const (
	bulkAddress      = "d360_blocked_users.all"
	exclusiveAddress = "d360_blocklist_exclusive.all"
)

// readingOperations change nothing, unless a fault makes it look necessary.
func readingOperations() []operation {
	held := acctest.Resources(singles(ours[:2]...), acctest.At(bulkAddress, acctest.Many(ours[2:]...)))
	imported := acctest.Resources(acctest.At("d360_blocked_user.u0", acctest.Single(ours[0])))
	imported.Imports = []faketerraform.Import{{To: "d360_blocked_user.u0", ID: ours[0]}}
	everyone := slices.Concat(strangers, ours[:5])
	// An import writes the canonical form, in which the plan then shows no one twice.
	canonical := keys(everyone)
	importedAll := acctest.Resources(acctest.At(bulkAddress, acctest.Many(canonical...)))
	importedAll.Imports = []faketerraform.Import{{To: bulkAddress, ID: "*"}}
	takenOver := acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(canonical...)))
	takenOver.Imports = []faketerraform.Import{{To: exclusiveAddress, ID: "blocklist"}}
	return []operation{
		{
			name:   "refresh",
			listed: strangers, before: held, config: held,
			want: slices.Concat(strangers, ours),
		},
		{
			name:   "import of one",
			listed: everyone, config: imported,
			want: everyone,
		},
		{
			name:   "import of all",
			listed: everyone, config: importedAll,
			want: everyone,
		},
		{
			name:   "exclusive import",
			listed: everyone, config: takenOver,
			want: everyone,
		},
		{
			name:   "data sources",
			listed: everyone,
			config: faketerraform.Configuration{Data: map[string]faketerraform.Attributes{
				"d360_blocked_users.all": nil,
				"d360_blocked_user.held": {"user": ours[0]},
				"d360_blocked_user.free": {"user": others[0]},
			}},
			want: everyone,
		},
		{
			name:   "query",
			listed: everyone,
			query:  &faketerraform.Query{Type: "d360_blocked_user", IncludeResource: true},
			want:   everyone,
		},
	}
}

// writingOperations block and unblock. The numbers of users are such that most
// need several requests: Terraform does so many at once, or the API takes no
// more than three.
func writingOperations() []operation {
	held := acctest.Resources(singles(ours[:2]...), acctest.At(bulkAddress, acctest.Many(ours[2:]...)))
	patient := faketerraform.Attributes{"allow_pending": true}
	pending := acctest.Resources(
		acctest.At("d360_blocked_user.u0", acctest.Single(ours[0], patient)), acctest.At("d360_blocked_user.u1", acctest.Single(ours[1], patient)),
		acctest.At("d360_blocked_user.u2", acctest.Single(ours[2], patient)),
	)
	return []operation{
		{
			// One of them is blocked already.
			name:   "block",
			listed: slices.Concat(strangers, ours[2:3]), config: acctest.Resources(singles(ours[1:]...)),
			parallelism: 2,
			want:        slices.Concat(strangers, ours[1:]),
		},
		{
			// Two were unblocked by hand.
			name:   "block again",
			listed: strangers, before: held, config: held,
			since: func(s *fakeapi.Server) { s.Remove(ours[1], ours[5]) },
			want:  slices.Concat(strangers, ours),
		},
		{
			// They were pending, and have written since.
			name:   "retry pending",
			listed: strangers, silent: ours[:3], before: pending, config: pending,
			parallelism: 1,
			want:        slices.Concat(strangers, ours[:3]),
		},
		{
			name:   "unblock",
			listed: strangers, before: acctest.Resources(singles(ours[1:]...), acctest.At(bulkAddress, acctest.Many(ours[0]))),
			config:      acctest.Resources(acctest.At(bulkAddress, acctest.Many(ours[0]))),
			parallelism: 2,
			want:        slices.Concat(strangers, ours[:1]), unblocked: ours[1:],
		},
		{
			name:   "replace",
			listed: strangers, before: acctest.Resources(singles(ours[3:]...)), config: acctest.Resources(singles(others[:3]...)),
			parallelism: 1,
			want:        slices.Concat(strangers, others[:3]), unblocked: ours[3:],
		},
		{
			// They are tainted, and to be replaced by the same users.
			name:   "re-create",
			listed: strangers, before: held, config: held,
			tainted:     []string{"d360_blocked_user.u0", "d360_blocked_user.u1", bulkAddress},
			parallelism: 1,
			want:        slices.Concat(strangers, ours),
		},
		{
			// One of them is blocked already.
			name:   "bulk block",
			listed: slices.Concat(strangers, ours[2:3]), config: acctest.Resources(acctest.At(bulkAddress, acctest.Many(ours...))),
			want: slices.Concat(strangers, ours),
		},
		{
			name:   "bulk change",
			listed: strangers, before: acctest.Resources(acctest.At(bulkAddress, acctest.Many(ours...))),
			config: acctest.Resources(acctest.At(bulkAddress, acctest.Many(slices.Concat(ours[:1], others)...))),
			want:   slices.Concat(strangers, ours[:1], others), unblocked: ours[1:],
		},
		{
			name:   "bulk unblock",
			listed: strangers, before: acctest.Resources(acctest.At(bulkAddress, acctest.Many(ours...))),
			want: strangers, unblocked: ours,
		},
		{
			name:   "exclusive create",
			listed: strangers, config: acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(slices.Concat(strangers, ours)...))),
			want: slices.Concat(strangers, ours),
		},
		{
			// Someone else has blocked two, which the plan shows as removed.
			name:   "exclusive change",
			listed: strangers, before: acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(slices.Concat(strangers, ours[:3])...))),
			since:  func(s *fakeapi.Server) { s.Seed(others[:2]...) },
			config: acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(slices.Concat(strangers[2:], ours)...))),
			want:   slices.Concat(strangers[2:], ours), unblocked: slices.Concat(strangers[:2], others[:2]),
		},
	}
}

// inListedForm is a configuration with users in the form that the list has.
func inListedForm(config faketerraform.Configuration) faketerraform.Configuration {
	resources := map[string]faketerraform.Resource{}
	for address, resource := range config.Resources {
		attributes := maps.Clone(resource.Attributes)
		if user, ok := attributes["user"].(string); ok {
			attributes["user"] = listedForm.Replace(user)
		}
		if users, ok := attributes["users"].(map[string]any); ok {
			renamed := map[string]any{}
			for user, note := range users {
				renamed[listedForm.Replace(user)] = note
			}
			attributes["users"] = renamed
		}
		resource.Attributes = attributes
		resources[address] = resource
	}
	config.Resources = resources
	return config
}

// factsInListedForm are facts about users in the form that the list has.
func factsInListedForm(facts []string) []string {
	renamed := make([]string, len(facts))
	for i, fact := range facts {
		renamed[i] = listedForm.Replace(fact)
	}
	slices.Sort(renamed)
	return renamed
}

var listedForm = strings.NewReplacer("5215541637145", "525541637145")
