package fakeapi_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const (
	salesKey   = "key-of-sales"
	supportKey = "key-of-support"
)

type hubClient struct {
	*client
	hub            *fakeapi.Hub
	sales, support *fakeapi.Server
}

func startHub(t *testing.T, delay time.Duration) *hubClient {
	t.Helper()
	sales := fakeapi.New(fakeapi.Options{Key: salesKey, Channel: fakeapi.Channel{ID: "111"}, Delay: delay})
	support := fakeapi.New(fakeapi.Options{Key: supportKey, Channel: fakeapi.Channel{ID: "222"}, Delay: delay})
	hub := fakeapi.NewHub(sales, support)
	base, httpClient, stop := hub.StartInMemory()
	t.Cleanup(stop)
	return &hubClient{client: &client{t: t, base: base, http: httpClient}, hub: hub, sales: sales, support: support}
}

func withKey(key string, r *http.Request) *http.Request {
	r.Header.Set(fakeapi.KeyHeader, key)
	return r
}

func (c *hubClient) post(key string, users ...string) reply {
	c.t.Helper()
	return c.send(withKey(key, c.request(http.MethodPost, "", writeBody(users...))))
}

func (c *hubClient) noViolations() {
	c.t.Helper()
	if got := c.hub.Violations(); len(got) > 0 {
		c.t.Errorf("violations %q", got)
	}
}

func TestHubKeepsChannelsApart(t *testing.T) {
	c := startHub(t, 0)
	c.sales.SetRules(fakeapi.Rules{MaxBatch: 1})
	c.support.SetFormat(fakeapi.ResponseFormat{Health: fakeapi.HealthIDOnly})
	if got := c.post(salesKey, anna); got.status != 200 {
		t.Errorf("response %d %s", got.status, got.body)
	}
	if got := c.post(salesKey, berta, carl); got.status != 429 {
		t.Errorf("response %d %s", got.status, got.body)
	}
	if got := c.post(supportKey, berta, carl); got.status != 200 {
		t.Errorf("response %d %s", got.status, got.body)
	}
	if got := c.sales.Blocked(); !slices.Equal(got, []string{anna[1:]}) {
		t.Errorf("blocked on sales: %v", got)
	}
	if got := c.support.Blocked(); !slices.Equal(got, []string{berta[1:], carl[1:]}) {
		t.Errorf("blocked on support: %v", got)
	}
	if got := c.send(withKey(salesKey, c.healthRequest(channelFields))); !strings.Contains(got.body, `"verified_name":"Example Shop","id":"111"}`) {
		t.Errorf("response %s", got.body)
	}
	if got := c.send(withKey(supportKey, c.healthRequest(channelFields))); got.body != `{"id":"222"}` {
		t.Errorf("response %s", got.body)
	}
	if got := [2]int{c.sales.Stats().Requests(), c.support.Stats().Requests()}; got != [2]int{3, 2} {
		t.Errorf("%v requests", got)
	}
	if got := c.hub.Unauthorized(); len(got) != 0 {
		t.Errorf("unauthorized %+v", got)
	}
	c.noViolations()
}

func TestHubRejectsUnknownKeys(t *testing.T) {
	c := startHub(t, 0)
	c.sales.SetKey("new-key-of-sales")
	for _, r := range []*http.Request{
		c.request(http.MethodGet, "", ""), c.request(http.MethodPost, "", writeBody(anna)), c.healthRequest(channelFields),
	} {
		if got := c.send(withKey(salesKey, r)); got.status != http.StatusUnauthorized {
			t.Errorf("%s %s: response %d %s", r.Method, r.URL, got.status, got.body)
		}
	}
	if got := c.post("new-key-of-sales", berta); got.status != 200 {
		t.Errorf("response %d %s", got.status, got.body)
	}
	got := c.hub.Unauthorized()
	if len(got) != 3 || got[1].Method != http.MethodPost || !slices.Equal(got[1].Users, []string{anna}) || got[2].Path != fakeapi.HealthPath {
		t.Errorf("unauthorized %+v", got)
	}
	for _, r := range got {
		if r.Status != http.StatusUnauthorized || r.Header.Get(fakeapi.KeyHeader) != salesKey {
			t.Errorf("unauthorized %+v", r)
		}
	}
	if blocked := slices.Concat(c.sales.Blocked(), c.support.Blocked()); !slices.Equal(blocked, []string{berta[1:]}) {
		t.Errorf("blocked %v", blocked)
	}
	c.noViolations()
	c.raw(withKey("", c.request(http.MethodPost, "", "{}")))
	if got := c.hub.Violations(); len(got) == 0 {
		t.Error("a bad request without a key is no violation")
	}
	c.raw(withKey("\x00", c.request(http.MethodGet, "", "")))
	w := httptest.NewRecorder()
	if c.hub.ServeHTTP(w, withKey("", c.request(http.MethodGet, "", ""))); w.Code != http.StatusUnauthorized {
		t.Errorf("status %d with an empty key", w.Code)
	}
}

// TestHubFindsKeysOfOtherChannels sends the key of support where only that of sales belongs.
func TestHubFindsKeysOfOtherChannels(t *testing.T) {
	tests := []struct {
		name, key, method, query, body string
		edit                           func(*http.Request)
		violation                      string
	}{
		{name: "header", key: salesKey, method: "GET", edit: header("Authorization", supportKey), violation: "key in the header Authorization"},
		{name: "path", key: salesKey, method: "GET", edit: path("/" + supportKey), violation: "key in the path"},
		{name: "query", key: salesKey, method: "GET", query: "key=" + supportKey, violation: "key in the query"},
		{name: "body", key: salesKey, method: "POST", body: writeBody(supportKey), violation: "key in the body"},
		{name: "body beside an unknown key", key: "unknown-key", method: "POST", body: writeBody(supportKey), violation: "key in the body"},
		{name: "own key", key: salesKey, method: "POST", body: writeBody(salesKey), violation: "key in the body"},
		{name: "second key", key: salesKey, method: "GET", edit: func(r *http.Request) { r.Header.Add(fakeapi.KeyHeader, supportKey) }, violation: "more than one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startHub(t, 0)
			r := withKey(test.key, c.request(test.method, test.query, test.body))
			if test.edit != nil {
				test.edit(r)
			}
			c.raw(r)
			got := c.hub.Violations()
			if n := strings.Count(strings.Join(got, "\n"), test.violation); n != 1 {
				t.Errorf("violations %q have %q %d times", got, test.violation, n)
			}
			if got := c.support.Stats().Requests(); got != 0 {
				t.Errorf("%d requests reached the other channel", got)
			}
		})
	}
}

// TestHubChannelsDoNotOverlap has two channels, and two unknown keys, write at the same time.
func TestHubChannelsDoNotOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startHub(t, time.Second)
		begin := time.Now()
		replies := make(chan reply)
		keys := []string{salesKey, supportKey, "unknown-key", "another-unknown-key"}
		for _, key := range keys {
			go func() { replies <- c.raw(withKey(key, c.request(http.MethodPost, "", writeBody(anna)))) }()
		}
		for range keys {
			if got := <-replies; got.err != nil {
				t.Error(got.err)
			}
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("took %v", took)
		}
		if !c.sales.IsBlocked(anna) || !c.support.IsBlocked(anna) {
			t.Error("a write was not applied")
		}
		c.noViolations()
	})
	// A write with an unknown key takes no time, so the second one is sent while the server reads the first one.
	hub := fakeapi.NewHub()
	c := &client{t: t}
	body := &bodyWithHook{Reader: strings.NewReader(writeBody(anna)), act: func() {
		hub.ServeHTTP(httptest.NewRecorder(), withKey("another-unknown-key", c.request(http.MethodPost, "", writeBody(berta))))
	}}
	r := withKey("unknown-key", c.request(http.MethodPost, "", writeBody(anna)))
	r.Body = body
	hub.ServeHTTP(httptest.NewRecorder(), r)
	if got := hub.Violations(); len(got) > 0 || len(hub.Unauthorized()) != 2 {
		t.Errorf("violations %q", got)
	}
}

// bodyWithHook is a request body whose first read calls act.
type bodyWithHook struct {
	*strings.Reader
	act func()
}

func (b *bodyWithHook) Read(p []byte) (int, error) {
	if act := b.act; act != nil {
		b.act = nil
		act()
	}
	return b.Reader.Read(p)
}

func (b *bodyWithHook) Close() error { return nil }

func TestHubStart(t *testing.T) {
	support := fakeapi.New(fakeapi.Options{Key: supportKey})
	hub := fakeapi.NewHub(fakeapi.New(fakeapi.Options{}), support)
	base, stop, err := hub.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	c := &client{t: t, base: base, http: &http.Client{Transport: &http.Transport{}}}
	c.send(withKey(supportKey, c.request(http.MethodPost, "", writeBody(anna))))
	if !support.IsBlocked(anna) {
		t.Error("not blocked")
	}
	stop()
	if got := c.raw(c.request(http.MethodGet, "", "")); got.err == nil {
		t.Errorf("response %d after stop", got.status)
	}
}

func TestHubKeysDiffer(t *testing.T) {
	wantPanic(t, "one key for two servers", func() {
		fakeapi.NewHub(fakeapi.New(fakeapi.Options{}), fakeapi.New(fakeapi.Options{Key: fakeapi.DefaultKey}))
	})
}
