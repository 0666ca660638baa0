package d360_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// pageOf is a flat page of users; after and next may be empty.
func pageOf(after, next string, waIDs ...string) string {
	items := make([]string, len(waIDs))
	for i, id := range waIDs {
		items[i] = fmt.Sprintf(`{"messaging_product":"whatsapp","wa_id":%q}`, id)
	}
	paging := ""
	if after != "" || next != "" {
		paging = fmt.Sprintf(`,"paging":{"cursors":{"after":%q,"before":"b"},"next":%q}`, after, next)
	}
	return `{"data":[` + strings.Join(items, ",") + `]` + paging + `}`
}

const nextURL = "https://graph.facebook.invalid/next?after=x"

func renderScan(t testing.TB, entries []userid.User, err error) string {
	t.Helper()
	got := strings.Join(keys(entries), " ")
	switch {
	case errors.Is(err, d360.ErrIncomplete):
		return strings.TrimSpace(got + " incomplete")
	case err != nil:
		if entries != nil {
			t.Errorf("entries %v and the error %v", entries, err)
		}
		return renderError(t, err)
	case got == "":
		return "empty"
	default:
		return got
	}
}

func TestScan_pages(t *testing.T) {
	t.Parallel()

	const a, b, c = "16505551234", "4915112345678", "33612345678"
	for name, test := range map[string]struct {
		pages []string
		want  string
		// after are the cursors in the requests, one "" if nil.
		after []string
	}{
		"nested": {
			onePage(`{"data":[{"block_users":[{"input":"+16505551234","wa_id":"16505551234"}]},{"block_users":[{"input":"+4915112345678","wa_id":"4915112345678"}]}]}`),
			a + " " + b, nil,
		},
		"grouped": {
			onePage(`{"data":[{"block_users":[{"input":"+16505551234","wa_id":"16505551234"},{"input":"+4915112345678"}]}]}`),
			a + " " + b, nil,
		},
		"flat": {onePage(pageOf("", "", a, b)), a + " " + b, nil},
		"mixed": {
			onePage(`{"data":[{"wa_id":"16505551234","block_users":[{"input":"+4915112345678"}]},{"block_users":[]},{"wa_id":"33612345678"}]}`),
			a + " " + b + " " + c, nil,
		},
		"numbers for strings": {onePage(`{"data":[{"wa_id":16505551234},{"input":4915112345678}]}`), a + " " + b, nil},
		"user IDs": {
			onePage(`{"data":[{"user_id":"US.13491208655302741918"},{"block_users":[{"input":"us.118"}]}]}`),
			"US.13491208655302741918 US.118", nil,
		},
		"an input that is no spelling of a user stands for itself": {onePage(`{"data":[{"input":"+49 CALL"}]}`), "+49 CALL", nil},
		"unknown members":                       {onePage(`{"new":1,"data":[{"wa_id":"16505551234","since":{"x":[]}}],"success":true}`), a, nil},
		"data beside meta":                      {onePage(`{"meta":{"success":true},"data":[{"wa_id":"16505551234"}]}`), a, nil},
		"empty: data":                           {onePage(`{"data":[]}`), "empty", nil},
		"empty: nothing":                        {onePage(`{}`), "empty", nil},
		"empty: null":                           {onePage(`{"data":null}`), "empty", nil},
		"empty: no data but paging":             {onePage(`{"messaging_product":"whatsapp","paging":{"cursors":{}}}`), "empty", nil},
		"empty: an empty group":                 {onePage(`{"data":[{"block_users":[]}]}`), "empty", nil},
		"empty: null cursors":                   {onePage(`{"data":[],"paging":{"cursors":{"after":null,"before":null},"next":null},"error":null,"meta":null}`), "empty", nil},
		"end: no cursor":                        {[]string{pageOf("x", nextURL, a), pageOf("", "", b)}, a + " " + b, []string{"", "x"}},
		"end: a cursor without next":            {[]string{pageOf("x", nextURL, a), pageOf("y", "", b), pageOf("", "")}, a + " " + b, []string{"", "x", "y"}},
		"end: no next at all":                   {[]string{pageOf("x", "", a), pageOf("y", "", b), `{}`}, a + " " + b, []string{"", "x", "y"}},
		"end: an empty page with a cursor":      {[]string{pageOf("x", "", a), pageOf("y", "")}, a, []string{"", "x"}},
		"cursors are escaped":                   {[]string{pageOf("a+b&c=/ä", "", a), `{}`}, a, []string{"", "a%2Bb%26c%3D%2F%C3%A4"}},
		"cursor as a number":                    {[]string{`{"data":[{"wa_id":"16505551234"}],"paging":{"cursors":{"after":25}}}`, `{}`}, a, []string{"", "25"}},
		"empty pages that announce another":     {[]string{pageOf("x", nextURL, a), pageOf("y", nextURL), pageOf("z", nextURL), pageOf("w", nextURL), pageOf("", "", b)}, a + " " + b, []string{"", "x", "y", "z", "w"}},
		"too many empty pages":                  {[]string{pageOf("x", nextURL, a), pageOf("y", nextURL), pageOf("z", nextURL), pageOf("w", nextURL), pageOf("v", nextURL)}, "pagination loop: the list cannot be read to its end: 4 pages in a row were empty, and each announced more", []string{"", "x", "y", "z", "w"}},
		"an empty page after next":              {[]string{pageOf("x", nextURL, a), `{"data":[]}`}, a + " incomplete", []string{"", "x"}},
		"a page without data after next":        {[]string{pageOf("x", nextURL, a), pageOf("y", nextURL, b), `{}`}, a + " " + b + " incomplete", []string{"", "x", "y"}},
		"an empty first page with next":         {[]string{pageOf("x", nextURL), `{}`}, "incomplete", []string{"", "x"}},
		"next without a cursor":                 {onePage(pageOf("", nextURL, a)), "pagination loop: the list cannot be read to its end: a page announced more users and has no cursor", nil},
		"next without a cursor or users":        {onePage(pageOf("", nextURL)), "pagination loop: the list cannot be read to its end: a page announced more users and has no cursor", nil},
		"a cursor that comes back at once":      {[]string{pageOf("x", "", a), pageOf("x", "", b)}, "pagination loop: the list cannot be read to its end: a cursor was repeated", []string{"", "x"}},
		"a cursor that comes back later":        {[]string{pageOf("x", "", a), pageOf("y", "", b), pageOf("x", "", c)}, "pagination loop: the list cannot be read to its end: a cursor was repeated", []string{"", "x", "y"}},
		"a page again under a new cursor":       {[]string{pageOf("x", nextURL, a), pageOf("y", nextURL, b), pageOf("z", nextURL, a)}, "pagination loop: the list cannot be read to its end: a page repeated the users of an earlier one", []string{"", "x", "y"}},
		"overlapping pages are none":            {[]string{pageOf("x", "", a, b), pageOf("", "", b, c)}, a + " " + b + " " + b + " " + c, []string{"", "x"}},
		"an entry that names no user":           {onePage(`{"data":[{"wa_id":"16505551234"},{}]}`), unnamedEntry, nil},
		"an entry with messaging_product alone": {onePage(`{"data":[{"messaging_product":"whatsapp"}]}`), unnamedEntry, nil},
		"a null entry":                          {onePage(`{"data":[null]}`), unnamedEntry, nil},
		"a nested entry that names no user":     {onePage(`{"data":[{"block_users":[{"input":""}]}]}`), unnamedEntry, nil},
		"a null group":                          {onePage(`{"data":[{"block_users":null}]}`), unnamedEntry, nil},
		"an entry of control characters":        {onePage(`{"data":[{"input":"\u202e\u0007"}]}`), unnamedEntry, nil},
		"a wa_id that is no number":             {onePage(`{"data":[{"wa_id":"x"}]}`), unnamedEntry, nil},
		"a user ID of an unknown form":          {onePage(`{"data":[{"user_id":"US.ENT.1"},{"wa_id":"16505551234"}]}`), "US.ENT.1 " + a, nil},
		"a later page that names no user":       {[]string{pageOf("x", "", a), `{"data":[{}]}`}, unnamedEntry, []string{"", "x"}},
		"no list":                               {onePage(`{"success":true}`), "invalid response: the response is invalid: it holds no list of blocked users", nil},
		"null for data beside another member":   {onePage(`{"data":null,"blocked":[]}`), "invalid response: the response is invalid: it holds no list of blocked users", nil},
		"top-level null":                        {onePage("null"), noList, nil},
		"top-level array":                       {onePage("[]"), noList, nil},
		"top-level array of users":              {onePage(`[{"wa_id":"16505551234"}]`), noList, nil},
		"top-level text":                        {onePage(`"ok"`), noList, nil},
		"top-level number":                      {onePage(`0`), noList, nil},
		"plain text":                            {onePage("OK"), noList, nil},
		"a web page":                            {onePage("<html></html>"), "invalid response: the response is invalid: it is a web page", nil},
		"nothing":                               {onePage(""), noList, nil},
		"truncated":                             {onePage(`{"data":[{"wa_id":"16505551234"}`), noList, nil},
		"truncated to a prefix":                 {onePage(`{"data":[]`), noList, nil},
		"something after the end":               {onePage(`{"data":[]}}`), noList, nil},
		"a byte order mark":                     {onePage("\ufeff{\"data\":[]}"), noList, nil},
		"gzip, not requested":                   {onePage("\x1f\x8b\x08\x00"), noList, nil},
		"data twice":                            {onePage(`{"data":[{"wa_id":"16505551234"}],"data":[]}`), noList, nil},
		"a name twice":                          {onePage(`{"data":[{"wa_id":"16505551234","wa_id":"4915112345678"}]}`), noList, nil},
		"an unknown member twice":               {onePage(`{"data":[],"x":1,"x":2}`), noList, nil},
		"invalid UTF-8":                         {onePage("{\"data\":[{\"input\":\"+16505551234\xff\"}]}"), noList, nil},
		"deep nesting":                          {onePage(`{"x":` + repeat('[', 1<<20)), noList, nil},
		"data is an object":                     {onePage(`{"data":{}}`), noList, nil},
		"data is a text":                        {onePage(`{"data":"none"}`), noList, nil},
		"data is false":                         {onePage(`{"data":false}`), noList, nil},
		"an entry is a text":                    {onePage(`{"data":["16505551234"]}`), noList, nil},
		"a group is an object":                  {onePage(`{"data":[{"block_users":{"wa_id":"16505551234"}}]}`), noList, nil},
		"a wa_id is an object":                  {onePage(`{"data":[{"wa_id":{}}]}`), noList, nil},
		"paging is a list":                      {onePage(`{"data":[],"paging":[]}`), noList, nil},
		"too long":                              {onePage(`{"data":[]` + repeat(' ', 16<<20) + `}`), "invalid response: the response is longer than 16 MiB", nil},
		"an error object with HTTP 200":         {onePage(`{"error":{"code":190,"message":"expired","fbtrace_id":"T1"}}`), "unauthorized: expired (code 190, trace T1)", nil},
		"an error beside data":                  {onePage(`{"data":[],"error":{"code":2,"message":"later"}}`), "temporary: later (code 2)", nil},
		"meta with HTTP 200":                    {onePage(`{"meta":{"http_code":401,"developer_message":"Invalid key","success":false}}`), "unauthorized: Invalid key (HTTP 401)", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := inTurn(t, bodies(test.pages...)...)
			entries, err := clientOf(t, s).Scan(t.Context())
			if got := renderScan(t, entries, err); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			after := test.after
			if after == nil {
				after = []string{""}
			}
			requests := s.received()
			if len(requests) != len(after) {
				t.Fatalf("%d requests, want %d", len(requests), len(after))
			}
			for i, r := range requests {
				if r.method != http.MethodGet || !strings.HasPrefix(r.url, testBase+"/block_users?") || r.body != "" {
					t.Errorf("request %d: %s %s %q", i, r.method, r.url, r.body)
				}
				if r.query("after") != after[i] || r.query("limit") != "1000" || r.query("before") != "" {
					t.Errorf("request %d: %s, want after=%s", i, r.url, after[i])
				}
				if r.header.Get("D360-API-KEY") != testKey || r.header.Get("Content-Type") != "" {
					t.Errorf("request %d: headers %v", i, r.header)
				}
			}
		})
	}
}

const (
	unnamedEntry = "invalid response: the response is invalid: the list holds an entry that names no user"
	noList       = "invalid response: the response is invalid: it is no list of blocked users"
)

func onePage(body string) []string { return []string{body} }

func TestScan_entry(t *testing.T) {
	t.Parallel()

	s := inTurn(t, response{body: `{"data":[
		{"block_users":[{"input":"+52 1 55 4163 7145","wa_id":"525541637145"}]},
		{"wa_id":"16505551234"},
		{"input":"+4915112345678","user_id":"DE.1"},
		{"user_id":"US.1"},
		{"input":"who\u202eever","wa_id":"33612345678"},
		{"input":"` + repeat('x', 1<<20) + `"},
		{"input":"16505551234","wa_id":"4916505551234"},
		{"input":"+16505551234","wa_id":"4916505551234"},
		{"input":"5511987654321","wa_id":"551187654321"},
		{"input":"us.2","wa_id":"16505551235"},
		{"wa_id":"US.3"},
		{"wa_id":"US.4","user_id":"US.5"},
		{"user_id":"16505551236"}
	]}`})
	entries, err := clientOf(t, s).Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%s/%s/%s/%s", e.Spelling, e.ID, e.WaID, e.UserID))
	}
	want := []string{
		"+52 1 55 4163 7145/5215541637145/525541637145/",
		"//16505551234/",
		"+4915112345678/4915112345678//DE.1",
		"///US.1",
		"who ever//33612345678/",
		repeat('x', 140) + "…///",
		"16505551234//4916505551234/",
		"+16505551234/16505551234/4916505551234/",
		"5511987654321/5511987654321/551187654321/",
		"us.2/US.2/16505551235/US.2",
		"///US.3",
		"///US.5",
		"16505551236///",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestScan_endless(t *testing.T) {
	t.Parallel()

	// Every page has a thousand new users and a new cursor.
	next := 0
	s := &stubAPI{respond: func(n int, _ *http.Request) response {
		if n >= 300 {
			return response{body: `{}`}
		}
		ids := make([]string, 1000)
		for i := range ids {
			next++
			ids[i] = fmt.Sprintf("49%010d", next)
		}
		return response{body: pageOf(fmt.Sprint("c", n), nextURL, ids...)}
	}}
	entries, err := clientOf(t, s).Scan(t.Context())
	const want = "pagination loop: the list cannot be read to its end: it shows more than 256000 users, and a list holds 64000"
	if got := renderScan(t, entries, err); got != want {
		t.Errorf("got %.200s, want %s", got, want)
	}
	if n := len(s.received()); n != 257 {
		t.Errorf("%d requests, want 257", n)
	}
}

func TestScan_longestList(t *testing.T) {
	t.Parallel()

	server, client := fakeAPIClient(t, fakeapi.Options{})
	seeded := server.SeedN(d360.MaxUsersOnList)
	entries, err := client.Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(keys(entries), seeded) {
		t.Errorf("%d entries, not the %d that are on the list", len(entries), len(seeded))
	}
	if n := server.Stats().Gets; n != 64 {
		t.Errorf("%d requests, want 64", n)
	}
}

func TestScan_limit(t *testing.T) {
	t.Parallel()

	const tooLarge = `{"error":{"code":100,"message":"Invalid parameter: limit"}}`
	rejecting := func(most int, rejection response) *stubAPI {
		return &stubAPI{respond: func(_ int, r *http.Request) response {
			limit := 0
			if text := r.URL.Query().Get("limit"); text != "" {
				if _, err := fmt.Sscan(text, &limit); err != nil {
					return response{status: http.StatusTeapot}
				}
			}
			if limit > most {
				return rejection
			}
			return response{body: pageOf("", "", "16505551234")}
		}}
	}
	for name, test := range map[string]struct {
		api           *stubAPI
		first, second []string
		want          string
	}{
		"takes 1000":       {rejecting(1000, response{}), []string{"1000"}, []string{"1000"}, "16505551234"},
		"takes 100":        {rejecting(100, response{status: 400, body: tooLarge}), []string{"1000", "100"}, []string{"100"}, "16505551234"},
		"takes none":       {rejecting(0, response{status: 400, body: tooLarge}), []string{"1000", "100", ""}, []string{""}, "16505551234"},
		"HTTP 422":         {rejecting(100, response{status: 422, body: "limit"}), []string{"1000", "100"}, []string{"100"}, "16505551234"},
		"HTTP 200":         {rejecting(100, response{body: tooLarge}), []string{"1000", "100"}, []string{"100"}, "16505551234"},
		"text":             {rejecting(100, response{status: 400, body: `{"error":"limit must be at most 100"}`}), []string{"1000", "100"}, []string{"100"}, "16505551234"},
		"rejects anything": {always(response{status: 400, body: tooLarge}), []string{"1000", "100", ""}, []string{"1000", "100", ""}, "rejected: Invalid parameter: limit (code 100, HTTP 400)"},
		"not about limits": {always(response{status: 404, body: "gone"}), []string{"1000"}, []string{"1000"}, "rejected: not found: gone (HTTP 404)"},
		"a wrong key":      {always(response{status: 401, body: "key"}), []string{"1000"}, []string{"1000"}, "unauthorized: unauthorized: key (HTTP 401)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := clientOf(t, test.api)
			var seen int
			for i, want := range [][]string{test.first, test.second} {
				entries, err := client.Scan(t.Context())
				if got := renderScan(t, entries, err); got != test.want {
					t.Errorf("scan %d: %s, want %s", i+1, got, test.want)
				}
				var limits []string
				for _, r := range test.api.received()[seen:] {
					limits = append(limits, r.query("limit"))
				}
				seen += len(limits)
				if !slices.Equal(limits, want) {
					t.Errorf("scan %d: limits %q, want %q", i+1, limits, want)
				}
			}
		})
	}
}

func TestScan_laterPageRejected(t *testing.T) {
	t.Parallel()

	s := inTurn(t, response{body: pageOf("x", nextURL, "16505551234")}, response{status: 400, body: `{"error":{"code":100,"message":"after"}}`})
	entries, err := clientOf(t, s, retries(5)).Scan(t.Context())
	if got, want := renderScan(t, entries, err), "rejected: after (code 100, HTTP 400)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestScan_startsOver(t *testing.T) {
	t.Parallel()

	const conflict = `{"error":{"code":139102,"message":"Concurrent update"}}`
	for name, first := range map[string][]response{
		"the list changed":       {{body: pageOf("x", nextURL, "1234567", "16505551234")}, {status: 400, body: conflict}},
		"the list changed twice": {{body: pageOf("x", nextURL, "1234567")}, {status: 400, body: conflict}, {body: pageOf("x", nextURL, "1234567")}, {body: conflict}},
		"it changed at once":     {{status: 409, body: conflict}},
		"a cursor came back":     {{body: pageOf("x", nextURL, "1234567")}, {body: pageOf("x", nextURL, "7654321")}},
		"a page came back":       {{body: pageOf("x", nextURL, "1234567")}, {body: pageOf("y", nextURL, "1234567")}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inTurn(t, append(first, bodies(pageOf("x", nextURL, "4915112345678"), pageOf("", "", "33612345678"))...)...)
				entries, err := clientOf(t, s, retries(2)).Scan(t.Context())
				if got, want := renderScan(t, entries, err), "4915112345678 33612345678"; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				requests := s.received()
				if got := requests[len(requests)-2].query("after"); got != "" {
					t.Errorf("the last scan began at cursor %q", got)
				}
				if len(requests) != len(first)+2 {
					t.Errorf("%d requests, want %d", len(requests), len(first)+2)
				}
			})
		})
	}
}

func TestScan_givesUpIfTheListKeepsChanging(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := &stubAPI{respond: func(n int, _ *http.Request) response {
			if n%2 == 0 {
				return response{body: pageOf("x", nextURL, "1234567")}
			}
			return response{status: 400, body: `{"error":{"code":139102,"message":"Concurrent update"}}`}
		}}
		entries, err := clientOf(t, s, retries(3)).Scan(t.Context())
		if got, want := renderScan(t, entries, err), "conflict: Concurrent update (code 139102, HTTP 400, tried 4 times)"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if n := len(s.received()); n != 8 {
			t.Errorf("%d requests, want 8", n)
		}
	})
}

// A retry continues at the failed page.
func TestScan_retriesThePageThatFailed(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := inTurn(
			t,
			response{body: pageOf("x", nextURL, "1234567")},
			response{status: 503},
			response{err: errors.New("reset")},
			response{body: "<html>"},
			response{body: pageOf("", "", "7654321")},
		)
		entries, err := clientOf(t, s, retries(3)).Scan(t.Context())
		if got, want := renderScan(t, entries, err), "1234567 7654321"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		for i, r := range s.received()[1:] {
			if r.query("after") != "x" {
				t.Errorf("request %d asks for %s", i+1, r.url)
			}
		}
	})
}

func TestPages_stopsAtBreak(t *testing.T) {
	t.Parallel()

	s := inTurn(t, bodies(pageOf("x", nextURL, "1234567"))...)
	for page, err := range clientOf(t, s).Pages(t.Context()) {
		if err != nil || len(page) != 1 {
			t.Errorf("page %v, %v", page, err)
		}
		break
	}
}

func TestPages_reportsAConflict(t *testing.T) {
	t.Parallel()

	s := inTurn(t, response{body: pageOf("x", nextURL, "1234567")}, response{body: `{"error":{"code":139102,"message":"Concurrent update"}}`})
	var got []string
	for page, err := range clientOf(t, s, retries(5)).Pages(t.Context()) {
		got = append(got, fmt.Sprintf("%d %s", len(page), renderError(t, err)))
	}
	if want := []string{"1 no error", "0 conflict: Concurrent update (code 139102)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
