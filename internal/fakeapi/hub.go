package fakeapi

import (
	"net/http"
	"slices"
)

// Hub serves several channels at one address, as 360dialog does. The key of a request tells which server gets it. Each
// server keeps its own list, channel, rules, format, faults and counts.
type Hub struct {
	servers []*Server
	// strangers gets the requests whose key belongs to no server.
	strangers *Server
}

// noKey is a key that no request can have, because no header holds this character.
const noKey = "\x00"

// NewHub makes a hub of servers, each with a key of its own. It panics where two have the same. Servers whose Options
// name no channel have the same one.
func NewHub(servers ...*Server) *Hub {
	seen := map[string]bool{}
	for _, s := range servers {
		key := s.key()
		if seen[key] {
			panic("fakeapi: two servers of a hub have the same key")
		}
		seen[key] = true
	}
	return &Hub{servers: slices.Clone(servers), strangers: New(Options{Key: noKey})}
}

// ServeHTTP hands a request to the server with its key. A request without such a server gets 401.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent := r.Header.Get(KeyHeader)
	to := h.strangers
	otherKeys := make([]string, 0, len(h.servers))
	for _, s := range h.servers {
		if key := s.key(); key == sent {
			to = s
		} else {
			otherKeys = append(otherKeys, key)
		}
	}
	to.serve(w, r, otherKeys)
}

// Start is Server.Start for all channels.
func (h *Hub) Start() (baseURL string, stop func(), err error) { return start(h) }

// StartInMemory is Server.StartInMemory for all channels.
func (h *Hub) StartInMemory() (baseURL string, client *http.Client, stop func()) {
	return startInMemory(h)
}

// Violations gives the violations of all servers, and of requests whose key belongs to none. The key of one channel
// in a request of another, outside its header, is a violation.
func (h *Hub) Violations() []string {
	violations := h.strangers.Violations()
	for _, s := range h.servers {
		violations = append(violations, s.Violations()...)
	}
	return violations
}

// Unauthorized gives the last 10,000 requests whose key belonged to no server, in the order of their arrival.
func (h *Hub) Unauthorized() []Request { return h.strangers.Requests() }

// key gives the accepted key.
func (s *Server) key() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apiKey
}
