package fakeapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func allVariants() []fakeapi.ResponseFormat {
	return slices.Concat(fakeapi.Variants(), fakeapi.Variants2026())
}

// document is the OpenAPI document of the fake API.
var document = sync.OnceValue(func() *openapi3.T {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	doc, err := openapi3.NewLoader().LoadFromData(fakeapi.OpenAPI)
	if err != nil {
		panic(err)
	}
	return doc
})

// client compares every request and response with the document.
type client struct {
	t      *testing.T
	server *fakeapi.Server
	base   string
	http   *http.Client
}

func start(t *testing.T, opts fakeapi.Options) *client {
	t.Helper()
	server := fakeapi.New(opts)
	base, httpClient, stop := server.StartInMemory()
	t.Cleanup(stop)
	return &client{t: t, server: server, base: base, http: httpClient}
}

// reply is a response, or the error of a request without one.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

// request makes a valid request; body is empty for a GET.
func (c *client) request(method, query, body string) *http.Request {
	c.t.Helper()
	target := c.base + fakeapi.Path
	if query != "" {
		target += "?" + query
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set(fakeapi.KeyHeader, fakeapi.DefaultKey)
	r.Header.Set("User-Agent", "fakeapi-test")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// raw does not compare the request and the response with the document.
func (c *client) raw(r *http.Request) reply {
	c.t.Helper()
	response, err := c.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{status: response.StatusCode, header: response.Header, body: string(body), err: err}
}

// send fails the test where the server serves a request that the document forbids, or sends a response that it does not
// describe.
func (c *client) send(r *http.Request) reply {
	c.t.Helper()
	forbidden := forbids(c.t, r)
	got := c.raw(r)
	if got.err != nil {
		c.t.Fatalf("%s: %v", r.Method, got.err)
	}
	served := got.status < 400 || strings.Contains(got.body, "failed_users")
	if served && forbidden != nil {
		c.t.Errorf("served a request that the document forbids: %v", forbidden)
	}
	if err := describes(c.t, r, got); err != nil {
		c.t.Errorf("%s got response %d %s, which the document does not describe: %v", r.Method, got.status, got.body, err)
	}
	return got
}

func (c *client) get(query string) reply {
	c.t.Helper()
	return c.send(c.request(http.MethodGet, query, ""))
}

func (c *client) post(users ...string) reply {
	c.t.Helper()
	return c.send(c.request(http.MethodPost, "", writeBody(users...)))
}

func (c *client) write(method string, items ...fakeapi.Item) reply {
	c.t.Helper()
	return c.send(c.request(method, "", writeItems(items...)))
}

func (c *client) delete(users ...string) reply {
	c.t.Helper()
	return c.send(c.request(http.MethodDelete, "", writeBody(users...)))
}

func (c *client) noViolations() {
	c.t.Helper()
	for _, violation := range c.server.Violations() {
		c.t.Errorf("violation: %s", violation)
	}
}

// wantPanic fails the test where do does not panic.
func wantPanic(t *testing.T, what any, do func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%v was accepted", what)
		}
	}()
	do()
}

func writeBody(users ...string) string {
	items := make([]fakeapi.Item, len(users))
	for i, user := range users {
		items[i].User = user
	}
	return writeItems(items...)
}

func byID(id string) fakeapi.Item { return fakeapi.Item{UserID: id} }

func byUser(user string) fakeapi.Item { return fakeapi.Item{User: user} }

// writeItems omits empty fields, except the user of an empty item.
func writeItems(sent ...fakeapi.Item) string {
	items := make([]map[string]string, len(sent))
	for i, item := range sent {
		items[i] = map[string]string{}
		if item.User != "" || item.UserID == "" {
			items[i]["user"] = item.User
		}
		if item.UserID != "" {
			items[i]["user_id"] = item.UserID
		}
	}
	body, err := json.Marshal(map[string]any{"messaging_product": "whatsapp", "block_users": items})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// operation is nil where the document has no such call.
func operation(r *http.Request) *openapi3filter.RequestValidationInput {
	doc := document()
	item := doc.Paths.Find(r.URL.Path)
	if item == nil || item.GetOperation(r.Method) == nil {
		return nil
	}
	return &openapi3filter.RequestValidationInput{
		Request: r,
		Route: &routers.Route{
			Spec: doc, Server: doc.Servers[0], Path: r.URL.Path, PathItem: item,
			Method: r.Method, Operation: item.GetOperation(r.Method),
		},
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			MultiError:            true,
			AuthenticationFunc:    authenticate,
		},
	}
}

var (
	errNoKey  = errors.New("no key in its header")
	errNoCall = errors.New("the document has no such call")
)

func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	scheme := input.SecurityScheme
	if scheme.In != "header" || input.RequestValidationInput.Request.Header.Get(scheme.Name) == "" {
		return errNoKey
	}
	return nil
}

// forbids returns why the document does not allow a request, or nil. The request can be sent afterwards.
func forbids(t *testing.T, r *http.Request) error {
	t.Helper()
	input := operation(r)
	if input == nil {
		return errNoCall
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	err = openapi3filter.ValidateRequest(t.Context(), input)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// describes returns why the document does not describe a response, or nil.
func describes(t *testing.T, r *http.Request, got reply) error {
	t.Helper()
	input := operation(r)
	if input == nil {
		return nil
	}
	return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 got.status,
		Header:                 got.header,
		Body:                   io.NopCloser(strings.NewReader(got.body)),
		Options:                input.Options,
	})
}
