package fakeapi

import (
	"cmp"
	"net/http"
)

// noFault spares the code a check for nil.
var noFault = &Fault{Kind: FaultHook}

// preempts reports whether the request never reaches the API.
func (k FaultKind) preempts() bool {
	switch k {
	case FaultStatus, FaultCode, FaultDropBefore, FaultRawBody, FaultRedirect, FaultHuge:
		return true
	default:
		return false
	}
}

// changesPaging reports whether the kind gives a page a wrong cursor.
func (k FaultKind) changesPaging() bool {
	switch k {
	case FaultCursorLoop, FaultCursorRestart, FaultRepeatPage, FaultSkipPage, FaultEmptyPage:
		return true
	default:
		return false
	}
}

func (s *Server) faultFor(e *exchange) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.takeFault(e.record.Method, e.record.Path, func(k FaultKind) bool { return s.hits(k, e) }); f != nil {
		return f
	}
	return noFault
}

// hits reports whether a fault of this kind would make a difference to the request.
func (s *Server) hits(k FaultKind, e *exchange) bool {
	switch {
	case k < FaultCursorLoop:
		return true
	case e.problem != nil || e.isHealth():
		return false
	case k == FaultPartialResponse:
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
		return p.hasNext()
	default:
		return len(p.users()) > 0
	}
}

// faultResponse returns the response of a fault that replaces the ordinary one.
func (s *Server) faultResponse(f *Fault) response {
	switch f.Kind {
	case FaultRawBody, FaultRawBodyAfter:
		return response{status: cmp.Or(f.Status, http.StatusOK), contentType: f.ContentType, body: []byte(f.Body)}
	case FaultRedirect:
		return response{status: cmp.Or(f.Status, http.StatusTemporaryRedirect)}
	}
	status := cmp.Or(f.Status, http.StatusInternalServerError)
	e := newError(f.Code)
	switch {
	case f.Kind == FaultCode:
		e.status = cmp.Or(f.Status, e.status)
	case f.Code != 0:
		e.status = status
	default:
		e = &apiError{status: status, code: noCode, message: cmp.Or(http.StatusText(status), "Fault")}
	}
	e.message = cmp.Or(f.Message, e.message)
	e.details = cmp.Or(f.Details, e.details)
	s.mu.Lock()
	defer s.mu.Unlock()
	return errorResponse(s.format.Error, e)
}
