package d360_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

func writeOf(client *d360.Client, method string) func(context.Context, []userid.User) ([]d360.UserResult, error) {
	if method == http.MethodDelete {
		return client.Unblock
	}
	return client.Block
}

func TestWrite_request(t *testing.T) {
	t.Parallel()

	for _, method := range writeMethods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()

			s := always(response{body: `{}`})
			if _, err := writeOf(clientOf(t, s), method)(t.Context(), users("0049 151 12345678", "US.13491208655302741918")); err != nil {
				t.Fatal(err)
			}
			requests := s.received()
			if len(requests) != 1 {
				t.Fatalf("%d requests, want 1", len(requests))
			}
			r := requests[0]
			if r.method != method || r.url != testBase+"/block_users" {
				t.Errorf("%s %s", r.method, r.url)
			}
			want := `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345678"},{"user_id":"US.13491208655302741918"}]}`
			var gotBody, wantBody any
			if err := json.Unmarshal([]byte(r.body), &gotBody); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(want), &wantBody); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(gotBody, wantBody) {
				t.Errorf("body %s, want %s", r.body, want)
			}
			for name, want := range map[string]string{
				"D360-API-KEY": testKey, "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "d360-test",
			} {
				if got := r.header.Get(name); got != want {
					t.Errorf("header %s: %q, want %q", name, got, want)
				}
			}
			for name, values := range r.header {
				if !strings.EqualFold(name, "D360-API-KEY") && strings.Contains(strings.Join(values, " "), testKey) {
					t.Errorf("the key is in header %s too", name)
				}
			}
		})
	}
}

func TestWrite_batchSize(t *testing.T) {
	t.Parallel()

	for n, allowed := range map[int]bool{0: false, 1: true, d360.MaxUsersPerRequest: true, d360.MaxUsersPerRequest + 1: false} {
		s := always(response{body: `{}`})
		ids := make([]userid.User, n)
		for i := range ids {
			ids[i] = user(fmt.Sprintf("+49151%07d", i))
		}
		results, err := clientOf(t, s).Block(t.Context(), ids)
		if (err == nil) != allowed || (len(s.received()) == 1) != allowed {
			t.Errorf("%d users: error %v, %d requests", n, err, len(s.received()))
		}
		if allowed && len(results) != n {
			t.Errorf("%d users: %d results", n, len(results))
		}
	}
}

func TestWrite_results(t *testing.T) {
	t.Parallel()

	const (
		bothMissing = "16505551234 missing\n4915112345678 missing"
		bothDone    = "16505551234 done as 16505551234\n4915112345678 done as 4915112345678"
		twoUsers    = `[{"input":"+16505551234","wa_id":"16505551234"},{"input":"+4915112345678","wa_id":"4915112345678"}]`
		rejection   = `{"input":"+4915112345678","errors":[{"code":131047,"message":"Re-engagement message","error_data":{"details":"No message in 24 hours"}}]}`
		oneRejected = "16505551234 done as 16505551234\n4915112345678 no recent message: Re-engagement message: No message in 24 hours (code 131047"
		partly      = `{"messaging_product":"whatsapp","block_users":{"ADDED":[{"input":"+16505551234","wa_id":"16505551234"}],"failed_users":[` + rejection + `]}}`
		partlyError = `{"messaging_product":"whatsapp","block_users":{"ADDED":[{"input":"+16505551234","wa_id":"16505551234"}],"failed_users":[` + rejection + `]},
			"error":{"message":"Failed to block/unblock users","type":"OAuthException","code":139100,"error_data":{"details":"some failed"},"fbtrace_id":"Az8"}}`
	)
	// ADDED stands for the list that fits the method.
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string
		// unblocked is the want of a DELETE, if it differs.
		unblocked string
	}{
		{name: "all done", body: `{"messaging_product":"whatsapp","block_users":{"ADDED":` + twoUsers + `}}`, want: bothDone},
		{name: "all done with 201", status: 201, body: `{"block_users":{"ADDED":` + twoUsers + `}}`, want: bothDone},
		{
			name: "in another order and with members unknown", status: 200,
			body: `{"new":{"a":[1]},"block_users":{"x":null,"ADDED":[{"wa_id":"4915112345678","input":"+4915112345678","y":[{}]},{"input":"+16505551234","wa_id":"16505551234"}]}}`,
			want: bothDone,
		},
		{
			name: "added_users for both methods", body: `{"block_users":{"added_users":` + twoUsers + `}}`, want: bothDone,
		},
		{
			name: "removed_users after a block", body: `{"block_users":{"removed_users":` + twoUsers + `}}`,
			want: bothMissing, unblocked: bothDone,
		},
		{
			name: "each in a list of its own",
			body: `{"block_users":{"added_users":[{"input":"+16505551234"}],"removed_users":[{"input":"+4915112345678"}]}}`,
			want: "16505551234 done\n4915112345678 missing", unblocked: "16505551234 done\n4915112345678 done",
		},
		{name: "partly rejected, HTTP 400", status: 400, body: partlyError, want: oneRejected + ", HTTP 400)"},
		{name: "partly rejected, HTTP 200", body: partly, want: oneRejected + ")"},
		{name: "partly rejected, HTTP 200 with an error", body: partlyError, want: oneRejected + ")"},
		{name: "partly rejected, HTTP 429", status: 429, body: partlyError, want: oneRejected + ", HTTP 429)"},
		{
			name: "partly rejected, HTTP 500: a fault of the API", status: 500, body: partlyError,
			want: "temporary: Failed to block/unblock users: some failed (code 139100, HTTP 500, trace Az8)",
		},
		{
			name: "partly rejected, HTTP 302: not a response of the API", status: 302, body: partlyError,
			want: "rejected: Failed to block/unblock users: some failed (code 139100, HTTP 302, trace Az8)",
		},
		{
			name: "the status is the request's, not the user's", status: 429, body: `{"block_users":{"failed_users":[{"input":"+16505551234"},{"input":"+4915112345678","errors":[{"message":"no"}]}]}}`,
			want: "16505551234 rejected: no reason was given (HTTP 429)\n4915112345678 rejected: no (HTTP 429)",
		},
		{
			name: "wa_id of the rejected", status: 400,
			body: `{"block_users":{"failed_users":[{"input":"+16505551234","wa_id":"16505551234","errors":[{"code":131021,"message":"own"}]},{"wa_id":"4915112345678","errors":[{"code":139101,"message":"full"}]}]}}`,
			want: "16505551234 own number: own (code 131021, HTTP 400) as 16505551234\n4915112345678 list full: full (code 139101, HTTP 400) as 4915112345678",
		},
		{
			name: "wa_id that differs from the number",
			body: `{"block_users":{"ADDED":[{"input":"+16505551234","wa_id":"521650555123"},{"input":"+4915112345678"}]}}`,
			want: "16505551234 done as 521650555123\n4915112345678 done",
		},
		{
			name: "another spelling is echoed",
			body: `{"block_users":{"ADDED":[{"input":"1 (650) 555-1234"},{"input":"0049 151.12345678"}]}}`,
			want: "16505551234 done\n4915112345678 done",
		},
		{
			name: "numbers for strings",
			body: `{"block_users":{"ADDED":[{"input":16505551234,"wa_id":16505551234},{"input":4915112345678,"wa_id":4915112345678}]}}`,
			want: bothDone,
		},
		{
			name: "wa_id alone",
			body: `{"block_users":{"ADDED":[{"wa_id":"16505551234"},{"wa_id":"4915112345678"}]}}`, want: bothDone,
		},
		{
			name: "named in neither list", body: `{"block_users":{"ADDED":[{"input":"+4915112345678"}]}}`,
			want: "16505551234 missing\n4915112345678 done",
		},
		{
			name: "named in both lists",
			body: `{"block_users":{"ADDED":[{"input":"+16505551234"},{"input":"+4915112345678"}],"failed_users":[` + rejection + `]}}`,
			want: "16505551234 done\n4915112345678 missing",
		},
		{
			name: "named in both lists, rejected twice",
			body: `{"block_users":{"ADDED":[{"input":"+4915112345678"}],"failed_users":[` + rejection + `,` + rejection + `]}}`,
			want: bothMissing,
		},
		{
			name: "a user who was not in the request", body: `{"block_users":{"ADDED":[{"input":"+33612345678"}]}}`, want: bothMissing,
		},
		{name: "a foreign wa_id for one of two users", body: `{"block_users":{"ADDED":[{"wa_id":"33612345678"}]}}`, want: bothMissing},
		{
			name: "an input that names no user", body: `{"block_users":{"ADDED":[{"input":"somebody"},{"input":null},{}]}}`, want: bothMissing,
		},
		{
			name: "rejected without errors, HTTP 200", body: `{"block_users":{"failed_users":[{"input":"+16505551234"},{"input":"+4915112345678","errors":[]}]}}`,
			want: "16505551234 rejected: no reason was given\n4915112345678 rejected: no reason was given",
		},
		{
			name: "rejected without errors beside an error", status: 400,
			body: `{"block_users":{"failed_users":[{"input":"+16505551234"},{"input":"+4915112345678","errors":null}]},"error":{"code":139100,"message":"Failed"}}`,
			want: "16505551234 rejected: Failed (code 139100, HTTP 400)\n4915112345678 rejected: Failed (code 139100, HTTP 400)",
		},
		{
			name: "of several reasons the one that stays",
			body: `{"block_users":{"failed_users":[{"input":"+16505551234","errors":[{"code":131047,"message":"silent"},{"code":131021,"message":"own"}]},{"input":"+4915112345678","errors":[{"code":131047,"message":"silent"},{"code":131047,"message":"again"}]}]}}`,
			want: "16505551234 own number: own (code 131021)\n4915112345678 no recent message: silent (code 131047)",
		},
		{
			name: "code 0 and no code",
			body: `{"block_users":{"failed_users":[{"input":"+16505551234","errors":[{"code":0,"message":"a"}]},{"input":"+4915112345678","errors":[{"message":"b"}]}]}}`,
			want: "16505551234 unauthorized: a (code 0)\n4915112345678 rejected: b",
		},
		{
			name: "codes as strings, a bare text as reason",
			body: `{"block_users":{"failed_users":[{"input":"+16505551234","errors":[{"code":"131047","message":5}]},{"input":"+4915112345678","errors":["Rate limit hit"]}]}}`,
			want: "16505551234 no recent message: 5 (code 131047)\n4915112345678 throttled: Rate limit hit",
		},
		{name: "an empty object", body: `{}`, want: bothMissing},
		{name: "empty lists", body: `{"messaging_product":"whatsapp","block_users":{"added_users":[],"removed_users":null,"failed_users":[]}}`, want: bothMissing},
		{name: "null", body: `{"block_users":null,"error":null,"meta":null}`, want: bothMissing},
		{name: "no results, HTTP 400", status: 400, body: `{"block_users":{"added_users":[]}}`, want: `rejected: bad request: {"block_users":{"added_users":[]}} (HTTP 400)`},
		{
			name: "an error with HTTP 200", body: `{"block_users":{"added_users":[],"failed_users":[]},"error":{"code":139101,"message":"full","fbtrace_id":"T"}}`,
			want: "list full: full (code 139101, trace T)",
		},
		{name: "error object", status: 400, body: `{"error":{"code":139101,"message":"full","error_data":{"details":"64,000"},"fbtrace_id":"T"}}`, want: "list full: full: 64,000 (code 139101, HTTP 400, trace T)"},
		{name: "error object with results of another type", status: 400, body: `{"block_users":[],"error":{"code":139101,"message":"full"}}`, want: "list full: full (code 139101, HTTP 400)"},
		{
			name: "results that cannot be read beside a rejection", status: 400, body: `{"block_users":{"ADDED":["+16505551234"]},"error":{"code":139100,"message":"some failed"}}`,
			want: "invalid response: the response is invalid: its results cannot be read: some failed (HTTP 400)",
		},
		{name: "error text", status: 400, body: `{"error":"Invalid API key"}`, want: "rejected: Invalid API key (HTTP 400)"},
		{name: "error with HTTP 200", body: `{"error":"no"}`, want: "rejected: no"},
		{name: "camel meta", status: 401, body: `{"meta":{"httpCode":401,"developerMessage":"Invalid api key","success":false}}`, want: "unauthorized: Invalid api key (HTTP 401)"},
		{name: "snake meta", status: 403, body: `{"meta":{"http_code":403,"developer_message":"no","success":false}}`, want: "forbidden: no (HTTP 403)"},
		{name: "meta with HTTP 200", body: `{"meta":{"http_code":"429","developer_message":"wait","success":false}}`, want: "throttled: wait (HTTP 429)"},
		{name: "a web page, HTTP 200", body: `<!DOCTYPE html><html><body>hello</body></html>`, want: "invalid response: the response is invalid: it is a web page"},
		{name: "a web page, HTTP 502", status: 502, body: `<html><body>bad gateway</body></html>`, want: "temporary: bad gateway, with a web page instead of a response of the API (HTTP 502)"},
		{name: "text, HTTP 400", status: 400, body: "Too many requests", want: "throttled: bad request: Too many requests (HTTP 400)"},
		{name: "nothing, HTTP 503", status: 503, want: "temporary: service unavailable (HTTP 503)"},
		{name: "nothing, HTTP 200", want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "nothing, HTTP 204", status: 204, want: "invalid response: the response is invalid: it is no JSON object of the API (HTTP 204)"},
		{name: "null, HTTP 200", body: "null", want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "an array", body: "[]", want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "truncated", body: `{"block_users":{"added_users":` + twoUsers, want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "two objects", body: `{} {}`, want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "a member twice", body: `{"block_users":{"added_users":[]},"block_users":{"added_users":` + twoUsers + `}}`, want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "invalid UTF-8", body: "{\"block_users\":{\"added_users\":[{\"input\":\"\xff\"}]}}", want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "results of another type", body: `{"block_users":"ok"}`, want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "a user of another type", body: `{"block_users":{"added_users":["+16505551234"]}}`, want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "an input of another type", body: `{"block_users":{"added_users":[{"input":{"a":1}}]}}`, want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "deep nesting", body: `{"a":` + repeat('[', 1<<20), want: "invalid response: the response is invalid: it is no JSON object of the API"},
		{name: "endless", body: repeat(' ', 16<<20+1), want: "invalid response: the response is longer than 16 MiB"},
	} {
		for method, list := range map[string]string{"block": "added_users", "unblock": "removed_users"} {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()

				s := inTurn(t, response{status: test.status, body: strings.ReplaceAll(test.body, "ADDED", list)})
				client := clientOf(t, s, retries(5))
				write, want := client.Block, test.want
				if method == "unblock" {
					write = client.Unblock
					if test.unblocked != "" {
						want = test.unblocked
					}
				}
				results, err := write(t.Context(), users("+16505551234", "+4915112345678"))
				if got := renderResults(t, results, err); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

// The WhatsApp ID of +52 1 55 4163 7145 is another number.
func TestWrite_resultsForOne(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ body, want string }{
		"a foreign wa_id": {
			`{"block_users":{"added_users":[{"wa_id":"525541637145"}]}}`, "5215541637145 done as 525541637145",
		},
		"a foreign wa_id with messaging_product": {
			`{"block_users":{"added_users":[{"messaging_product":"whatsapp","wa_id":"525541637145"}]}}`, "5215541637145 done as 525541637145",
		},
		"a user ID": {
			`{"block_users":{"added_users":[{"user_id":"MX.123"}]}}`, "5215541637145 done is MX.123",
		},
		"a foreign wa_id rejected": {
			`{"block_users":{"failed_users":[{"wa_id":"525541637145","errors":[{"code":131047,"message":"silent"}]}]}}`,
			"5215541637145 no recent message: silent (code 131047) as 525541637145",
		},
		"rejected without any name": {
			`{"block_users":{"failed_users":[{"errors":[{"code":131047,"message":"silent"}]}]}}`,
			"5215541637145 no recent message: silent (code 131047)",
		},
		"an input that names another": {
			`{"block_users":{"added_users":[{"input":"+525541637145","wa_id":"525541637145"}]}}`, "5215541637145 missing",
		},
		"two foreign wa_ids": {
			`{"block_users":{"added_users":[{"wa_id":"525541637145"},{"wa_id":"16505551234"}]}}`, "5215541637145 missing",
		},
		"a foreign wa_id in both lists": {
			`{"block_users":{"added_users":[{"wa_id":"525541637145"}],"failed_users":[{"wa_id":"525541637145"}]}}`, "5215541637145 missing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			results, err := clientOf(t, inTurn(t, response{body: test.body})).Block(t.Context(), users("+5215541637145"))
			if got := renderResults(t, results, err); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
