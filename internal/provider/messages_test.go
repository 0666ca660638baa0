package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
)

// What a cancelled run leaves open is told from what was not begun, and is no
// answer of the service.
func TestExplain_cancelled(t *testing.T) {
	overloaded := &d360.Error{Kind: d360.Temporary, Status: 503, Message: "overloaded"}
	lost := &d360.Error{Kind: d360.Lost, Message: "the connection broke"}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a look at the list": {context.Canceled, "The run was cancelled."},
		"not sent":           {blocklist.ErrWithdrawn, "The run was cancelled before this was sent to the service; nothing was changed."},
		"not tried again": {
			fmt.Errorf("%w; the last one ended with: %w", blocklist.ErrNotRetried, overloaded),
			"The run was cancelled before another try; the last one ended with: overloaded (HTTP 503).\n\n" +
				"Apply again: what was done all the same is found on the list, and the rest is done.",
		},
		"not looked up": {
			&blocklist.UnsettledError{Cause: lost, List: context.Canceled},
			"The connection broke; and the run was cancelled before a look at the list, which would tell whether it was done all the same.\n\n" +
				"Apply again once the service answers: what was done then is found on the list, and the rest is done.",
		},
		"could not be looked up": {
			&blocklist.UnsettledError{Cause: lost, List: errors.New("no page came")},
			"The connection broke; and the list, which would tell whether it was done all the same, could not be read: no page came.\n\n" +
				"Apply again once the service answers: what was done then is found on the list, and the rest is done.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (&connection{}).explain(test.err); got != test.want {
				t.Errorf("explained as\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What to do about a refusal depends on what is known of it.
func TestExplain_advice(t *testing.T) {
	for name, test := range map[string]struct {
		err  *d360.Error
		want string
	}{
		"wait for an hour": {&d360.Error{Kind: d360.Throttled, Status: 429, Message: "slow down", RetryAfter: time.Hour, HasRetryAfter: true}, "Apply again when that time is over. Nothing is done twice."},
		"nothing to quote": {&d360.Error{Kind: d360.Refused, Status: 400, Message: "no"}, "Trying again will not help before the reason is gone."},
	} {
		t.Run(name, func(t *testing.T) {
			if _, advice, _ := strings.Cut((&connection{}).explain(test.err), "\n\n"); advice != test.want {
				t.Errorf("the advice is\n%s\nwant\n%s", advice, test.want)
			}
		})
	}
	silent := &d360.Error{Kind: d360.NoRecentMessage, Code: 131047, HasCode: true}
	const remedy = "allow_pending = true keeps the apply from failing"
	if c := (&connection{}); strings.Contains(c.explain(silent), remedy) || !strings.Contains(c.explainRefusal(silent), remedy) {
		t.Errorf("a user who is pending is told\n%s\nand one who is not\n%s", c.explain(silent), c.explainRefusal(silent))
	}
}

// A failure before another try is not explained by one for good, nor the other
// way round.
func TestReasonKey(t *testing.T) {
	failure := &d360.Error{Kind: d360.Throttled, Code: 4, HasCode: true, Message: "slow down"}
	notRetried := fmt.Errorf("%w; the last one ended with: %w", blocklist.ErrNotRetried, failure)
	unsettled := &blocklist.UnsettledError{Cause: failure, List: errors.New("no page came")}
	keys := map[string]bool{reasonKey(failure): true, reasonKey(notRetried): true, reasonKey(unsettled): true}
	if len(keys) != 3 {
		t.Errorf("three reasons have the keys %v", keys)
	}
}
