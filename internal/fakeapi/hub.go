package fakeapi

import (
	"net/http"
	"slices"
)

// Hub serves several channels at one address, as 360dialog does. The key of a request selects the server.
type Hub struct {
	servers []*Server
	// unknown gets the requests whose key belongs to no server.
	unknown *Server
}

// noKey is a key that no request can have, because a header cannot hold this character.
const noKey = "\x00"

// NewHub panics where two servers have the same key.
func NewHub(servers ...*Server) *Hub {
	seen := map[string]bool{}
	for _, s := range servers {
		key := s.key()
		if seen[key] {
			panic("fakeapi: two servers of a hub have the same key")
		}
		seen[key] = true
	}
	return &Hub{servers: slices.Clone(servers), unknown: New(Options{Key: noKey})}
}

// ServeHTTP responds with 401 where no server has the key of the request.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent := r.Header.Get(KeyHeader)
	to := h.unknown
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

// Violations returns the violations of all servers, and those of requests with an unknown key. The key of one channel in
// a request for another is a violation too.
func (h *Hub) Violations() []string {
	violations := h.unknown.Violations()
	for _, s := range h.servers {
		violations = append(violations, s.Violations()...)
	}
	return violations
}

// Unauthorized returns the last 10,000 requests with an unknown key, oldest first.
func (h *Hub) Unauthorized() []Request { return h.unknown.Requests() }

func (s *Server) key() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apiKey
}
