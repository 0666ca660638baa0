package fakeapi

import "slices"

// Stats are counts since the start or the last ResetStats.
type Stats struct {
	// Gets, Posts and Deletes are the requests that arrived with each method, answered or not, but for those of
	// HealthStatus.
	Gets, Posts, Deletes int
	// UsersPosted and UsersDeleted are the users that those requests named, each time they were named.
	UsersPosted, UsersDeleted int
	// UserIDsAsUser are the user IDs that came in the field user, which Meta documents for numbers.
	UserIDsAsUser int
	// MaxWritesInFlight is the largest number of POSTs and DELETEs that were under way at once. A write is under
	// way from its arrival, through any delay, until its response begins or its client is gone.
	MaxWritesInFlight int
	// HealthStatus are the requests for HealthPath.
	HealthStatus int
	// Scans are the GETs for a first page: those without a cursor.
	Scans int
}

// Requests is the number of requests of all methods, those for HealthPath included.
func (s Stats) Requests() int { return s.Gets + s.Posts + s.Deletes + s.HealthStatus }

// Stats gives the counts so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// ResetStats sets the counts to nothing. Requests, Deleted, Violations and FaultHits stay.
func (s *Server) ResetStats() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats = Stats{}
}

// Requests gives the last 10,000 requests in the order of their arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0, len(s.requests))
	for i := range s.requests {
		// Once the ring is full, its oldest request stands where the next one goes.
		requests = append(requests, s.requests[(s.nextRequest+i)%len(s.requests)].clone())
	}
	return requests
}

// Deleted gives everyone ever named in a DELETE that reached the API, whatever became of it, in the order sent, as
// often as named: a number as its digits, which need not be the WhatsApp ID, and a user ID as the key that Blocked
// gives. Who is not in it was not unblocked by a client.
func (s *Server) Deleted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deleted)
}

// Violations gives everything that clients sent wrongly, in words, the first 1,000 of them. A wrong key is
// none, since that may be what a test is about; a missing or misplaced one is.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
