package main

import (
	"bytes"
	"io"
	"net/http"
)

// recorder carries requests, and keeps the last one with its response.
type recorder struct {
	next     http.RoundTripper
	requests int
	sent     []byte
	status   int
	body     []byte
}

// userIDField is the field in which the last request named users by user ID.
func (r *recorder) userIDField() string {
	if bytes.Contains(r.sent, []byte(`"user_id"`)) {
		return "user_id"
	}
	return "user"
}

func newRecorder() *recorder { return &recorder{next: http.DefaultTransport} }

// mostKept bounds how much of a response is kept, in bytes.
const mostKept = 4 << 20

// RoundTrip keeps a copy of the response's body and hands on the same.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.requests++
	if request.GetBody != nil {
		if sent, err := request.GetBody(); err == nil {
			r.sent, _ = io.ReadAll(sent)
		}
	}
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
