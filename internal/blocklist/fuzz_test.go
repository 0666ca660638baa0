package blocklist_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// stubAPI has one response for all pages and one for all writes.
type stubAPI struct {
	t              *testing.T
	list, response []byte
	status         int

	requests int
	// written has the users of each write.
	writes []map[userid.ID]bool
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
		request, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.writes = append(s.writes, idsIn(request))
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
	ids := map[userid.ID]bool{}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return ids
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
			if parsed, err := userid.Parse(fmt.Sprint(v)); err == nil {
				ids[parsed] = true
			}
		}
	}
	walk(object)
	return ids
}

// FuzzAnyResponse blocks or unblocks two users with arbitrary responses. No user is reported
// as blocked, unblocked, listed or absent unless a response says so, and no write names
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
				for _, unblocks := range []bool{false, true} {
					f.Add(unblocks, status, []byte(response), []byte(list))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, unblocks bool, status int, response, list []byte) {
		if status < 200 || status > 599 {
			status = 200 + int(uint(status)%400)
		}
		synctest.Test(t, func(t *testing.T) {
			api := &stubAPI{t: t, list: list, response: response, status: status}
			run := newList(t, api, setting{tries: 2})
			users := usersOf(first, second)
			var results []blocklist.Result
			if unblocks {
				results = run.Unblock(t.Context(), blocklist.Removal{Proof: blocklist.ProvenByRun}, users...)
			} else {
				results = run.Block(t.Context(), users...)
			}

			inResponse, inList := idsIn(response), idsIn(list)
			isReadable := json.Valid(list) && utf8.Valid(list) && bytes.HasPrefix(bytes.TrimSpace(list), []byte("{"))
			for i, r := range results {
				user := r.User.ID
				if user != users[i].ID {
					t.Fatalf("result %d is for %s", i, user)
				}
				// A response to a request for one user may show the user under another name.
				isNamed := inResponse[user] || len(inResponse) > 0 && wasSentAlone(api.writes, user)
				switch {
				case r.Err != nil && r.Err.Error() == "":
					t.Errorf("%s: an error without a message", user)
				case r.Err == nil && !isNamed && unblocks && !isReadable:
					t.Errorf("%s is reported as unblocked after %q and %q", user, response, list)
				case r.Err == nil && !isNamed && !unblocks && !inList[user]:
					t.Errorf("%s is reported as blocked after %q and %q", user, response, list)
				}

				// A write overrides the list.
				isWritten := r.Err == nil && isNamed
				found, err := run.Find(t.Context(), blocklist.Query{Users: users[i : i+1]})
				switch {
				case err != nil:
				case found.Of[0].Presence == blocklist.Listed && !inList[user] && (unblocks || !isWritten):
					t.Errorf("%s is listed by %q", user, list)
				case found.Of[0].Presence == blocklist.Absent && !isReadable && (!unblocks || !isWritten):
					t.Errorf("%s is confirmed absent by %q", user, list)
				}
			}
			for _, sent := range api.writes {
				for user := range sent {
					if user != users[0].ID && user != users[1].ID {
						t.Errorf("a write names %s", user)
					}
				}
			}
		})
	})
}

// wasSentAlone reports whether a write named this user and no other.
func wasSentAlone(writes []map[userid.ID]bool, user userid.ID) bool {
	return slices.ContainsFunc(writes, func(users map[userid.ID]bool) bool { return len(users) == 1 && users[user] })
}
