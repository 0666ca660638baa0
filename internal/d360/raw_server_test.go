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

	"github.com/hashicorp/go-cleanhttp"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// rawServer sends raw bytes over connections in memory, and counts what the client
// reads. A connection serves one request.
type rawServer struct {
	// respond writes until it is done, or until the client hangs up.
	respond func(w io.ReadWriter, r *http.Request)

	requests, read atomic.Int64
	serving        sync.WaitGroup
}

// client reaches the server through the transport that New uses.
func (s *rawServer) client(t testing.TB, options ...func(*d360.Options)) *d360.Client {
	t.Helper()
	transport := cleanhttp.DefaultPooledTransport()
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
	s.respond(conn, r)
}

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

// writeEachSecond writes a text once a second until the client hangs up.
func writeEachSecond(text string) func(io.ReadWriter) {
	return func(w io.ReadWriter) {
		for {
			if _, err := io.WriteString(w, text); err != nil {
				return
			}
			<-time.After(time.Second)
		}
	}
}

// writeForever repeats a text until the client hangs up.
func writeForever(text string) func(io.ReadWriter) {
	return func(w io.ReadWriter) {
		many := bytes.Repeat([]byte(text), 1+(32<<10)/len(text))
		for {
			if _, err := w.Write(many); err != nil {
				return
			}
		}
	}
}

// stayOpen sends nothing until the client hangs up.
func stayOpen(w io.ReadWriter) {
	_, _ = io.Copy(io.Discard, w)
}

func gzipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.String()
}
