package fakeapi

import (
	"net/http"
	"slices"
)

type writeResponse struct {
	MessagingProduct string       `json:"messaging_product"`
	BlockUsers       writeResults `json:"block_users"`
	Error            *errorObject `json:"error,omitempty"`
}

type writeResults struct {
	Added   []namedUser `json:"added_users,omitempty"`
	Removed []namedUser `json:"removed_users,omitempty"`
	Failed  []namedUser `json:"failed_users,omitzero"`
}

// outcome is the result of a write for one user.
type outcome int

const (
	done outcome = iota
	failed
	ignored
)

func (s *Server) write(e *exchange) response {
	block := e.record.Method == http.MethodPost
	if block && s.rules.Full == FullWholeRequest && s.list.len()+s.newcomers(e.users) > s.rules.Capacity {
		return errorResponse(s.format.Error, newError(codeListFull))
	}
	if block && s.rules.SilentWholeRequest && slices.ContainsFunc(e.users, s.tooLate) {
		return errorResponse(s.format.Error, newError(codeSilent))
	}
	covered := len(e.users)
	if e.fault.Kind == FaultPartialResponse {
		covered /= 2
	}
	var before view
	if s.rules.StaleScans > 0 {
		before = s.list.view()
	}
	version := s.list.version
	var good, bad []namedUser
	for i, u := range e.users {
		key := s.names.key(u)
		what, why := s.change(block, u, key)
		switch {
		case i >= covered || what == ignored:
		case what == failed:
			bad = append(bad, s.nameFailed(u, key, why))
		default:
			good = append(good, s.nameInWrite(u, key))
		}
	}
	if s.rules.StaleScans > 0 && s.list.version != version {
		s.replica, s.staleScans = before, s.rules.StaleScans
	}
	return s.writeResponse(block, good, bad)
}

func (s *Server) writeResponse(block bool, good, bad []namedUser) response {
	if bad == nil && s.format.EmptyFailed {
		bad = []namedUser{}
	}
	body := writeResponse{MessagingProduct: product, BlockUsers: writeResults{Failed: bad}}
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
	return jsonResponse(status, body)
}

// newcomers counts the users of a POST who are not on the list.
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

// tooLate reports whether the 24-hour rule forbids blocking a user.
func (s *Server) tooLate(u user) bool {
	key := s.names.key(u)
	return !s.list.has(key) && s.isSilent(key)
}

func (s *Server) isSilent(key string) bool {
	if heard, known := s.heard[key]; known {
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
