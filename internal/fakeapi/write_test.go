package fakeapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const (
	anna  = "+4915112345671"
	berta = "+4915112345672"
	carl  = "+4915112345673"
	dora  = "US.13491208655302741918"
)

type written struct {
	BlockUsers struct {
		Added   []namedUser `json:"added_users"`
		Removed []namedUser `json:"removed_users"`
		Failed  []namedUser `json:"failed_users"`
	} `json:"block_users"`
	Error *struct{ Code int }
}

// summary is one line with the users in a response.
func summary(t *testing.T, got reply) string {
	t.Helper()
	var w written
	if err := json.Unmarshal([]byte(got.body), &w); err != nil {
		t.Fatalf("response %d %s: %v", got.status, got.body, err)
	}
	var parts []string
	names := func(verb string, users []namedUser) {
		for _, u := range users {
			part := verb + u.Input + u.UserID
			for _, e := range u.Errors {
				part += fmt.Sprintf("=%d", e.Code)
			}
			parts = append(parts, part)
		}
	}
	names("add ", w.BlockUsers.Added)
	names("remove ", w.BlockUsers.Removed)
	names("fail ", w.BlockUsers.Failed)
	if w.Error != nil {
		parts = append(parts, fmt.Sprintf("error %d", w.Error.Code))
	}
	return strings.Join(parts, ", ")
}

// TestRules sends one write. At the start, anna is on the list.
func TestRules(t *testing.T) {
	tests := []struct {
		name     string
		rules    fakeapi.Rules
		prepare  func(*fakeapi.Server)
		method   string
		users    []string
		status   int
		response string
		blocked  []string
	}{
		{name: "block", method: "POST", users: []string{berta, dora}, status: 200, response: "add +4915112345672, add US.13491208655302741918", blocked: []string{anna, berta, dora}},
		{name: "unblock", method: "DELETE", users: []string{anna}, status: 200, response: "remove +4915112345671"},
		{name: "blocked already", method: "POST", users: []string{anna}, status: 200, response: "add +4915112345671", blocked: []string{anna}},
		{name: "blocked already, rejected", rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}, method: "POST", users: []string{anna, berta}, status: 400, response: "add +4915112345672, fail +4915112345671=131047, error 139100", blocked: []string{anna, berta}},
		{name: "blocked already, own code", rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject, AlreadyBlockedCode: 100}, method: "POST", users: []string{anna}, status: 400, response: "fail +4915112345671=100, error 139100", blocked: []string{anna}},
		{name: "blocked already, ignored", rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpIgnore}, method: "POST", users: []string{anna}, status: 200, response: "", blocked: []string{anna}},
		{name: "blocked already and silent", prepare: func(s *fakeapi.Server) { s.Silent(anna) }, method: "POST", users: []string{anna}, status: 200, response: "add +4915112345671", blocked: []string{anna}},
		{name: "not blocked", method: "DELETE", users: []string{berta}, status: 200, response: "remove +4915112345672", blocked: []string{anna}},
		{name: "not blocked, rejected", rules: fakeapi.Rules{NotBlocked: fakeapi.NoOpReject}, method: "DELETE", users: []string{berta, anna}, status: 400, response: "remove +4915112345671, fail +4915112345672=100, error 139100"},
		{name: "not blocked, own code", rules: fakeapi.Rules{NotBlocked: fakeapi.NoOpReject, NotBlockedCode: 131000}, method: "DELETE", users: []string{berta}, status: 400, response: "fail +4915112345672=131000, error 139100", blocked: []string{anna}},
		{name: "not blocked, ignored", rules: fakeapi.Rules{NotBlocked: fakeapi.NoOpIgnore}, method: "DELETE", users: []string{berta}, status: 200, response: "", blocked: []string{anna}},
		{name: "silent", prepare: func(s *fakeapi.Server) { s.Silent(berta) }, method: "POST", users: []string{berta, carl}, status: 400, response: "add +4915112345673, fail +4915112345672=131047, error 139100", blocked: []string{anna, carl}},
		{name: "silent, then heard", prepare: func(s *fakeapi.Server) { s.Silent(berta); s.Heard("0049 151-12345672") }, method: "POST", users: []string{berta}, status: 200, response: "add +4915112345672", blocked: []string{anna, berta}},
		{name: "all silent", prepare: func(s *fakeapi.Server) { s.SetAllSilent(true); s.Heard(carl) }, method: "POST", users: []string{berta, carl}, status: 400, response: "add +4915112345673, fail +4915112345672=131047, error 139100", blocked: []string{anna, carl}},
		{name: "all heard again", prepare: func(s *fakeapi.Server) { s.SetAllSilent(true); s.SetAllSilent(false) }, method: "POST", users: []string{berta}, status: 200, response: "add +4915112345672", blocked: []string{anna, berta}},
		{name: "silent, unblock", prepare: func(s *fakeapi.Server) { s.SetAllSilent(true) }, method: "DELETE", users: []string{anna}, status: 200, response: "remove +4915112345671"},
		{name: "silent, whole request", rules: fakeapi.Rules{SilentWholeRequest: true}, prepare: func(s *fakeapi.Server) { s.Silent(carl) }, method: "POST", users: []string{berta, carl}, status: 400, response: "error 131047", blocked: []string{anna}},
		{name: "none silent, whole request", rules: fakeapi.Rules{SilentWholeRequest: true}, prepare: func(s *fakeapi.Server) { s.Silent(carl) }, method: "POST", users: []string{berta}, status: 200, response: "add +4915112345672", blocked: []string{anna, berta}},
		{name: "blocked and silent, whole request", rules: fakeapi.Rules{SilentWholeRequest: true}, prepare: func(s *fakeapi.Server) { s.Silent(anna) }, method: "POST", users: []string{anna, berta}, status: 200, response: "add +4915112345671, add +4915112345672", blocked: []string{anna, berta}},
		{name: "silent, unblock, whole request", rules: fakeapi.Rules{SilentWholeRequest: true}, prepare: func(s *fakeapi.Server) { s.SetAllSilent(true) }, method: "DELETE", users: []string{anna, berta}, status: 200, response: "remove +4915112345671, remove +4915112345672"},
		{name: "own number", rules: fakeapi.Rules{OwnNumber: "+49 (151) 12345672"}, method: "POST", users: []string{berta}, status: 400, response: "fail +4915112345672=131021, error 139100", blocked: []string{anna}},
		{name: "rejected", prepare: func(s *fakeapi.Server) { s.Reject(anna, 131031, "", "") }, method: "POST", users: []string{anna}, status: 400, response: "fail +4915112345671=131031, error 139100", blocked: []string{anna}},
		{name: "rejected block, unblock", prepare: func(s *fakeapi.Server) { s.Reject(anna, 131031, "", "") }, method: "DELETE", users: []string{anna}, status: 200, response: "remove +4915112345671"},
		{name: "rejected unblock", prepare: func(s *fakeapi.Server) { s.RejectUnblock(anna, 131000, "", "") }, method: "DELETE", users: []string{anna}, status: 400, response: "fail +4915112345671=131000, error 139100", blocked: []string{anna}},
		{name: "rejected, then allowed", prepare: func(s *fakeapi.Server) { s.Reject(berta, 100, "", ""); s.Allow(berta) }, method: "POST", users: []string{berta}, status: 200, response: "add +4915112345672", blocked: []string{anna, berta}},
		{name: "full", rules: fakeapi.Rules{Capacity: 2}, method: "POST", users: []string{anna, berta, carl}, status: 400, response: "add +4915112345671, add +4915112345672, fail +4915112345673=139101, error 139100", blocked: []string{anna, berta}},
		{name: "full, whole request", rules: fakeapi.Rules{Capacity: 2, Full: fakeapi.FullWholeRequest}, method: "POST", users: []string{anna, berta, carl}, status: 400, response: "error 139101", blocked: []string{anna}},
		{name: "just not full", rules: fakeapi.Rules{Capacity: 2, Full: fakeapi.FullWholeRequest}, method: "POST", users: []string{anna, berta}, status: 200, response: "add +4915112345671, add +4915112345672", blocked: []string{anna, berta}},
		{name: "full, unblock", rules: fakeapi.Rules{Capacity: 1, Full: fakeapi.FullWholeRequest}, method: "DELETE", users: []string{anna}, status: 200, response: "remove +4915112345671"},
		{name: "batch", rules: fakeapi.Rules{MaxBatch: 1}, method: "POST", users: []string{berta, carl}, status: 429, response: "error 130429", blocked: []string{anna}},
		{name: "batch that just fits", rules: fakeapi.Rules{MaxBatch: 2}, method: "POST", users: []string{berta, carl}, status: 200, response: "add +4915112345672, add +4915112345673", blocked: []string{anna, berta, carl}},
		{name: "batch, unblock", rules: fakeapi.Rules{MaxBatch: 1}, method: "DELETE", users: []string{anna, carl}, status: 429, response: "error 130429", blocked: []string{anna}},
		{name: "batch, own code", rules: fakeapi.Rules{MaxBatch: 1, BatchCode: 100}, method: "POST", users: []string{berta, carl}, status: 400, response: "error 100", blocked: []string{anna}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeapi.Options{Rules: test.rules})
			c.server.Seed(anna)
			if test.prepare != nil {
				test.prepare(c.server)
			}
			got := c.send(c.request(test.method, "", writeBody(test.users...)))
			if got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			if response := summary(t, got); response != test.response {
				t.Errorf("response %q, want %q", response, test.response)
			}
			var want []string
			for _, user := range test.blocked {
				want = append(want, strings.TrimPrefix(user, "+"))
			}
			if blocked := c.server.Blocked(); !slices.Equal(blocked, want) {
				t.Errorf("blocked %v, want %v", blocked, want)
			}
			c.noViolations()
		})
	}
}

// TestAlternateForm has a Brazilian number whose WhatsApp ID lacks the ninth digit.
func TestAlternateForm(t *testing.T) {
	const typed, waID = "+5531996883193", "553196883193"
	c := start(t, fakeapi.Options{WaIDs: map[string]string{"5531996883193": waID}})
	if got := c.post(typed); !strings.Contains(got.body, `{"input":"+5531996883193","wa_id":"553196883193"}`) {
		t.Errorf("response %s", got.body)
	}
	for _, spelling := range []string{typed, waID, "00 55 31 9968 83193"} {
		if !c.server.IsBlocked(spelling) {
			t.Errorf("%s is not blocked", spelling)
		}
	}
	c.server.SetRules(fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject})
	if got := summary(t, c.post("+"+waID)); got != "fail +553196883193=131047, error 139100" {
		t.Errorf("the alternate form: %s", got)
	}
	c.server.SetFormat(fakeapi.ResponseFormat{List: fakeapi.ListFlat})
	if got := c.get(""); got.body != `{"data":[{"messaging_product":"whatsapp","wa_id":"553196883193"}]}` {
		t.Errorf("list %s", got.body)
	}
	c.delete("+" + waID)
	if c.server.IsBlocked(typed) {
		t.Error("still blocked")
	}
	if got := c.server.Deleted(); !slices.Equal(got, []string{waID}) {
		t.Errorf("deleted %v", got)
	}
}

func TestRejectionTexts(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.Reject(anna, 131000, "Odd", "Very odd.")
	c.server.Reject(berta, 424242, "", "")
	c.server.Reject(carl, 0, "", "")
	c.server.Reject(dora, 190, "", "")
	got := c.post(anna, berta, carl, dora, "+4915112345674")
	if got.status != http.StatusBadRequest || !c.server.IsBlocked("+4915112345674") {
		t.Errorf("response %d %s", got.status, got.body)
	}
	for _, want := range []string{
		`"errors":[{"code":131000,"message":"Odd","error_data":{"details":"Very odd."}}]`,
		`"errors":[{"code":424242,"message":"Unknown error","error_data":{"details":""}}]`,
		`"errors":[{"code":0,"message":"AuthException","error_data":{"details":"The key could not be checked."}}]`,
		`"errors":[{"code":190,"message":"Access token has expired","error_data":{"details":"The key is wrong or was revoked."}}]`,
		`"code":139100`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("response %s lacks %s", got.body, want)
		}
	}
}

// TestPagesChangeWithWrites checks that users who are blocked again are at the end of the list.
func TestPagesChangeWithWrites(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.post(anna, berta, carl)
	c.delete(anna, carl)
	c.post(carl)
	c.post(anna)
	users, _ := scan(t, c, 2)
	if want := []string{berta[1:], carl[1:], anna[1:]}; !slices.Equal(users, want) {
		t.Errorf("list %v, want %v", users, want)
	}
	if got, want := c.server.Deleted(), []string{anna[1:], carl[1:]}; !slices.Equal(got, want) {
		t.Errorf("deleted %v, want %v", got, want)
	}
	want := fakeapi.Stats{Gets: 2, Posts: 3, Deletes: 1, UsersPosted: 5, UsersDeleted: 2, MaxWritesInFlight: 1, Scans: 1}
	if got := c.server.Stats(); got != want || got.Requests() != 6 {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	c.server.ResetStats()
	if got := c.server.Stats(); got != (fakeapi.Stats{}) {
		t.Errorf("stats %+v after the reset", got)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.get("limit=7")
	c.post(anna, dora)
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultDropBefore})
	c.raw(c.request(http.MethodDelete, "", writeBody(anna)))
	got := c.server.Requests()
	if len(got) != 3 {
		t.Fatalf("%d requests", len(got))
	}
	if r := got[0]; r.Method != http.MethodGet || r.Path != fakeapi.Path || r.Query.Get("limit") != "7" || r.Status != 200 || r.Header.Get(fakeapi.KeyHeader) != fakeapi.DefaultKey {
		t.Errorf("first request %+v", r)
	}
	if r := got[1]; !slices.Equal(r.Users, []string{anna, dora}) || r.Status != 200 {
		t.Errorf("second request %+v", r)
	}
	if r := got[2]; !slices.Equal(r.Users, []string{anna}) || r.Status != 0 {
		t.Errorf("third request %+v", r)
	}
	got[0].Header.Set("User-Agent", "changed")
	if c.server.Requests()[0].Header.Get("User-Agent") != "fakeapi-test" {
		t.Error("Requests does not return a copy")
	}
	if deleted := c.server.Deleted(); !slices.Equal(deleted, []string{anna[1:]}) {
		t.Errorf("deleted %v, though the request had arrived", deleted)
	}
}
