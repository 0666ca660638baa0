package fakeapi_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestBadRequests sends requests that break the contract. Each is a violation, and most are rejected.
func TestBadRequests(t *testing.T) {
	const good = `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345678"}]}`
	users := func(list string) string { return `{"messaging_product":"whatsapp","block_users":[` + list + `]}` }
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf("+4915%09d", i)
	}
	tests := []struct {
		name, method, query, body string
		edit                      func(*http.Request)
		violation                 string
		// status is 200 where the request is served anyway.
		status int
		// notInDocument marks what an OpenAPI document cannot forbid.
		notInDocument bool
	}{
		{name: "path", method: "GET", edit: path("/v1/block_users"), violation: "unknown path", status: 404},
		{name: "next path", method: "GET", edit: path("/v23.0/106540352242922/block_users"), violation: "paging.next", status: 404},
		{name: "next host", method: "GET", edit: func(r *http.Request) { r.Host = "graph.facebook.invalid" }, violation: "host of paging.next", status: 200, notInDocument: true},
		{name: "method", method: "PUT", body: good, violation: "unknown method", status: 405},
		{name: "no key", method: "GET", edit: header(fakeapi.KeyHeader, ""), violation: "no D360-API-KEY", status: 401},
		{name: "key elsewhere", method: "GET", edit: header("Authorization", "Bearer "+fakeapi.DefaultKey), violation: "key in the header Authorization", status: 200, notInDocument: true},
		{name: "key in query", method: "GET", query: "key=" + fakeapi.DefaultKey, violation: "key in the query", status: 400, notInDocument: true},
		{name: "key in body", method: "POST", body: users(`{"user":"` + fakeapi.DefaultKey + `"}`), violation: "key in the body", status: 400},
		{name: "key in path", method: "GET", edit: path("/" + fakeapi.DefaultKey), violation: "key in the path", status: 404},
		{name: "two keys", method: "GET", edit: func(r *http.Request) { r.Header.Add(fakeapi.KeyHeader, fakeapi.DefaultKey) }, violation: "more than one", status: 401, notInDocument: true},
		{name: "no user agent", method: "GET", edit: header("User-Agent", ""), violation: "User-Agent", status: 200, notInDocument: true},
		{name: "no content type", method: "POST", body: good, edit: header("Content-Type", ""), violation: "content type", status: 400},
		{name: "form", method: "POST", body: good, edit: header("Content-Type", "application/x-www-form-urlencoded"), violation: "content type", status: 400},
		{name: "charset", method: "POST", body: good, edit: header("Content-Type", "application/json; charset=latin1"), violation: "content type", status: 400, notInDocument: true},
		{name: "write query", method: "POST", query: "limit=1", body: good, violation: "unknown query parameter", status: 400, notInDocument: true},
		{name: "no body", method: "DELETE", violation: "not a JSON object", status: 400},
		{name: "no JSON", method: "POST", body: "users", violation: "not a JSON object", status: 400},
		{name: "JSON list", method: "POST", body: "[]", violation: "not a JSON object", status: 400},
		{name: "trailing", method: "POST", body: good + "{}", violation: "not a JSON object", status: 400, notInDocument: true},
		{name: "no product", method: "POST", body: `{"block_users":[{"user":"+4915112345678"}]}`, violation: "messaging_product", status: 400},
		{name: "product", method: "POST", body: `{"messaging_product":"sms","block_users":[{"user":"+4915112345678"}]}`, violation: "messaging_product", status: 400},
		{name: "field", method: "POST", body: `{"messaging_product":"whatsapp","note":"","block_users":[{"user":"+4915112345678"}]}`, violation: `unknown field "note"`, status: 400},
		{name: "field case", method: "POST", body: `{"Messaging_Product":"whatsapp","block_users":[{"user":"+4915112345678"}]}`, violation: "Messaging_Product", status: 400},
		{name: "user field", method: "POST", body: users(`{"user":"+4915112345678","wa_id":"4915112345678"}`), violation: `unknown field "wa_id"`, status: 400},
		{name: "no users", method: "POST", body: `{"messaging_product":"whatsapp"}`, violation: "block_users", status: 400},
		{name: "null users", method: "POST", body: `{"messaging_product":"whatsapp","block_users":null}`, violation: "empty", status: 400},
		{name: "empty", method: "POST", body: users(""), violation: "empty", status: 400},
		{name: "strings", method: "POST", body: users(`"+4915112345678"`), violation: "list of objects", status: 400},
		{name: "user ID null", method: "POST", body: users(`{"user_id":null}`), violation: "has no user: user_id is null", status: 400},
		{name: "user ID number", method: "POST", body: users(`{"user_id":13491208655302741918}`), violation: "has no user", status: 400},
		{name: "user ID empty", method: "POST", body: users(`{"user":"+4915112345678","user_id":""}`), violation: "has no user", status: 400},
		{name: "user empty", method: "POST", body: users(`{"user":"","user_id":"US.1"}`), violation: "has no user", status: 400},
		{name: "number as user ID", method: "POST", body: users(`{"user_id":"+4915112345678"}`), violation: "not a user ID", status: 400},
		{name: "bad ID beside user", method: "DELETE", body: users(`{"user":"+4915112345678","user_id":"US.1-2"}`), violation: "not a user ID", status: 400},
		{name: "ID twice", method: "POST", body: users(`{"user_id":"US.1"},{"user_id":"US.1"}`), violation: "more than once", status: 400},
		{name: "ID in both fields", method: "POST", body: users(`{"user":"US.1"},{"user_id":"US.1"}`), violation: "more than once", status: 400, notInDocument: true},
		{name: "ID field case", method: "POST", body: users(`{"User_ID":"US.1"}`), violation: `unknown field "User_ID"`, status: 400},
		{name: "user missing", method: "POST", body: users(`{}`), violation: "has no user", status: 400},
		{name: "user null", method: "POST", body: users(`{"user":null}`), violation: "has no user", status: 400},
		{name: "user number", method: "POST", body: users(`{"user":4915112345678}`), violation: "has no user", status: 400},
		{name: "no plus", method: "POST", body: users(`{"user":"4915112345678"}`), violation: "neither", status: 400},
		{name: "no plus, unblock", method: "DELETE", body: users(`{"user":"4915112345678"}`), violation: "neither", status: 400},
		{name: "spaces", method: "POST", body: users(`{"user":"+49 151 12345678"}`), violation: "neither", status: 400},
		{name: "leading zero", method: "POST", body: users(`{"user":"+04915112345678"}`), violation: "neither", status: 400},
		{name: "too short", method: "POST", body: users(`{"user":"+491511"}`), violation: "neither", status: 400},
		{name: "too long", method: "POST", body: users(`{"user":"+4915112345678901"}`), violation: "neither", status: 400},
		{name: "group", method: "POST", body: users(`{"user":"120363025246125486@g.us"}`), violation: "neither", status: 400},
		{name: "bad ID", method: "POST", body: users(`{"user":"US.12-3"}`), violation: "neither", status: 400},
		{name: "long ID", method: "POST", body: users(`{"user":"US.` + strings.Repeat("1", 129) + `"}`), violation: "neither", status: 400},
		{name: "newline", method: "POST", body: users(`{"user":"+4915112345678\n"}`), violation: "neither", status: 400},
		{name: "twice", method: "POST", body: users(`{"user":"+4915112345678"},{"user":"+4915112345678"}`), violation: "more than once", status: 400},
		{name: "too many", method: "POST", body: writeBody(many...), violation: "1001 users", status: 429},
		{name: "huge body", method: "POST", body: users(strings.Repeat(" ", 1<<20)), violation: "body cannot be read", status: 400},
		{name: "limit 0", method: "GET", query: "limit=0", violation: "limit", status: 400},
		{name: "limit -1", method: "GET", query: "limit=-1", violation: "limit", status: 400},
		{name: "limit text", method: "GET", query: "limit=all", violation: "limit", status: 400},
		{name: "limit twice", method: "GET", query: "limit=1&limit=2", violation: "more than once", status: 400, notInDocument: true},
		{name: "parameter", method: "GET", query: "pretty=0", violation: "unknown query parameter", status: 400, notInDocument: true},
		{name: "bad query", method: "GET", query: "limit=%zz", violation: "query cannot be read", status: 400, notInDocument: true},
		{name: "empty cursor", method: "GET", query: "after=", violation: "not a cursor", status: 400},
		{name: "foreign cursor", method: "GET", query: "after=MTAxNTExOTQ1MjAwNzI5NDE%3D", violation: "not a cursor", status: 400},
		{name: "odd cursor", method: "GET", query: "after=QVFIUmx", violation: "not a cursor", status: 400, notInDocument: true},
		{name: "health method", method: "POST", body: good, edit: path(fakeapi.HealthPath), violation: "only GET is allowed", status: 400},
		{name: "health method unknown", method: "PUT", edit: path(fakeapi.HealthPath), violation: "only GET is allowed", status: 400},
		{name: "health body", method: "GET", body: good, edit: path(fakeapi.HealthPath), violation: "no body", status: 400, notInDocument: true},
		{name: "health parameter", method: "GET", query: "limit=1", edit: path(fakeapi.HealthPath), violation: "unknown query parameter", status: 400, notInDocument: true},
		{name: "health fields twice", method: "GET", query: "fields=id&fields=id", edit: path(fakeapi.HealthPath), violation: "more than once", status: 400, notInDocument: true},
		{name: "health field twice", method: "GET", query: "fields=id,id", edit: path(fakeapi.HealthPath), violation: `field "id" more than once`, status: 400},
		{name: "health field", method: "GET", query: "fields=id,number", edit: path(fakeapi.HealthPath), violation: `unknown field "number"`, status: 400},
		{name: "health no field", method: "GET", query: "fields=", edit: path(fakeapi.HealthPath), violation: `unknown field ""`, status: 400},
		{name: "health key in query", method: "GET", query: "key=" + fakeapi.DefaultKey, edit: path(fakeapi.HealthPath), violation: "key in the query", status: 400, notInDocument: true},
		{name: "health of next host", method: "GET", edit: func(r *http.Request) { r.URL.Path, r.Host = fakeapi.HealthPath, "graph.facebook.invalid" }, violation: "host of paging.next", status: 200, notInDocument: true},
		{name: "health no key", method: "GET", edit: func(r *http.Request) { r.URL.Path = fakeapi.HealthPath; r.Header.Del(fakeapi.KeyHeader) }, violation: "no D360-API-KEY", status: 401},
		{name: "GET body", method: "GET", body: good, violation: "no body", status: 400, notInDocument: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeapi.Options{})
			r := c.request(test.method, test.query, test.body)
			if test.edit != nil {
				test.edit(r)
			}
			if forbidden := forbids(t, r); (forbidden == nil) != test.notInDocument {
				t.Errorf("forbidden by the document: %v", forbidden)
			}
			got := c.send(r)
			if got.status != test.status {
				t.Errorf("status %d, want %d: %s", got.status, test.status, got.body)
			}
			if got.status == http.StatusBadRequest && !strings.Contains(got.body, `"code":100`) {
				t.Errorf("response %s", got.body)
			}
			if all := strings.Join(c.server.Violations(), "\n"); !strings.Contains(all, test.violation) {
				t.Errorf("violations %q lack %q", all, test.violation)
			}
			if n := len(c.server.Blocked()); n != 0 {
				t.Errorf("%d users blocked", n)
			}
		})
	}
}

func path(to string) func(*http.Request) {
	return func(r *http.Request) { r.URL.Path = to }
}

// header sets a header, or removes it if the value is empty.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set(name, value)
		if value == "" && name != "User-Agent" {
			r.Header.Del(name)
		}
	}
}

func TestAfterAndBeforeTogether(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.SeedN(5)
	cursor := cursorAt(t, c, 2)
	if got := c.get("after=" + cursor + "&before=" + cursor); got.status != http.StatusBadRequest {
		t.Errorf("status %d", got.status)
	}
	if len(c.server.Violations()) != 1 {
		t.Errorf("violations %q", c.server.Violations())
	}
}

// TestTruncatedBody sends less than its Content-Length says.
func TestTruncatedBody(t *testing.T) {
	c := start(t, fakeapi.Options{})
	r := c.request(http.MethodPost, "", writeBody("+4915112345678"))
	r.Body = io.NopCloser(strings.NewReader(writeBody("+4915112345678")[:20]))
	if got := c.raw(r); got.err == nil {
		t.Fatalf("response %d", got.status)
	}
	if n := len(c.server.Blocked()); n != 0 {
		t.Errorf("%d users blocked", n)
	}
}

func TestWrongKey(t *testing.T) {
	c := start(t, fakeapi.Options{Key: "the-right-key"})
	if got := c.post("+4915112345678"); got.status != http.StatusUnauthorized {
		t.Errorf("status %d", got.status)
	}
	c.noViolations()
	c.server.SetKey(fakeapi.DefaultKey)
	if got := c.post("+4915112345678"); got.status != http.StatusOK {
		t.Errorf("status %d", got.status)
	}
	c.server.SetKey("")
	if got := c.get(""); got.status != http.StatusOK {
		t.Errorf("status %d with the default key", got.status)
	}
}

func TestViolationsAreBounded(t *testing.T) {
	c := start(t, fakeapi.Options{})
	body := make([]string, 1500)
	for i := range body {
		body[i] = fmt.Sprint(i)
	}
	c.send(c.request(http.MethodPost, "", writeBody(body...)))
	if n := len(c.server.Violations()); n != 1000 {
		t.Errorf("%d violations", n)
	}
}
