package sandbox

import "fmt"

// refusal is why the service does not do to a user what it is asked to.
type refusal struct {
	code             int
	message, details string
}

func newRefusal(code int, message, details string) refusal {
	usual := newError(code)
	if message == "" {
		message = usual.message
	}
	if details == "" {
		details = usual.details
	}
	return refusal{code: code, message: message, details: details}
}

// Seed puts users on the list, in any usual spelling and whatever the rules say. It panics where a text names nobody;
// so do all methods that take users.
func (s *Server) Seed(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		u := mustParse(spelling)
		s.list.add(&entry{key: s.key(u), sent: u.wireForm(), isID: u.isID})
	}
}

// SeedN puts n made-up numbers on the list that were not on it, always the same ones in the same order, and returns
// them in canonical form.
func (s *Server) SeedN(n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	numbers := make([]string, 0, n)
	for len(numbers) < n {
		s.seeded++
		u := user{canonical: fmt.Sprintf("4915%09d", s.seeded)}
		key := s.key(u)
		if s.list.has(key) {
			continue
		}
		s.list.add(&entry{key: key, sent: u.wireForm()})
		numbers = append(numbers, u.canonical)
	}
	return numbers
}

// Remove takes users off the list, as somebody does who unblocks by hand.
func (s *Server) Remove(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		s.list.remove(s.keyOf(spelling))
	}
}

// Blocked gives the list in its order: canonical, and under the WhatsApp ID where Options.WaIDs has one.
func (s *Server) Blocked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.list.view().entries
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.key
	}
	return keys
}

// IsBlocked tells whether a user is on the list, under any spelling.
func (s *Server) IsBlocked(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list.has(s.keyOf(user))
}

// Silent makes users count as not having written within 24 hours: blocking them gets 131047 until Heard.
func (s *Server) Silent(users ...string) {
	s.setHeard(users, false)
}

// Heard makes users count as having just written.
func (s *Server) Heard(users ...string) {
	s.setHeard(users, true)
}

func (s *Server) setHeard(users []string, heard bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		s.heard[s.keyOf(spelling)] = heard
	}
}

// SetAllSilent makes everyone count as silent who was not named to Heard, or with false as heard who was not named to
// Silent.
func (s *Server) SetAllSilent(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allSilent = silent
}

// Refuse makes every POST fail for a user with a code, before any other rule; empty texts take the usual ones.
func (s *Server) Refuse(user string, code int, message, details string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusedPosts[s.keyOf(user)] = newRefusal(code, message, details)
}

// RefuseUnblock is Refuse for DELETE.
func (s *Server) RefuseUnblock(user string, code int, message, details string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusedDeletes[s.keyOf(user)] = newRefusal(code, message, details)
}

// Allow lifts what Refuse and RefuseUnblock said of users.
func (s *Server) Allow(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		key := s.keyOf(spelling)
		delete(s.refusedPosts, key)
		delete(s.refusedDeletes, key)
	}
}

// SetWire changes how answers look from now on.
func (s *Server) SetWire(w Wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire = w
}

// SetRules changes what the service allows from now on.
func (s *Server) SetRules(r Rules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setRules(r)
}

// SetKey changes the accepted key, as making a new one does, which revokes the old one (360dialog).
func (s *Server) SetKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setKey(key)
}
