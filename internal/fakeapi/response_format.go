package fakeapi

import (
	"cmp"
	"fmt"
	"strings"
)

const (
	// DefaultPageLimit is the page size in users for a request without limit (guess, from the Graph API).
	DefaultPageLimit = 25
	// DefaultMaxLimit is the largest page in users. The real figure is unknown; 100 was seen at one reseller.
	DefaultMaxLimit = 1000
)

// ResponseFormat is how responses look. The zero value is what 360dialog's description shows; each field is one way in
// which the real API may differ from it.
type ResponseFormat struct {
	// List is the form of a page's entries.
	List ListShape
	// Input is what nested entries show as input.
	Input ListInput
	// Empty is how a page without users looks.
	Empty EmptyShape
	// LastPage is how the last page of the list looks.
	LastPage LastPage
	// PastEnd is the response to the cursor of the last page, which only LastPageAfterOnly and LastPageNextNever send.
	PastEnd PastEnd
	// IgnoreAfter always sends the first page, as behind a proxy that drops the parameter after (guess).
	IgnoreAfter bool
	// Removed is the name of the list of unblocked users.
	Removed RemovedShape
	// Rejection is the response to a write in which users failed.
	Rejection RejectionStatus
	// Error is the form of an error about a whole request.
	Error ErrorShape
	// Echo is the form of a number as input.
	Echo EchoShape
	// UserIDAs is the name of the field with a business-scoped user ID.
	UserIDAs UserIDShape
	// UserIDs is which entries of a list have user_id.
	UserIDs UserIDPresence
	// ParentUserIDs puts parent_user_id beside the user_id of an entry of a list (Meta).
	ParentUserIDs bool
	// WriteUserIDs puts user_id into the response to a write by number (seen at a reseller; not documented by Meta).
	WriteUserIDs bool
	// EmptyFailed puts an empty failed_users into the response to a write in which no one failed (seen at a reseller).
	EmptyFailed bool
	// FailedWaID puts wa_id into the entries of failed_users; samples show both (seen).
	FailedWaID bool
	// OmitWaID omits wa_id for a number with an input (guess: the schema marks nothing as required).
	OmitWaID bool
	// MaxLimit is the largest page in users; 0 means DefaultMaxLimit.
	MaxLimit int
	// OverLimit is the response to a limit above MaxLimit.
	OverLimit OverLimit
	// DefaultLimit is the page size in users for a request without limit; 0 means DefaultPageLimit.
	DefaultLimit int
	// Health is the response to a GET of HealthPath.
	Health HealthShape
}

// ListShape is the form of the entries in the response to a GET.
type ListShape int

const (
	// ListNested gives one data item per user, with input and wa_id in its block_users (360dialog).
	ListNested ListShape = iota
	// ListNestedGrouped gives one data item whose block_users holds the whole page (360dialog: the schema allows it).
	ListNestedGrouped
	// ListFlat gives messaging_product and wa_id for each user and no input (Meta, seen).
	ListFlat
)

// ListInput is what an entry of a nested list shows as input.
type ListInput int

const (
	// ListInputSent shows the number that was blocked, in the form of ResponseFormat.Echo.
	ListInputSent ListInput = iota
	// ListInputWaID shows the WhatsApp ID (guess).
	ListInputWaID
	// ListInputOmitted omits input, so that only wa_id names the user (guess).
	ListInputOmitted
)

// EmptyShape is how a page without users looks.
type EmptyShape int

const (
	// EmptyArray sends "data":[].
	EmptyArray EmptyShape = iota
	// EmptyOmitted omits data (guess: the schema marks nothing as required).
	EmptyOmitted
	// EmptyNull sends "data":null (guess).
	EmptyNull
)

// LastPage is how the last page of the list looks.
type LastPage int

const (
	// LastPageNoCursors sends no paging with the last page.
	LastPageNoCursors LastPage = iota
	// LastPageAfterOnly sends cursors.after but no next with the last page (seen).
	LastPageAfterOnly
	// LastPageNextNever sends cursors.after with every page that has users, and never a next link, as behind a proxy that
	// drops links to Meta's host (guess).
	LastPageNextNever
)

// PastEnd is the response to the cursor of the last page.
type PastEnd int

const (
	// PastEndEmpty sends a page without users (guess).
	PastEndEmpty PastEnd = iota
	// PastEndReject sends HTTP 400 with code 100 (guess).
	PastEndReject
	// PastEndFirstPage sends the first page again (guess).
	PastEndFirstPage
)

// RemovedShape is the name of the list of unblocked users in the response to a DELETE.
type RemovedShape int

const (
	// RemovedUsers is removed_users (Meta, seen).
	RemovedUsers RemovedShape = iota
	// RemovedAsAdded is added_users, as in 360dialog's schema.
	RemovedAsAdded
)

// RejectionStatus is the response to a write in which users failed.
type RejectionStatus int

const (
	// Rejection400 is HTTP 400 with failed_users and error 139100 (Meta, 360dialog).
	Rejection400 RejectionStatus = iota
	// Rejection200 is HTTP 200 with failed_users and no error (seen).
	Rejection200
	// Rejection200Error is HTTP 200 with failed_users and error 139100 (seen).
	Rejection200Error
)

// ErrorShape is the form of an error about a whole request.
type ErrorShape int

const (
	// ErrorObject is {"error":{message,type,code,error_data,fbtrace_id}} (Meta).
	ErrorObject ErrorShape = iota
	// ErrorText is {"error":"text"} (360dialog).
	ErrorText
	// ErrorMetaCamel is {"meta":{httpCode,developerMessage,success}} (older 360dialog pages).
	ErrorMetaCamel
	// ErrorMetaSnake is {"meta":{http_code,developer_message,success}} (older 360dialog pages).
	ErrorMetaSnake
	// ErrorHTML is a web page, as from a gateway.
	ErrorHTML
)

// EchoShape is the form in which responses repeat a number as input. They repeat user IDs as sent.
type EchoShape int

const (
	// EchoSent repeats what was sent.
	EchoSent EchoShape = iota
	// EchoDigits drops the plus sign (seen).
	EchoDigits
	// EchoPlus sends a plus sign and digits.
	EchoPlus
	// EchoSpaced sends a plus sign and groups of digits, as phone number libraries do (guess).
	EchoSpaced
)

// OverLimit is the response to a limit above the largest page.
type OverLimit int

const (
	// OverLimitClamp sends the largest page instead.
	OverLimitClamp OverLimit = iota
	// OverLimitReject sends HTTP 400 with code 100.
	OverLimitReject
	// OverLimitError sends HTTP 500 with code 1, as the Graph API does if a request asks for too much data (guess).
	OverLimitError
	// OverLimitHang sends nothing until the client hangs up (guess).
	OverLimitHang
)

// UserIDShape is the name of the field with a business-scoped user ID: one that a request sent, or that of a user whose
// number the list does not show. There is no wa_id beside it.
type UserIDShape int

const (
	// UserIDAsUserID is user_id (360dialog).
	UserIDAsUserID UserIDShape = iota
	// UserIDAsInput is input (seen). A list with UserIDsAlways has user_id instead.
	UserIDAsInput
	// UserIDAsBoth is input and user_id in the response to a write, and user_id in a list (Meta).
	UserIDAsBoth
)

// UserIDPresence is which entries of a list have user_id.
type UserIDPresence int

const (
	// UserIDsNever gives a user ID only for a user whose number the list does not show (360dialog; Meta until 2026).
	UserIDsNever UserIDPresence = iota
	// UserIDsAlways gives user_id for everyone, beside the wa_id of users whose number is shown (Meta, since March
	// 2026).
	UserIDsAlways
)

var (
	listShapeNames       = []string{"nested", "nested-grouped", "flat"}
	listInputNames       = []string{"sent", "wa-id", "omitted"}
	emptyShapeNames      = []string{"array", "omitted", "null"}
	lastPageNames        = []string{"no-cursors", "after-only", "next-never"}
	pastEndNames         = []string{"empty", "reject", "first-page"}
	removedShapeNames    = []string{"removed-users", "added-users"}
	rejectionStatusNames = []string{"400", "200", "200-with-error"}
	errorShapeNames      = []string{"object", "text", "meta-camel", "meta-snake", "html"}
	echoShapeNames       = []string{"sent", "digits", "plus", "spaced"}
	overLimitNames       = []string{"clamp", "reject", "error", "hang"}
	userIDShapeNames     = []string{"user-id", "input", "both"}
	userIDPresences      = []string{"never", "always"}
)

func (v ListShape) String() string       { return enumName(listShapeNames, v) }
func (v ListInput) String() string       { return enumName(listInputNames, v) }
func (v EmptyShape) String() string      { return enumName(emptyShapeNames, v) }
func (v LastPage) String() string        { return enumName(lastPageNames, v) }
func (v PastEnd) String() string         { return enumName(pastEndNames, v) }
func (v RemovedShape) String() string    { return enumName(removedShapeNames, v) }
func (v RejectionStatus) String() string { return enumName(rejectionStatusNames, v) }
func (v ErrorShape) String() string      { return enumName(errorShapeNames, v) }
func (v EchoShape) String() string       { return enumName(echoShapeNames, v) }
func (v OverLimit) String() string       { return enumName(overLimitNames, v) }
func (v UserIDShape) String() string     { return enumName(userIDShapeNames, v) }
func (v UserIDPresence) String() string  { return enumName(userIDPresences, v) }

// enumName is lower case, for names of subtests.
func enumName[T ~int](names []string, v T) string {
	if int(v) < 0 || int(v) >= len(names) {
		return fmt.Sprintf("unknown(%d)", int(v))
	}
	return names[v]
}

// String has what differs from the zero value, as in "list=flat,last=next-never"; the zero value is "default".
func (f ResponseFormat) String() string {
	var parts []string
	add := func(differs bool, name string, value any) {
		if differs {
			parts = append(parts, fmt.Sprintf("%s=%v", name, value))
		}
	}
	add(f.List != 0, "list", f.List)
	add(f.Input != 0, "input", f.Input)
	add(f.Empty != 0, "empty", f.Empty)
	add(f.LastPage != 0, "last", f.LastPage)
	add(f.PastEnd != 0, "past-end", f.PastEnd)
	add(f.IgnoreAfter, "ignore-after", f.IgnoreAfter)
	add(f.Removed != 0, "removed", f.Removed)
	add(f.Rejection != 0, "rejection", f.Rejection)
	add(f.Error != 0, "error", f.Error)
	add(f.Echo != 0, "echo", f.Echo)
	add(f.UserIDAs != 0, "user-id-as", f.UserIDAs)
	add(f.UserIDs != 0, "user-ids", f.UserIDs)
	add(f.ParentUserIDs, "parent-user-ids", f.ParentUserIDs)
	add(f.WriteUserIDs, "write-user-ids", f.WriteUserIDs)
	add(f.EmptyFailed, "empty-failed", f.EmptyFailed)
	add(f.FailedWaID, "failed-wa-id", f.FailedWaID)
	add(f.OmitWaID, "omit-wa-id", f.OmitWaID)
	add(f.MaxLimit != 0, "max-limit", f.MaxLimit)
	add(f.OverLimit != 0, "over-limit", f.OverLimit)
	add(f.DefaultLimit != 0, "default-limit", f.DefaultLimit)
	add(f.Health != 0, "health", f.Health)
	if len(parts) == 0 {
		return "default"
	}
	return strings.Join(parts, ",")
}

func (f ResponseFormat) maxLimit() int { return cmp.Or(f.MaxLimit, DefaultMaxLimit) }

// pageLimit is the page size in users for a request with this limit, where 0 means none, or the error for a limit that
// is too large.
func (f ResponseFormat) pageLimit(limit int) (int, *apiError) {
	if limit == 0 {
		limit = cmp.Or(f.DefaultLimit, DefaultPageLimit)
	} else if limit > f.maxLimit() {
		switch f.OverLimit {
		case OverLimitReject:
			return 0, badParameter("limit is larger than a page can be")
		case OverLimitError, OverLimitHang:
			e := newError(codeUnknown)
			e.message = "Please reduce the amount of data you're asking for, then retry your request"
			return 0, e
		}
	}
	return min(limit, f.maxLimit()), nil
}
