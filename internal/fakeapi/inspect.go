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
	// keptViolations limits the memory that a client in a loop can use.
	keptViolations = 1000
	// searchableKey is the shortest key in bytes to search for, so that the search does not find ordinary text.
	searchableKey = 8
)

var digitsOnly = regexp.MustCompile(`^[0-9]+$`)

// inspector checks one request against the contract.
type inspector struct {
	s *Server
	e *exchange
	r *http.Request
}

// inspect reads the request, records its violations, and decides whether it is rejected as a whole. All checks run, so
// that one violation does not hide another.
func (s *Server) inspect(e *exchange, r *http.Request, body []byte, readErr error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := inspector{s: s, e: e, r: r}
	in.address()
	in.key(body)
	if r.UserAgent() == "" {
		in.record("no User-Agent")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		in.reject("query cannot be read: %v", err)
	}
	switch {
	case readErr != nil:
		in.reject("body cannot be read: %v", readErr)
	case e.isWrite():
		in.parameters(query)
		in.contentType()
		in.body(body)
	default:
		if len(body) > 0 {
			in.reject("a GET has no body")
		}
		if e.isHealth() {
			in.healthQuery(query)
			break
		}
		in.pageQuery(query)
		if s.staleScans > 0 && e.problem == nil && e.page.after == nil && e.page.before == nil {
			s.staleScans--
			e.page.lagging = true
		}
	}
	// Writes with unknown keys are for different channels, so they may overlap.
	if e.overlaps && s.apiKey != noKey {
		in.record("overlaps with another write")
		if s.rules.RejectOverlap != 0 {
			in.rejectWith(newError(s.rules.RejectOverlap))
		}
	}
}

func (in inspector) record(format string, args ...any) {
	if len(in.s.violations) < keptViolations {
		in.s.violations = append(in.s.violations,
			fmt.Sprintf("%s %s: %s", in.r.Method, in.r.URL.Path, fmt.Sprintf(format, args...)))
	}
}

// rejectWith keeps the first error of a request.
func (in inspector) rejectWith(e *apiError) {
	if in.e.problem == nil {
		in.e.problem = e
	}
}

// reject records a violation and rejects the request with code 100.
func (in inspector) reject(format string, args ...any) {
	in.record(format, args...)
	in.rejectWith(badParameter(format, args...))
}

func (in inspector) address() {
	if in.r.URL.Path != Path && in.r.URL.Path != HealthPath {
		if in.r.URL.Path == in.s.nextURL.Path {
			in.record("request to the address of paging.next")
		} else {
			in.record("unknown path")
		}
		in.rejectWith(&apiError{status: http.StatusNotFound, code: noCode, message: "Unknown path"})
	} else if in.r.Host == in.s.nextURL.Host {
		in.record("request to the host of paging.next")
	}
	if in.e.isHealth() && in.r.Method != http.MethodGet {
		in.reject("only GET is allowed")
	} else if !in.e.isWrite() && in.r.Method != http.MethodGet {
		in.record("unknown method")
		in.rejectWith(&apiError{status: http.StatusMethodNotAllowed, code: noCode, message: "Unknown method"})
	}
}

func (in inspector) key(body []byte) {
	sent := in.r.Header.Values(KeyHeader)
	switch {
	case len(sent) == 0:
		in.record("no %s header", KeyHeader)
	case len(sent) > 1:
		in.record("more than one %s header", KeyHeader)
	}
	if len(sent) != 1 || sent[0] != in.s.apiKey {
		in.rejectWith(newError(codeKey))
	}
	keys := slices.Concat(sent, []string{in.s.apiKey}, in.e.otherKeys)
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if len(key) < searchableKey {
			continue
		}
		if strings.Contains(in.r.URL.Path, key) {
			in.record("key in the path")
		}
		if strings.Contains(in.r.URL.RawQuery, url.QueryEscape(key)) {
			in.reject("key in the query")
		}
		if strings.Contains(string(body), key) {
			in.reject("key in the body")
		}
		for name, values := range in.r.Header {
			if name != http.CanonicalHeaderKey(KeyHeader) && strings.Contains(strings.Join(values, "\n"), key) {
				in.record("key in the header %s", name)
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

// parameters rejects parameters that are unknown or repeated, and returns the others.
func (in inspector) parameters(query url.Values, known ...string) map[string]string {
	valid := map[string]string{}
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			in.reject("unknown query parameter %q", name)
		case len(values) > 1:
			in.reject("query parameter %q more than once", name)
		default:
			valid[name] = values[0]
		}
	}
	return valid
}

func (in inspector) pageQuery(query url.Values) {
	valid := in.parameters(query, "limit", "after", "before")
	if text, ok := valid["limit"]; ok {
		in.limit(text)
	}
	in.e.page.after = in.cursor(valid, "after")
	in.e.page.before = in.cursor(valid, "before")
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

func (in inspector) cursor(parameters map[string]string, name string) *cursor {
	text, ok := parameters[name]
	if !ok {
		return nil
	}
	c, ok := parseCursor(text)
	if !ok {
		in.reject("%s is not a cursor of this API", name)
		return nil
	}
	return &c
}

// body reads the users that a write names. It checks every field name itself, because encoding/json ignores the case of
// names.
func (in inspector) body(body []byte) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		in.reject("body is not a JSON object: %v", err)
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
		in.reject("block_users is not a list of objects")
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
		in.record("%d users in one request", n)
	}
	if n > in.s.rules.MaxBatch {
		in.rejectWith(newError(in.s.rules.BatchCode))
	}
}
