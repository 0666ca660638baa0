package sandbox

import (
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

// Wire is the look of the answers. The zero value is what 360dialog's description shows; every field is one
// way in which the real service may differ from it.
type Wire struct {
	// List is the form of a page's entries.
	List ListShape
	// Input is what nested entries show as input.
	Input ListInput
	// Empty is how a page without users says so.
	Empty EmptyShape
	// LastPage is how the end of the list shows.
	LastPage LastPage
	// Removed is the name of the list of unblocked users.
	Removed RemovedShape
	// Refusal is how an answer looks that refuses some or all users.
	Refusal RefusalStatus
	// Error is the form of errors that concern a whole request.
	Error ErrorShape
	// Echo is the form in which numbers are repeated as input.
	Echo EchoShape
	// UserIDAs is the name under which business-scoped user IDs come.
	UserIDAs UserIDShape
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
}

// ListShape is the form of the entries in the answer to a GET.
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
	// ListInputSent shows the number that was blocked, in the form that Wire.Echo asks for.
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

// RemovedShape is the name of the list of unblocked users in the answer to a DELETE.
type RemovedShape int

const (
	// RemovedUsers answers removed_users (Meta, seen).
	RemovedUsers RemovedShape = iota
	// RemovedAsAdded answers added_users, as 360dialog's schema has it.
	RemovedAsAdded
)

// RefusalStatus is how an answer looks that refuses some or all users of a request.
type RefusalStatus int

const (
	// Refusal400 is HTTP 400 with failed_users and error 139100 (Meta, 360dialog).
	Refusal400 RefusalStatus = iota
	// Refusal200 is HTTP 200 with failed_users and no error (seen).
	Refusal200
	// Refusal200Error is HTTP 200 with failed_users and error 139100 (seen).
	Refusal200Error
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
	// OverLimitRefuse answers HTTP 400 with code 100.
	OverLimitRefuse
)

// UserIDShape is the name under which answers give a business-scoped user ID. It never has a wa_id beside it.
type UserIDShape int

const (
	// UserIDAsUserID answers user_id (360dialog).
	UserIDAsUserID UserIDShape = iota
	// UserIDAsInput answers input (seen).
	UserIDAsInput
)

var (
	listShapeNames     = []string{"nested", "nested-grouped", "flat"}
	listInputNames     = []string{"sent", "wa-id", "omitted"}
	emptyShapeNames    = []string{"array", "omitted", "null"}
	lastPageNames      = []string{"no-cursors", "after-only", "next-never"}
	removedShapeNames  = []string{"removed-users", "added-users"}
	refusalStatusNames = []string{"400", "200", "200-with-error"}
	errorShapeNames    = []string{"object", "text", "meta-camel", "meta-snake", "html"}
	echoShapeNames     = []string{"sent", "digits", "plus", "spaced"}
	overLimitNames     = []string{"clamp", "refuse"}
	userIDShapeNames   = []string{"user-id", "input"}
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
func (v RemovedShape) String() string { return enumName(removedShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v RefusalStatus) String() string { return enumName(refusalStatusNames, v) }

// String names the value in lower case, as subtests do.
func (v ErrorShape) String() string { return enumName(errorShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v EchoShape) String() string { return enumName(echoShapeNames, v) }

// String names the value in lower case, as subtests do.
func (v OverLimit) String() string { return enumName(overLimitNames, v) }

// String names the value in lower case, as subtests do.
func (v UserIDShape) String() string { return enumName(userIDShapeNames, v) }

func enumName[T ~int](names []string, v T) string {
	if int(v) < 0 || int(v) >= len(names) {
		return fmt.Sprintf("unknown(%d)", int(v))
	}
	return names[v]
}

// String names what differs from the zero value, as in "list=flat,last=next-never"; the zero value is "default".
func (w Wire) String() string {
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
	add(w.Removed != 0, "removed", w.Removed)
	add(w.Refusal != 0, "refusal", w.Refusal)
	add(w.Error != 0, "error", w.Error)
	add(w.Echo != 0, "echo", w.Echo)
	add(w.UserIDAs != 0, "user-id-as", w.UserIDAs)
	add(w.FailedWaID, "failed-wa-id", w.FailedWaID)
	add(w.OmitWaID, "omit-wa-id", w.OmitWaID)
	add(w.MaxLimit != 0, "max-limit", w.MaxLimit)
	add(w.OverLimit != 0, "over-limit", w.OverLimit)
	add(w.DefaultLimit != 0, "default-limit", w.DefaultLimit)
	if len(parts) == 0 {
		return "default"
	}
	return strings.Join(parts, ",")
}

// Variants gives a set of wires in which every value of every field occurs: the zero value, each other value on its
// own, and the combinations that are likeliest or most awkward on the real service. Their String forms are distinct.
func Variants() []Wire {
	variants := []Wire{{}}
	variants = vary(variants, listShapeNames, func(w *Wire, v ListShape) { w.List = v })
	variants = vary(variants, listInputNames, func(w *Wire, v ListInput) { w.Input = v })
	variants = vary(variants, emptyShapeNames, func(w *Wire, v EmptyShape) { w.Empty = v })
	variants = vary(variants, lastPageNames, func(w *Wire, v LastPage) { w.LastPage = v })
	variants = vary(variants, removedShapeNames, func(w *Wire, v RemovedShape) { w.Removed = v })
	variants = vary(variants, refusalStatusNames, func(w *Wire, v RefusalStatus) { w.Refusal = v })
	variants = vary(variants, errorShapeNames, func(w *Wire, v ErrorShape) { w.Error = v })
	variants = vary(variants, echoShapeNames, func(w *Wire, v EchoShape) { w.Echo = v })
	variants = vary(variants, userIDShapeNames, func(w *Wire, v UserIDShape) { w.UserIDAs = v })
	return append(variants,
		Wire{FailedWaID: true},
		Wire{OmitWaID: true},
		Wire{MaxLimit: 100},
		Wire{MaxLimit: 100, OverLimit: OverLimitRefuse},
		Wire{DefaultLimit: 10},
		// The likeliest on the real service.
		Wire{List: ListFlat, LastPage: LastPageAfterOnly, Echo: EchoDigits, FailedWaID: true, MaxLimit: 100},
		Wire{List: ListFlat, LastPage: LastPageNextNever, Empty: EmptyOmitted, UserIDAs: UserIDAsInput},
		Wire{List: ListNestedGrouped, LastPage: LastPageNextNever, Empty: EmptyNull, Echo: EchoDigits},
		Wire{Removed: RemovedAsAdded, Refusal: Refusal200, Echo: EchoDigits, FailedWaID: true},
		Wire{Input: ListInputOmitted, LastPage: LastPageAfterOnly, Removed: RemovedAsAdded, Refusal: Refusal200Error},
	)
}

func vary[T ~int](variants []Wire, names []string, set func(*Wire, T)) []Wire {
	for v := 1; v < len(names); v++ {
		var w Wire
		set(&w, T(v))
		variants = append(variants, w)
	}
	return variants
}

// pageLimit gives the page size in users for a request that asks for limit users, where 0 stands for none named.
// It reports false where the limit is refused.
func (w Wire) pageLimit(limit int) (int, bool) {
	largest := w.MaxLimit
	if largest == 0 {
		largest = DefaultMaxLimit
	}
	if limit == 0 {
		limit = w.DefaultLimit
		if limit == 0 {
			limit = DefaultPageLimit
		}
		return min(limit, largest), true
	}
	if limit > largest && w.OverLimit == OverLimitRefuse {
		return 0, false
	}
	return min(limit, largest), true
}
