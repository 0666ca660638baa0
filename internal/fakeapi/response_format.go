package fakeapi

import (
	"cmp"
	"fmt"
	"strings"
)

// The numbers that the documents give, or that stand in where they give none.
const (
	// DefaultPageLimit is the number of users on a page when a request names no limit (guess, from Graph API habit).
	DefaultPageLimit = 25
	// DefaultMaxLimit is the largest page in users. The real figure is unknown; 100 was seen at one reseller.
	DefaultMaxLimit = 1000
)

// ResponseFormat is the look of the responses. The zero value is what 360dialog's description shows; every field is one
// way in which the real service may differ from it.
type ResponseFormat struct {
	// List is the form of a page's entries.
	List ListShape
	// Input is what nested entries show as input.
	Input ListInput
	// Empty is how a page without users says so.
	Empty EmptyShape
	// LastPage is how the end of the list shows.
	LastPage LastPage
	// PastEnd is the response to the cursor of the last page. Only LastPageAfterOnly and LastPageNextNever give that
	// cursor.
	PastEnd PastEnd
	// IgnoreAfter gives the first page whatever the cursor, as behind a proxy that drops the parameter after (guess).
	// A scan never gets past the first page.
	IgnoreAfter bool
	// Removed is the name of the list of unblocked users.
	Removed RemovedShape
	// Rejection is how a response looks that rejects some or all users.
	Rejection RejectionStatus
	// Error is the form of errors that concern a whole request.
	Error ErrorShape
	// Echo is the form in which numbers are repeated as input.
	Echo EchoShape
	// UserIDAs is the name under which business-scoped user IDs come.
	UserIDAs UserIDShape
	// UserIDs is which entries of a list carry user_id.
	UserIDs UserIDPresence
	// ParentUserIDs puts parent_user_id beside the user_id of an entry of a list (Meta).
	ParentUserIDs bool
	// WriteUserIDs puts user_id into the response for a user who was named by number (seen at a reseller). Meta
	// documents none there.
	WriteUserIDs bool
	// EmptyFailed puts an empty failed_users into the response to a write in which no one failed (seen at a reseller).
	EmptyFailed bool
	// FailedWaID puts wa_id into the entries of failed_users; samples show both (seen).
	FailedWaID bool
	// OmitWaID leaves wa_id out wherever a number has an input (guess: the schema marks nothing as required).
	OmitWaID bool
	// MaxLimit is the largest page in users; 0 means DefaultMaxLimit.
	MaxLimit int
	// OverLimit is what happens to a limit above MaxLimit.
	OverLimit OverLimit
	// DefaultLimit is the page size in users of a request without limit; 0 means DefaultPageLimit.
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
	// ListInputSent shows the number that was blocked, in the form that ResponseFormat.Echo asks for.
	ListInputSent ListInput = iota
	// ListInputWaID shows the WhatsApp ID in place of the number that was blocked (guess).
	ListInputWaID
	// ListInputOmitted leaves input out, so that wa_id alone names the user (guess).
	ListInputOmitted
)

// EmptyShape is how a page without users says so.
type EmptyShape int

const (
	// EmptyArray answers "data":[].
	EmptyArray EmptyShape = iota
	// EmptyOmitted leaves data out (guess: the schema marks nothing as required).
	EmptyOmitted
	// EmptyNull answers "data":null (guess).
	EmptyNull
)

// LastPage is how the end of the list shows.
type LastPage int

const (
	// LastPageNoCursors sends no paging at all with the last page.
	LastPageNoCursors LastPage = iota
	// LastPageAfterOnly sends cursors.after but no next with the last page (seen).
	LastPageAfterOnly
	// LastPageNextNever sends cursors.after with every page that has users, the last one too, and next with none,
	// as a proxy might that drops links to Meta's host (guess).
	LastPageNextNever
)

// PastEnd is the response to the cursor of the last page.
type PastEnd int

const (
	// PastEndEmpty gives a page without users (guess).
	PastEndEmpty PastEnd = iota
	// PastEndReject gives HTTP 400 with code 100 (guess).
	PastEndReject
	// PastEndFirstPage gives the first page once more (guess).
	PastEndFirstPage
)

// RemovedShape is the name of the list of unblocked users in the response to a DELETE.
type RemovedShape int

const (
	// RemovedUsers answers removed_users (Meta, seen).
	RemovedUsers RemovedShape = iota
	// RemovedAsAdded answers added_users, as 360dialog's schema has it.
	RemovedAsAdded
)

// RejectionStatus is how a response looks that rejects some or all users of a request.
type RejectionStatus int

const (
	// Rejection400 is HTTP 400 with failed_users and error 139100 (Meta, 360dialog).
	Rejection400 RejectionStatus = iota
	// Rejection200 is HTTP 200 with failed_users and no error (seen).
	Rejection200
	// Rejection200Error is HTTP 200 with failed_users and error 139100 (seen).
	Rejection200Error
)

// ErrorShape is the form of errors that concern a whole request.
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
	// ErrorHTML is a web page, as gateways answer.
	ErrorHTML
)

// EchoShape is the form in which answers repeat a number as input. User IDs are always repeated as sent.
type EchoShape int

const (
	// EchoSent repeats what was sent.
	EchoSent EchoShape = iota
	// EchoDigits drops the plus sign (seen).
	EchoDigits
	// EchoPlus answers a plus sign and digits, also for numbers that were put on the list without one.
	EchoPlus
	// EchoSpaced answers a plus sign and digits in groups, as phone number libraries tidy them (guess).
	EchoSpaced
)

// OverLimit is what happens to a limit above the largest page.
type OverLimit int

const (
	// OverLimitClamp answers the largest page instead.
	OverLimitClamp OverLimit = iota
	// OverLimitReject answers HTTP 400 with code 100.
	OverLimitReject
	// OverLimitError answers HTTP 500 with code 1, as Meta does where a request asks for too much data (guess, from Graph
	// API habit).
	OverLimitError
	// OverLimitHang never answers. The request ends when the client hangs up (guess).
	OverLimitHang
)

// UserIDShape is the name under which answers give a business-scoped user ID that was sent, or of a user whose number
// the list does not show. It has no wa_id beside it.
type UserIDShape int

const (
	// UserIDAsUserID answers user_id (360dialog).
	UserIDAsUserID UserIDShape = iota
	// UserIDAsInput answers input (seen). A list with UserIDsAlways has user_id instead.
	UserIDAsInput
	// UserIDAsBoth gives input and user_id in the response to a write, and user_id in a list (Meta).
	UserIDAsBoth
)

// UserIDPresence is which entries of a list carry user_id.
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

// String names the value in lower case, as subtests do.
func (v ListShape) String() string { return enumName(listShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v ListInput) String() string { return enumName(listInputNames, v) }

// String names the value in lower case, as subtests do.
func (v EmptyShape) String() string { return enumName(emptyShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v LastPage) String() string { return enumName(lastPageNames, v) }

// String names the value in lower case, as subtests do.
func (v PastEnd) String() string { return enumName(pastEndNames, v) }

// String names the value in lower case, as subtests do.
func (v RemovedShape) String() string { return enumName(removedShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v RejectionStatus) String() string { return enumName(rejectionStatusNames, v) }

// String names the value in lower case, as subtests do.
func (v ErrorShape) String() string { return enumName(errorShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v EchoShape) String() string { return enumName(echoShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v OverLimit) String() string { return enumName(overLimitNames, v) }

// String names the value in lower case, as subtests do.
func (v UserIDShape) String() string { return enumName(userIDShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v UserIDPresence) String() string { return enumName(userIDPresences, v) }

func enumName[T ~int](names []string, v T) string {
	if int(v) < 0 || int(v) >= len(names) {
		return fmt.Sprintf("unknown(%d)", int(v))
	}
	return names[v]
}

// String names what differs from the zero value, as in "list=flat,last=next-never"; the zero value is "default".
func (w ResponseFormat) String() string {
	var parts []string
	add := func(differs bool, name string, value any) {
		if differs {
			parts = append(parts, fmt.Sprintf("%s=%v", name, value))
		}
	}
	add(w.List != 0, "list", w.List)
	add(w.Input != 0, "input", w.Input)
	add(w.Empty != 0, "empty", w.Empty)
	add(w.LastPage != 0, "last", w.LastPage)
	add(w.PastEnd != 0, "past-end", w.PastEnd)
	add(w.IgnoreAfter, "ignore-after", w.IgnoreAfter)
	add(w.Removed != 0, "removed", w.Removed)
	add(w.Rejection != 0, "rejection", w.Rejection)
	add(w.Error != 0, "error", w.Error)
	add(w.Echo != 0, "echo", w.Echo)
	add(w.UserIDAs != 0, "user-id-as", w.UserIDAs)
	add(w.UserIDs != 0, "user-ids", w.UserIDs)
	add(w.ParentUserIDs, "parent-user-ids", w.ParentUserIDs)
	add(w.WriteUserIDs, "write-user-ids", w.WriteUserIDs)
	add(w.EmptyFailed, "empty-failed", w.EmptyFailed)
	add(w.FailedWaID, "failed-wa-id", w.FailedWaID)
	add(w.OmitWaID, "omit-wa-id", w.OmitWaID)
	add(w.MaxLimit != 0, "max-limit", w.MaxLimit)
	add(w.OverLimit != 0, "over-limit", w.OverLimit)
	add(w.DefaultLimit != 0, "default-limit", w.DefaultLimit)
	add(w.Health != 0, "health", w.Health)
	if len(parts) == 0 {
		return "default"
	}
	return strings.Join(parts, ",")
}

// maxLimit is the largest page in users.
func (w ResponseFormat) maxLimit() int { return cmp.Or(w.MaxLimit, DefaultMaxLimit) }

// pageLimit gives the page size in users for a request that asks for limit users, where 0 stands for none named, or
// the error for a limit that is too large.
func (w ResponseFormat) pageLimit(limit int) (int, *apiError) {
	if limit == 0 {
		limit = cmp.Or(w.DefaultLimit, DefaultPageLimit)
	} else if limit > w.maxLimit() {
		switch w.OverLimit {
		case OverLimitReject:
			return 0, badParameter("limit is larger than a page can be")
		case OverLimitError, OverLimitHang:
			e := newError(codeUnknown)
			e.message = "Please reduce the amount of data you're asking for, then retry your request"
			return 0, e
		}
	}
	return min(limit, w.maxLimit()), nil
}
