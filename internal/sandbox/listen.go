package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Start listens on a free port of 127.0.0.1. The base URL has no path; stop closes the listener and all connections
// at once, and may be called again.
func (s *Server) Start() (baseURL string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return "http://" + listener.Addr().String(), s.serveOn(listener), nil
}

// StartInMemory serves without a network, so that a server and its client fit into a testing/synctest bubble. The
// client reaches nothing but the base URL.
func (s *Server) StartInMemory() (baseURL string, client *http.Client, stop func()) {
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	transport := &http.Transport{DialContext: listener.dial}
	stopServer := s.serveOn(listener)
	stop = func() {
		stopServer()
		transport.CloseIdleConnections()
	}
	return "http://" + listener.Addr().String(), &http.Client{Transport: transport}, stop
}

func (s *Server) serveOn(listener net.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{
		Handler: s,
		// Ends the handlers that wait when the server stops.
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute,
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		// It always returns an error; on stop it is ErrServerClosed, and a listener that breaks shows at the client.
		_ = server.Serve(listener)
	})
	return sync.OnceFunc(func() {
		cancel()
		_ = server.Close()
		serving.Wait()
	})
}

// pipeListener accepts connections of its own dial.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var errElsewhere = errors.New("sandbox: the in-memory client reaches nothing but its server")

func (l *pipeListener) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if address != l.Addr().String() {
		return nil, errElsewhere
	}
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener. Port 1 is one where nobody listens, should another client be used by mistake.
func (l *pipeListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
}
