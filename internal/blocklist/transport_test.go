package blocklist_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// transport serves requests by calling a handler, without a network, so that the fake
// clock of a testing/synctest bubble drives it.
type transport struct {
	handler http.Handler
	// intercept, if set, gets every write before the handler. A status other than zero
	// makes its response replace the handler's.
	intercept func(method string, users []string) (status int, body string)

	mu     sync.Mutex
	writes []write
}

// write is a POST or DELETE as it was sent.
type write struct {
	method string
	users  []string
}

var errConnectionClosed = errors.New("the server closed the connection")

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	if resp := t.record(r, body); resp != nil {
		return resp, nil
	}

	ctx, cancel := context.WithCancel(r.Context())
	served := r.Clone(ctx)
	served.Body = io.NopCloser(bytes.NewReader(body))
	reader, writer := io.Pipe()
	resp := &responseWriter{header: http.Header{}, body: writer, begun: make(chan struct{}), cut: make(chan struct{})}
	go func() {
		defer cancel()
		defer func() {
			switch reason := recover(); reason {
			case nil:
				resp.finish()
			case http.ErrAbortHandler:
				resp.abort()
			default:
				panic(reason)
			}
		}()
		t.handler.ServeHTTP(resp, served)
	}()

	select {
	case <-resp.begun:
	case <-resp.cut:
		return nil, errConnectionClosed
	case <-r.Context().Done():
		cancel()
		_ = reader.Close()
		return nil, r.Context().Err()
	}
	return &http.Response{
		Status:     strconv.Itoa(resp.status) + " " + http.StatusText(resp.status),
		StatusCode: resp.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        resp.sent,
		ContentLength: resp.contentLength(),
		Body:          &responseBody{PipeReader: reader, cancel: cancel},
		Request:       r,
	}, nil
}

// record records a write, and returns the response of intercept, if any.
func (t *transport) record(r *http.Request, body []byte) *http.Response {
	if r.Method == http.MethodGet {
		return nil
	}
	var request struct {
		BlockUsers []struct {
			User   string `json:"user"`
			UserID string `json:"user_id"`
		} `json:"block_users"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		panic(err)
	}
	w := write{method: r.Method}
	for _, u := range request.BlockUsers {
		w.users = append(w.users, cmp.Or(strings.TrimPrefix(u.User, "+"), u.UserID))
	}
	t.mu.Lock()
	t.writes = append(t.writes, w)
	intercept := t.intercept
	t.mu.Unlock()
	if intercept == nil {
		return nil
	}
	status, text := intercept(w.method, w.users)
	if status == 0 {
		return nil
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(text)),
		Body:          io.NopCloser(strings.NewReader(text)),
		Request:       r,
	}
}

func (t *transport) interceptWith(f func(method string, users []string) (int, string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.intercept = f
}

// sent returns all writes so far, in their order.
func (t *transport) sent() []write {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.writes)
}

// reset drops the writes so far.
func (t *transport) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes = nil
}

// responseWriter is the handler's side of a response.
type responseWriter struct {
	header http.Header
	body   *io.PipeWriter
	// begun is closed once sent and status are set, cut if they will not be.
	begun, cut chan struct{}
	status     int
	sent       http.Header
	written    int64
}

// Header implements http.ResponseWriter.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status, w.sent = status, w.header.Clone()
	close(w.begun)
}

// Write implements http.ResponseWriter.
func (w *responseWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	n, err := w.body.Write(b)
	w.written += int64(n)
	return n, err
}

func (w *responseWriter) contentLength() int64 {
	length, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return length
}

// finish ends a response as net/http does: a response that is shorter than its length is
// cut off.
func (w *responseWriter) finish() {
	w.WriteHeader(http.StatusOK)
	var err error
	if w.written < w.contentLength() {
		err = io.ErrUnexpectedEOF
	}
	_ = w.body.CloseWithError(err)
}

// abort ends a response as net/http does after http.ErrAbortHandler.
func (w *responseWriter) abort() {
	if w.status == 0 {
		close(w.cut)
	}
	_ = w.body.CloseWithError(io.ErrUnexpectedEOF)
}

// responseBody is the client's side of a response. Close ends the connection.
type responseBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (b *responseBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
