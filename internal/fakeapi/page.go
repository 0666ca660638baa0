package fakeapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// pageAnswer is the body of the response to a GET.
type pageAnswer struct {
	// Data is nil where the page leaves it out.
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

// nestedItem is a data item of a nested list.
type nestedItem struct {
	BlockUsers []named `json:"block_users"`
}

// span is the part of a view that a page shows.
type span struct {
	view
	start, end int
	// limit is the page size in users, which the last page does not fill.
	limit int
}

func (p span) users() []*entry { return p.entries[p.start:p.end] }

// more tells whether users follow after the page.
func (p span) more() bool { return p.end < len(p.entries) }

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

// page answers a GET.
func (s *Server) page(e *exchange) answer {
	p, problem := s.locate(e.page)
	if problem != nil {
		return errorAnswer(s.format.Error, problem)
	}
	shown := p
	after := cursor{Offset: p.end, Version: p.version}
	promise := p.more()
	switch e.fault.Kind {
	case FaultCursorLoop:
		after, promise = *e.page.after, true
	case FaultCursorRestart:
		after, promise = cursor{Offset: min(p.limit, len(p.entries)), Version: p.version}, true
	case FaultRepeatPage:
		shown.start, shown.end = max(0, p.start-p.limit), p.start
		after, promise = s.freshCursor(p.start, p.version), true
	case FaultSkipPage:
		after.Offset = min(p.end+p.limit, len(p.entries))
	case FaultEmptyPage:
		shown.end = shown.start
		after, promise = s.freshCursor(p.start, p.version), !e.fault.NoNext
	}
	names := make([]named, 0, p.limit)
	for _, entry := range shown.users() {
		names = append(names, s.nameInList(entry))
	}
	if e.fault.Kind == FaultUnnamedEntry && len(names) > 0 {
		names[len(names)-1] = named{MessagingProduct: names[len(names)-1].MessagingProduct}
	}
	body := pageAnswer{Data: s.format.data(names)}
	faulty := e.fault.Kind.changesPaging()
	// A cursor needs users on the page, and something after them where the last page has none; faults lie about both.
	if faulty || len(names) > 0 && (promise || s.format.LastPage != LastPageNoCursors) {
		body.Paging = s.paging(shown, after, promise)
	}
	return jsonAnswer(http.StatusOK, body)
}

// freshCursor gives a cursor that was never given before.
func (s *Server) freshCursor(offset, version int) cursor {
	s.nonce++
	return cursor{Offset: offset, Version: version, Nonce: s.nonce}
}

func (s *Server) paging(p span, after cursor, promise bool) *pagingInfo {
	before := cursor{Offset: p.start, Version: p.version}
	info := &pagingInfo{Cursors: cursorPair{Before: before.String(), After: after.String()}}
	if s.format.LastPage == LastPageNextNever {
		return info
	}
	if promise {
		info.Next = s.link("after", after, p.limit)
	}
	if p.start > 0 {
		info.Previous = s.link("before", before, p.limit)
	}
	return info
}

// link gives the absolute address of another page, on a host that no client should turn to.
func (s *Server) link(direction string, c cursor, limit int) string {
	link := *s.nextURL
	link.RawQuery = url.Values{
		// Graph API links carry this one (seen). It also gives away a client that copies their query.
		"pretty":  {"0"},
		"limit":   {strconv.Itoa(limit)},
		direction: {c.String()},
	}.Encode()
	return link.String()
}

// data gives the data of a page; nil leaves it out.
func (w ResponseFormat) data(names []named) any {
	if len(names) == 0 {
		switch w.Empty {
		case EmptyOmitted:
			return nil
		case EmptyNull:
			return json.RawMessage("null")
		default:
			return []named{}
		}
	}
	switch w.List {
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
