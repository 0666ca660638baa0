package fakeapi

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// keptViolations bounds what a client in a loop can leave behind.
	keptViolations = 1000
	// searchableKey is the length in bytes from which a key can be searched for without finding ordinary text.
	searchableKey = 8
)

var digitsOnly = regexp.MustCompile(`^[0-9]+$`)

// inspector holds one request to the contract.
type inspector struct {
	s *Server
	e *exchange
	r *http.Request
}

// inspect reads what the request asks for, notes everything that is wrong with it, and decides whether it is rejected
// as a whole. All checks run, so that one fault does not hide another.
func (s *Server) inspect(e *exchange, r *http.Request, body []byte, readErr error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := inspector{s: s, e: e, r: r}
	in.address()
	in.key(body)
	if r.UserAgent() == "" {
		in.note("no User-Agent")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		in.reject("query cannot be read: %v", err)
	}
	switch {
	case readErr != nil:
		in.reject("body cannot be read: %v", readErr)
	case e.isHealth():
		in.healthQuery(query)
		if len(body) > 0 {
			in.reject("a GET has no body")
		}
	case e.isWrite():
		in.writeQuery(query)
		in.contentType()
		in.body(body)
	default:
		in.pageQuery(query)
		if len(body) > 0 {
			in.reject("a GET has no body")
		}
		if s.staleScans > 0 && e.problem == nil && e.page.after == nil && e.page.before == nil {
			s.staleScans--
			e.page.lagging = true
		}
	}
	// Requests with unknown keys belong to different channels, which do not wait for one another.
	if e.overlaps && s.apiKey != noKey {
		in.note("overlaps with another write")
		if s.rules.RejectOverlap != 0 {
			in.problem(newError(s.rules.RejectOverlap))
		}
	}
}

// note keeps a violation.
func (in inspector) note(format string, args ...any) {
	if len(in.s.violations) < keptViolations {
		in.s.violations = append(in.s.violations,
			fmt.Sprintf("%s %s: %s", in.r.Method, in.r.URL.Path, fmt.Sprintf(format, args...)))
	}
}

// problem rejects the request, unless there is a reason already.
func (in inspector) problem(e *apiError) {
	if in.e.problem == nil {
		in.e.problem = e
	}
}

// reject keeps a violation and answers it with code 100.
func (in inspector) reject(format string, args ...any) {
	in.note(format, args...)
	in.problem(badParameter(format, args...))
}

func (in inspector) address() {
	if in.r.URL.Path != Path && in.r.URL.Path != HealthPath {
		if in.r.URL.Path == in.s.nextURL.Path {
			in.note("request to the address of paging.next")
		} else {
			in.note("unknown path")
		}
		in.problem(&apiError{status: http.StatusNotFound, code: noCode, message: "Unknown path"})
	} else if in.r.Host == in.s.nextURL.Host {
		in.note("request to the host of paging.next")
	}
	if in.e.isHealth() && in.r.Method != http.MethodGet {
		in.reject("only GET is allowed")
	} else if !in.e.isWrite() && in.r.Method != http.MethodGet {
		in.note("unknown method")
		in.problem(&apiError{status: http.StatusMethodNotAllowed, code: noCode, message: "Unknown method"})
	}
}

func (in inspector) key(body []byte) {
	sent := in.r.Header.Values(KeyHeader)
	switch {
	case len(sent) == 0:
		in.note("no %s header", KeyHeader)
	case len(sent) > 1:
		in.note("more than one %s header", KeyHeader)
	}
	if len(sent) != 1 || sent[0] != in.s.apiKey {
		in.problem(newError(codeKey))
	}
	keys := slices.Concat(sent, []string{in.s.apiKey}, in.e.otherKeys)
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if len(key) < searchableKey {
			continue
		}
		if strings.Contains(in.r.URL.Path, key) {
			in.note("key in the path")
		}
		if strings.Contains(in.r.URL.RawQuery, url.QueryEscape(key)) {
			in.reject("key in the query")
		}
		if strings.Contains(string(body), key) {
			in.reject("key in the body")
		}
		for name, values := range in.r.Header {
			if name != http.CanonicalHeaderKey(KeyHeader) && strings.Contains(strings.Join(values, "\n"), key) {
				in.note("key in the header %s", name)
			}
		}
	}
}

func (in inspector) contentType() {
	media, params, err := mime.ParseMediaType(in.r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		in.reject("content type %q is not application/json", in.r.Header.Get("Content-Type"))
	}
}

func (in inspector) writeQuery(query url.Values) {
	for name := range query {
		in.reject("unknown query parameter %q", name)
	}
}

func (in inspector) pageQuery(query url.Values) {
	for name, values := range query {
		switch {
		case name != "limit" && name != "after" && name != "before":
			in.reject("unknown query parameter %q", name)
			continue
		case len(values) > 1:
			in.reject("query parameter %q more than once", name)
			continue
		}
		switch name {
		case "limit":
			in.limit(values[0])
		case "after":
			in.e.page.after = in.cursor(name, values[0])
		case "before":
			in.e.page.before = in.cursor(name, values[0])
		}
	}
	if query.Has("after") && query.Has("before") {
		in.reject("after and before together")
	}
}

func (in inspector) limit(text string) {
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || !digitsOnly.MatchString(text) {
		in.reject("limit %q is not a number from 1", text)
		return
	}
	in.e.page.limit = limit
}

func (in inspector) cursor(name, text string) *cursor {
	c, ok := parseCursor(text)
	if !ok {
		in.reject("%s is no cursor of this service", name)
		return nil
	}
	return &c
}

// body reads the users that a write names. It looks at every field itself, since encoding/json neither minds the case of
// names nor tells which one is unknown.
func (in inspector) body(body []byte) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		in.reject("body is no JSON object: %v", err)
		return
	}
	for name := range fields {
		if name != "messaging_product" && name != "block_users" {
			in.reject("unknown field %q", name)
		}
	}
	var product string
	if json.Unmarshal(fields["messaging_product"], &product) != nil || product != "whatsapp" {
		in.reject(`messaging_product is not "whatsapp"`)
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(fields["block_users"], &items); err != nil {
		in.reject("block_users is no list of objects")
		return
	}
	in.items(items)
	in.batch(len(items))
}

func (in inspector) batch(n int) {
	if n == 0 {
		in.reject("block_users is empty")
	}
	if n > DefaultMaxBatch {
		in.note("%d users in one request", n)
	}
	if n > in.s.rules.MaxBatch {
		in.problem(newError(in.s.rules.BatchCode))
	}
}
