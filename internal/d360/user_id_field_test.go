package d360_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// userIDProxy is a proxy that forwards the field user_id, drops it, or rejects it. Its
// response has each item that names a user.
func userIDProxy(t *testing.T, knows string, bad ...string) *stubAPI {
	t.Helper()
	s := &stubAPI{}
	s.respond = func(n int, r *http.Request) response {
		var body struct {
			BlockUsers []struct {
				User   string `json:"user"`
				UserID string `json:"user_id"`
			} `json:"block_users"`
		}
		if err := json.Unmarshal([]byte(s.received()[n].body), &body); err != nil {
			t.Error(err)
		}
		var added []string
		for _, item := range body.BlockUsers {
			isUserID := strings.Contains(item.User, ".")
			rejects := item.UserID != "" && knows == "neither" || item.UserID != "" && knows == "reject" || isUserID && (knows == "forward" || knows == "neither")
			if rejects || slices.Contains(bad, item.User+item.UserID) {
				return response{status: 400, body: `{"error":{"code":100,"message":"Invalid parameter"}}`}
			}
			switch {
			case item.UserID != "" && knows == "drop":
			case item.UserID != "":
				added = append(added, `{"input":"`+item.UserID+`","user_id":"`+item.UserID+`"}`)
			default:
				added = append(added, `{"input":"`+item.User+`"}`)
			}
		}
		list := "added_users"
		if r.Method == http.MethodDelete {
			list = "removed_users"
		}
		return response{body: `{"block_users":{"` + list + `":[` + strings.Join(added, ",") + `]}}`}
	}
	return s
}

// The client finds the field for user IDs once, and sends both kinds of names in one
// request.
func TestWrite_userIDField(t *testing.T) {
	t.Parallel()

	const (
		number, one, two = "+4915112345678", "US.1", "us.2"
		done             = "4915112345678 done\nUS.1 done\nUS.2 done"
		bothFields       = `[{"user":"+4915112345678"},{"user_id":"US.1"},{"user_id":"US.2"}]`
		userAlone        = `[{"user":"+4915112345678"},{"user":"US.1"},{"user":"US.2"}]`
		userIDsInUser    = `[{"user":"US.1"},{"user":"US.2"}]`
	)
	for knows, test := range map[string]struct {
		want          string
		first, second []string
	}{
		"forward": {done, []string{bothFields}, []string{bothFields}},
		"drop":    {done, []string{bothFields, userIDsInUser}, []string{userAlone}},
		"reject":  {done, []string{bothFields, userAlone}, []string{userAlone}},
		"neither": {"rejected: Invalid parameter (code 100, HTTP 400)", []string{bothFields, userAlone}, []string{bothFields, userAlone}},
	} {
		for _, method := range writeMethods {
			t.Run(knows+"/"+method, func(t *testing.T) {
				t.Parallel()

				s := userIDProxy(t, knows)
				client := clientOf(t, s)
				write := writeOf(client, method)
				var sent []string
				for _, want := range [][]string{test.first, test.second} {
					results, err := write(t.Context(), users(number, one, two))
					if got := renderResults(t, results, err); got != test.want {
						t.Errorf("got\n%s\nwant\n%s", got, test.want)
					}
					if got := itemsSent(s)[len(sent):]; !slices.Equal(got, want) {
						t.Errorf("sent\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
					sent = itemsSent(s)
				}
			})
		}
	}
}

func itemsSent(s *stubAPI) []string {
	var items []string
	for _, r := range s.received() {
		_, list, _ := strings.Cut(r.body, `"block_users":`)
		items = append(items, strings.TrimSuffix(list, "}"))
	}
	return items
}

// Code 100 may be about one bad user ID instead of the field. Then the field stays
// unknown until the next request.
func TestWrite_badUserID(t *testing.T) {
	t.Parallel()

	s := userIDProxy(t, "forward", "US.bad")
	client := clientOf(t, s)
	results, err := client.Block(t.Context(), users("US.1", "US.bad"))
	if got, want := renderResults(t, results, err), "rejected: Invalid parameter (code 100, HTTP 400)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	results, err = client.Block(t.Context(), users("US.1"))
	if got, want := renderResults(t, results, err), "US.1 done"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	results, err = client.Block(t.Context(), users("US.bad"))
	if got, want := renderResults(t, results, err), "rejected: Invalid parameter (code 100, HTTP 400)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := len(s.received()); n != 4 {
		t.Errorf("%d requests, want 4: once a field has worked, the other one is not tried", n)
	}
}

// If the second request fails, the results of the first one stay valid.
func TestWrite_userIDRetryFails(t *testing.T) {
	t.Parallel()

	const dropped = `{"block_users":{"added_users":[{"input":"+4915112345678"}]}}`
	for name, test := range map[string]struct {
		responses []response
		want      string
	}{
		"dropped, then unavailable":    {[]response{{body: dropped}, {status: 503, body: `{"error":"later"}`}}, "4915112345678 done\nUS.1 missing"},
		"dropped, then rejected":       {[]response{{body: dropped}, {status: 400, body: `{"error":{"code":100,"message":"x"}}`}}, "4915112345678 done\nUS.1 missing"},
		"rejected, then unavailable":   {[]response{{status: 400, body: `{"error":{"code":100,"message":"x"}}`}, {status: 503, body: `{"error":"later"}`}}, "temporary: later (HTTP 503)"},
		"others are missing too":       {[]response{{body: `{"block_users":{"added_users":[]}}`}}, "4915112345678 missing\nUS.1 missing"},
		"the user ID alone is missing": {[]response{{body: dropped}, {body: `{"block_users":{"added_users":[{"user_id":"US.1"}]}}`}}, "4915112345678 done\nUS.1 done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			results, err := clientOf(t, inTurn(t, test.responses...)).Block(t.Context(), users("+4915112345678", "US.1"))
			if got := renderResults(t, results, err); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A response may name users by input, wa_id and user_id in any combination.
func TestWrite_namesInResponses(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ body, want string }{
		"input alone":          {`{"input":"+16505551234"},{"input":"US.1"}`, "16505551234 done\nUS.1 done"},
		"user_id beside wa_id": {`{"input":"+16505551234","wa_id":"16505551234","user_id":"US.9"},{"input":"us.1","user_id":"US.1"}`, "16505551234 done as 16505551234 is US.9\nUS.1 done"},
		"user_id alone":        {`{"wa_id":"16505551234","user_id":"US.9"},{"user_id":"US.1"}`, "16505551234 done as 16505551234 is US.9\nUS.1 done"},
		"a number for a user ID": {
			`{"input":"+16505551234"},{"input":"US.1","wa_id":"4915112345678","user_id":"US.1"}`, "16505551234 done\nUS.1 done as 4915112345678",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			results, err := clientOf(t, inTurn(t, response{body: `{"block_users":{"added_users":[` + test.body + `],"failed_users":[]}}`})).Block(t.Context(), users("+16505551234", "US.1"))
			if got := renderResults(t, results, err); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
