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

// A message about a cancelled run says whether the request was sent, and does not quote the API.
func TestExplain_cancelled(t *testing.T) {
	overloaded := &d360.Error{Kind: d360.Temporary, Status: 503, Message: "overloaded"}
	lost := &d360.Error{Kind: d360.NoResponse, Message: "the connection broke"}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"reading the list": {context.Canceled, "The run was cancelled."},
		"not sent":         {blocklist.ErrWithdrawn, "The run was cancelled before this was sent to the API; nothing was changed."},
		"not tried again": {
			fmt.Errorf("%w; the last one ended with: %w", blocklist.ErrNotRetried, overloaded),
			"The run was cancelled before another try; the last one ended with: overloaded (HTTP 503).\n\n" +
				"Apply again: changes that went through are found on the list, and the rest is sent again.",
		},
		"not looked up": {
			&blocklist.OutcomeUnknownError{Cause: lost, List: context.Canceled},
			"The connection broke; and the run was cancelled before a scan of the list could tell whether the request took effect.\n\n" +
				"Apply again once the API responds: changes that went through are found on the list, and the rest is sent again.",
		},
		"could not be looked up": {
			&blocklist.OutcomeUnknownError{Cause: lost, List: errors.New("no page came")},
			"The connection broke; and the list could not tell whether the request took effect: no page came.\n\n" +
				"Apply again once the API responds: changes that went through are found on the list, and the rest is sent again.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (&channel{}).explain(test.err); got != test.want {
				t.Errorf("explained as\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What to do about a rejection depends on what is known of it.
func TestExplain_advice(t *testing.T) {
	for name, test := range map[string]struct {
		err  *d360.Error
		want string
	}{
		"wait for an hour": {&d360.Error{Kind: d360.Throttled, Status: 429, Message: "slow down", RetryAfter: time.Hour, HasRetryAfter: true}, "Apply again after that time. Nothing is done twice."},
		"no such path":     {&d360.Error{Kind: d360.Rejected, Status: 404, Message: "not found"}, "Is base_url right? It is the address of the API without /block_users, by default https://waba-v2.360dialog.io."},
		"web page":         {&d360.Error{Kind: d360.InvalidResponse, Status: 200, Message: "it is a web page", IsWebPage: true}, "Is base_url right? A web page can also come from a proxy or a sign-in page on the way to it."},
		"endpoint blocked": {&d360.Error{Kind: d360.Forbidden, Status: 403, Message: "The endpoint is blocked"}, "360dialog's support has to enable the Block Users API for this number."},
		"forbidden":        {&d360.Error{Kind: d360.Forbidden, Status: 403, Message: "no"}, "The key is known, but the account or the number may not do this now. Check its state in the 360dialog Hub."},
		"nothing to quote": {&d360.Error{Kind: d360.Rejected, Status: 400, Message: "no"}, "Retrying will not help until the cause is fixed."},
	} {
		t.Run(name, func(t *testing.T) {
			if _, advice, _ := strings.Cut((&channel{}).explain(test.err), "\n\n"); advice != test.want {
				t.Errorf("the advice is\n%s\nwant\n%s", advice, test.want)
			}
		})
	}
	silent := &d360.Error{Kind: d360.NoRecentMessage, Code: 131047, HasCode: true}
	const remedy = "\n\nUntil then, allow_pending = true keeps the apply from failing"
	if c := (&channel{}); strings.Contains(c.explain(silent), remedy) || !strings.Contains(c.explainRejection(silent), remedy) {
		t.Errorf("a user who is pending is told\n%s\nand one who is not\n%s", c.explain(silent), c.explainRejection(silent))
	}
}

// Failures that may pass and failures that do not have separate explanations.
func TestReasonKey(t *testing.T) {
	failure := &d360.Error{Kind: d360.Throttled, Code: 4, HasCode: true, Message: "slow down"}
	notRetried := fmt.Errorf("%w; the last one ended with: %w", blocklist.ErrNotRetried, failure)
	outcomeUnknown := &blocklist.OutcomeUnknownError{Cause: failure, List: errors.New("no page came")}
	keys := map[string]bool{reasonKey(failure): true, reasonKey(notRetried): true, reasonKey(outcomeUnknown): true}
	if len(keys) != 3 {
		t.Errorf("three reasons have the keys %v", keys)
	}
}
