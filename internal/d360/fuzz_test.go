package d360_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

var fuzzUsers = users("+4915112345678", "+16505551234")

// addFakeResponses adds the responses of every variant of the fake API to a request.
func addFakeResponses(f *testing.F, method, query, body string, add func(status int, body []byte)) {
	f.Helper()
	for _, format := range fakeapi.Variants() {
		server := fakeapi.New(fakeapi.Options{ResponseFormat: format, Key: testKey, Rules: fakeapi.Rules{NotBlocked: fakeapi.NoOpReject}})
		server.Seed("+49 151 12345678", "US.13491208655302741918")
		server.Silent("+16505551234")
		serve := func() {
			r := httptest.NewRequestWithContext(f.Context(), method, testBase+query, strings.NewReader(body))
			r.URL.Path = fakeapi.Path
			r.Header.Set(fakeapi.KeyHeader, testKey)
			r.Header.Set("User-Agent", "fuzz")
			if body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			add(w.Code, w.Body.Bytes())
		}
		serve()
		server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 503, Code: 139103})
		serve()
	}
	for _, foreign := range []string{
		"", "null", "[]", `""`, "0", "<html>", `{"data":{}}`, `{"data":[null]}`, `{"data":[],"data":[]}`, `{"data":[{"input":"\u202e"}]}`, "{\"error\":\"\xff\"}",
		`{"error":{"code":0}}`, `{"error":"` + testKey + `\u001b"}`, `{"meta":{"httpCode":-1}}`, `{"meta":{"http_code":"429"}}`,
		`{"data":[{"wa_id":1.65e10}],"paging":{"cursors":{"after":"x"},"next":"y"}}`,
		`{"block_users":{"added_users":[{"wa_id":"1234567"}],"failed_users":[{"input":"+4915112345678","errors":["x",{"code":"131047"}]}]}}`,
	} {
		add(http.StatusOK, []byte(foreign))
		add(http.StatusBadRequest, []byte(foreign))
	}
}

// object reads a body as a JSON object, independently of the client.
func decodeObject(body []byte) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(body, &members)
	return members, err == nil && members != nil && utf8.Valid(body)
}

// collectIDs collects all IDs in a JSON value.
func collectIDs(value any, into map[userid.ID]bool) {
	switch v := value.(type) {
	case map[string]any:
		for _, value := range v {
			collectIDs(value, into)
		}
	case []any:
		for _, element := range v {
			collectIDs(element, into)
		}
	case string, json.Number:
		if id, err := userid.Parse(fmt.Sprint(v)); err == nil {
			into[id] = true
		}
	}
}

func FuzzListResponse(f *testing.F) {
	addFakeResponses(f, http.MethodGet, "?limit=1", "", func(status int, body []byte) { f.Add(status, body) })
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		status = validStatus(status)
		s := &stubAPI{respond: func(_ int, r *http.Request) response {
			if r.URL.Query().Has("after") {
				return response{body: `{"data":[]}`}
			}
			return response{status: status, body: string(body)}
		}}
		entries, err := clientOf(t, s).Scan(t.Context())
		if n := len(s.received()); n > 4 {
			t.Errorf("%d requests", n)
		}

		if err != nil && !errors.Is(err, d360.ErrIncomplete) {
			checkError(t, err)
			if entries != nil {
				t.Errorf("entries %v and the error %v", entries, err)
			}
			return
		}
		members, ok := decodeObject(body)
		if !ok || status < 200 || status > 299 {
			t.Fatalf("HTTP %d with %q passes for a list of %d", status, body, len(entries))
		}
		if member(readPage(t, body).value, "data") == nil {
			for name := range members {
				known := func(k string) bool { return member(map[string]any{name: true}, k) != nil }
				if name != "messaging_product" && !slices.ContainsFunc([]string{"data", "paging", "error", "meta"}, known) {
					t.Errorf("%q passes for an empty list", body)
				}
			}
		}
		for _, e := range entries {
			if e.IsZero() && e.Spelling == "" {
				t.Errorf("%q has an entry that names no user: %+v", body, e)
			}
			checkPrintable(t, cmp.Or(e.Spelling, e.Key().String()))
		}
	})
}

func FuzzWriteResponse(f *testing.F) {
	const body = `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345678"},{"user":"+16505551234"}]}`
	for _, method := range writeMethods {
		addFakeResponses(f, method, "", body, func(status int, body []byte) {
			f.Add(status, method == http.MethodDelete, true, body)
			f.Add(status, method == http.MethodDelete, false, body)
		})
	}
	f.Fuzz(func(t *testing.T, status int, unblock, two bool, body []byte) {
		status = validStatus(status)
		s := always(response{status: status, body: string(body)})
		client := clientOf(t, s)
		write, asked := client.Block, fuzzUsers[:1]
		if unblock {
			write = client.Unblock
		}
		if two {
			asked = fuzzUsers
		}
		results, err := write(t.Context(), asked)
		if n := len(s.received()); n != 1 {
			t.Errorf("%d requests", n)
		}
		if err != nil {
			checkError(t, err)
			if results != nil {
				t.Errorf("results %v and the error %v", results, err)
			}
			return
		}
		checkResults(t, status, body, asked, results)
	})
}

// checkResults compares the results of a write with the body of the response.
func checkResults(t *testing.T, status int, body []byte, asked []userid.User, results []d360.UserResult) {
	t.Helper()
	if _, ok := decodeObject(body); !ok || status >= 500 || status >= 300 && status < 400 || status < 200 {
		t.Fatalf("HTTP %d with %q is accepted as a response", status, body)
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	inBody := map[userid.ID]bool{}
	collectIDs(value, inBody)
	if len(results) != len(asked) {
		t.Fatalf("%d results for %d users", len(results), len(asked))
	}
	for i, a := range results {
		if a.User.ID != asked[i].ID {
			t.Errorf("result %d is for %v, not %v", i, a.User, asked[i])
		}
		if a.Done && a.Err != nil {
			t.Errorf("%v is done and rejected", a.User)
		}
		switch {
		case len(asked) > 1 && (a.Done || a.Err != nil) && !inBody[a.User.ID]:
			t.Errorf("%q does not name %v, who has a result", body, a.User)
		case a.Done && len(inBody) == 0:
			t.Errorf("%q names no user, and %v has the result done", body, a.User)
		}
		if a.Err != nil {
			checkError(t, a.Err)
		}
	}
}

func checkError(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*d360.Error](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	checkPrintable(t, e.Error())
}

func validStatus(status int) int {
	if status < 200 || status > 999 {
		return 200 + int(uint(status)%400)
	}
	return status
}
