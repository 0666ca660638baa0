package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// maxNamed is how many users a message names for one reason.
const maxNamed = 10

// userFailure is a user who could not be blocked or unblocked.
type userFailure struct {
	user userid.User
	err  error
}

// errNotReplaced is the failure of users who stay because their replacement was rejected.
var errNotReplaced = errors.New("nothing was sent for these users because the users who replace them could not be blocked")

func failuresOf(results []blocklist.Result) []userFailure {
	var failures []userFailure
	for _, r := range results {
		if r.Err != nil {
			failures = append(failures, userFailure{user: r.User, err: r.Err})
		}
	}
	return failures
}

// isPending reports whether the API may accept a rejected block once the user has written.
func isPending(err error) bool {
	return d360.IsKind(err, d360.NoRecentMessage) && !isOutcomeUnknown(err)
}

func isOutcomeUnknown(err error) bool {
	_, ok := errors.AsType[*blocklist.OutcomeUnknownError](err)
	return ok
}

// explainAll lists users by the reason of their failure. whole says where to find all.
func explainAll(failures []userFailure, explain func(error) string, whole string) string {
	return describeByReason(failures, func(f userFailure) string { return reasonKey(f.err) }, func(group []userFailure) string {
		return nameUsers(failedUsers(group), whole) + "\n" + explain(group[0].err)
	})
}

// describeByReason describes items with the same reason together, in the order in which
// the reasons first appear.
func describeByReason[T any](items []T, reason func(T) string, describe func(group []T) string) string {
	var order []string
	groups := map[string][]T{}
	for _, item := range items {
		key := reason(item)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], item)
	}
	parts := make([]string, len(order))
	for i, key := range order {
		parts[i] = describe(groups[key])
	}
	return strings.Join(parts, "\n\n")
}

func failedUsers(failures []userFailure) []userid.User {
	users := make([]userid.User, len(failures))
	for i, f := range failures {
		users[i] = f.user
	}
	return users
}

// reasonKey is the same for failures that one explanation serves.
func reasonKey(err error) string {
	if errors.Is(err, blocklist.ErrNotRetried) {
		return err.Error()
	}
	if failure, ok := errors.AsType[*d360.Error](err); ok {
		return fmt.Sprint(isOutcomeUnknown(err), failure.Kind, failure.Code, failure.HasCode, failure.Message)
	}
	return err.Error()
}

// describe names a user in messages: the spelling of the configuration and, if it
// differs, the canonical form.
func describe(u userid.User) string {
	written := d360.Printable(u.Spelling)
	key := u.Key()
	switch {
	case written == "":
		return key.APIForm()
	case key.IsZero() || written == key.String() || written == key.APIForm():
		return written
	default:
		return fmt.Sprintf("%s (%s)", written, key)
	}
}

// Where to find all users if a message names only some.
const (
	inPlan          = "the plan shows all"
	inNextPlan      = "the next plan shows all"
	inConfiguration = "the configuration has all" // Terraform shows no plan of a resource with an error.
	inPending       = "the attribute pending has all"
	inImport        = "the import names all"
	inDataSource    = "data source d360_blocked_users has the whole list"
	inStateOnly     = "compare the state with data source d360_blocked_users"
)

// nameUsers lists users for a message, one per line. If it leaves some out, it says how
// many, and whole says where to find all.
func nameUsers(users []userid.User, whole string) string {
	return nameAll(users, describe, whole)
}

// nameAll is nameUsers for anything with a name.
func nameAll[T any](items []T, name func(T) string, whole string) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	slices.Sort(names)
	var b strings.Builder
	for i, name := range names {
		if i == maxNamed && len(names) > maxNamed+1 {
			fmt.Fprintf(&b, "  … and %d more: %s\n", len(names)-maxNamed, whole)
			break
		}
		b.WriteString("  " + name + "\n")
	}
	return b.String()
}

func count(n int) string {
	if n == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", n)
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// sentenceCount returns the start of a sentence, such as "2 users are".
func sentenceCount(n int) string { return fmt.Sprintf("%s %s", count(n), are(n)) }
