package sandbox

// The limits that Meta documents, in users.
const (
	// DefaultCapacity is how many users a number's list holds (Meta).
	DefaultCapacity = 64_000
	// DefaultMaxBatch is how many users one request may name (Meta).
	DefaultMaxBatch = 1000
)

// Rules say what the service allows. The zero value is a well-behaved service with the documented limits.
type Rules struct {
	// Capacity is how many users the list holds; 0 means DefaultCapacity. What does not fit gets 139101.
	Capacity int
	// Full is how a POST is answered that does not fit.
	Full FullAnswer
	// MaxBatch is how many users one request may name; 0 means DefaultMaxBatch. More are refused with BatchCode.
	// Only a request above DefaultMaxBatch is a violation, since a lower limit is one that no document tells of.
	MaxBatch int
	// BatchCode is the code for too many users in one request; 0 means 130429. The documents fit that and 100.
	BatchCode int
	// OwnNumber is the business number itself, in any spelling; blocking it gets 131021. Empty means none.
	OwnNumber string
	// AlreadyBlocked is what a POST does about a user on the list; nothing is known about the real service.
	// It goes before the 24-hour rule.
	AlreadyBlocked NoOp
	// AlreadyBlockedCode is the code for NoOpRefuse; 0 means 131047 (guess).
	AlreadyBlockedCode int
	// NotBlocked is what a DELETE does about a user who is not on the list; nothing is known about the real service.
	NotBlocked NoOp
	// NotBlockedCode is the code for NoOpRefuse; 0 means 100 (guess).
	NotBlockedCode int
	// StaleCursorsOK serves a cursor of an older list by its offset, which may skip or repeat users. Otherwise such
	// a cursor gets 139102.
	StaleCursorsOK bool
	// RefuseOverlap is the code for a write that arrives while another one is in flight, such as 139103 or 139102;
	// 0 serves it all the same. Either way it is a violation.
	RefuseOverlap int
	// StaleScans is how many scans after a write still show the list as it was before that write, in the way of a
	// lagging replica. Whether the real service lags is unknown.
	StaleScans int
}

// FullAnswer is how a POST is answered that does not fit onto the list.
type FullAnswer int

const (
	// FullPerUser blocks as many users as fit, in the order sent, and names the others in failed_users.
	FullPerUser FullAnswer = iota
	// FullWholeRequest blocks nobody and answers one error.
	FullWholeRequest
)

// NoOp is what the service does about a user for whom there is nothing to do.
type NoOp int

const (
	// NoOpAccept names the user as if the write had changed something.
	NoOpAccept NoOp = iota
	// NoOpRefuse names the user in failed_users.
	NoOpRefuse
	// NoOpIgnore names the user in neither list.
	NoOpIgnore
)

var (
	fullAnswerNames = []string{"per-user", "whole-request"}
	noOpNames       = []string{"accept", "refuse", "ignore"}
)

// String names the value in lower case, as subtests do.
func (v FullAnswer) String() string { return enumName(fullAnswerNames, v) }

// String names the value in lower case, as subtests do.
func (v NoOp) String() string { return enumName(noOpNames, v) }

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
	return r
}
