package provider_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// operation is something that people do with Terraform, of which every request
// is hit by every fault.
type operation struct {
	// name is the column's title in the guide.
	name string
	// listed are on the list from the start, whoever blocked them.
	listed []string
	// silent are users whom the service refuses to block at first, until they write.
	silent []string
	// before is applied first, and well. Without resources there is no state.
	before prototest.Configuration
	// since happens between before and the operation itself.
	since func(*sandbox.Server)
	// tainted are addresses that are tainted since.
	tainted []string
	// config is what the operation applies.
	config prototest.Configuration
	// query is run in place of an apply, if set.
	query *prototest.Query
	// parallelism is how many instances Terraform walks at once.
	parallelism int
	// want is the list in the end, and unblocked who is taken off it.
	want, unblocked []string
}

// Users of the matrix. The service knows one of them by another number.
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

// single is a resource for one user.
func single(user string, more ...prototest.Attributes) prototest.Resource {
	attributes := prototest.Attributes{"user": user, "note": "ticket 4711"}
	for _, m := range more {
		maps.Copy(attributes, m)
	}
	return prototest.Resource{Attributes: attributes}
}

// singles are resources for one user each, u0, u1 and so on.
func singles(users ...string) map[string]prototest.Resource {
	resources := map[string]prototest.Resource{}
	for i, user := range users {
		resources[fmt.Sprintf("d360_blocked_user.u%d", i)] = single(user)
	}
	return resources
}

// many is a resource for many users.
func many(users ...string) prototest.Resource {
	notes := map[string]any{}
	for _, user := range users {
		notes[user] = "ticket 4711"
	}
	return prototest.Resource{Attributes: prototest.Attributes{"users": notes}}
}

func resources(parts ...map[string]prototest.Resource) prototest.Configuration {
	all := map[string]prototest.Resource{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return prototest.Configuration{Resources: all}
}

func one(address string, resource prototest.Resource) map[string]prototest.Resource {
	return map[string]prototest.Resource{address: resource}
}

const (
	bulkAddress      = "d360_blocked_users.all"
	exclusiveAddress = "d360_blocklist_exclusive.all"
)

// readingOperations change nothing, unless a fault makes it look necessary.
func readingOperations() []operation {
	held := resources(singles(ours[:2]...), one(bulkAddress, many(ours[2:]...)))
	imported := resources(one("d360_blocked_user.u0", single(ours[0])))
	imported.Imports = []prototest.Import{{To: "d360_blocked_user.u0", ID: ours[0]}}
	everyone := slices.Concat(strangers, ours[:5])
	importedAll := resources(one(bulkAddress, many(everyone...)))
	importedAll.Imports = []prototest.Import{{To: bulkAddress, ID: "*"}}
	takenOver := resources(one(exclusiveAddress, many(everyone...)))
	takenOver.Imports = []prototest.Import{{To: exclusiveAddress, ID: "blocklist"}}
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
			config: prototest.Configuration{Data: map[string]prototest.Attributes{
				"d360_blocked_users.all": nil,
				"d360_blocked_user.held": {"user": ours[0]},
				"d360_blocked_user.free": {"user": others[0]},
			}},
			want: everyone,
		},
		{
			name:   "query",
			listed: everyone,
			query:  &prototest.Query{Type: "d360_blocked_user", IncludeResource: true},
			want:   everyone,
		},
	}
}

// writingOperations block and unblock. The numbers of users are such that most
// need several requests: Terraform does so many at once, or the service takes no
// more than three.
func writingOperations() []operation {
	held := resources(singles(ours[:2]...), one(bulkAddress, many(ours[2:]...)))
	patient := prototest.Attributes{"allow_pending": true}
	pending := resources(
		one("d360_blocked_user.u0", single(ours[0], patient)), one("d360_blocked_user.u1", single(ours[1], patient)),
		one("d360_blocked_user.u2", single(ours[2], patient)),
	)
	return []operation{
		{
			// One of them is blocked already.
			name:   "block",
			listed: slices.Concat(strangers, ours[2:3]), config: resources(singles(ours[1:]...)),
			parallelism: 2,
			want:        slices.Concat(strangers, ours[1:]),
		},
		{
			// Two were unblocked by hand.
			name:   "block again",
			listed: strangers, before: held, config: held,
			since: func(s *sandbox.Server) { s.Remove(ours[1], ours[5]) },
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
			listed: strangers, before: resources(singles(ours[1:]...), one(bulkAddress, many(ours[0]))),
			config:      resources(one(bulkAddress, many(ours[0]))),
			parallelism: 2,
			want:        slices.Concat(strangers, ours[:1]), unblocked: ours[1:],
		},
		{
			name:   "replace",
			listed: strangers, before: resources(singles(ours[3:]...)), config: resources(singles(others[:3]...)),
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
			listed: slices.Concat(strangers, ours[2:3]), config: resources(one(bulkAddress, many(ours...))),
			want: slices.Concat(strangers, ours),
		},
		{
			name:   "bulk change",
			listed: strangers, before: resources(one(bulkAddress, many(ours...))),
			config: resources(one(bulkAddress, many(slices.Concat(ours[:1], others)...))),
			want:   slices.Concat(strangers, ours[:1], others), unblocked: ours[1:],
		},
		{
			name:   "bulk unblock",
			listed: strangers, before: resources(one(bulkAddress, many(ours...))),
			want: strangers, unblocked: ours,
		},
		{
			name:   "exclusive create",
			listed: strangers, config: resources(one(exclusiveAddress, many(slices.Concat(strangers, ours)...))),
			want: slices.Concat(strangers, ours),
		},
		{
			// Somebody else has blocked two, whom the plan shows as removed.
			name:   "exclusive change",
			listed: strangers, before: resources(one(exclusiveAddress, many(slices.Concat(strangers, ours[:3])...))),
			since:  func(s *sandbox.Server) { s.Seed(others[:2]...) },
			config: resources(one(exclusiveAddress, many(slices.Concat(strangers[2:], ours)...))),
			want:   slices.Concat(strangers[2:], ours), unblocked: slices.Concat(strangers[:2], others[:2]),
		},
	}
}
