package sandbox

import "net/http"

// writeAnswer is the body of the answer to a POST or DELETE.
type writeAnswer struct {
	MessagingProduct string       `json:"messaging_product"`
	BlockUsers       writeResults `json:"block_users"`
	Error            *errorObject `json:"error,omitempty"`
}

type writeResults struct {
	Added   []named `json:"added_users,omitempty"`
	Removed []named `json:"removed_users,omitempty"`
	Failed  []named `json:"failed_users,omitempty"`
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
		return errorAnswer(s.wire.Error, newError(codeListFull))
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
		key := s.key(u)
		what, why := s.change(block, u, key)
		switch {
		case i >= answered || what == ignored:
		case what == failed:
			bad = append(bad, s.wire.nameFailed(u, key, why))
		default:
			good = append(good, s.wire.nameInWrite(u, key))
		}
	}
	if s.rules.StaleScans > 0 && s.list.version != version {
		s.replica, s.staleScans = before, s.rules.StaleScans
	}
	return s.writeAnswer(block, good, bad)
}

func (s *Server) writeAnswer(block bool, good, bad []named) answer {
	body := writeAnswer{MessagingProduct: product, BlockUsers: writeResults{Failed: bad}}
	if block || s.wire.Removed == RemovedAsAdded {
		body.BlockUsers.Added = good
	} else {
		body.BlockUsers.Removed = good
	}
	status := http.StatusOK
	if len(bad) > 0 {
		if s.wire.Refusal != Refusal200 {
			object := newErrorObject(newError(codeSomeFailed))
			body.Error = &object
		}
		if s.wire.Refusal == Refusal400 {
			status = http.StatusBadRequest
		}
	}
	return jsonAnswer(status, body)
}

// newcomers counts whom a POST would add if no rule spoke against it.
func (s *Server) newcomers(users []user) int {
	keys := make(map[string]struct{}, len(users))
	for _, u := range users {
		if key := s.key(u); !s.list.has(key) {
			keys[key] = struct{}{}
		}
	}
	return len(keys)
}

func (s *Server) change(block bool, u user, key string) (outcome, refusal) {
	if block {
		return s.block(u, key)
	}
	return s.unblock(key)
}

func (s *Server) block(u user, key string) (outcome, refusal) {
	if why, ok := s.refusedPosts[key]; ok {
		return failed, why
	}
	switch {
	case key == s.ownKey:
		return failed, newRefusal(codeOwnNumber, "", "")
	case s.list.has(key):
		return noOp(s.rules.AlreadyBlocked, s.rules.AlreadyBlockedCode)
	case s.isSilent(key):
		return failed, newRefusal(codeSilent, "", "")
	case s.list.len() >= s.rules.Capacity:
		return failed, newRefusal(codeListFull, "", "")
	}
	s.list.add(&entry{key: key, sent: u.wireForm(), isID: u.isID})
	return done, refusal{}
}

func (s *Server) unblock(key string) (outcome, refusal) {
	if why, ok := s.refusedDeletes[key]; ok {
		return failed, why
	}
	if !s.list.has(key) {
		return noOp(s.rules.NotBlocked, s.rules.NotBlockedCode)
	}
	s.list.remove(key)
	return done, refusal{}
}

func (s *Server) isSilent(key string) bool {
	heard, known := s.heard[key]
	if known {
		return !heard
	}
	return s.allSilent
}

func noOp(rule NoOp, code int) (outcome, refusal) {
	switch rule {
	case NoOpRefuse:
		return failed, newRefusal(code, "", "")
	case NoOpIgnore:
		return ignored, refusal{}
	default:
		return done, refusal{}
	}
}
