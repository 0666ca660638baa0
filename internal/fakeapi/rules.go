package fakeapi

import "time"

// The limits that Meta documents, in users.
const (
	// DefaultCapacity is how many users a number's list holds (Meta).
	DefaultCapacity = 64_000
	// DefaultMaxBatch is how many users one request may name (Meta).
	DefaultMaxBatch = 1000
)

// Rules say what the API allows. The zero value is a well-behaved service with the documented limits.
type Rules struct {
	// Capacity is how many users the list holds; 0 means DefaultCapacity. What does not fit gets 139101.
	Capacity int
	// Full is how a POST is answered that does not fit.
	Full FullAnswer
	// MaxBatch is how many users one request may name; 0 means DefaultMaxBatch. More are rejected with BatchCode.
	// Only a request above DefaultMaxBatch is a violation, since a lower limit is one that no document tells of.
	MaxBatch int
	// BatchCode is the code for too many users in one request; 0 means 130429. The documents fit that and 100.
	BatchCode int
	// SilentWholeRequest rejects a POST with 131047 and without results for its users where the 24-hour rule forbids at
	// least one of them. It then blocks no one (guess).
	SilentWholeRequest bool
	// PerUser is the time that a write takes for each of its users. If the client hangs up before the end, nothing is
	// applied.
	PerUser time.Duration
	// OwnNumber is the business number itself, in any spelling; blocking it gets 131021. Empty means none.
	OwnNumber string
	// AlreadyBlocked is what a POST does about a user on the list; nothing is known about the real service.
	// It goes before the 24-hour rule.
	AlreadyBlocked NoOp
	// AlreadyBlockedCode is the code for NoOpReject; 0 means 131047 (guess).
	AlreadyBlockedCode int
	// NotBlocked is what a DELETE does about a user who is not on the list; nothing is known about the real service.
	NotBlocked NoOp
	// NotBlockedCode is the code for NoOpReject; 0 means 100 (guess).
	NotBlockedCode int
	// StaleCursorsOK serves a cursor of an older list by its offset, which may skip or repeat users. Otherwise such
	// a cursor gets 139102.
	StaleCursorsOK bool
	// RejectOverlap is the code for a write that arrives while another one is in flight, such as 139103 or 139102;
	// 0 serves it anyway. Either way it is a violation.
	RejectOverlap int
	// StaleScans is how many scans after a write still show the list as it was before that write, in the way of a
	// lagging replica. Whether the real service lags is unknown.
	StaleScans int
	// UserIDs is what the proxy in front of the API does with the field user_id.
	UserIDs UserIDRequests
	// StrictUserIDs makes a user ID in the field user a violation, and rejects its request with code 100. Meta documents
	// numbers for that field; whether 360dialog's proxy takes user IDs there is unknown. It also makes a parent user
	// ID a violation, which is rejected in any case.
	StrictUserIDs bool
	// HiddenUnblock is what a DELETE by number does about a user whose number is hidden; nothing is known about the
	// real service. A DELETE by user ID works.
	HiddenUnblock HiddenUnblock
	// HiddenUnblockCode is the code for HiddenUnblockReject; 0 means 131047, as in Meta's sample of a failed unblock.
	HiddenUnblockCode int
}

// UserIDRequests is what the proxy in front of the API does with the field user_id of an item. 360dialog's description
// does not have the field, so all of them are guesses.
type UserIDRequests int

const (
	// UserIDsForwarded passes the field on, and the API knows it (Meta).
	UserIDsForwarded UserIDRequests = iota
	// UserIDsDropped leaves the field out. An item without user then names no one, and is in neither list of the
	// response; the others are served.
	UserIDsDropped
	// UserIDsRejected rejects a request that has the field with HTTP 400 and code 100.
	UserIDsRejected
)

// HiddenUnblock is what a DELETE by number does about a user whose number is hidden.
type HiddenUnblock int

const (
	// HiddenUnblockWorks unblocks the user.
	HiddenUnblockWorks HiddenUnblock = iota
	// HiddenUnblockReject names the user in failed_users.
	HiddenUnblockReject
	// HiddenUnblockNoEffect names the user as unblocked and changes nothing.
	HiddenUnblockNoEffect
)

// FullAnswer is how a POST is answered that does not fit onto the list.
type FullAnswer int

const (
	// FullPerUser blocks as many users as fit, in the order sent, and names the others in failed_users.
	FullPerUser FullAnswer = iota
	// FullWholeRequest blocks no one and answers one error.
	FullWholeRequest
)

// NoOp is what the API does if there is nothing to do for a user.
type NoOp int

const (
	// NoOpAccept names the user as if the write had changed something.
	NoOpAccept NoOp = iota
	// NoOpReject names the user in failed_users.
	NoOpReject
	// NoOpIgnore names the user in neither list.
	NoOpIgnore
)

var (
	fullAnswerNames    = []string{"per-user", "whole-request"}
	noOpNames          = []string{"accept", "reject", "ignore"}
	userIDRequestNames = []string{"forwarded", "dropped", "rejected"}
	hiddenUnblockNames = []string{"works", "reject", "no-effect"}
)

// String names the value in lower case, as subtests do.
func (v FullAnswer) String() string { return enumName(fullAnswerNames, v) }

// String names the value in lower case, as subtests do.
func (v NoOp) String() string { return enumName(noOpNames, v) }

// String names the value in lower case, as subtests do.
func (v UserIDRequests) String() string { return enumName(userIDRequestNames, v) }

// String names the value in lower case, as subtests do.
func (v HiddenUnblock) String() string { return enumName(hiddenUnblockNames, v) }

func (r Rules) withDefaults() Rules {
	orElse := func(v *int, value int) {
		if *v == 0 {
			*v = value
		}
	}
	orElse(&r.Capacity, DefaultCapacity)
	orElse(&r.MaxBatch, DefaultMaxBatch)
	orElse(&r.BatchCode, codeRateLimit)
	orElse(&r.AlreadyBlockedCode, codeSilent)
	orElse(&r.NotBlockedCode, codeParameter)
	orElse(&r.HiddenUnblockCode, codeSilent)
	return r
}
