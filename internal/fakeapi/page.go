package fakeapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// pageResponse is the body of the response to a GET.
type pageResponse struct {
	// Data is nil where the page omits it.
	Data   any         `json:"data,omitempty"`
	Paging *pagingInfo `json:"paging,omitempty"`
}

type pagingInfo struct {
	Cursors  cursorPair `json:"cursors"`
	Next     string     `json:"next,omitempty"`
	Previous string     `json:"previous,omitempty"`
}

type cursorPair struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

type nestedItem struct {
	BlockUsers []namedUser `json:"block_users"`
}

// span is the part of a view that a page shows.
type span struct {
	view
	start, end int
	// limit is the page size in users. The last page may be smaller.
	limit int
}

func (p span) users() []*entry { return p.entries[p.start:p.end] }

func (p span) hasNext() bool { return p.end < len(p.entries) }

// locate finds the page that a request asks for.
func (s *Server) locate(r pageRequest) (span, *apiError) {
	limit, problem := s.format.pageLimit(r.limit)
	if problem != nil {
		return span{}, problem
	}
	p := span{limit: limit}
	if s.format.IgnoreAfter {
		r.after = nil
	}
	at := r.after
	if at == nil {
		at = r.before
	}
	switch {
	case at == nil && r.lagging:
		p.view = s.replica
	case at != nil && at.Version == s.replica.version && s.replica.entries != nil:
		p.view = s.replica
	default:
		p.view = s.list.view()
	}
	switch {
	case at == nil:
	case at.Version != p.version && !s.rules.StaleCursorsOK:
		return span{}, newError(codeVersionClash)
	case at.Version == p.version && at.Offset > len(p.entries):
		return span{}, badParameter("the cursor leads beyond the list")
	case r.after != nil:
		p.start = min(at.Offset, len(p.entries))
		if p.start < len(p.entries) {
			break
		}
		switch s.format.PastEnd {
		case PastEndReject:
			return span{}, badParameter("cursor out of range")
		case PastEndFirstPage:
			p.start = 0
		}
	default:
		p.end = min(at.Offset, len(p.entries))
		p.start = max(0, p.end-limit)
		return p, nil
	}
	p.end = min(p.start+limit, len(p.entries))
	return p, nil
}

// page responds to a GET of the list.
func (s *Server) page(e *exchange) response {
	p, problem := s.locate(e.page)
	if problem != nil {
		return errorResponse(s.format.Error, problem)
	}
	shown := p
	after := cursor{Offset: p.end, Version: p.version}
	hasNext := p.hasNext()
	switch e.fault.Kind {
	case FaultCursorLoop:
		after, hasNext = *e.page.after, true
	case FaultCursorRestart:
		after, hasNext = cursor{Offset: min(p.limit, len(p.entries)), Version: p.version}, true
	case FaultRepeatPage:
		shown.start, shown.end = max(0, p.start-p.limit), p.start
		after, hasNext = s.freshCursor(p.start, p.version), true
	case FaultSkipPage:
		after.Offset = min(p.end+p.limit, len(p.entries))
	case FaultEmptyPage:
		shown.end = shown.start
		after, hasNext = s.freshCursor(p.start, p.version), !e.fault.NoNext
	}
	names := make([]namedUser, 0, p.limit)
	for _, entry := range shown.users() {
		names = append(names, s.nameInList(entry))
	}
	if e.fault.Kind == FaultUnnamedEntry && len(names) > 0 {
		names[len(names)-1] = namedUser{MessagingProduct: names[len(names)-1].MessagingProduct}
	}
	body := pageResponse{Data: s.format.data(names)}
	faulty := e.fault.Kind.changesPaging()
	// Without a fault, a page has cursors only if it has users, and the last page depends on the format.
	if faulty || len(names) > 0 && (hasNext || s.format.LastPage != LastPageNoCursors) {
		body.Paging = s.paging(shown, after, hasNext)
	}
	return jsonResponse(http.StatusOK, body)
}

// freshCursor returns a cursor that was never sent before.
func (s *Server) freshCursor(offset, version int) cursor {
	s.nonce++
	return cursor{Offset: offset, Version: version, Nonce: s.nonce}
}

func (s *Server) paging(p span, after cursor, hasNext bool) *pagingInfo {
	before := cursor{Offset: p.start, Version: p.version}
	info := &pagingInfo{Cursors: cursorPair{Before: before.String(), After: after.String()}}
	if s.format.LastPage == LastPageNextNever {
		return info
	}
	if hasNext {
		info.Next = s.link("after", after, p.limit)
	}
	if p.start > 0 {
		info.Previous = s.link("before", before, p.limit)
	}
	return info
}

// link is the absolute address of another page, on a host that no client may call.
func (s *Server) link(direction string, c cursor, limit int) string {
	link := *s.nextURL
	link.RawQuery = url.Values{
		// Graph API links have this parameter (seen). A client that copies their query commits a violation.
		"pretty":  {"0"},
		"limit":   {strconv.Itoa(limit)},
		direction: {c.String()},
	}.Encode()
	return link.String()
}

// data returns nil where the page omits its data.
func (f ResponseFormat) data(names []namedUser) any {
	if len(names) == 0 {
		switch f.Empty {
		case EmptyOmitted:
			return nil
		case EmptyNull:
			return json.RawMessage("null")
		default:
			return []namedUser{}
		}
	}
	switch f.List {
	case ListFlat:
		return names
	case ListNestedGrouped:
		return []nestedItem{{BlockUsers: names}}
	default:
		items := make([]nestedItem, len(names))
		for i := range names {
			items[i].BlockUsers = names[i : i+1 : i+1]
		}
		return items
	}
}
