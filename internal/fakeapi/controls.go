package fakeapi

import "fmt"

// locked runs do while no request changes the server.
func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// forEach runs do for the key of each user.
func (s *Server) forEach(users []string, do func(key string)) {
	s.locked(func() {
		for _, name := range users {
			do(s.keyOf(name))
		}
	})
}

// Seed puts users on the list, whatever the rules say. Like all methods that take users, it accepts any of their names
// in any usual spelling, and panics where a text is not a name.
func (s *Server) Seed(users ...string) {
	s.locked(func() {
		for _, name := range users {
			u := mustParse(name)
			s.list.add(&entry{key: s.names.key(u), sent: u})
		}
	})
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

// Remove takes users off the list, as if someone had unblocked them by hand.
func (s *Server) Remove(users ...string) { s.forEach(users, s.list.remove) }

// Blocked returns the keys of the users in the order of the list: the WhatsApp ID of a user with a number, and the user
// ID of a user known by user ID alone.
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

// IsBlocked reports whether a user is on the list, under any name.
func (s *Server) IsBlocked(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list.has(s.keyOf(user))
}

// Silent makes users count as not having written within 24 hours: blocking them gets 131047 until Heard.
func (s *Server) Silent(users ...string) { s.forEach(users, func(key string) { s.heard[key] = false }) }

// Heard makes users count as having just written.
func (s *Server) Heard(users ...string) { s.forEach(users, func(key string) { s.heard[key] = true }) }

// SetAllSilent sets whether users count as silent who were never passed to Heard or Silent.
func (s *Server) SetAllSilent(silent bool) { s.locked(func() { s.allSilent = silent }) }

// Reject makes every POST fail for a user with a code, before any other rule; empty texts take the usual ones.
func (s *Server) Reject(user string, code int, message, details string) {
	s.locked(func() { s.rejectedPosts[s.keyOf(user)] = newRejection(code, message, details) })
}

// RejectUnblock is Reject for DELETE.
func (s *Server) RejectUnblock(user string, code int, message, details string) {
	s.locked(func() { s.rejectedDeletes[s.keyOf(user)] = newRejection(code, message, details) })
}

// Allow undoes Reject and RejectUnblock.
func (s *Server) Allow(users ...string) {
	s.forEach(users, func(key string) {
		delete(s.rejectedPosts, key)
		delete(s.rejectedDeletes, key)
	})
}

// Hide makes the API withhold users' numbers, as Meta does for a user with a username once 30 days have passed without
// a message (Meta): the list shows the user ID alone, and responses have no wa_id. The input of a response still
// repeats what the request sent. Hide has no effect on a user without a number. The list and its cursors stay valid.
func (s *Server) Hide(users ...string) { s.forEach(users, func(key string) { s.hidden[key] = true }) }

// Show undoes Hide.
func (s *Server) Show(users ...string) { s.forEach(users, func(key string) { s.hidden[key] = false }) }

// SetFormat changes how responses look from now on.
func (s *Server) SetFormat(f ResponseFormat) { s.locked(func() { s.format = f }) }

// SetRules changes what the API allows from now on.
func (s *Server) SetRules(r Rules) { s.locked(func() { s.setRules(r) }) }

// SetKey changes the accepted key. The old one is revoked, as when a user makes a new one (360dialog).
func (s *Server) SetKey(key string) { s.locked(func() { s.setKey(key) }) }
