package d360

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind sorts failures by what a caller can do about them.
type Kind int

const (
	// Refused: final, for a reason that the message tells (a bad parameter, an
	// API that is switched off, an account that is not paid).
	Refused Kind = iota
	// Unreachable: no connection came about, so nothing was sent.
	Unreachable
	// Lost: the request was sent and no answer came, or not all of it. What a
	// write did is unknown.
	Lost
	// Senseless: an answer came that is not what the API answers. What a write
	// did is unknown.
	Senseless
	// Looped: a listing came back to where it was.
	Looped
	// Temporary: a fault of the service that passes.
	Temporary
	// Throttled: too many requests, or too many users in one.
	Throttled
	// Conflict: the list changed meanwhile, by another request.
	Conflict
	// ListFull: the number's list has no room.
	ListFull
	// NoRecentMessage: the user sent no message within 24 hours, or is not on
	// WhatsApp; the service does not say which.
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
		"refused", "unreachable", "lost", "senseless", "looped", "temporary", "throttled", "conflict",
		"list full", "no recent message", "own number", "unauthorized", "forbidden",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Error is a failed request, or the refusal of one user of a request. All its
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
	// RetryAfter is how long the service asks to wait, meaningful only if
	// HasRetryAfter.
	RetryAfter    time.Duration
	HasRetryAfter bool
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
	case Unreachable, Lost, Senseless, Looped, Temporary, Throttled, Conflict:
		return true
	default:
		return false
	}
}

// Unclear reports whether a write that ended so may have been carried out, and
// only the list can tell.
func (e *Error) Unclear() bool { return e.Kind == Lost || e.Kind == Senseless }

// MayBePartlyDone reports whether a write that was refused as a whole may have
// been carried out for some of its users.
func (e *Error) MayBePartlyDone() bool { return e.HasCode && e.Code == codeSomeFailed }

// MayConcernOneUser reports whether a request that was refused so as a whole may
// do without one of its users.
func (e *Error) MayConcernOneUser() bool {
	return e.Kind == Refused || e.Kind == NoRecentMessage || e.Kind == OwnNumber
}

// IsKind reports whether err is an [*Error] of the given kind.
func IsKind(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
