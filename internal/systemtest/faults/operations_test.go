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

// operation is a use of Terraform.
type operation struct {
	// name is the column's title in the golden file.
	name string
	// listed has the users who are on the list from the start.
	listed []string
	// silent has users whose block the API rejects until they send a message.
	silent []string
	// before is applied first, without a fault. Without resources, there is no state.
	before faketerraform.Configuration
	// outOfBand makes changes by others between before and the operation.
	outOfBand func(*fakeapi.Server)
	// tainted has the addresses of resources that are tainted before the operation.
	tainted []string
	config  faketerraform.Configuration
	// query replaces the apply, if set.
	query *faketerraform.Query
	// parallelism is how many instances Terraform handles at once.
	parallelism int
	// want has the users on the final list, unblocked those who leave the list.
	want, unblocked []string
}

// Users of the matrix. The WhatsApp ID of one is not the number.
var (
	listedByOthers = numbersFrom("+491500000001", 4)
	managed        = append(numbersFrom("+491700000001", 5), "+5215541637145")
	replacements   = numbersFrom("+491600000001", 5)

	matrixWaIDs = map[string]string{"5215541637145": "525541637145"}
)

// numbersFrom returns n consecutive numbers.
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

// singles returns a resource for each user, named u0, u1 and so on.
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

// readingOperations change nothing.
func readingOperations() []operation {
	held := acctest.Resources(singles(managed[:2]...), acctest.At(bulkAddress, acctest.Many(managed[2:]...)))
	imported := acctest.Resources(acctest.At("d360_blocked_user.u0", acctest.Single(managed[0])))
	imported.Imports = []faketerraform.Import{{To: "d360_blocked_user.u0", ID: managed[0]}}
	everyone := slices.Concat(listedByOthers, managed[:5])
	// An import uses the canonical form, so the plan shows each user once.
	canonical := keys(everyone)
	importedAll := acctest.Resources(acctest.At(bulkAddress, acctest.Many(canonical...)))
	importedAll.Imports = []faketerraform.Import{{To: bulkAddress, ID: "*"}}
	takenOver := acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(canonical...)))
	takenOver.Imports = []faketerraform.Import{{To: exclusiveAddress, ID: "blocklist"}}
	return []operation{
		{
			name:   "refresh",
			listed: listedByOthers, before: held, config: held,
			want: slices.Concat(listedByOthers, managed),
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
				"d360_blocked_user.held": {"user": managed[0]},
				"d360_blocked_user.free": {"user": replacements[0]},
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

// writingOperations block and unblock. Most need several requests, because of the
// parallelism or of the limit of three users.
func writingOperations() []operation {
	held := acctest.Resources(singles(managed[:2]...), acctest.At(bulkAddress, acctest.Many(managed[2:]...)))
	allowPending := faketerraform.Attributes{"allow_pending": true}
	pending := acctest.Resources(
		acctest.At("d360_blocked_user.u0", acctest.Single(managed[0], allowPending)), acctest.At("d360_blocked_user.u1", acctest.Single(managed[1], allowPending)),
		acctest.At("d360_blocked_user.u2", acctest.Single(managed[2], allowPending)),
	)
	return []operation{
		{
			// One user is blocked already.
			name:   "block",
			listed: slices.Concat(listedByOthers, managed[2:3]), config: acctest.Resources(singles(managed[1:]...)),
			parallelism: 2,
			want:        slices.Concat(listedByOthers, managed[1:]),
		},
		{
			// Someone has unblocked two users out of band.
			name:   "block again",
			listed: listedByOthers, before: held, config: held,
			outOfBand: func(s *fakeapi.Server) { s.Remove(managed[1], managed[5]) },
			want:      slices.Concat(listedByOthers, managed),
		},
		{
			// The users were pending, and have sent a message since.
			name:   "retry pending",
			listed: listedByOthers, silent: managed[:3], before: pending, config: pending,
			parallelism: 1,
			want:        slices.Concat(listedByOthers, managed[:3]),
		},
		{
			name:   "unblock",
			listed: listedByOthers, before: acctest.Resources(singles(managed[1:]...), acctest.At(bulkAddress, acctest.Many(managed[0]))),
			config:      acctest.Resources(acctest.At(bulkAddress, acctest.Many(managed[0]))),
			parallelism: 2,
			want:        slices.Concat(listedByOthers, managed[:1]), unblocked: managed[1:],
		},
		{
			name:   "replace",
			listed: listedByOthers, before: acctest.Resources(singles(managed[3:]...)), config: acctest.Resources(singles(replacements[:3]...)),
			parallelism: 1,
			want:        slices.Concat(listedByOthers, replacements[:3]), unblocked: managed[3:],
		},
		{
			// The resources are tainted, so Terraform replaces them by the same users.
			name:   "re-create",
			listed: listedByOthers, before: held, config: held,
			tainted:     []string{"d360_blocked_user.u0", "d360_blocked_user.u1", bulkAddress},
			parallelism: 1,
			want:        slices.Concat(listedByOthers, managed),
		},
		{
			// One user is blocked already.
			name:   "bulk block",
			listed: slices.Concat(listedByOthers, managed[2:3]), config: acctest.Resources(acctest.At(bulkAddress, acctest.Many(managed...))),
			want: slices.Concat(listedByOthers, managed),
		},
		{
			name:   "bulk change",
			listed: listedByOthers, before: acctest.Resources(acctest.At(bulkAddress, acctest.Many(managed...))),
			config: acctest.Resources(acctest.At(bulkAddress, acctest.Many(slices.Concat(managed[:1], replacements)...))),
			want:   slices.Concat(listedByOthers, managed[:1], replacements), unblocked: managed[1:],
		},
		{
			name:   "bulk unblock",
			listed: listedByOthers, before: acctest.Resources(acctest.At(bulkAddress, acctest.Many(managed...))),
			want: listedByOthers, unblocked: managed,
		},
		{
			name:   "exclusive create",
			listed: listedByOthers, config: acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(slices.Concat(listedByOthers, managed)...))),
			want: slices.Concat(listedByOthers, managed),
		},
		{
			// Someone has blocked two users out of band. The plan shows them as removed.
			name:   "exclusive change",
			listed: listedByOthers, before: acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(slices.Concat(listedByOthers, managed[:3])...))),
			outOfBand: func(s *fakeapi.Server) { s.Seed(replacements[:2]...) },
			config:    acctest.Resources(acctest.At(exclusiveAddress, acctest.Many(slices.Concat(listedByOthers[2:], managed)...))),
			want:      slices.Concat(listedByOthers[2:], managed), unblocked: slices.Concat(listedByOthers[:2], replacements[:2]),
		},
	}
}

// inListedForm returns a configuration with numbers as the list shows them.
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

// factsInListedForm returns facts with numbers as the list shows them.
func factsInListedForm(facts []string) []string {
	renamed := make([]string, len(facts))
	for i, fact := range facts {
		renamed[i] = listedForm.Replace(fact)
	}
	slices.Sort(renamed)
	return renamed
}

var listedForm = strings.NewReplacer("5215541637145", "525541637145")
