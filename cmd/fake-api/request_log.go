package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// requestLog writes a line for each request, without the key and users.
type requestLog struct {
	next http.Handler
	now  func() time.Time

	mu  sync.Mutex
	out io.Writer
}

// ServeHTTP implements [http.Handler].
func (l *requestLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	response := &recorder{ResponseWriter: w, status: http.StatusOK}
	l.next.ServeHTTP(response, r)
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "%s  %-6s %s%s  %d%s\n", l.now().Format(time.TimeOnly), r.Method, r.URL.Path, describeRequest(r, sent), response.status, describeResponse(response.body.Bytes()))
}

func describeRequest(r *http.Request, sent []byte) string {
	var body struct {
		BlockUsers []any `json:"block_users"`
	}
	switch {
	case r.Method == http.MethodGet && r.URL.Query().Has("after"):
		return "  next page"
	case r.Method == http.MethodGet:
		return ""
	case json.Unmarshal(sent, &body) != nil:
		return "  no JSON"
	default:
		return "  " + count(len(body.BlockUsers))
	}
}

var code = regexp.MustCompile(`"code":\s*"?(\d+)`)

func describeResponse(response []byte) string {
	var parts []string
	var body struct {
		Data       []any `json:"data"`
		BlockUsers struct {
			Added   []any `json:"added_users"`
			Removed []any `json:"removed_users"`
		} `json:"block_users"`
	}
	if json.Unmarshal(response, &body) == nil {
		done := body.BlockUsers
		for what, users := range map[string]int{"listed": len(body.Data), "blocked": len(done.Added), "unblocked": len(done.Removed)} {
			if users > 0 {
				parts = append(parts, count(users)+" "+what)
			}
		}
	}
	slices.Sort(parts)
	var codes []string
	for _, found := range code.FindAllSubmatch(response, -1) {
		codes = append(codes, string(found[1]))
	}
	slices.Sort(codes)
	if codes = slices.Compact(codes); len(codes) > 0 {
		parts = append(parts, "code "+strings.Join(codes, ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, ", ")
}

func count(users int) string {
	if users == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", users)
}

// recorder keeps a copy of a response.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
