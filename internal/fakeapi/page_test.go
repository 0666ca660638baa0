package fakeapi_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

type page struct {
	Data []struct {
		namedUser
		BlockUsers []namedUser `json:"block_users"`
	} `json:"data"`
	Paging *struct {
		Cursors  struct{ After, Before string }
		Next     string
		Previous string
	} `json:"paging"`
}

type namedUser struct {
	MessagingProduct string `json:"messaging_product"`
	Input            string `json:"input"`
	WaID             string `json:"wa_id"`
	UserID           string `json:"user_id"`
	Errors           []struct {
		Code      int
		Message   string
		ErrorData struct{ Details string } `json:"error_data"`
	}
}

func parsePage(t *testing.T, got reply) page {
	t.Helper()
	var p page
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != http.StatusOK {
		t.Fatalf("response %d %s: %v", got.status, got.body, err)
	}
	return p
}

// users returns the users of a page in canonical form.
func (p page) users() []string {
	var users []string
	for _, item := range p.Data {
		names := item.BlockUsers
		if names == nil {
			names = []namedUser{item.namedUser}
		}
		for _, n := range names {
			users = append(users, cmp.Or(n.UserID, n.WaID, strings.NewReplacer("+", "", " ", "").Replace(n.Input)))
		}
	}
	return users
}

// after is the cursor to the next page, or empty.
func (p page) after() string {
	if p.Paging == nil {
		return ""
	}
	return p.Paging.Cursors.After
}

// cursorAt returns a cursor after the first n users, which must fit on a page.
func cursorAt(t *testing.T, c *client, n int) string {
	t.Helper()
	cursor := parsePage(t, c.get(fmt.Sprintf("limit=%d", n))).after()
	if cursor == "" {
		t.Fatalf("no cursor after %d users", n)
	}
	return cursor
}

// scan reads the list until a page has no cursor or no users.
func scan(t *testing.T, c *client, limit int) (users []string, pages int) {
	t.Helper()
	query := fmt.Sprintf("limit=%d", limit)
	for after := ""; ; {
		p := parsePage(t, c.get(query+after))
		pages++
		users = append(users, p.users()...)
		if p.after() == "" || len(p.Data) == 0 {
			return users, pages
		}
		after = "&after=" + url.QueryEscape(p.after())
	}
}

func TestScanFindsEveryone(t *testing.T) {
	for _, format := range allVariants() {
		if format.IgnoreAfter || format.PastEnd != fakeapi.PastEndEmpty {
			continue
		}
		t.Run(format.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{"5215541637145": "525541637145"}})
			c.server.SeedN(20)
			c.server.Seed("0052 (1) 554-163.7145", "US.13491208655302741918")
			users, _ := scan(t, c, 5)
			want := c.server.Blocked()
			switch {
			case format.UserIDs == fakeapi.UserIDsAlways:
				for i, key := range want {
					want[i] = c.server.UserID(key)
				}
			case format.OmitWaID:
				// This variant shows only the input.
				want[slices.Index(want, "525541637145")] = "5215541637145"
			}
			if !slices.Equal(users, want) {
				t.Errorf("scan found %v, want %v", users, want)
			}
			c.noViolations()
		})
	}
}

func TestEndOfList(t *testing.T) {
	tests := []struct {
		shape fakeapi.LastPage
		users int
		// pages is how many pages a scan by cursors reads with three users a page.
		pages int
		// next is, for each of those pages, whether it has a next link.
		next []bool
	}{
		{fakeapi.LastPageNoCursors, 0, 1, []bool{false}},
		{fakeapi.LastPageNoCursors, 3, 1, []bool{false}},
		{fakeapi.LastPageNoCursors, 4, 2, []bool{true, false}},
		{fakeapi.LastPageAfterOnly, 0, 1, []bool{false}},
		{fakeapi.LastPageAfterOnly, 4, 3, []bool{true, false, false}},
		{fakeapi.LastPageAfterOnly, 6, 3, []bool{true, false, false}},
		{fakeapi.LastPageNextNever, 0, 1, []bool{false}},
		{fakeapi.LastPageNextNever, 4, 3, []bool{false, false, false}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %d", test.shape, test.users), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{LastPage: test.shape}})
			c.server.SeedN(test.users)
			if _, pages := scan(t, c, 3); pages != test.pages {
				t.Errorf("%d pages, want %d", pages, test.pages)
			}
			after := ""
			for i, want := range test.next {
				p := parsePage(t, c.get("limit=3"+after))
				if got := p.Paging != nil && p.Paging.Next != ""; got != want {
					t.Errorf("page %d has a next link: %v, want %v", i, got, want)
				}
				after = "&after=" + p.after()
			}
		})
	}
}

func TestPageSizes(t *testing.T) {
	tests := []struct {
		name, query string
		format      fakeapi.ResponseFormat
		users       int
	}{
		{"default", "", fakeapi.ResponseFormat{}, fakeapi.DefaultPageLimit},
		{"own default", "", fakeapi.ResponseFormat{DefaultLimit: 7}, 7},
		{"default above maximum", "", fakeapi.ResponseFormat{DefaultLimit: 70, MaxLimit: 5}, 5},
		{"asked for", "limit=3", fakeapi.ResponseFormat{}, 3},
		{"largest", "limit=1000", fakeapi.ResponseFormat{}, 1000},
		{"clamped", "limit=2000", fakeapi.ResponseFormat{}, 1000},
		{"clamped to own", "limit=1000", fakeapi.ResponseFormat{MaxLimit: 100}, 100},
		{"rejected", "limit=1001", fakeapi.ResponseFormat{OverLimit: fakeapi.OverLimitReject}, -1},
		{"not rejected", "limit=100", fakeapi.ResponseFormat{OverLimit: fakeapi.OverLimitReject, MaxLimit: 100}, 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: test.format})
			c.server.SeedN(1200)
			got := c.get(test.query)
			if test.users < 0 {
				if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code":100`) {
					t.Errorf("response %d %s", got.status, got.body)
				}
				return
			}
			if n := len(parsePage(t, got).users()); n != test.users {
				t.Errorf("%d users, want %d", n, test.users)
			}
			c.noViolations()
		})
	}
}

func TestPreviousPage(t *testing.T) {
	c := start(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{LastPage: fakeapi.LastPageAfterOnly}})
	all := c.server.SeedN(8)
	p := parsePage(t, c.get("limit=3&after="+cursorAt(t, c, 5)))
	if !slices.Equal(p.users(), all[5:]) || p.Paging.Previous == "" {
		t.Fatalf("last page %v, previous %q", p.users(), p.Paging.Previous)
	}
	p = parsePage(t, c.get("limit=3&before="+p.Paging.Cursors.Before))
	if !slices.Equal(p.users(), all[2:5]) {
		t.Errorf("page before %v, want %v", p.users(), all[2:5])
	}
	p = parsePage(t, c.get("limit=3&before="+p.Paging.Cursors.Before))
	if !slices.Equal(p.users(), all[:2]) || p.Paging.Previous != "" || p.Paging.Next == "" {
		t.Errorf("first page %v, paging %+v", p.users(), p.Paging)
	}
}

func TestLinksLeadToAnotherHost(t *testing.T) {
	for _, base := range []string{"", "http://127.0.0.1:9/trap"} {
		c := start(t, fakeapi.Options{NextURL: base})
		c.server.SeedN(3)
		p := parsePage(t, c.get("limit=1&after="+cursorAt(t, c, 1)))
		base = cmp.Or(base, fakeapi.DefaultNextURL)
		for direction, link := range map[string]string{"after": p.Paging.Next, "before": p.Paging.Previous} {
			parsed, err := url.Parse(link)
			if err != nil || !strings.HasPrefix(link, base+"?") || !parsed.Query().Has(direction) || parsed.Query().Get("limit") != "1" {
				t.Errorf("link %q: %v", link, err)
			}
		}
	}
}

func TestCursorsOfAnOlderList(t *testing.T) {
	changes := map[string]func(*client){
		"seed":    func(c *client) { c.server.SeedN(1) },
		"remove":  func(c *client) { c.server.Remove(c.server.Blocked()[0]) },
		"block":   func(c *client) { c.post("+4915112345678") },
		"unblock": func(c *client) { c.delete("+" + c.server.Blocked()[0]) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			c := start(t, fakeapi.Options{})
			c.server.SeedN(5)
			cursor := cursorAt(t, c, 2)
			change(c)
			if got := c.get("after=" + cursor); got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code":139102`) {
				t.Errorf("response %d %s", got.status, got.body)
			}
			c.server.SetRules(fakeapi.Rules{StaleCursorsOK: true})
			if got := parsePage(t, c.get("after="+cursor)).users(); !slices.Equal(got, c.server.Blocked()[2:]) {
				t.Errorf("users %v", got)
			}
			c.noViolations()
		})
	}
	t.Run("nothing changed", func(t *testing.T) {
		c := start(t, fakeapi.Options{})
		all := c.server.SeedN(5)
		cursor := cursorAt(t, c, 2)
		c.post("+" + all[0])
		c.delete("+4915112345678")
		c.server.Seed(all[0])
		c.server.Remove("+4915112345678")
		if got := parsePage(t, c.get("after="+cursor)).users(); !slices.Equal(got, all[2:]) {
			t.Errorf("users %v", got)
		}
	})
}

func TestForgedCursor(t *testing.T) {
	c := start(t, fakeapi.Options{})
	// {"offset":9,"version":0}
	got := c.get("after=eyJvZmZzZXQiOjksInZlcnNpb24iOjB9")
	if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code":100`) {
		t.Errorf("response %d %s", got.status, got.body)
	}
}

func TestStaleScans(t *testing.T) {
	c := start(t, fakeapi.Options{Rules: fakeapi.Rules{StaleScans: 2}})
	before := c.server.SeedN(5)
	c.post("+4915112345678")
	for i, want := range [][]string{before, before, c.server.Blocked()} {
		if got, _ := scan(t, c, 2); !slices.Equal(got, want) {
			t.Errorf("scan %d found %v, want %v", i, got, want)
		}
	}
	c.noViolations()
}

// TestPastEnd sends the cursor of the last of two pages.
func TestPastEnd(t *testing.T) {
	for _, lastPage := range []fakeapi.LastPage{fakeapi.LastPageAfterOnly, fakeapi.LastPageNextNever} {
		for _, pastEnd := range []fakeapi.PastEnd{fakeapi.PastEndEmpty, fakeapi.PastEndReject, fakeapi.PastEndFirstPage} {
			format := fakeapi.ResponseFormat{LastPage: lastPage, PastEnd: pastEnd}
			t.Run(format.String(), func(t *testing.T) {
				c := start(t, fakeapi.Options{ResponseFormat: format})
				all := c.server.SeedN(5)
				first := c.get("limit=3")
				last := parsePage(t, c.get("limit=3&after="+parsePage(t, first).after()))
				if !slices.Equal(last.users(), all[3:]) || last.Paging.Next != "" {
					t.Errorf("last page %v, next %q", last.users(), last.Paging.Next)
				}
				got := c.get("limit=3&after=" + last.after())
				switch pastEnd {
				case fakeapi.PastEndEmpty:
					if got.body != `{"data":[]}` {
						t.Errorf("response %s", got.body)
					}
				case fakeapi.PastEndReject:
					if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code":100,"error_data":{"details":"cursor out of range"}`) {
						t.Errorf("response %d %s", got.status, got.body)
					}
				case fakeapi.PastEndFirstPage:
					if got.body != first.body {
						t.Errorf("response %s, want %s", got.body, first.body)
					}
				}
				c.noViolations()
			})
		}
	}
}

func TestIgnoreAfter(t *testing.T) {
	for _, lastPage := range []fakeapi.LastPage{fakeapi.LastPageNoCursors, fakeapi.LastPageAfterOnly, fakeapi.LastPageNextNever} {
		t.Run(lastPage.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{LastPage: lastPage, IgnoreAfter: true}})
			all := c.server.SeedN(5)
			first := c.get("limit=3")
			p := parsePage(t, first)
			if !slices.Equal(p.users(), all[:3]) || (p.Paging.Next == "") != (lastPage == fakeapi.LastPageNextNever) {
				t.Errorf("first page %s", first.body)
			}
			if got := c.get("limit=3&after=" + p.after()); got.body != first.body {
				t.Errorf("second page %s, want %s", got.body, first.body)
			}
			// A cursor of an older list is ignored too.
			c.server.Remove(all[0])
			if got := parsePage(t, c.get("limit=3&after="+p.after())).users(); !slices.Equal(got, all[1:4]) {
				t.Errorf("first page of the newer list %v", got)
			}
			c.noViolations()
		})
	}
}
