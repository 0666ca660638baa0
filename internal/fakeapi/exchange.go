package fakeapi

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

const keptRequests = 10_000

// Request is a request as it arrived.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	// Users are the users that the body names, as sent, as far as it can be read.
	Users []string
	// Items are the items of the body, one for each, as far as they can be read.
	Items []Item
	// Status is the HTTP status of the response; 0 until there is one, and forever where the connection was dropped.
	Status int
}

// exchange is a request that is being served.
type exchange struct {
	ctx    context.Context
	record *Request
	// otherKeys are the keys of other channels at the same address.
	otherKeys []string
	// overlaps is set if another write was in flight when this one arrived.
	overlaps bool
	// problem is the first reason to reject the request as a whole.
	problem *apiError
	users   []user
	page    pageRequest
	// fields are what a GET of HealthPath asks for; nil where it names none.
	fields []string
	fault  *Fault
}

// pageRequest is what a GET asks for.
type pageRequest struct {
	// limit is in users; 0 where the request has none.
	limit         int
	after, before *cursor
	// lagging shows the list as it was before the latest write.
	lagging bool
}

func (e *exchange) isWrite() bool {
	return !e.isHealth() && (e.record.Method == http.MethodPost || e.record.Method == http.MethodDelete)
}

func (s *Server) enter(r *http.Request, otherKeys []string) *exchange {
	e := &exchange{
		ctx:       r.Context(),
		otherKeys: otherKeys,
		record: &Request{
			Method: r.Method,
			Path:   r.URL.Path,
			Query:  r.URL.Query(),
			Header: r.Header.Clone(),
		},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remember(e.record)
	switch {
	case e.isHealth():
		s.stats.HealthStatus++
	case r.Method == http.MethodGet:
		s.stats.Gets++
		if !e.record.Query.Has("after") && !e.record.Query.Has("before") {
			s.stats.Scans++
		}
	case r.Method == http.MethodPost:
		s.stats.Posts++
	case r.Method == http.MethodDelete:
		s.stats.Deletes++
	}
	if e.isWrite() {
		// A client that has hung up on a write may send the next one before the server has ended the first.
		maps.DeleteFunc(s.writes, func(other *exchange, _ struct{}) bool { return hasHungUp(other.ctx) })
		e.overlaps = len(s.writes) > 0
		s.writes[e] = struct{}{}
		s.stats.MaxWritesInFlight = max(s.stats.MaxWritesInFlight, len(s.writes))
	}
	return e
}

// leave marks a write as no longer in flight. A second call has no effect.
func (s *Server) leave(e *exchange) { s.locked(func() { delete(s.writes, e) }) }

func (s *Server) remember(r *Request) {
	if len(s.requests) < keptRequests {
		s.requests = append(s.requests, r)
		return
	}
	s.requests[s.nextRequest] = r
	s.nextRequest = (s.nextRequest + 1) % keptRequests
}

// clone returns a copy that shares nothing with the original.
func (r *Request) clone() Request {
	c := *r
	c.Query = url.Values(http.Header(r.Query).Clone())
	c.Header = r.Header.Clone()
	c.Users = slices.Clone(r.Users)
	c.Items = slices.Clone(r.Items)
	return c
}
