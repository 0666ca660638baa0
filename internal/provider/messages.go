package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// explain turns an error into what a user reads of it: the reason with the
// API's code, and what to do.
func (c *connection) explain(err error) string {
	if isUnsettled(err) {
		return sentence(err.Error()) + "\n\nApply again once the service answers: what was done then is found on the list, and the rest is done."
	}
	if errors.Is(err, blocklist.ErrNotRetried) {
		return sentence(err.Error()) + "\n\nApply again: what was done all the same is found on the list, and the rest is done."
	}
	if errors.Is(err, blocklist.ErrWithdrawn) {
		return sentence(err.Error())
	}
	if errors.Is(err, context.Canceled) {
		return "The run was cancelled."
	}
	if errors.Is(err, d360.ErrEndInDoubt) {
		return sentence(err.Error()) + "\n\nNobody is called unblocked on such grounds. Try again; if it stays so, please report it with the number of blocked users."
	}
	var failure *d360.Error
	if !errors.As(err, &failure) {
		return sentence(err.Error())
	}
	reason := sentence(err.Error())
	if failure.Status >= 400 || failure.HasCode {
		reason = "The service answered: " + reason
	}
	return reason + "\n\n" + c.advice(failure)
}

// twins tells of users who are not on the list, and may be blocked all the same,
// under another form of their number. It is empty where there are none.
func (c *connection) twins(users ...userid.ID) string {
	var pairs []string
	for _, user := range users {
		if twin, ok := c.list.Twin(user); ok {
			_, trait := user.Kin()
			pairs = append(pairs, fmt.Sprintf("%s, for %s (%s)", twin.Wire(), user.Wire(), trait))
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "\n\nThe list holds numbers that may be of the same user, in another form:\n" + nameSome(pairs) + "If it is so, the user is blocked: write the number in the form that the list has."
}

// advice says what to do about a failure.
func (c *connection) advice(failure *d360.Error) string {
	switch {
	case failure.Kind == d360.Refused && failure.MayBePartlyDone():
		return "The code says that something failed for some users, and the answer does not say what. Apply again: what was done all the same is found on the list. If it stays so, 360dialog's support can tell, by the code and trace."
	case failure.Retryable() && failure.RetryAfter > d360.MaxRetryAfter:
		return "Apply again when that time is over. Nothing is done twice."
	case failure.Kind == d360.Refused && !failure.HasCode && failure.TraceID == "":
		return "Trying again will not help before the reason is gone."
	}
	switch failure.Kind {
	case d360.NoRecentMessage:
		return "WhatsApp lets a business block a user only within 24 hours of that user's last message to it, and answers with this code also where a number is not on WhatsApp. " +
			"Check the number. If it is right, apply again once the user has written again."
	case d360.ListFull:
		return fmt.Sprintf("The list of a number holds %d users. Unblock some, or remove some from the configuration, before adding others.", d360.MaxUsersOnList)
	case d360.OwnNumber:
		return "This is the business number itself, which cannot be blocked. Remove it from the configuration."
	case d360.Unauthorized:
		return fmt.Sprintf("The API key was taken from %s. Check that it is the key of this number and was not replaced: a new key revokes the older ones.", c.keySource)
	case d360.Forbidden:
		return "The key is known, but the account or the number may not do this now. Check its state in the 360dialog Hub."
	case d360.Throttled:
		return "The service limits how much may be asked of it. Wait some minutes and apply again, or raise the provider's max_retries."
	case d360.Conflict:
		return "Somebody else keeps changing the same list. Apply again when they are done, or raise the provider's max_retries."
	case d360.Temporary, d360.Lost, d360.Senseless, d360.Unreachable, d360.Looped:
		return "This may pass: try again later. Nothing is done twice. The provider's max_retries and request_timeout say how patient it is."
	default:
		return "Trying again will not help before the reason is gone. Where the text above does not tell it, 360dialog's support can, by the code and trace."
	}
}

// explainRefusal explains why a block failed that nobody has allowed to be
// pending.
func (c *connection) explainRefusal(err error) string {
	if isPending(err) {
		return c.explain(err) + " Until then, allow_pending = true keeps the apply from failing."
	}
	return c.explain(err)
}

// failureKind is what a log may hold of an error.
func failureKind(err error) string {
	var failure *d360.Error
	switch {
	case errors.As(err, &failure) && failure.HasCode:
		return fmt.Sprintf("%s, code %d", failure.Kind, failure.Code)
	case errors.As(err, &failure):
		return failure.Kind.String()
	case errors.Is(err, context.Canceled):
		return "cancelled"
	default:
		return "error"
	}
}

// sentence ends a text with a full stop and starts it with a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	switch s[len(s)-1] {
	case '.', '!', '?':
		return s
	}
	return s + "."
}
