package fakeapi

import (
	"cmp"
	"time"
)

// The limits of a list and of one request, in users (Meta).
const (
	DefaultCapacity = 64_000
	DefaultMaxBatch = 1000
)

// Rules say what the API allows. The zero value is a well-behaved API with the documented limits.
type Rules struct {
	// Capacity is how many users the list holds; 0 means DefaultCapacity. A POST of more gets 139101.
	Capacity int
	// Full is the response to a POST of more users than the list has room for.
	Full FullResponse
	// MaxBatch is how many users one request may name; 0 means DefaultMaxBatch. More are rejected with BatchCode. Only a
	// request above DefaultMaxBatch is a violation, because a client cannot know of a lower limit.
	MaxBatch int
	// BatchCode is the code for too many users in one request; 0 means 130429. The documents allow for that and 100.
	BatchCode int
	// SilentWholeRequest rejects a POST as a whole with 131047 if the 24-hour rule forbids one of its users (guess).
	SilentWholeRequest bool
	// PerUser is the time that a write takes for each of its users. If the client hangs up before the end, the write is
	// not applied.
	PerUser time.Duration
	// OwnNumber is the business number itself, in any spelling; blocking it gets 131021. Empty means none.
	OwnNumber string
	// AlreadyBlocked is the response to a block of a user on the list; nothing is known about the real API. It goes before
	// the 24-hour rule.
	AlreadyBlocked NoOp
	// AlreadyBlockedCode is the code for NoOpReject; 0 means 131047 (guess).
	AlreadyBlockedCode int
	// NotBlocked is the response to an unblock of a user who is not on the list; nothing is known about the real API.
	NotBlocked NoOp
	// NotBlockedCode is the code for NoOpReject; 0 means 100 (guess).
	NotBlockedCode int
	// StaleCursorsOK serves a cursor of an older list by its offset, which may skip or repeat users. Otherwise such
	// a cursor gets 139102.
	StaleCursorsOK bool
	// RejectOverlap is the code for a write that arrives while another one is in flight, such as 139103 or 139102; 0
	// serves the write. Either way it is a violation.
	RejectOverlap int
	// StaleScans is how many scans after a write still show the list as it was before that write, like a lagging
	// replica. Whether the real API lags is unknown.
	StaleScans int
	// UserIDs is what the proxy in front of the API does with the field user_id.
	UserIDs UserIDRequests
	// StrictUserIDs makes a user ID in the field user a violation, and rejects the request with code 100. Meta documents
	// that field for numbers; whether 360dialog's proxy accepts user IDs there is unknown. A parent user ID becomes a
	// violation too; it is always rejected.
	StrictUserIDs bool
	// HiddenUnblock is the effect of an unblock by number on a user whose number is hidden; nothing is known about the
	// real API. A DELETE by user ID works.
	HiddenUnblock HiddenUnblock
	// HiddenUnblockCode is the code for HiddenUnblockReject; 0 means 131047, as in Meta's sample of a failed unblock.
	HiddenUnblockCode int
}

// UserIDRequests is what the proxy in front of the API does with the field user_id. 360dialog's description does not have
// the field, so all values are guesses.
type UserIDRequests int

const (
	// UserIDsForwarded passes the field on to the API (Meta).
	UserIDsForwarded UserIDRequests = iota
	// UserIDsDropped drops the field. An item without user then is in neither list of the response; the others are
	// served.
	UserIDsDropped
	// UserIDsRejected rejects a request with the field with HTTP 400 and code 100.
	UserIDsRejected
)

// HiddenUnblock is the effect of an unblock by number on a user whose number is hidden.
type HiddenUnblock int

const (
	// HiddenUnblockWorks unblocks the user.
	HiddenUnblockWorks HiddenUnblock = iota
	// HiddenUnblockReject reports the user in failed_users.
	HiddenUnblockReject
	// HiddenUnblockNoEffect reports the user as unblocked and changes nothing.
	HiddenUnblockNoEffect
)

// FullResponse is the response to a POST of more users than the list has room for.
type FullResponse int

const (
	// FullPerUser blocks as many users as fit, in the order sent, and reports the others in failed_users.
	FullPerUser FullResponse = iota
	// FullWholeRequest blocks no one and responds with one error.
	FullWholeRequest
)

// NoOp is the response to a block of a blocked user, or to an unblock of a user who is not blocked.
type NoOp int

const (
	// NoOpAccept reports success.
	NoOpAccept NoOp = iota
	// NoOpReject reports the user in failed_users.
	NoOpReject
	// NoOpIgnore reports the user in neither list.
	NoOpIgnore
)

var (
	fullResponseNames  = []string{"per-user", "whole-request"}
	noOpNames          = []string{"accept", "reject", "ignore"}
	userIDRequestNames = []string{"forwarded", "dropped", "rejected"}
	hiddenUnblockNames = []string{"works", "reject", "no-effect"}
)

func (v FullResponse) String() string   { return enumName(fullResponseNames, v) }
func (v NoOp) String() string           { return enumName(noOpNames, v) }
func (v UserIDRequests) String() string { return enumName(userIDRequestNames, v) }
func (v HiddenUnblock) String() string  { return enumName(hiddenUnblockNames, v) }

func (r Rules) withDefaults() Rules {
	r.Capacity = cmp.Or(r.Capacity, DefaultCapacity)
	r.MaxBatch = cmp.Or(r.MaxBatch, DefaultMaxBatch)
	r.BatchCode = cmp.Or(r.BatchCode, codeRateLimit)
	r.AlreadyBlockedCode = cmp.Or(r.AlreadyBlockedCode, codeSilent)
	r.NotBlockedCode = cmp.Or(r.NotBlockedCode, codeParameter)
	r.HiddenUnblockCode = cmp.Or(r.HiddenUnblockCode, codeSilent)
	return r
}
