package fakeapi

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Forever as Fault.Times hits every matching request until ClearFaults.
const Forever = -1

// FaultKind is what goes wrong with a request.
type FaultKind int

const (
	// FaultStatus answers Status (default 500) with an error in the current shape, and applies nothing. Code is left
	// out of the error where it is 0. Header may hold a Retry-After.
	FaultStatus FaultKind = iota
	// FaultStatusAfter is FaultStatus with the write applied, as when a gateway gives up on a slow answer.
	FaultStatusAfter
	// FaultCode answers an error with Code, also where that is 0, and with the HTTP status that fits it unless
	// Status names one. Nothing is applied.
	FaultCode
	// FaultDropBefore closes the connection without a response; nothing is applied. Beware that net/http sends a GET again
	// by itself if the connection had served before.
	FaultDropBefore
	// FaultDropAfter applies the write and closes the connection without a response.
	FaultDropAfter
	// FaultTruncate applies the write and sends half of the body that its Content-Length promises.
	FaultTruncate
	// FaultRawBody answers Status (default 200), ContentType, Header and Body as given; nothing is applied.
	FaultRawBody
	// FaultRawBodyAfter is FaultRawBody with the write applied.
	FaultRawBodyAfter
	// FaultSlow waits for Delay, then applies the write and answers.
	FaultSlow
	// FaultSlowAfter applies the write, waits for Delay, then answers.
	FaultSlowAfter
	// FaultRedirect answers Status (default 307) with the Location of Header; nothing is applied.
	FaultRedirect
	// FaultGzip sends the ordinary answer gzip-encoded, whatever the request accepts.
	FaultGzip
	// FaultHuge answers a body that never ends; nothing is applied. It stops when the client hangs up.
	FaultHuge
	// FaultHook does nothing but call Do and DoAfter.
	FaultHook
	// FaultCursorLoop answers a page with the very cursor it was asked with. It hits only a GET with after.
	FaultCursorLoop
	// FaultCursorRestart answers a page with the cursor that the first page gave. It hits only a GET with after.
	FaultCursorRestart
	// FaultRepeatPage answers the users of the page before, and a cursor never seen that leads to the page asked
	// for. It hits only a GET with after; Forever makes a scan stand still without one cursor coming back.
	FaultRepeatPage
	// FaultSkipPage answers the page with a cursor that leaves out the page after it. It hits only a page that has
	// one after it.
	FaultSkipPage
	// FaultEmptyPage answers a page without users, and a cursor never seen that leads to the page asked for. It
	// promises a next page unless NoNext. It hits only where there are users to leave out.
	FaultEmptyPage
	// FaultUnnamedEntry puts an entry that names no one in the place of the page's last user. It hits only where
	// there is a user.
	FaultUnnamedEntry
	// FaultPartialAnswer applies the write to all users, but answers for the first half only. It hits only writes
	// of at least two users.
	FaultPartialAnswer
)

var faultKindNames = []string{
	"status", "status-after", "code", "drop-before", "drop-after", "truncate", "raw-body", "raw-body-after", "slow",
	"slow-after", "redirect", "gzip", "huge", "hook", "cursor-loop", "cursor-restart", "repeat-page", "skip-page",
	"empty-page", "unnamed-entry", "partial-answer",
}

// String names the value in lower case, as subtests do.
func (k FaultKind) String() string { return enumName(faultKindNames, k) }

// AllFaultKinds gives every kind, for tests that range over them.
func AllFaultKinds() []FaultKind {
	kinds := make([]FaultKind, len(faultKindNames))
	for i := range kinds {
		kinds[i] = FaultKind(i)
	}
	return kinds
}

// Fault is one thing that goes wrong, once or more often.
type Fault struct {
	// Method is the HTTP method it hits; empty means any.
	Method string
	// Path is the path it hits, such as HealthPath; empty means the path of the list.
	Path string
	// Skip is how many matching requests pass first.
	Skip int
	// Times is how many requests it hits: 0 means once, Forever means all.
	Times int
	// Kind is what goes wrong.
	Kind FaultKind
	// Status is the HTTP status, for the kinds that answer by themselves. A 407 has a Proxy-Authenticate header, as
	// every proxy must send one, unless Header has it.
	Status int
	// Code, Message and Details fill the error of FaultStatus and FaultCode; an empty text takes the usual one.
	Code             int
	Message, Details string
	// Body and ContentType are the response of FaultRawBody and FaultRawBodyAfter.
	Body, ContentType string
	// Header is added to the response, whatever the kind.
	Header http.Header
	// Delay is how long FaultSlow and FaultSlowAfter wait.
	Delay time.Duration
	// NoNext keeps FaultEmptyPage from promising a next page; the cursor is there anyway.
	NoNext bool
	// Do acts as another client before the request is served, DoAfter once it was applied and before the response.
	// They are called with every kind, and may call any method of the server.
	Do, DoAfter func(*Server)
}

// Inject puts a fault at the end of the queue. Each request takes the first fault of the queue that matches it, has
// nothing more to skip and would show; at most one.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = f.Header.Clone()
	s.faults = append(s.faults, &f)
}

// ClearFaults empties the queue. FaultHits stays.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// FaultHits is how many requests a fault has hit so far, so that a test can tell that it tested something.
func (s *Server) FaultHits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultHits
}

// takeFault takes the fault that hits a request with this method and path, or nil. The caller holds the lock; shows
// tells whether a kind would make a difference to the request.
func (s *Server) takeFault(method, path string, shows func(FaultKind) bool) *Fault {
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method || cmp.Or(f.Path, Path) != path || !shows(f.Kind) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		s.faultHits++
		if f.Times != Forever {
			f.Times--
		}
		if f.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return nil
}
