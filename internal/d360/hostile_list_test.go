package d360_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Every listing ends after a bounded number of requests.
func TestHostile_pages(t *testing.T) {
	t.Parallel()

	const (
		loop         = "pagination loop: the list cannot be read to its end: "
		again        = loop + "a page repeated the users of an earlier one"
		tooManyPages = loop + "it has more than 10000 pages"
	)
	cursor := func(value string) func(int) string {
		return func(n int) string {
			if n > 0 {
				return `{"data":[]}`
			}
			return `{"data":[{"wa_id":"16505551234"}],"paging":{"cursors":{"after":` + value + `}}}`
		}
	}
	for name, test := range map[string]struct {
		// page is the response to the request with the given number.
		page func(n int) string
		want string
		// requests is 1 if zero.
		requests int
	}{
		"a new user a page": {
			func(n int) string { return pageOf(fmt.Sprint("c", n), nextURL, userOf(n)) },
			tooManyPages, 10_001,
		},
		"a new user a page, no next page announced": {
			func(n int) string { return pageOf(fmt.Sprint("c", n), "", userOf(n)) },
			tooManyPages, 10_001,
		},
		"a new user a page among all the old ones": {
			func(n int) string {
				return pageOf(fmt.Sprint("c", n), nextURL, userOf(0), userOf(1), userOf(2), userOf(n))
			},
			again, 2,
		},
		"a cursor that only differs in case": {
			func(n int) string {
				return strings.ReplaceAll(cursor(`"x"`)(n), `"cursors":{"after"`, `"Cursors":{"After"`)
			},
			"16505551234", 2,
		},
		"three users over and over": {
			func(n int) string { return pageOf(fmt.Sprint("c", n), nextURL, userOf(n%3)) },
			again, 4,
		},
		"three cursors over and over": {
			func(n int) string { return pageOf(fmt.Sprint("c", n%3), nextURL, userOf(n)) },
			loop + "a cursor was repeated", 4,
		},
		"the cursor that was sent": {
			func(n int) string { return pageOf("c", nextURL, userOf(n)) },
			loop + "a cursor was repeated", 2,
		},
		"a new user a page among the same one, over and over": {
			func(n int) string {
				same := strings.Repeat(`{"wa_id":"4915112345678"},`, 100_000)
				return strings.Replace(pageOf(fmt.Sprint("c", n), nextURL, userOf(n)), "[", "["+same, 1)
			},
			loop + "it shows more than 256000 users, and a list holds 64000", 3,
		},
		"unnamedEntry, and more of it": {
			func(n int) string { return pageOf(fmt.Sprint("c", n), nextURL) },
			loop + "4 pages in a row were empty, and each announced more", 4,
		},
		"two empty pages of three": {
			func(n int) string {
				if n%3 > 0 {
					return pageOf(fmt.Sprint("c", n), nextURL)
				}
				return pageOf(fmt.Sprint("c", n), nextURL, userOf(n))
			},
			tooManyPages, 10_001,
		},
		"a cursor as long as there may be": {cursor(`"` + repeat('c', 4096) + `"`), "16505551234", 2},
		"a longer cursor":                  {cursor(`"` + repeat('c', 4097) + `"`), "invalid response: the response is invalid: its cursor is longer than 4096 bytes", 1},
		"a cursor of megabytes":            {cursor(`"` + repeat('c', 10<<20) + `"`), "invalid response: the response is invalid: its cursor is longer than 4096 bytes", 1},
		"a cursor of a number":             {cursor(`25`), "16505551234", 2},
		"a cursor of a huge number":        {cursor(repeat('9', 400)), "16505551234", 2},
		"a cursor of a fraction":           {cursor(`2.50e1`), "16505551234", 2},
		"a cursor that is false":           {cursor(`false`), "16505551234", 2},
		"a cursor of control letters":      {cursor(`"\u0000\r\nD360-API-KEY: x\u202e"`), "16505551234", 2},
		"a cursor that says where to go":   {cursor(`"x&limit=1&before=y#https://elsewhere.invalid/"`), "16505551234", 2},
		"a cursor that is null":            {cursor(`null`), "16505551234", 1},
		"a cursor that is empty":           {cursor(`""`), "16505551234", 1},
		"a cursor that is an object":       {cursor(`{"offset":1}`), noList, 1},
		"a cursor that is a list":          {cursor(`["x"]`), noList, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			want := cmp.Or(test.requests, 1)
			s := &stubAPI{respond: func(n int, _ *http.Request) response {
				if n > want {
					return response{status: http.StatusTeapot}
				}
				return response{body: test.page(n)}
			}}
			entries, err := clientOf(t, s).Scan(t.Context())
			checkOutcome(t, renderScan(t, entries, err), test.want)
			requests := s.received()
			if len(requests) != want {
				t.Errorf("%d requests, want %d", len(requests), want)
			}
			for i, r := range requests {
				if r.query("limit") != "1000" || (r.query("after") == "") != (i == 0) || len(r.url) > 16<<10 {
					t.Fatalf("request %d went to %.1000s", i, r.url)
				}
			}
		})
	}
}

func userOf(n int) string { return fmt.Sprintf("49151%07d", n) }
