package fakeapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Start listens on a free port of 127.0.0.1. The base URL has no path. stop closes the listener and all connections at
// once; a second call has no effect.
func (s *Server) Start() (baseURL string, stop func(), err error) { return start(s) }

// StartInMemory serves without a network, for testing/synctest bubbles. The client can reach only the base URL.
func (s *Server) StartInMemory() (baseURL string, client *http.Client, stop func()) {
	return startInMemory(s)
}

func start(handler http.Handler) (baseURL string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return "http://" + listener.Addr().String(), serveOn(listener, handler), nil
}

func startInMemory(handler http.Handler) (baseURL string, client *http.Client, stop func()) {
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	transport := &http.Transport{DialContext: listener.dial}
	stopServer := serveOn(listener, handler)
	stop = func() {
		stopServer()
		transport.CloseIdleConnections()
	}
	return "http://" + listener.Addr().String(), &http.Client{Transport: transport}, stop
}

func serveOn(listener net.Listener, handler http.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{
		Handler: handler,
		// On stop, this context ends handlers that wait.
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       withHangUp,
		ReadHeaderTimeout: time.Minute,
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		// The error is ErrServerClosed on stop. If the listener fails, the client gets an error.
		_ = server.Serve(listener)
	})
	return sync.OnceFunc(func() {
		cancel()
		_ = server.Close()
		serving.Wait()
	})
}

// pipeListener accepts the connections that its dial makes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// pipeConn is either end of a connection. hungUp is set as soon as the client has closed it, because net/http tells the
// handler only some time later.
type pipeConn struct {
	net.Conn
	hungUp *atomic.Bool
}

type clientConn struct{ pipeConn }

// Close implements net.Conn.
func (c clientConn) Close() error {
	c.hungUp.Store(true)
	return c.Conn.Close()
}

type hangUpKey struct{}

func withHangUp(ctx context.Context, conn net.Conn) context.Context {
	if c, ok := conn.(pipeConn); ok {
		return context.WithValue(ctx, hangUpKey{}, c.hungUp)
	}
	return ctx
}

// hasHungUp reports whether the client has closed the connection.
func hasHungUp(ctx context.Context) bool {
	hungUp, ok := ctx.Value(hangUpKey{}).(*atomic.Bool)
	return ctx.Err() != nil || ok && hungUp.Load()
}

var errWrongAddress = errors.New("fakeapi: the in-memory client can reach only its server")

func (l *pipeListener) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if address != l.Addr().String() {
		return nil, errWrongAddress
	}
	client, server := net.Pipe()
	hungUp := &atomic.Bool{}
	select {
	case l.conns <- pipeConn{server, hungUp}:
		return clientConn{pipeConn{client, hungUp}}, nil
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

// Addr implements net.Listener. Nothing listens on port 1, so another client fails.
func (l *pipeListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
}
