package fakeapi

import (
	"net/http"
	"slices"
)

// writeAnswer is the body of the response to a POST or DELETE.
type writeAnswer struct {
	MessagingProduct string       `json:"messaging_product"`
	BlockUsers       writeResults `json:"block_users"`
	Error            *errorObject `json:"error,omitempty"`
}

type writeResults struct {
	Added   []named `json:"added_users,omitempty"`
	Removed []named `json:"removed_users,omitempty"`
	Failed  []named `json:"failed_users,omitzero"`
}

// outcome is what became of one user of a write.
type outcome int

const (
	done outcome = iota
	failed
	ignored
)

// write applies a POST or DELETE and answers it.
func (s *Server) write(e *exchange) answer {
	block := e.record.Method == http.MethodPost
	if block && s.rules.Full == FullWholeRequest && s.list.len()+s.newcomers(e.users) > s.rules.Capacity {
		return errorAnswer(s.format.Error, newError(codeListFull))
	}
	if block && s.rules.SilentWholeRequest && slices.ContainsFunc(e.users, s.tooLate) {
		return errorAnswer(s.format.Error, newError(codeSilent))
	}
	answered := len(e.users)
	if e.fault.Kind == FaultPartialAnswer {
		answered /= 2
	}
	var before view
	if s.rules.StaleScans > 0 {
		before = s.list.view()
	}
	version := s.list.version
	var good, bad []named
	for i, u := range e.users {
		key := s.names.key(u)
		what, why := s.change(block, u, key)
		switch {
		case i >= answered || what == ignored:
		case what == failed:
			bad = append(bad, s.nameFailed(u, key, why))
		default:
			good = append(good, s.nameInWrite(u, key))
		}
	}
	if s.rules.StaleScans > 0 && s.list.version != version {
		s.replica, s.staleScans = before, s.rules.StaleScans
	}
	return s.writeAnswer(block, good, bad)
}

func (s *Server) writeAnswer(block bool, good, bad []named) answer {
	if bad == nil && s.format.EmptyFailed {
		bad = []named{}
	}
	body := writeAnswer{MessagingProduct: product, BlockUsers: writeResults{Failed: bad}}
	if block || s.format.Removed == RemovedAsAdded {
		body.BlockUsers.Added = good
	} else {
		body.BlockUsers.Removed = good
	}
	status := http.StatusOK
	if len(bad) > 0 {
		if s.format.Rejection != Rejection200 {
			object := newErrorObject(newError(codeSomeFailed))
			body.Error = &object
		}
		if s.format.Rejection == Rejection400 {
			status = http.StatusBadRequest
		}
	}
	return jsonAnswer(status, body)
}

// newcomers counts the users that a POST would add if no rule spoke against it.
func (s *Server) newcomers(users []user) int {
	keys := make(map[string]struct{}, len(users))
	for _, u := range users {
		if key := s.names.key(u); !s.list.has(key) {
			keys[key] = struct{}{}
		}
	}
	return len(keys)
}

func (s *Server) change(block bool, u user, key string) (outcome, rejection) {
	if block {
		return s.block(u, key)
	}
	return s.unblock(u, key)
}

func (s *Server) block(u user, key string) (outcome, rejection) {
	if why, ok := s.rejectedPosts[key]; ok {
		return failed, why
	}
	switch {
	case key == s.ownKey:
		return failed, newRejection(codeOwnNumber, "", "")
	case s.list.has(key):
		return noOp(s.rules.AlreadyBlocked, s.rules.AlreadyBlockedCode)
	case s.isSilent(key):
		return failed, newRejection(codeSilent, "", "")
	case s.list.len() >= s.rules.Capacity:
		return failed, newRejection(codeListFull, "", "")
	}
	s.list.add(&entry{key: key, sent: u})
	return done, rejection{}
}

func (s *Server) unblock(u user, key string) (outcome, rejection) {
	if why, ok := s.rejectedDeletes[key]; ok {
		return failed, why
	}
	if s.hidden[key] && !u.isID {
		switch s.rules.HiddenUnblock {
		case HiddenUnblockReject:
			return failed, newRejection(s.rules.HiddenUnblockCode, "", "")
		case HiddenUnblockNoEffect:
			return done, rejection{}
		}
	}
	if !s.list.has(key) {
		return noOp(s.rules.NotBlocked, s.rules.NotBlockedCode)
	}
	s.list.remove(key)
	return done, rejection{}
}

// tooLate tells whether the 24-hour rule forbids to block a user.
func (s *Server) tooLate(u user) bool {
	key := s.names.key(u)
	return !s.list.has(key) && s.isSilent(key)
}

func (s *Server) isSilent(key string) bool {
	heard, known := s.heard[key]
	if known {
		return !heard
	}
	return s.allSilent
}

func noOp(rule NoOp, code int) (outcome, rejection) {
	switch rule {
	case NoOpReject:
		return failed, newRejection(code, "", "")
	case NoOpIgnore:
		return ignored, rejection{}
	default:
		return done, rejection{}
	}
}
