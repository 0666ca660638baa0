package main

import (
	"bytes"
	"io"
	"net/http"
)

// recorder carries requests, and keeps what was answered last.
type recorder struct {
	next   http.RoundTripper
	status int
	body   []byte
}

func newRecorder() *recorder { return &recorder{next: http.DefaultTransport} }

// mostKept bounds how much of an answer is kept, in bytes.
const mostKept = 4 << 20

// RoundTrip keeps a copy of the answer's body and hands on the same.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	r.status = response.StatusCode
	if r.body, err = io.ReadAll(io.LimitReader(response.Body, mostKept)); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(r.body))
	return response, nil
}
