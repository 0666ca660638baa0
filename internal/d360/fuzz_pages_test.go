package d360_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// addPages adds the pages of a scan in every variant of the fake API, one per line.
func addPages(f *testing.F) {
	f.Helper()
	for _, format := range fakeapi.Variants() {
		format.MaxLimit, format.OverLimit = 2, fakeapi.OverLimitClamp
		server := fakeapi.New(fakeapi.Options{ResponseFormat: format, Key: testKey})
		server.SeedN(4)
		server.Seed("US.13491208655302741918")
		base, memory, stop := server.StartInMemory()
		var pages []string
		recorder := roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := memory.Transport.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			pages = append(pages, strings.ReplaceAll(string(body), "\n", ""))
			resp.Body = io.NopCloser(bytes.NewReader(body))
			return resp, err
		})
		client := clientOf(f, recorder, func(o *d360.Options) { o.BaseURL = base })
		if err := scan(f.Context(), client); err != nil {
			f.Fatal(err)
		}
		stop()
		f.Add([]byte(strings.Join(pages, "\n")))
	}
	for _, pages := range [][]string{
		{pageOf("x", nextURL, "1234567"), pageOf("x", nextURL, "7654321")},
		{pageOf("x", nextURL, "1234567"), pageOf("y", nextURL, "1234567")},
		{pageOf("x", nextURL, "1234567"), pageOf("y", nextURL), pageOf("", "", "7654321")},
		{pageOf("x", nextURL, "1234567"), `{}`},
		{pageOf("x", nextURL, "1234567"), `{"Data":[{"wa_id":7654321}],"PAGING":{"nE-xt":"z"}}`},
		{pageOf("", nextURL, "1234567")},
		{`{"data":[{"wa_id":1234567,"block_users":[{"input":"+7654321"}]}],"paging":{"cursors":{"after":1}}}`, `{"data":null}`},
		{`{"error":{"code":139102}}`},
		{`{"error":{"code":100}}`},
		{`{"data":[{}]}`},
		{""},
	} {
		f.Add([]byte(strings.Join(pages, "\n")))
	}
}

// FuzzPages serves the lines of a text as pages, and repeats the last one.
func FuzzPages(f *testing.F) {
	addPages(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		pages := bytes.Split(text, []byte("\n"))
		var served [][]byte
		s := &stubAPI{respond: func(n int, r *http.Request) response {
			page := pages[min(n, len(pages)-1)]
			if served = append(served, page); len(served) > len(pages)+4 {
				t.Fatalf("%d requests for %d pages: %s", len(served), len(pages), r.URL)
			}
			return response{body: string(page)}
		}}
		entries, err := clientOf(t, s).Scan(t.Context())
		if err != nil && !errors.Is(err, d360.ErrIncomplete) {
			checkError(t, err)
			if entries != nil {
				t.Errorf("entries %v and the error %v", entries, err)
			}
			return
		}

		shown, inPages := 0, map[userid.ID]bool{}
		again := 0 // users of a last page that names no one anew: an extra request may get the first page once more
		for i, page := range served {
			p := readPage(t, page)
			shown += p.users
			before := len(inPages)
			collectIDs(p.value, inPages)
			if last := i == len(served)-1; last && p.next {
				t.Errorf("the listing ended with %q, which announces another page", page)
			} else if last && i > 0 && len(inPages) == before {
				again = p.users
			}
		}
		if len(entries) != shown && len(entries) != shown-again {
			t.Errorf("%d entries of %d users in %q", len(entries), shown, served)
		}
		for _, e := range entries {
			for _, id := range []userid.ID{e.ID, e.WaID, e.UserID} {
				if !id.IsZero() && !inPages[id] {
					t.Errorf("%s is named in none of %q", id, served)
				}
			}
			checkPrintable(t, cmp.Or(e.Spelling, e.Key().String()))
		}
	})
}

// readPage reads what a page says, independently of the client.
func readPage(t *testing.T, page []byte) (p struct {
	value map[string]any
	users int
	next  bool
},
) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(page))
	decoder.UseNumber()
	if err := decoder.Decode(&p.value); err != nil || p.value == nil || !utf8.Valid(page) {
		t.Fatalf("%q passes for a page of a list: %v", page, err)
	}
	data, _ := member(p.value, "data").([]any)
	for _, item := range data {
		item := item.(map[string]any)
		group, grouped := item["block_users"].([]any)
		p.users += len(group)
		if !grouped || isSet(item["input"]) || isSet(item["wa_id"]) || isSet(item["user_id"]) {
			p.users++
		}
	}
	paging, _ := member(p.value, "paging").(map[string]any)
	p.next = isSet(member(paging, "next"))
	return p
}

// names reports whether a value is any text but the empty one.
func isSet(value any) bool { return value != nil && value != "" }

// member finds the member of an object whose name is the given one in any case,
// with or without dashes.
func member(object map[string]any, name string) any {
	for n, value := range object {
		if strings.EqualFold(strings.NewReplacer("-", "", "_", "").Replace(n), name) {
			return value
		}
	}
	return nil
}
