package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// mostNamed bounds how many users a message names for one reason.
const mostNamed = 10

// failed is a user of a bulk resource for whom something did not come about.
type failed struct {
	// key is the user as the configuration or the state spells them.
	key  string
	user userid.ID
	err  error
}

// failuresOf picks the failures from results, which are those of users in their
// order.
func failuresOf(users []planreview.User, results []blocklist.Result) []failed {
	var failures []failed
	for i, result := range results {
		if result.Err != nil {
			failures = append(failures, failed{key: users[i].Spelled, user: result.User, err: result.Err})
		}
	}
	return failures
}

// isPending reports whether a block was refused for a reason that passes when
// the user writes.
func isPending(err error) bool { return d360.IsKind(err, d360.NoRecentMessage) && !isUnsettled(err) }

func isUnsettled(err error) bool {
	var unsettled *blocklist.UnsettledError
	return errors.As(err, &unsettled)
}

// explainAll lists users by the reason of their failure. Long lists are
// shortened, and then stand in the log in full.
func explainAll(ctx context.Context, failures []failed, explain func(error) string) string {
	var order []string
	groups := map[string][]failed{}
	for _, f := range failures {
		reason := reasonKey(f.err)
		if _, seen := groups[reason]; !seen {
			order = append(order, reason)
		}
		groups[reason] = append(groups[reason], f)
	}
	var b strings.Builder
	for i, reason := range order {
		if i > 0 {
			b.WriteString("\n\n")
		}
		group, err := groups[reason], groups[reason][0].err
		b.WriteString(nameUsers(ctx, failureKind(err), group, func(f failed) string { return f.key }) + "\n" + explain(err))
	}
	return b.String()
}

// failedUsers are whom failures are about.
func failedUsers(failures []failed) []userid.ID {
	users := make([]userid.ID, len(failures))
	for i, f := range failures {
		users[i] = f.user
	}
	return users
}

// reasonKey is equal for failures that need to be explained only once.
func reasonKey(err error) string {
	if errors.Is(err, blocklist.ErrNotRetried) {
		return err.Error()
	}
	if failure, ok := errors.AsType[*d360.Error](err); ok {
		return fmt.Sprint(isUnsettled(err), failure.Kind, failure.Code, failure.HasCode, failure.Message)
	}
	return err.Error()
}

// nameUsers lists users for a message, in order, and all of them in the log where
// the message shortens the list.
func nameUsers[T any](ctx context.Context, reason string, items []T, name func(T) string) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	slices.Sort(names)
	if len(names) > mostNamed+1 {
		tflog.Warn(ctx, "All users of a list that a message shortens", map[string]any{"reason": reason, "users": names})
	}
	return nameSome(names)
}

// nameSome lists users, one to a line, and counts those it leaves out.
func nameSome(keys []string) string {
	var b strings.Builder
	for i, key := range keys {
		if i == mostNamed && len(keys) > mostNamed+1 {
			fmt.Fprintf(&b, "  … and %d more\n", len(keys)-mostNamed)
			break
		}
		b.WriteString("  " + d360.Printable(key) + "\n")
	}
	return b.String()
}

// count is a number of users in words.
func count(n int) string {
	if n == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", n)
}
