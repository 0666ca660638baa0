package d360_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// rawServer answers requests with bytes of its own making, over connections in
// memory, and counts what the client reads of them. A connection serves one
// request.
type rawServer struct {
	// answer writes until it is done, or until an error says that the client hung
	// up.
	answer func(w io.ReadWriter, r *http.Request)

	requests, read atomic.Int64
	serving        sync.WaitGroup
}

// client reaches the server through the transport of net/http, as a client of
// the real service does.
func (s *rawServer) client(t testing.TB, options ...func(*d360.Options)) *d360.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = s.dial
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.serving.Wait()
	})
	return clientOf(t, transport, append(options, func(o *d360.Options) { o.BaseURL = "http://127.0.0.1:1" })...)
}

func (s *rawServer) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	s.serving.Go(func() { s.serve(server) })
	return &countingConn{Conn: client, read: &s.read}, nil
}

func (s *rawServer) serve(conn net.Conn) {
	defer conn.Close()
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	s.requests.Add(1)
	s.answer(conn, r)
}

// countingConn counts what is read from a connection.
type countingConn struct {
	net.Conn
	read *atomic.Int64
}

// Read implements [io.Reader].
func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// drip returns what writes a text once a second, until the client hangs up.
func drip(text string) func(io.ReadWriter) {
	return func(w io.ReadWriter) {
		for {
			if _, err := io.WriteString(w, text); err != nil {
				return
			}
			<-time.After(time.Second)
		}
	}
}

// flood returns what writes a text over and over, until the client hangs up.
func flood(text string) func(io.ReadWriter) {
	return func(w io.ReadWriter) {
		many := bytes.Repeat([]byte(text), 1+(32<<10)/len(text))
		for {
			if _, err := w.Write(many); err != nil {
				return
			}
		}
	}
}

// hold keeps a connection open and silent, until the client hangs up.
func hold(w io.ReadWriter) {
	// It ends with an error, which says that the client is gone.
	_, _ = io.Copy(io.Discard, w)
}

func gzipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	// Writing to a buffer does not fail.
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.String()
}
