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

// fuzzUsers are who the fuzzed writes are about.
var fuzzUsers = users("+4915112345678", "+16505551234")

// addSeeds adds what the fake API answers to a request in every variant.
func addSeeds(f *testing.F, method, query, body string, add func(status int, body []byte)) {
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
func object(body []byte) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(body, &members)
	return members, err == nil && members != nil && utf8.Valid(body)
}

// named collects everyone that a JSON value may name.
func named(value any, into map[userid.ID]bool) {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			named(member, into)
		}
	case []any:
		for _, element := range v {
			named(element, into)
		}
	case string, json.Number:
		if id, err := userid.Parse(fmt.Sprint(v)); err == nil {
			into[id] = true
		}
	}
}

func FuzzListAnswer(f *testing.F) {
	addSeeds(f, http.MethodGet, "?limit=1", "", func(status int, body []byte) { f.Add(status, body) })
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		status = validStatus(status)
		s := &service{answer: func(_ int, r *http.Request) reply {
			if r.URL.Query().Has("after") {
				return reply{body: `{"data":[]}`}
			}
			return reply{status: status, body: string(body)}
		}}
		entries, err := clientOf(t, s).Scan(t.Context())
		if n := len(s.sent()); n > 4 {
			t.Errorf("%d requests", n)
		}

		if err != nil && !errors.Is(err, d360.ErrIncomplete) {
			mustBeAnError(t, err)
			if entries != nil {
				t.Errorf("entries %v beside the error %v", entries, err)
			}
			return
		}
		members, ok := object(body)
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
			mustBePrintable(t, cmp.Or(e.Spelling, e.Key().String()))
		}
	})
}

func FuzzWriteAnswer(f *testing.F) {
	const body = `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345678"},{"user":"+16505551234"}]}`
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		addSeeds(f, method, "", body, func(status int, body []byte) {
			f.Add(status, method == http.MethodDelete, true, body)
			f.Add(status, method == http.MethodDelete, false, body)
		})
	}
	f.Fuzz(func(t *testing.T, status int, unblock, two bool, body []byte) {
		status = validStatus(status)
		s := always(reply{status: status, body: string(body)})
		client := clientOf(t, s)
		write, asked := client.Block, fuzzUsers[:1]
		if unblock {
			write = client.Unblock
		}
		if two {
			asked = fuzzUsers
		}
		answers, err := write(t.Context(), asked)
		if n := len(s.sent()); n != 1 {
			t.Errorf("%d requests", n)
		}
		if err != nil {
			mustBeAnError(t, err)
			if answers != nil {
				t.Errorf("answers %v beside the error %v", answers, err)
			}
			return
		}
		mustSay(t, status, body, asked, answers)
	})
}

// mustSay holds answers to what a body says of the users who were asked about.
func mustSay(t *testing.T, status int, body []byte, asked []userid.User, answers []d360.UserResult) {
	t.Helper()
	if _, ok := object(body); !ok || status >= 500 || status >= 300 && status < 400 || status < 200 {
		t.Fatalf("HTTP %d with %q passes for an answer", status, body)
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	inBody := map[userid.ID]bool{}
	named(value, inBody)
	if len(answers) != len(asked) {
		t.Fatalf("%d answers for %d users", len(answers), len(asked))
	}
	for i, a := range answers {
		if a.User.ID != asked[i].ID {
			t.Errorf("result %d is for %v, not %v", i, a.User, asked[i])
		}
		if a.Done && a.Err != nil {
			t.Errorf("%v is done and rejected", a.User)
		}
		switch {
		case len(asked) > 1 && (a.Done || a.Err != nil) && !inBody[a.User.ID]:
			t.Errorf("%q does not name %v, who is called answered for", body, a.User)
		case a.Done && len(inBody) == 0:
			t.Errorf("%q names no user, and %v is called done", body, a.User)
		}
		if a.Err != nil {
			mustBeAnError(t, a.Err)
		}
	}
}

func mustBeAnError(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*d360.Error](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	mustBePrintable(t, e.Error())
}

func validStatus(status int) int {
	if status < 200 || status > 999 {
		return 200 + int(uint(status)%400)
	}
	return status
}
