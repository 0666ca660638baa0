package fakeapi

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// DefaultKey is accepted where Options has no key.
	DefaultKey = "fake-api-key"
	// KeyHeader is the header that carries the key (360dialog).
	KeyHeader = "D360-API-KEY"
	// Path is the path of the list (360dialog, Meta).
	Path = "/block_users"
	// DefaultNextURL is the address in paging.next. The host can never be resolved: the real link presumably leads to
	// Meta's host, which must not get the key.
	DefaultNextURL = "https://graph.facebook.invalid/v23.0/106540352242922/block_users"

	// maxBody is the largest request body in bytes; 1,000 of the longest user IDs fit into a quarter of it.
	maxBody = 1 << 20
)

// Options configure a Server. The zero value is a well-behaved API.
type Options struct {
	// Key is the accepted API key; empty means DefaultKey. The server does not search requests for a misplaced key of
	// less than 8 bytes.
	Key            string
	Channel        Channel
	ResponseFormat ResponseFormat
	Rules          Rules
	// Delay passes before each request is applied.
	Delay time.Duration
	// WaIDs gives the WhatsApp ID of numbers, both as digits, where the two differ: Brazil's ninth digit, Mexico's
	// 521, Argentina's 549 (Meta, seen). Both are one user.
	WaIDs map[string]string
	// UserIDs gives the business-scoped user ID of numbers in digits (Meta). Every other number has the one that
	// Server.UserID makes up. A user ID that belongs to no number is a user known by user ID alone.
	UserIDs map[string]string
	// NextURL is the address of paging.next and paging.previous without the query; empty means DefaultNextURL.
	NextURL string
}

// Server is the API for one business number. Its methods are safe for concurrent use.
type Server struct {
	names   userNames
	channel Channel
	nextURL *url.URL
	delay   time.Duration

	mu     sync.Mutex
	apiKey string
	ownKey string
	format ResponseFormat
	rules  Rules

	list   *list
	seeded int
	heard  map[string]bool
	// hidden has the keys of users whose number is hidden.
	hidden          map[string]bool
	allSilent       bool
	rejectedPosts   map[string]rejection
	rejectedDeletes map[string]rejection
	// replica is what the next staleScans scans see.
	replica    view
	staleScans int
	nonce      int

	faults    []*Fault
	faultHits int

	stats       Stats
	writes      map[*exchange]struct{}
	requests    []*Request
	nextRequest int
	deleted     []string
	violations  []string
}

// New makes a server with an empty list. It panics where an option is invalid.
func New(opts Options) *Server {
	nextURL, err := url.Parse(cmp.Or(opts.NextURL, DefaultNextURL))
	if err != nil {
		panic("fakeapi: NextURL: " + err.Error())
	}
	s := &Server{
		names:           newUserNames(opts.WaIDs, opts.UserIDs),
		channel:         opts.Channel.withDefaults(),
		nextURL:         nextURL,
		delay:           opts.Delay,
		format:          opts.ResponseFormat,
		list:            &list{byKey: map[string]*entry{}},
		heard:           map[string]bool{},
		hidden:          map[string]bool{},
		rejectedPosts:   map[string]rejection{},
		rejectedDeletes: map[string]rejection{},
		writes:          map[*exchange]struct{}{},
	}
	s.setKey(opts.Key)
	s.setRules(opts.Rules)
	return s
}

func (s *Server) setKey(key string) { s.apiKey = cmp.Or(key, DefaultKey) }

func (s *Server) setRules(r Rules) {
	s.rules = r.withDefaults()
	s.ownKey = ""
	if r.OwnNumber != "" {
		s.ownKey = s.keyOf(r.OwnNumber)
	}
}

// ServeHTTP panics with http.ErrAbortHandler where a fault or a client that has hung up leaves no response to send.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, nil) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request, otherKeys []string) {
	e := s.enter(r, otherKeys)
	defer s.leave(e)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	s.inspect(e, r, body, err)
	a := s.respond(e)
	// The client may send the next write as soon as it has the response.
	s.leave(e)
	s.send(w, e, a)
}

func (s *Server) respond(e *exchange) response {
	pause(e.ctx, s.delay)
	e.fault = s.faultFor(e)
	f := e.fault
	if f.Do != nil {
		f.Do(s)
	}
	if f.Kind == FaultSlow {
		pause(e.ctx, f.Delay)
	}
	var a response
	if f.Kind.preempts() {
		a = s.faultResponse(f)
	} else {
		s.work(e)
		a = s.apply(e)
	}
	if f.DoAfter != nil {
		f.DoAfter(s)
	}
	switch f.Kind {
	case FaultSlowAfter:
		pause(e.ctx, f.Delay)
	case FaultStatusAfter, FaultRawBodyAfter:
		a = s.faultResponse(f)
	}
	return a
}

// work waits as long as the API needs for a request.
func (s *Server) work(e *exchange) {
	s.mu.Lock()
	perUser := s.rules.PerUser
	hangs := s.format.OverLimit == OverLimitHang && e.page.limit > s.format.maxLimit()
	s.mu.Unlock()
	switch {
	case e.problem != nil:
	case e.isWrite():
		pause(e.ctx, time.Duration(len(e.users))*perUser)
	case hangs:
		<-e.ctx.Done()
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) apply(e *exchange) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.problem != nil:
		return errorResponse(s.format.Error, e.problem)
	case e.isHealth():
		return s.healthStatus(e)
	case e.isWrite():
		return s.write(e)
	default:
		return s.page(e)
	}
}

// pause ends the request if the client hangs up or the server stops while it waits.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}
