package fakeapi

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// DefaultKey is the key that is accepted where Options names none.
	DefaultKey = "fake-api-key"
	// KeyHeader is the header that carries the key (360dialog).
	KeyHeader = "D360-API-KEY"
	// Path is the path of the list (360dialog, Meta).
	Path = "/block_users"
	// DefaultNextURL is where paging.next leads: to a name that can never resolve, as the real link presumably leads
	// to Meta's host, which no request, let alone the key, may go to.
	DefaultNextURL = "https://graph.facebook.invalid/v23.0/106540352242922/block_users"

	// maxBody is the largest request body in bytes; 1,000 of the longest user IDs fit into a quarter of it.
	maxBody = 1 << 20
)

// Options configure a Server. The zero value is a well-behaved service.
type Options struct {
	// Key is the accepted API key; empty means DefaultKey. One of less than 8 bytes is not looked for where it does not
	// belong.
	Key string
	// Channel is the business number that the key belongs to.
	Channel Channel
	// ResponseFormat is how answers look.
	ResponseFormat ResponseFormat
	// Rules are what the API allows.
	Rules Rules
	// Delay passes before every answer, while the request is in flight and before it is applied.
	Delay time.Duration
	// WaIDs gives the WhatsApp ID of numbers, both as digits, where the two differ: Brazil's ninth digit, Mexico's
	// 521, Argentina's 549 (Meta, seen). Both spellings are one user, shown under the WhatsApp ID.
	WaIDs map[string]string
	// UserIDs gives the business-scoped user ID of numbers in digits (Meta). Every other number has the one that
	// Server.UserID makes up. A user ID that belongs to no number is a user known by user ID alone.
	UserIDs map[string]string
	// NextURL is the address of paging.next and paging.previous, to which a query is added; empty means
	// DefaultNextURL. A test may point it at a server that must never be called.
	NextURL string
}

// Server is the API for one business number. All its methods may be called at any time and from any goroutine.
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
	// hidden holds the keys of users whose number is hidden.
	hidden          map[string]bool
	allSilent       bool
	rejectedPosts   map[string]rejection
	rejectedDeletes map[string]rejection
	// replica is the list that the next staleScans scans see.
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

// New makes a server with an empty list. It panics where an option makes no sense.
func New(opts Options) *Server {
	if opts.NextURL == "" {
		opts.NextURL = DefaultNextURL
	}
	nextURL, err := url.Parse(opts.NextURL)
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

func (s *Server) setKey(key string) {
	if key == "" {
		key = DefaultKey
	}
	s.apiKey = key
}

func (s *Server) setRules(r Rules) {
	s.rules = r.withDefaults()
	s.ownKey = ""
	if r.OwnNumber != "" {
		s.ownKey = s.keyOf(r.OwnNumber)
	}
}

// ServeHTTP serves one request. Where a fault or a client that is gone leaves nothing to answer, it panics with
// http.ErrAbortHandler, as the net/http server wants it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, nil) }

// serve is ServeHTTP beside channels with other keys.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, otherKeys []string) {
	e := s.enter(r, otherKeys)
	defer s.leave(e)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	s.inspect(e, r, body, err)
	a := s.respond(e)
	// A client that has its response may send the next write before this function returns.
	s.leave(e)
	s.send(w, e, a)
}

// respond makes the response, with the waits, hooks and faults that go with it.
func (s *Server) respond(e *exchange) answer {
	pause(e.ctx, s.delay)
	e.fault = s.faultFor(e)
	f := e.fault
	if f.Do != nil {
		f.Do(s)
	}
	if f.Kind == FaultSlow {
		pause(e.ctx, f.Delay)
	}
	var a answer
	if f.Kind.preempts() {
		a = s.faultAnswer(f)
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
		a = s.faultAnswer(f)
	}
	return a
}

// work takes the time that the API needs for a request.
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

// apply does what the request asks for, if it is a good one.
func (s *Server) apply(e *exchange) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.problem != nil:
		return errorAnswer(s.format.Error, e.problem)
	case e.isHealth():
		return s.healthStatus(e)
	case e.isWrite():
		return s.write(e)
	default:
		return s.page(e)
	}
}

// pause waits, unless the client goes away or the server stops, which both end the request.
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
