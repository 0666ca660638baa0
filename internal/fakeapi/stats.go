package fakeapi

import "slices"

// Stats are counts since the start or the last ResetStats.
type Stats struct {
	// Gets, Posts and Deletes count all requests that arrived, except those for HealthPath.
	Gets, Posts, Deletes int
	// UsersPosted and UsersDeleted count a user each time that a request names them.
	UsersPosted, UsersDeleted int
	// UserIDsAsUser are the user IDs that came in the field user, which Meta documents for numbers.
	UserIDsAsUser int
	// MaxWritesInFlight is the largest number of writes in flight at once. A write is in flight from its arrival until
	// its response begins or its client hangs up.
	MaxWritesInFlight int
	// HealthStatus counts the requests for HealthPath.
	HealthStatus int
	// Scans are the GETs without a cursor.
	Scans int
}

// Requests includes those for HealthPath.
func (s Stats) Requests() int { return s.Gets + s.Posts + s.Deletes + s.HealthStatus }

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// ResetStats sets the counts to zero. It keeps Requests, Deleted, Violations and FaultHits.
func (s *Server) ResetStats() { s.locked(func() { s.stats = Stats{} }) }

// Requests returns the last 10,000 requests, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0, len(s.requests))
	for i := range s.requests {
		// In a full ring, the next request replaces the oldest one.
		requests = append(requests, s.requests[(s.nextRequest+i)%len(s.requests)].clone())
	}
	return requests
}

// Deleted returns each user named in a DELETE, whatever its outcome, in the order sent and as often as named: a number
// as its digits, which need not be the WhatsApp ID, and a user ID as the key that Blocked returns. No client unblocked
// a user who is not in it.
func (s *Server) Deleted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deleted)
}

// Violations returns the first 1,000 mistakes of clients, in words. A missing or misplaced key is a violation; a wrong
// key is not, because tests use one.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
