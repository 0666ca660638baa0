package d360_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// A code determines the kind for any HTTP status, for a request and for one user.
func TestKind_byCode(t *testing.T) {
	t.Parallel()

	for code, want := range map[int]d360.Kind{
		139101: d360.ListFull,
		139102: d360.Conflict,
		139103: d360.Temporary, 131016: d360.Temporary, 131000: d360.Temporary, 2: d360.Temporary, 1: d360.Temporary,
		130429: d360.Throttled, 4: d360.Throttled, 80007: d360.Throttled,
		131021: d360.OwnNumber,
		131047: d360.NoRecentMessage,
		100:    d360.Rejected, 33: d360.Rejected,
		0: d360.Unauthorized, 190: d360.Unauthorized,
		10: d360.Forbidden, 200: d360.Forbidden, 250: d360.Forbidden, 299: d360.Forbidden,
		368: d360.Forbidden, 130497: d360.Forbidden, 131031: d360.Forbidden,
	} {
		for _, status := range []int{200, 400, 401, 403, 429, 500, 503} {
			for _, spelling := range []string{"%d", `"%d"`} {
				body := fmt.Sprintf(`{"error":{"code":`+spelling+`,"message":"words","error_data":{"details":"more"},"fbtrace_id":"Trace"}}`, code)
				for _, method := range methods {
					err := doRequest(t, clientOf(t, always(response{status: status, body: body})), method)
					e, ok := errors.AsType[*d360.Error](err)
					if !ok || e.Kind != want || !e.HasCode || e.Code != code || e.Status != status || e.TraceID != "Trace" {
						t.Errorf("%s, code %d with HTTP %d: %s, want %s", method, code, status, renderError(t, err), want)
					}
					text := renderError(t, err)
					for _, part := range []string{"words: more", fmt.Sprintf("code %d", code), "trace Trace"} {
						if !strings.Contains(text, part) {
							t.Errorf("%q does not say %q", text, part)
						}
					}
					if strings.Contains(text, fmt.Sprintf("HTTP %d", status)) != (status != 200) {
						t.Errorf("%q and HTTP %d", text, status)
					}
				}
			}
			if status >= 500 {
				continue
			}
			body := fmt.Sprintf(`{"block_users":{"failed_users":[{"input":"+4915112345678","errors":[{"code":%d,"message":"words"}]}]}}`, code)
			results, err := clientOf(t, always(response{status: status, body: body})).Block(t.Context(), users("+4915112345678"))
			if err != nil || results[0].Err == nil || results[0].Err.Kind != want {
				t.Errorf("one user, code %d with HTTP %d: %s, want %s", code, status, renderResults(t, results, err), want)
			}
		}
	}
}

// Without a known code, the HTTP status determines the kind.
func TestKind_byStatus(t *testing.T) {
	t.Parallel()

	for status, want := range map[int]d360.Kind{
		300: d360.Rejected, 304: d360.Rejected, 400: d360.Rejected, 402: d360.Rejected, 404: d360.Rejected, 405: d360.Rejected, 413: d360.Rejected, 422: d360.Rejected,
		401: d360.Unauthorized, 403: d360.Forbidden, 408: d360.Temporary, 429: d360.Throttled,
		500: d360.Temporary, 502: d360.Temporary, 503: d360.Temporary, 504: d360.Temporary, 555: d360.Temporary, 599: d360.Temporary,
	} {
		for _, body := range []string{
			"", "words", "<html><title>words</title></html>", "null", "[]", `{"error":"words"}`, `{"error":{"message":"words"}}`, `{"error":{}}`,
			`{"error":{"code":777777,"message":"words"}}`, `{"error":{"code":null,"message":"words"}}`, `{"error":{"code":"none","message":"words"}}`,
			`{"error":{"code":{"deep":1},"message":"words"}}`, `{"meta":{"developerMessage":"words","success":false}}`,
			fmt.Sprintf(`{"meta":{"http_code":%d,"developer_message":"words","success":false}}`, status),
			fmt.Sprintf(`{"meta":{"httpCode":"%d","developerMessage":"words","success":false}}`, status),
		} {
			for _, method := range methods {
				err := doRequest(t, clientOf(t, always(response{status: status, body: body})), method)
				if !d360.IsKind(err, want) {
					t.Errorf("%s, HTTP %d with %s: %s, want %s", method, status, body, renderError(t, err), want)
				}
				text := renderError(t, err)
				if !strings.Contains(text, fmt.Sprintf("HTTP %d", status)) {
					t.Errorf("%q does not say HTTP %d", text, status)
				}
				if strings.Contains(body, `"words"`) && !strings.Contains(text, "words") {
					t.Errorf("%q does not show what %s says", text, body)
				}
			}
		}
	}
}

func TestKind_byText(t *testing.T) {
	t.Parallel()

	for body, want := range map[string]string{
		`{"error":"Rate limit exceeded"}`:                                    "throttled: Rate limit exceeded (HTTP 400)",
		`{"error":"rate-limited"}`:                                           "throttled: rate-limited (HTTP 400)",
		`{"error":{"message":"Too many requests"}}`:                          "throttled: Too many requests (HTTP 400)",
		`{"error":{"message":"no","error_data":{"details":"throttled"}}}`:    "throttled: no: throttled (HTTP 400)",
		`{"error":{"code":613,"message":"Calls exceeded the rate limit"}}`:   "throttled: Calls exceeded the rate limit (code 613, HTTP 400)",
		`{"error":{"code":100,"message":"a parameter, not a rate limit"}}`:   "rejected: a parameter, not a rate limit (code 100, HTTP 400)",
		`{"meta":{"http_code":400,"developer_message":"ratelimit"}}`:         "throttled: ratelimit (HTTP 400)",
		`{"meta":{"http_code":429,"developer_message":"slower"}}`:            "throttled: slower (HTTP 429)",
		`{"meta":{"httpCode":401,"developerMessage":"who?"}}`:                "unauthorized: who? (HTTP 401)",
		`{"meta":{"httpCode":200,"developerMessage":"fine?"}}`:               "rejected: fine? (HTTP 400)",
		`{"error":"API disabled"}`:                                           "rejected: API disabled (HTTP 400)",
		`{"error":"The account is not paid"}`:                                "rejected: The account is not paid (HTTP 400)",
		`{"error":""}`:                                                       "rejected: no reason was given (HTTP 400)",
		`{"error":{"message":"said once","error_data":{"details":"once"}}}`:  "rejected: said once (HTTP 400)",
		`{"error":{"error_data":{"details":"only this"}}}`:                   "rejected: only this (HTTP 400)",
		`{"error":{"message":1,"code":"100","error_data":{"details":true}}}`: "rejected: 1: true (code 100, HTTP 400)",
		`{"error":{"message":"both"},"meta":{"http_code":429}}`:              "rejected: both (HTTP 400)",
		`plain`:                   "rejected: bad request: plain (HTTP 400)",
		"two\nlines\tand\x00more": "rejected: bad request: two lines and more (HTTP 400)",
		`<p>something`:            "rejected: bad request, with a web page instead of a response of the API (HTTP 400)",
		"{\"error\":\"cut":        `rejected: bad request: {"error":"cut (HTTP 400)`,
		`{"error":{"code":0,"message":"zero"},"data":{}}`:                     "unauthorized: zero (code 0, HTTP 400)",
		`{"error":{"message":"odd"},"data":"x","paging":[],"block_users":{}}`: "rejected: odd (HTTP 400)",
	} {
		_, err := clientOf(t, always(response{status: 400, body: body})).Scan(t.Context())
		if got := renderError(t, err); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

func TestKind_properties(t *testing.T) {
	t.Parallel()

	for kind, want := range map[d360.Kind]struct {
		name                                    string
		retryable, outcomeUnknown, maybeOneUser bool
	}{
		d360.Rejected:        {"rejected", false, false, true},
		d360.Unreachable:     {"unreachable", true, false, false},
		d360.NoResponse:      {"no response", true, true, false},
		d360.InvalidResponse: {"invalid response", true, true, false},
		d360.PaginationLoop:  {"pagination loop", true, false, false},
		d360.Temporary:       {"temporary", true, false, false},
		d360.Throttled:       {"throttled", true, false, false},
		d360.Conflict:        {"conflict", true, false, false},
		d360.ListFull:        {"list full", false, false, false},
		d360.NoRecentMessage: {"no recent message", false, false, true},
		d360.OwnNumber:       {"own number", false, false, true},
		d360.Unauthorized:    {"unauthorized", false, false, false},
		d360.Forbidden:       {"forbidden", false, false, false},
		d360.Kind(99):        {"kind 99", false, false, false},
	} {
		e := &d360.Error{Kind: kind, Status: 400}
		if kind.String() != want.name || e.Retryable() != want.retryable || e.OutcomeUnknown() != want.outcomeUnknown || e.MayConcernOneUser() != want.maybeOneUser {
			t.Errorf("%s: retryable %t, outcome unknown %t, may concern one user %t; want %+v", kind, e.Retryable(), e.OutcomeUnknown(), e.MayConcernOneUser(), want)
		}
	}
}

func TestError_text(t *testing.T) {
	t.Parallel()

	for want, e := range map[string]d360.Error{
		"no reason was given":          {},
		"no reason was given (code 0)": {HasCode: true},
		"m":                            {Message: "m", Status: 200, Tries: 1},
		"m: d (code 1, HTTP 201, trace t, tried 2 times)": {Message: "m", Details: "d", HasCode: true, Code: 1, Status: 201, TraceID: "t", Tries: 2},
		"d":       {Details: "d"},
		"m and d": {Message: "m and d", Details: "d"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestIsKind(t *testing.T) {
	t.Parallel()

	err := fmt.Errorf("around: %w", &d360.Error{Kind: d360.Conflict})
	if !d360.IsKind(err, d360.Conflict) || d360.IsKind(err, d360.Rejected) || d360.IsKind(nil, d360.Rejected) || d360.IsKind(errors.New("other"), d360.Rejected) {
		t.Error("IsKind recognizes the wrong kind")
	}
}
