package fakeapi_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestStart(t *testing.T) {
	server := fakeapi.New(fakeapi.Options{})
	base, stop, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if !strings.HasPrefix(base, "http://127.0.0.1:") || strings.HasSuffix(base, "/") {
		t.Errorf("base URL %q", base)
	}
	c := &client{t: t, server: server, base: base, http: &http.Client{Transport: &http.Transport{}}}
	c.post(anna)
	c.get("")
	c.delete(anna)
	c.noViolations()
	stop()
	stop()
	if got := c.raw(c.request(http.MethodGet, "", "")); got.err == nil {
		t.Errorf("response %d after stop", got.status)
	}
}

func TestStopEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := fakeapi.New(fakeapi.Options{Delay: time.Hour})
		base, httpClient, stop := server.StartInMemory()
		c := &client{t: t, server: server, base: base, http: httpClient}
		replies := make(chan reply)
		begin := time.Now()
		go func() { replies <- c.raw(c.request(http.MethodPost, "", writeBody(anna))) }()
		synctest.Wait()
		stop()
		if got := <-replies; got.err == nil {
			t.Errorf("response %d", got.status)
		}
		synctest.Wait()
		if time.Since(begin) != 0 || server.IsBlocked(anna) {
			t.Error("the handler did not end")
		}
		stop()
		if got := c.raw(c.request(http.MethodGet, "", "")); got.err == nil {
			t.Errorf("response %d after stop", got.status)
		}
	})
}

func TestInMemoryClientReachesOnlyItsServer(t *testing.T) {
	c := start(t, fakeapi.Options{})
	r := c.request(http.MethodGet, "", "")
	r.URL.Host = "127.0.0.1:9"
	if got := c.raw(r); got.err == nil {
		t.Errorf("response %d", got.status)
	}
	if n := c.server.Stats().Requests(); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}
