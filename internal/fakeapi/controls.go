package fakeapi

import "fmt"

// Seed puts users on the list, by any of their names in any usual spelling and whatever the rules say. It panics where
// a text names no one. All methods that take users take any of their names, and panic in the same way.
func (s *Server) Seed(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		u := mustParse(spelling)
		s.list.add(&entry{key: s.names.key(u), sent: u})
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
		key := s.names.key(u)
		if s.list.has(key) {
			continue
		}
		s.list.add(&entry{key: key, sent: u})
		numbers = append(numbers, u.canonical)
	}
	return numbers
}

// Remove takes users off the list, as someone does who unblocks by hand.
func (s *Server) Remove(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		s.list.remove(s.keyOf(spelling))
	}
}

// Blocked gives the list in its order by the users' keys: the WhatsApp ID of a user with a number, and the user ID of
// a user known by user ID alone.
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

// IsBlocked tells whether a user is on the list, under any name.
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

// Reject makes every POST fail for a user with a code, before any other rule; empty texts take the usual ones.
func (s *Server) Reject(user string, code int, message, details string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejectedPosts[s.keyOf(user)] = newRejection(code, message, details)
}

// RejectUnblock is Reject for DELETE.
func (s *Server) RejectUnblock(user string, code int, message, details string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejectedDeletes[s.keyOf(user)] = newRejection(code, message, details)
}

// Allow lifts what Reject and RejectUnblock said of users.
func (s *Server) Allow(users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range users {
		key := s.keyOf(spelling)
		delete(s.rejectedPosts, key)
		delete(s.rejectedDeletes, key)
	}
}

// Hide makes the API withhold users' numbers, as Meta does for a user with a username once 30 days have passed without
// a message (Meta): the list shows the user ID alone, and responses have no wa_id. What a request sent is still
// repeated as input. A user without a number has nothing to hide. The list and its cursors stay as they are.
func (s *Server) Hide(users ...string) {
	s.setHidden(users, true)
}

// Show ends what Hide began.
func (s *Server) Show(users ...string) {
	s.setHidden(users, false)
}

func (s *Server) setHidden(users []string, hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range users {
		s.hidden[s.keyOf(name)] = hidden
	}
}

// SetFormat changes how answers look from now on.
func (s *Server) SetFormat(w ResponseFormat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.format = w
}

// SetRules changes what the API allows from now on.
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
