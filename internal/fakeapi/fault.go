package fakeapi

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Forever, as Fault.Times, hits every matching request until ClearFaults.
const Forever = -1

// FaultKind is what goes wrong with a request.
type FaultKind int

const (
	// FaultStatus responds with Status (default 500) and an error in the current shape, and applies nothing. The error
	// has no code where Code is 0. Header may hold a Retry-After.
	FaultStatus FaultKind = iota
	// FaultStatusAfter is FaultStatus with the write applied, as when a gateway times out.
	FaultStatusAfter
	// FaultCode responds with Code, also where that is 0, and with the HTTP status that fits it unless Status is set.
	// It applies nothing.
	FaultCode
	// FaultDropBefore closes the connection without a response and applies nothing. net/http resends a GET by itself
	// if the connection had served a request before.
	FaultDropBefore
	// FaultDropAfter applies the write and closes the connection without a response.
	FaultDropAfter
	// FaultTruncate applies the write and sends half of the body that its Content-Length announces.
	FaultTruncate
	// FaultRawBody responds with Status (default 200), ContentType, Header and Body, and applies nothing.
	FaultRawBody
	// FaultRawBodyAfter is FaultRawBody with the write applied.
	FaultRawBodyAfter
	// FaultSlow waits for Delay, then applies the write and responds.
	FaultSlow
	// FaultSlowAfter applies the write, waits for Delay, then responds.
	FaultSlowAfter
	// FaultRedirect responds with Status (default 307) and the Location of Header, and applies nothing.
	FaultRedirect
	// FaultGzip sends the ordinary response gzip-encoded, whatever the request accepts.
	FaultGzip
	// FaultHuge sends a body that never ends, until the client hangs up, and applies nothing.
	FaultHuge
	// FaultHook only calls Do and DoAfter.
	FaultHook
	// FaultCursorLoop gives a page the cursor of its own request. It hits only a GET with after.
	FaultCursorLoop
	// FaultCursorRestart gives a page the cursor of the first page. It hits only a GET with after.
	FaultCursorRestart
	// FaultRepeatPage sends the users of the page before, and a new cursor that leads to the requested page. It hits
	// only a GET with after. With Forever, a scan never advances although no cursor comes twice.
	FaultRepeatPage
	// FaultSkipPage gives a page a cursor that skips the next page. It hits only a page that has a next one.
	FaultSkipPage
	// FaultEmptyPage sends a page without users, and a new cursor that leads to the requested page. It has a next link
	// unless NoNext. It hits only a page that has users.
	FaultEmptyPage
	// FaultUnnamedEntry replaces the last user of a page with an entry that names no one. It hits only a page that has
	// users.
	FaultUnnamedEntry
	// FaultPartialResponse applies the write to all users, but its response covers only the first half. It hits only
	// writes of at least two users.
	FaultPartialResponse
)

var faultKindNames = []string{
	"status", "status-after", "code", "drop-before", "drop-after", "truncate", "raw-body", "raw-body-after", "slow",
	"slow-after", "redirect", "gzip", "huge", "hook", "cursor-loop", "cursor-restart", "repeat-page", "skip-page",
	"empty-page", "unnamed-entry", "partial-response",
}

func (k FaultKind) String() string { return enumName(faultKindNames, k) }

// AllFaultKinds returns every kind.
func AllFaultKinds() []FaultKind {
	kinds := make([]FaultKind, len(faultKindNames))
	for i := range kinds {
		kinds[i] = FaultKind(i)
	}
	return kinds
}

// Fault breaks one or more requests.
type Fault struct {
	// Method is the HTTP method that it hits; empty means any.
	Method string
	// Path is the path that it hits; empty means Path, not HealthPath.
	Path string
	// Skip is how many matching requests pass first.
	Skip int
	// Times is how many requests it hits: 0 means once, Forever means all.
	Times int
	Kind  FaultKind
	// Status is the HTTP status. A 407 gets a Proxy-Authenticate header, which every proxy must send, unless Header has
	// one.
	Status int
	// Code, Message and Details are for FaultStatus and FaultCode; an empty text means the usual one.
	Code             int
	Message, Details string
	// Body and ContentType are for FaultRawBody and FaultRawBodyAfter.
	Body, ContentType string
	// Header is added to the response, whatever the kind.
	Header http.Header
	// Delay is for FaultSlow and FaultSlowAfter.
	Delay time.Duration
	// NoNext leaves out the next link of FaultEmptyPage, but not the cursor.
	NoNext bool
	// Do is called before the request is served, and DoAfter between applying it and the response, with every kind.
	// Both may call any method of the server.
	Do, DoAfter func(*Server)
}

// Inject puts a fault at the end of the queue. A request takes the first fault that matches it, has nothing more to skip
// and would make a difference.
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
func (s *Server) ClearFaults() { s.locked(func() { s.faults = nil }) }

// FaultHits is how many requests a fault has hit so far.
func (s *Server) FaultHits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultHits
}

// takeFault takes the fault that hits a request, or nil. The caller holds the lock. hits reports whether a kind would
// make a difference to the request.
func (s *Server) takeFault(method, path string, hits func(FaultKind) bool) *Fault {
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method || cmp.Or(f.Path, Path) != path || !hits(f.Kind) {
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
