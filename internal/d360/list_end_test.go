package d360_test

import (
	"fmt"
	"strings"
	"testing"
)

// numbersOf makes up a page of users.
func numbersOf(from, n int) []string {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("49151%08d", from+i)
	}
	return numbers
}

// A last page may carry a cursor that leads nowhere. The extra request must not
// make the list unreadable, and an end that cannot be trusted must be told.
func TestScan_ends(t *testing.T) {
	t.Parallel()

	const rejected = `{"error":{"code":100,"message":"Invalid cursor"}}`
	page := func(after, next string, from, n int) reply {
		return reply{body: pageOf(after, next, numbersOf(from, n)...)}
	}
	badCursor := reply{status: 400, body: rejected}
	for name, test := range map[string]struct {
		pages      []reply
		users      int
		incomplete bool
		fails      string
	}{
		"rejected: one short page":                            {pages: []reply{page("x", "", 0, 7), badCursor}, users: 7},
		"rejected: with HTTP 200":                             {pages: []reply{page("x", "", 0, 7), {body: rejected}}, users: 7},
		"rejected: as a text":                                 {pages: []reply{page("x", "", 0, 7), {status: 400, body: `{"error":"cursor out of range"}`}}, users: 7},
		"rejected: after pages that promised":                 {pages: []reply{page("x", elsewhere, 0, 10), page("y", "", 10, 7), badCursor}, users: 17},
		"rejected: the last page is as long as the others":    {pages: []reply{page("x", elsewhere, 0, 10), page("y", "", 10, 10), badCursor}, users: 20, incomplete: true},
		"rejected: promises were dropped, last page short":    {pages: []reply{page("x", "", 0, 10), page("y", "", 10, 7), badCursor}, users: 17},
		"rejected: promises were dropped, last page full":     {pages: []reply{page("x", "", 0, 10), page("y", "", 10, 10), badCursor}, users: 20, incomplete: true},
		"rejected: one page of as many as were asked for":     {pages: []reply{page("x", "", 0, 1000), badCursor}, users: 1000, incomplete: true},
		"rejected: one page of a usual size":                  {pages: []reply{page("x", "", 0, 100), badCursor}, users: 100, incomplete: true},
		"rejected: one page of an unusual size":               {pages: []reply{page("x", "", 0, 101), badCursor}, users: 101},
		"rejected: a cursor to a page that was promised":      {pages: []reply{page("x", elsewhere, 0, 7), badCursor}, fails: "rejected: Invalid cursor (code 100, HTTP 400)"},
		"rejected: for another reason":                        {pages: []reply{page("x", "", 0, 7), {status: 403, body: `{"error":"no"}`}}, fails: "forbidden: no (HTTP 403)"},
		"first page again: one short page":                    {pages: []reply{page("x", "", 0, 7), page("x", "", 0, 7)}, users: 7},
		"first page again: under another cursor":              {pages: []reply{page("x", "", 0, 7), page("y", "", 0, 7)}, users: 7},
		"first page again: one page of a usual size":          {pages: []reply{page("x", "", 0, 25), page("x", "", 0, 25)}, users: 25, incomplete: true},
		"first page again: as many as were asked for":         {pages: []reply{page("x", "", 0, 1000), page("x", "", 0, 1000)}, users: 1000, incomplete: true},
		"first page again: after pages that promised":         {pages: []reply{page("x", elsewhere, 0, 10), page("y", "", 10, 7), page("x", elsewhere, 0, 10)}, users: 17},
		"first page again: after a last page that was full":   {pages: []reply{page("x", elsewhere, 0, 10), page("y", "", 10, 10), page("x", elsewhere, 0, 10)}, users: 20, incomplete: true},
		"first page again: in place of a promised page":       {pages: []reply{page("x", elsewhere, 0, 7), page("x", "", 0, 7)}, users: 7, incomplete: true},
		"first page again: in place of one after a short one": {pages: []reply{page("x", elsewhere, 0, 10), page("y", elsewhere, 10, 7), page("x", "", 0, 10)}, users: 17, incomplete: true},
		"first page again: promises more each time":           {pages: []reply{page("x", elsewhere, 0, 7), page("x", elsewhere, 0, 7)}, fails: "pagination loop: the list cannot be read to its end: a page repeated the users of an earlier one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := inTurn(t, test.pages...)
			listed, err := clientOf(t, s, retries(0)).Scan(t.Context())
			got := renderScan(t, listed, err)
			want := test.fails
			if want == "" {
				want = strings.Join(numbersOf(0, test.users), " ")
			}
			if test.incomplete {
				want += " incomplete"
			}
			if got != want {
				t.Errorf("got %.300s (%d users)\nwant %.300s (%d users)", got, len(listed), want, test.users)
			}
			if n := len(s.sent()); n != len(test.pages) {
				t.Errorf("%d requests, want %d: no end of the list is worth a retry", n, len(test.pages))
			}
		})
	}
}
