package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// explain returns the message for an error: the reason with the API's code, and what
// to do.
func (c *channel) explain(err error) string {
	reason := sentence(err.Error())
	switch {
	case isOutcomeUnknown(err):
		return reason + "\n\nApply again once the API responds: changes that went through are found on the list, and the rest is sent again."
	case errors.Is(err, blocklist.ErrNotRetried):
		return reason + "\n\nApply again: changes that went through are found on the list, and the rest is sent again."
	case errors.Is(err, blocklist.ErrWithdrawn):
		return reason
	case errors.Is(err, blocklist.ErrNotShown):
		return reason + "\n\nWith create_before_destroy, Terraform plans the unblock only in the middle of the apply, where no one sees it. Apply again: the next plan shows it as a deposed object."
	case errors.Is(err, blocklist.ErrAlternateForm):
		return reason + "\n\nThe two differ only in Brazil's ninth digit, Mexico's 1 after 52 or Argentina's 9 after 54, and nothing proves that they are two people. " +
			"If they are one user, write the number in the form that the list has. If they are two, remove the old number in one apply, and add the new one in the next."
	case errors.Is(err, blocklist.ErrOtherName):
		return reason + "\n\nThe list shows this user only by number or only by user ID. The run blocks users by the other kind of name, and the list does not show these. " +
			"If one of them is this user, write the old name again. If they are other people, remove the old user in one apply, and add the new one in the next."
	case errors.Is(err, blocklist.ErrMayBeListed):
		return reason + "\n\nIf you know the user's ID (webhooks carry it as user_id), write it in place of the number, and remove the user then. " +
			"Or remove the resource from the state with a removed block that says destroy = false, and unblock the user by hand."
	case errors.Is(err, errNotReplaced):
		return reason
	case errors.Is(err, context.Canceled):
		return "The run was cancelled."
	case errors.Is(err, d360.ErrIncomplete):
		return reason + "\n\nThe provider does not treat anyone as unblocked because of this. Try again. If the problem remains, please report it with the number of blocked users."
	}
	failure, ok := errors.AsType[*d360.Error](err)
	if !ok {
		return reason
	}
	if failure.Status >= 400 || failure.HasCode {
		reason = "The API responded: " + reason
	}
	return reason + "\n\n" + c.advice(failure)
}

// alternates names entries of the list that are the alternate form of a user's number.
// It is empty if there are none.
func (c *channel) alternates(users ...userid.User) string {
	view := c.list.LastView()
	if view == nil {
		return ""
	}
	var pairs []string
	for _, u := range users {
		for _, entry := range view.Alternates(u) {
			_, rule := u.Number().AlternateForm()
			pairs = append(pairs, fmt.Sprintf("%s, for %s (%s)", entry.Number().APIForm(), u.Number().APIForm(), rule))
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "\n\nThe list has the alternate form of these numbers, which may be the same users:\n" + nameAll(pairs, func(s string) string { return s }, inDataSource) +
		"If one is the same user, that user is blocked already: write the number in the form that the list has."
}

// describeUncertain reports that a user may be on the list or not.
func (c *channel) describeUncertain(u userid.User, found *blocklist.Findings) (summary, detail string) {
	summary = "Cannot tell whether " + describe(u) + " is blocked"
	if found.Incomplete != nil {
		return summary, sentence(found.Incomplete.Error()) + " It shows no entry for this user. Plan again."
	}
	return summary, "The list shows no entry for this user under a known name. " + candidates(found.Candidates, 1) + "." +
		c.alternates(u) + "\n\nIf you know the user's ID (webhooks carry it as user_id), ask for that."
}

// notFound reports users to import who are not found on the list. who names them in the
// summary. isAbsent is set if they are confirmed absent.
func (c *channel) notFound(who string, users []userid.User, isAbsent bool, found *blocklist.Findings) (summary, detail string) {
	names := nameUsers(users, inImport)
	switch {
	case isAbsent:
		return "Cannot import " + who + ": not blocked",
			"The list was read to its end, and these users are not on it:\n" + names + "\nCheck the numbers and the API key, which belongs to one business number." + c.alternates(users...)
	case found.Incomplete != nil:
		return "Cannot import " + who + ": not found on the list", sentence(found.Incomplete.Error()) + "\n\nIt does not show these users:\n" + names + "\nPlan again."
	default:
		return "Cannot import " + who + ": not found on the list",
			"The list shows these users under no known name:\n" + names + "\n" + candidates(found.Candidates, len(users)) + ". If you know a user's ID (webhooks carry it as user_id), import that." + c.alternates(users...)
	}
}

// candidates says how many entries of the list could be users who are not found.
func candidates(entries, users int) string {
	they := "could be one of them"
	if users == 1 {
		they = "could be this user"
	}
	if entries == 1 {
		return "1 entry of the list shows only a name that the provider does not know, and " + they
	}
	return fmt.Sprintf("%d entries of the list show only names that the provider does not know, and each %s", entries, they)
}

// advice says what to do about a failure.
func (c *channel) advice(failure *d360.Error) string {
	switch {
	case failure.Kind == d360.Rejected && failure.MayBePartlyDone():
		return "The code says that something failed for some users, and the response does not say what. Apply again: changes that went through are found on the list. If the problem remains, send the code and trace to 360dialog's support."
	case failure.Retryable() && failure.RetryAfter > d360.MaxRetryAfter:
		return "Apply again after that time. Nothing is done twice."
	case failure.Status == http.StatusNotFound && !failure.HasCode:
		return "Is base_url right? It is the address of the API without /block_users, by default " + d360.DefaultBaseURL + "."
	case failure.Kind == d360.Forbidden && strings.Contains(strings.ToLower(failure.Error()), "endpoint is blocked"):
		return "360dialog's support has to enable the Block Users API for this number."
	case failure.Kind == d360.InvalidResponse && failure.IsWebPage:
		return "Is base_url right? A web page can also come from a proxy or a sign-in page on the way to it."
	case failure.Kind == d360.Rejected && !failure.HasCode && failure.TraceID == "":
		return "Retrying will not help until the cause is fixed."
	}
	switch failure.Kind {
	case d360.NoRecentMessage:
		return "WhatsApp lets a business block a user only within 24 hours of that user's last message to it, and rejects a number that is not on WhatsApp with the same code. " +
			"Check the number. If it is right, apply again once the user has written again."
	case d360.ListFull:
		return fmt.Sprintf("The list of a number holds %d users. Unblock some, or remove some from the configuration, before adding others. If the same plan removes users, apply again: they make room.", d360.MaxUsersOnList)
	case d360.OwnNumber:
		return "This is the business number itself, which cannot be blocked. Remove it from the configuration."
	case d360.Unauthorized:
		return fmt.Sprintf("The API key was taken from %s. Check that it is the key of this number and was not replaced: a new key revokes the older ones.", c.keySource)
	case d360.Forbidden:
		return "The key is known, but the account or the number may not do this now. Check its state in the 360dialog Hub."
	case d360.Throttled:
		return "The API is limiting requests. Wait some minutes and apply again, or raise the provider's max_retries."
	case d360.Conflict:
		return "Another run keeps changing the same list. Apply again when it has ended, or raise the provider's max_retries."
	case d360.Temporary, d360.NoResponse, d360.InvalidResponse, d360.Unreachable, d360.PaginationLoop:
		return "This may be temporary. Try again later: nothing is done twice. The provider's max_retries and request_timeout set how long it tries."
	default:
		return "Retrying will not help until the cause is fixed. If the text above does not name it, send the code and trace to 360dialog's support."
	}
}

// explainOnce is explain for many resources that may fail for the same reason. Only the
// first message of a run says what to do.
func (c *channel) explainOnce(err error, explain func(error) string) string {
	if failure, ok := errors.AsType[*d360.Error](err); ok && !isOutcomeUnknown(err) {
		if _, told := c.explainedReasons.LoadOrStore(reasonKey(err), true); told {
			return sentence(failure.Error()) + " The first message of this kind says what to do."
		}
	}
	return explain(err)
}

// explainRejection explains a failed block, and that allow_pending could have allowed it.
func (c *channel) explainRejection(err error) string {
	if isPending(err) {
		return c.explain(err) + "\n\nUntil then, allow_pending = true keeps the apply from failing."
	}
	return c.explain(err)
}

// failureKind describes an error for the log, without text that may hold a number.
func failureKind(err error) string {
	failure, ok := errors.AsType[*d360.Error](err)
	switch {
	case ok && failure.HasCode:
		return fmt.Sprintf("%s, code %d", failure.Kind, failure.Code)
	case ok:
		return failure.Kind.String()
	case errors.Is(err, context.Canceled):
		return "cancelled"
	default:
		return "error"
	}
}

// guideURL links to the repository, because registries differ.
func guideURL(name string) string {
	return "https://github.com/d360/terraform-provider-d360/blob/main/docs/guides/" + name + ".md"
}

// sentenceStart starts a text with a capital.
func sentenceStart(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// sentence ends a text with a full stop and starts it with a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = sentenceStart(s)
	switch s[len(s)-1] {
	case '.', '!', '?':
		return s
	}
	return s + "."
}

// whenDestroying is for terraform destroy, which first plans the configuration to refresh
// the state. That plan is neither shown nor applied.
const whenDestroying = "\nOnly if you want to destroy everything and unblock all users, run \"terraform destroy -refresh=false\", which skips this check."
