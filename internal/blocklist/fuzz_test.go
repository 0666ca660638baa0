package blocklist_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// stubAPI has one response for all pages and one for all writes.
type stubAPI struct {
	t              *testing.T
	list, response []byte
	status         int

	requests int
	// written has the users of each write.
	written []map[userid.ID]bool
}

// RoundTrip implements http.RoundTripper.
func (s *stubAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.requests++; s.requests > 100 {
		s.t.Fatalf("%d requests, the last one %s %s", s.requests, r.Method, r.URL)
	}
	status, body := http.StatusOK, s.list
	switch {
	case r.Method != http.MethodGet:
		status, body = s.status, s.response
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.written = append(s.written, idsIn(sent))
	case r.URL.Query().Has("after"):
		body = []byte(`{"data":[]}`)
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1, Request: r,
	}, nil
}

// idsIn collects all IDs in a JSON object.
func idsIn(body []byte) map[userid.ID]bool {
	who := map[userid.ID]bool{}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return who
	}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, element := range v {
				walk(element)
			}
		case string, json.Number:
			if id, err := userid.Parse(fmt.Sprint(v)); err == nil {
				who[id] = true
			}
		}
	}
	walk(object)
	return who
}

// FuzzAnyResponse blocks or unblocks two users with arbitrary responses. No user counts as
// blocked, unblocked, listed or absent without a response that says so, and no write has
// another user.
func FuzzAnyResponse(f *testing.F) {
	const (
		first, second = "4915112345678", "16505551234"
		listOfOne     = `{"data":[{"messaging_product":"whatsapp","wa_id":"` + first + `"}]}`
		oneAdded      = `{"block_users":{"added_users":[{"input":"+` + first + `","wa_id":"` + first + `"}]}}`
		oneFailed     = `{"block_users":{"failed_users":[{"input":"+` + second + `","errors":[{"code":131047}]}]},"error":{"code":139100}}`
		bothAdded     = `{"block_users":{"added_users":[{"input":"+` + first + `"},{"input":"+` + second + `"}]}}`
		bothRemoved   = `{"block_users":{"removed_users":[{"wa_id":"` + first + `"},{"wa_id":"` + second + `"}]}}`
	)
	lists := []string{
		`{"data":[]}`, `{}`, listOfOne, `{"data":[{"block_users":[{"input":"+` + first + `","wa_id":"` + second + `"}]}],"paging":{"cursors":{"after":"x"},"next":"y"}}`,
		`{"data":[{"wa_id":` + first + `.0}]}`, `{"data":null,"x":1}`, `{"data":[{}]}`, `{"error":{"code":139102}}`, `<html>`, ``,
	}
	for _, list := range lists {
		for _, response := range []string{oneAdded, oneFailed, bothAdded, bothRemoved, `{}`, `{"block_users":{"added_users":[{}]}}`, `{"error":{"code":100}}`, `{"error":"rate limit"}`, `null`, ``} {
			for _, status := range []int{200, 400, 500} {
				for _, unblock := range []bool{false, true} {
					f.Add(unblock, status, []byte(response), []byte(list))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, unblock bool, status int, response, list []byte) {
		if status < 200 || status > 599 {
			status = 200 + int(uint(status)%400)
		}
		synctest.Test(t, func(t *testing.T) {
			api := &stubAPI{t: t, list: list, response: response, status: status}
			client, err := d360.New(d360.Options{
				BaseURL: "http://127.0.0.1:1", Key: fakeapi.DefaultKey, UserAgent: "blocklist-test", MaxRetries: 1, Transport: api,
			})
			if err != nil {
				t.Fatal(err)
			}
			run := blocklist.New(client, 0)
			users := usersOf(first, second)
			var results []blocklist.Result
			if unblock {
				results = run.Unblock(t.Context(), blocklist.Removal{Proof: blocklist.ProvenByRun}, users...)
			} else {
				results = run.Block(t.Context(), users...)
			}

			named, listed := idsIn(response), idsIn(list)
			readable := json.Valid(list) && utf8.Valid(list) && bytes.HasPrefix(bytes.TrimSpace(list), []byte("{"))
			for i, r := range results {
				user := r.User.ID
				if user != users[i].ID {
					t.Fatalf("result %d is for %s", i, user)
				}
				// A response to a request for one user may use another name.
				said := named[user] || len(named) > 0 && alone(api.written, user)
				switch {
				case r.Err != nil && r.Err.Error() == "":
					t.Errorf("%s: an error without words", user)
				case r.Err == nil && !said && unblock && !readable:
					t.Errorf("%s is treated as unblocked after %q and %q", user, response, list)
				case r.Err == nil && !said && !unblock && !listed[user]:
					t.Errorf("%s is treated as blocked after %q and %q", user, response, list)
				}

				found, err := run.Find(t.Context(), blocklist.Query{Users: users[i : i+1]})
				isAbsent := err == nil && found.Of[0].Presence == blocklist.Absent
				present := err == nil && found.Of[0].Presence == blocklist.Listed
				// What was written lies over the list.
				written := r.Err == nil && said
				switch {
				case err != nil:
				case present && !listed[user] && (unblock || !written):
					t.Errorf("%s is called present by %q", user, list)
				case isAbsent && !readable && (!unblock || !written):
					t.Errorf("%s is confirmed absent by %q", user, list)
				}
			}
			for _, who := range api.written {
				for id := range who {
					if id != users[0].ID && id != users[1].ID {
						t.Errorf("a write names %s", id)
					}
				}
			}
		})
	})
}

// alone reports whether a write had one user, this one.
func alone(written []map[userid.ID]bool, user userid.ID) bool {
	for _, who := range written {
		if len(who) == 1 && who[user] {
			return true
		}
	}
	return false
}
