package main

import (
	"bytes"
	"io"
	"net/http"
)

// recorder keeps the last request and its response.
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

// maxBody is the highest number of bytes to keep of a response.
const maxBody = 4 << 20

// RoundTrip implements http.RoundTripper.
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
	if r.body, err = io.ReadAll(io.LimitReader(response.Body, maxBody)); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(r.body))
	return response, nil
}
