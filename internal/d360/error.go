package d360

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind sorts failures by what a caller can do about them.
type Kind int

const (
	// Rejected: final, for a reason that the message tells (a bad parameter, an
	// API that is switched off, an account that is not paid).
	Rejected Kind = iota
	// Unreachable: no connection came about, so nothing was sent.
	Unreachable
	// NoResponse: the request was sent and no answer came, or not all of it. What a
	// write did is unknown.
	NoResponse
	// InvalidResponse: a response came that is not what the API answers. What a write
	// did is unknown.
	InvalidResponse
	// PaginationLoop: a listing came back to where it was.
	PaginationLoop
	// Temporary: a fault of the API that passes.
	Temporary
	// Throttled: too many requests, or too many users in one.
	Throttled
	// Conflict: the list changed meanwhile, by another request.
	Conflict
	// ListFull: the number's list has no room.
	ListFull
	// NoRecentMessage: the user sent no message within 24 hours, or is not on
	// WhatsApp; the API does not say which.
	NoRecentMessage
	// OwnNumber: the business number itself.
	OwnNumber
	// Unauthorized: the key is wrong or was revoked.
	Unauthorized
	// Forbidden: the key is good and may not do this, or the account is
	// restricted.
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

// Error is a failed request, or the rejection of one user of a request. All its
// text is fit to be shown: no control characters, no key, bounded in length.
type Error struct {
	Kind Kind
	// Status is the HTTP status, zero where no answer came.
	Status int
	// Code is the API's error code, meaningful only if HasCode: 0 is a code too.
	Code    int
	HasCode bool
	// Message and Details are the API's words, or the client's own where it got
	// none.
	Message, Details string
	// TraceID is what Meta's support asks for, empty where there was none.
	TraceID string
	// RetryAfter is how long the API asks to wait, meaningful only if
	// HasRetryAfter.
	RetryAfter    time.Duration
	HasRetryAfter bool
	// IsWebPage is set where the response was a web page with a success status.
	IsWebPage bool
	// Tries is how often the request was made, zero if only once.
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

// Unwrap returns the error of the network below, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Retryable reports whether the same request may fare better a little later.
func (e *Error) Retryable() bool {
	switch e.Kind {
	case Unreachable, NoResponse, InvalidResponse, PaginationLoop, Temporary, Throttled, Conflict:
		return true
	default:
		return false
	}
}

// OutcomeUnknown reports whether a write that ended so may have been carried out, and
// only the list can tell.
func (e *Error) OutcomeUnknown() bool { return e.Kind == NoResponse || e.Kind == InvalidResponse }

// MayBePartlyDone reports whether a write that was rejected as a whole may have
// been carried out for some of its users.
func (e *Error) MayBePartlyDone() bool { return e.HasCode && e.Code == codeSomeFailed }

// MayConcernOneUser reports whether a request that was rejected so as a whole may
// go through without one of its users.
func (e *Error) MayConcernOneUser() bool {
	return e.ConcernsOneUser() || isParameterRejection(e)
}

// IsAboutParameters reports whether the API's code is about the parameters of a
// request, and so perhaps about one user that it names.
func (e *Error) IsAboutParameters() bool {
	kind, isKnown := kindsByCode[e.Code]
	return e.HasCode && isKnown && kind == Rejected
}

// ConcernsOneUser reports whether the API's code is about one user and no other.
func (e *Error) ConcernsOneUser() bool { return e.Kind == NoRecentMessage || e.Kind == OwnNumber }

// MayNameTooMany reports whether a request that failed so may go through with fewer
// users: the API has one code for too many requests and for too many users in one,
// and no one knows how many it allows.
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
