package d360_test

import (
	"fmt"
	"strings"
	"testing"
)

func numbersOf(from, n int) []string {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("49151%08d", from+i)
	}
	return numbers
}

// A last page may have a cursor that leads nowhere. The extra request must not make
// the list unreadable, and an end that cannot be trusted makes the scan incomplete.
func TestScan_ends(t *testing.T) {
	t.Parallel()

	const rejected = `{"error":{"code":100,"message":"Invalid cursor"}}`
	page := func(after, next string, from, n int) response {
		return response{body: pageOf(after, next, numbersOf(from, n)...)}
	}
	badCursor := response{status: 400, body: rejected}
	for name, test := range map[string]struct {
		pages      []response
		users      int
		incomplete bool
		fails      string
	}{
		"rejected: one short page":                            {pages: []response{page("x", "", 0, 7), badCursor}, users: 7},
		"rejected: with HTTP 200":                             {pages: []response{page("x", "", 0, 7), {body: rejected}}, users: 7},
		"rejected: as a text":                                 {pages: []response{page("x", "", 0, 7), {status: 400, body: `{"error":"cursor out of range"}`}}, users: 7},
		"rejected: after pages with next":                     {pages: []response{page("x", nextURL, 0, 10), page("y", "", 10, 7), badCursor}, users: 17},
		"rejected: the last page is as long as the others":    {pages: []response{page("x", nextURL, 0, 10), page("y", "", 10, 10), badCursor}, users: 20, incomplete: true},
		"rejected: without next, last page short":             {pages: []response{page("x", "", 0, 10), page("y", "", 10, 7), badCursor}, users: 17},
		"rejected: without next, last page full":              {pages: []response{page("x", "", 0, 10), page("y", "", 10, 10), badCursor}, users: 20, incomplete: true},
		"rejected: one page of as many as were asked for":     {pages: []response{page("x", "", 0, 1000), badCursor}, users: 1000, incomplete: true},
		"rejected: one page of a usual size":                  {pages: []response{page("x", "", 0, 100), badCursor}, users: 100, incomplete: true},
		"rejected: one page of an unusual size":               {pages: []response{page("x", "", 0, 101), badCursor}, users: 101},
		"rejected: a cursor to an announced page":             {pages: []response{page("x", nextURL, 0, 7), badCursor}, fails: "rejected: Invalid cursor (code 100, HTTP 400)"},
		"rejected: for another reason":                        {pages: []response{page("x", "", 0, 7), {status: 403, body: `{"error":"no"}`}}, fails: "forbidden: no (HTTP 403)"},
		"first page again: one short page":                    {pages: []response{page("x", "", 0, 7), page("x", "", 0, 7)}, users: 7},
		"first page again: under another cursor":              {pages: []response{page("x", "", 0, 7), page("y", "", 0, 7)}, users: 7},
		"first page again: one page of a usual size":          {pages: []response{page("x", "", 0, 25), page("x", "", 0, 25)}, users: 25, incomplete: true},
		"first page again: as many as were asked for":         {pages: []response{page("x", "", 0, 1000), page("x", "", 0, 1000)}, users: 1000, incomplete: true},
		"first page again: after pages with next":             {pages: []response{page("x", nextURL, 0, 10), page("y", "", 10, 7), page("x", nextURL, 0, 10)}, users: 17},
		"first page again: after a last page that was full":   {pages: []response{page("x", nextURL, 0, 10), page("y", "", 10, 10), page("x", nextURL, 0, 10)}, users: 20, incomplete: true},
		"first page again: in place of an announced page":     {pages: []response{page("x", nextURL, 0, 7), page("x", "", 0, 7)}, users: 7, incomplete: true},
		"first page again: in place of one after a short one": {pages: []response{page("x", nextURL, 0, 10), page("y", nextURL, 10, 7), page("x", "", 0, 10)}, users: 17, incomplete: true},
		"first page again: each page announces another":       {pages: []response{page("x", nextURL, 0, 7), page("x", nextURL, 0, 7)}, fails: "pagination loop: the list cannot be read to its end: a page repeated the users of an earlier one"},
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
			if n := len(s.received()); n != len(test.pages) {
				t.Errorf("%d requests, want %d: the end of the list needs no retry", n, len(test.pages))
			}
		})
	}
}
