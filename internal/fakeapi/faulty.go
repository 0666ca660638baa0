package fakeapi

import "net/http"

// noFault stands for a request that goes well, so that no one has to ask.
var noFault = &Fault{Kind: FaultHook}

// preempts tells whether the kind answers in place of the API, which then never hears of the request.
func (k FaultKind) preempts() bool {
	switch k {
	case FaultStatus, FaultCode, FaultDropBefore, FaultRawBody, FaultRedirect, FaultHuge:
		return true
	default:
		return false
	}
}

// changesPaging tells whether the kind gives a page another cursor than it should have.
func (k FaultKind) changesPaging() bool {
	switch k {
	case FaultCursorLoop, FaultCursorRestart, FaultRepeatPage, FaultSkipPage, FaultEmptyPage:
		return true
	default:
		return false
	}
}

// faultFor chooses the fault that hits a request.
func (s *Server) faultFor(e *exchange) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.takeFault(e.record.Method, e.record.Path, func(k FaultKind) bool { return s.shows(k, e) }); f != nil {
		return f
	}
	return noFault
}

// shows tells whether a fault of this kind would make a difference to the request.
func (s *Server) shows(k FaultKind, e *exchange) bool {
	switch {
	case k < FaultCursorLoop:
		return true
	case e.problem != nil || e.isHealth():
		return false
	case k == FaultPartialAnswer:
		return e.isWrite() && len(e.users) >= 2
	case e.isWrite():
		return false
	}
	p, problem := s.locate(e.page)
	if problem != nil {
		return false
	}
	switch k {
	case FaultCursorLoop, FaultCursorRestart:
		return e.page.after != nil
	case FaultRepeatPage:
		return e.page.after != nil && p.start > 0
	case FaultSkipPage:
		return p.more()
	default:
		return len(p.users()) > 0
	}
}

// faultAnswer gives the response of a fault that answers by itself.
func (s *Server) faultAnswer(f *Fault) answer {
	switch f.Kind {
	case FaultRawBody, FaultRawBodyAfter:
		return answer{status: orStatus(f.Status, http.StatusOK), contentType: f.ContentType, body: []byte(f.Body)}
	case FaultRedirect:
		return answer{status: orStatus(f.Status, http.StatusTemporaryRedirect)}
	}
	var e *apiError
	if f.Kind == FaultCode || f.Code != 0 {
		e = newError(f.Code)
		if f.Kind == FaultCode {
			e.status = orStatus(f.Status, e.status)
		} else {
			e.status = orStatus(f.Status, http.StatusInternalServerError)
		}
	} else {
		status := orStatus(f.Status, http.StatusInternalServerError)
		e = &apiError{status: status, code: noCode, message: http.StatusText(status)}
		if e.message == "" {
			e.message = "Fault"
		}
	}
	if f.Message != "" {
		e.message = f.Message
	}
	if f.Details != "" {
		e.details = f.Details
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errorAnswer(s.format.Error, e)
}

func orStatus(status, usual int) int {
	if status == 0 {
		return usual
	}
	return status
}
