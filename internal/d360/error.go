package d360

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind classifies failures by what a caller can do about them.
type Kind int

const (
	// Rejected: final, for the reason in the message (a bad parameter, a disabled API,
	// an unpaid account).
	Rejected Kind = iota
	// Unreachable: no connection, so nothing was sent.
	Unreachable
	// NoResponse: the request was sent, and the response is missing or cut off. The
	// outcome of a write is unknown.
	NoResponse
	// InvalidResponse: the response is not one of the API. The outcome of a write is
	// unknown.
	InvalidResponse
	// PaginationLoop: a listing repeats itself.
	PaginationLoop
	// Temporary: a temporary fault of the API.
	Temporary
	// Throttled: too many requests, or too many users in one.
	Throttled
	// Conflict: another request changed the list meanwhile.
	Conflict
	// ListFull: the number's list has no room.
	ListFull
	// NoRecentMessage: the user sent no message within 24 hours, or is not on
	// WhatsApp; the API does not say which.
	NoRecentMessage
	// OwnNumber: the user is the business number itself.
	OwnNumber
	// Unauthorized: the key is wrong or was revoked.
	Unauthorized
	// Forbidden: the key is valid but may not do this, or the account is restricted.
	Forbidden
)

// String returns a name for logs and tests.
func (k Kind) String() string {
	names := [...]string{
		"rejected", "unreachable", "no response", "invalid response", "pagination loop", "temporary", "throttled", "conflict",
		"list full", "no recent message", "own number", "unauthorized", "forbidden",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Error is a failed request, or the rejection of one user. Its texts are bounded in
// length, and hold no control characters and no key.
type Error struct {
	Kind Kind
	// Status is the HTTP status, zero without a response.
	Status int
	// Code is the API's error code, meaningful only if HasCode: 0 is a code too.
	Code    int
	HasCode bool
	// Message and Details are the API's words, or the client's own without such words.
	Message, Details string
	// TraceID is what Meta's support asks for, empty if the API sent none.
	TraceID string
	// RetryAfter is how long the API asks to wait, meaningful only if HasRetryAfter.
	RetryAfter    time.Duration
	HasRetryAfter bool
	// IsWebPage is set if the response was a web page with a success status.
	IsWebPage bool
	// Tries is how often the request was sent, zero if only once.
	Tries int

	cause error
}

// Error returns the API's reason with its code.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Details != "" && !strings.Contains(e.Message, e.Details) {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(e.Details)
	}
	if b.Len() == 0 {
		b.WriteString("no reason was given")
	}
	var facts []string
	if e.HasCode {
		facts = append(facts, fmt.Sprintf("code %d", e.Code))
	}
	if e.Status != 0 && e.Status != 200 {
		facts = append(facts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.TraceID != "" {
		facts = append(facts, "trace "+e.TraceID)
	}
	if e.Tries > 1 {
		facts = append(facts, fmt.Sprintf("tried %d times", e.Tries))
	}
	if len(facts) == 0 {
		return b.String()
	}
	return fmt.Sprintf("%s (%s)", strings.TrimRight(b.String(), ". "), strings.Join(facts, ", "))
}

// Unwrap returns the error of the transport, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Retryable reports whether the same request may succeed a little later.
func (e *Error) Retryable() bool {
	switch e.Kind {
	case Unreachable, NoResponse, InvalidResponse, PaginationLoop, Temporary, Throttled, Conflict:
		return true
	default:
		return false
	}
}

// OutcomeUnknown reports whether a write with this error may have taken effect, so
// that only the list can tell.
func (e *Error) OutcomeUnknown() bool { return e.Kind == NoResponse || e.Kind == InvalidResponse }

// MayBePartlyDone reports whether a write that was rejected as a whole may have taken
// effect for some of its users.
func (e *Error) MayBePartlyDone() bool { return e.HasCode && e.Code == codeSomeFailed }

// MayConcernOneUser reports whether a request that was rejected as a whole may succeed
// without one of its users.
func (e *Error) MayConcernOneUser() bool {
	return e.ConcernsOneUser() || isParameterRejection(e)
}

// IsAboutParameters reports whether the API's code is about the parameters of a
// request, perhaps about one of its users.
func (e *Error) IsAboutParameters() bool {
	kind, isKnown := kindsByCode[e.Code]
	return e.HasCode && isKnown && kind == Rejected
}

// ConcernsOneUser reports whether the API's code is about one user only.
func (e *Error) ConcernsOneUser() bool { return e.Kind == NoRecentMessage || e.Kind == OwnNumber }

// MayNameTooMany reports whether the request may succeed with fewer users. The API has
// one code for too many requests and for too many users in one, and does not document
// its limits.
func (e *Error) MayNameTooMany() bool {
	return e.HasCode && e.Code == codeTooMany && !e.HasRetryAfter || e.Status == http.StatusRequestEntityTooLarge || e.TimedOut()
}

// TimedOut reports whether the request took longer than the request timeout.
func (e *Error) TimedOut() bool {
	return e.Kind == NoResponse && errors.Is(e.cause, context.DeadlineExceeded)
}

// IsKind reports whether err is an [*Error] of the given kind.
func IsKind(err error, kind Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == kind
}
