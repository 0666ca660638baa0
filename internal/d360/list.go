package d360

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// pageSizes are the sizes of a page that are asked for, largest first, until
// the server takes one: Meta's limit for a request, the limit seen at a
// reseller, and what the server likes (none named).
var pageSizes = [...]int{1000, 100, 0}

const (
	// maxEntries is where a listing is called endless: several times what a list
	// can hold, counting a user each time they are shown.
	maxEntries = 4 * MaxUsersOnList
	// maxBarren is how many pages in a row may be empty though more is promised.
	maxBarren = 3
	// maxPages is how many pages a listing may have. A list that is full and comes
	// in more has six users on a page, which takes hours to read.
	maxPages = 10_000
	// maxCursor bounds a cursor in bytes: they are all kept until a listing ends,
	// and sent in a URL.
	maxCursor = 4096
)

// ErrEndInDoubt says that a listing ended with an empty page after one that
// promised more. The users it has shown are on the list; of others nothing is
// known.
var ErrEndInDoubt = errors.New("the list ended before the users that its last page promised; it may have been cut short")

// Scan lists everyone on the list, in its order. A list that changes on the way
// is read again from its start. Where the end is in doubt, the entries come
// beside [ErrEndInDoubt]; beside any other error there are none.
func (c *Client) Scan(ctx context.Context) ([]Entry, error) {
	retry := c.NewRetry()
	for {
		entries, err := c.collect(ctx)
		if err == nil || errors.Is(err, ErrEndInDoubt) {
			return entries, err
		}
		if !IsKind(err, Conflict) && !IsKind(err, Looped) {
			return nil, err
		}
		if err := retry.Wait(ctx, err); err != nil {
			return nil, err
		}
	}
}

func (c *Client) collect(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	for page, err := range c.Pages(ctx) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, page...)
	}
	return entries, nil
}

// Pages lists everyone on the list, page by page, once. A fault that passes is
// tried again; what ends the listing early is its last pair, with an error: of
// kind Conflict where the list changed, so that its cursors are void, and
// [ErrEndInDoubt] as in [Client.Scan].
func (c *Client) Pages(ctx context.Context) iter.Seq2[[]Entry, error] {
	return func(yield func([]Entry, error) bool) {
		var (
			after    string
			promised bool
			barren   int
			shown    int
			cursors  = map[string]struct{}{}
			seen     = map[Entry]struct{}{}
		)
		for {
			p, err := c.page(ctx, after)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(p.entries) == 0 && !p.more {
				// The one extra request at the end, or an empty list.
				if promised {
					yield(nil, ErrEndInDoubt)
				}
				return
			}

			fresh := 0
			for _, e := range p.entries {
				if _, ok := seen[e]; !ok {
					seen[e] = struct{}{}
					fresh++
				}
			}
			switch barren++; {
			case fresh > 0:
				barren = 0
			case len(p.entries) > 0:
				yield(nil, looped("a page showed again the users of an earlier one"))
				return
			case barren > maxBarren:
				yield(nil, looped(fmt.Sprintf("%d pages in a row were empty, each promising more", barren)))
				return
			}
			if shown += len(p.entries); shown > maxEntries {
				yield(nil, looped(fmt.Sprintf("it shows more than %d users, and a list holds %d", maxEntries, MaxUsersOnList)))
				return
			}
			if len(p.entries) > 0 && !yield(p.entries, nil) {
				return
			}

			// A last page may carry a cursor and no promise, and a proxy may drop
			// the promise: hence on, wherever there is a cursor.
			if p.after == "" {
				if p.more {
					yield(nil, looped("a page promised more and gave no cursor to it"))
				}
				return
			}
			if len(cursors) == maxPages {
				yield(nil, looped(fmt.Sprintf("it has more than %d pages", maxPages)))
				return
			}
			if _, ok := cursors[p.after]; ok {
				yield(nil, looped("a cursor came back"))
				return
			}
			cursors[p.after] = struct{}{}
			after, promised = p.after, p.more
		}
	}
}

func looped(why string) *Error {
	return &Error{Kind: Looped, Message: "the list cannot be read to its end: " + why}
}

// page is one page of a listing.
type page struct {
	entries []Entry
	after   string
	// more is set where the page promises another.
	more bool
}

// page fetches one page, in as many tries as it is worth. A first page is asked
// for as large as the server takes.
func (c *Client) page(ctx context.Context, after string) (page, error) {
	retry := c.NewRetry()
	size := c.pageSize.Load()
	for {
		p, err := c.attemptPage(ctx, after, pageSizes[size])
		if err == nil {
			c.exhausted.Store(false)
			c.pageSize.Store(size)
			return p, nil
		}
		if IsKind(err, Refused) && after == "" && int(size) < len(pageSizes)-1 && isParameterRefusal(err) {
			size++
			continue
		}
		if IsKind(err, Conflict) {
			return page{}, err
		}
		if err := retry.Wait(ctx, err); err != nil {
			return page{}, err
		}
	}
}

// isParameterRefusal reports whether a listing was refused in a way that may be
// about its limit.
func isParameterRefusal(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity || isSuccess(e.Status))
}

func (c *Client) attemptPage(ctx context.Context, after string, size int) (page, error) {
	query := url.Values{}
	if size > 0 {
		query.Set("limit", strconv.Itoa(size))
	}
	if after != "" {
		query.Set("after", after)
	}
	a, err := c.send(ctx, request{method: http.MethodGet, query: query})
	if err != nil {
		return page{}, err
	}
	var decoded listAnswer
	if err := unmarshalObject(a.body, &decoded); err != nil {
		if isSuccess(a.status) {
			return page{}, c.senseless(a, "it is no list of blocked users")
		}
		return page{}, c.failureOf(a)
	}
	if !isSuccess(a.status) || decoded.Error != nil || (decoded.Meta != nil && decoded.Data == nil) {
		return page{}, c.failure(a, decoded.Error, decoded.Meta)
	}
	return c.readPage(a, decoded)
}

func (c *Client) readPage(a answer, decoded listAnswer) (page, error) {
	p := page{after: string(decoded.Paging.Cursors.After), more: decoded.Paging.Next != ""}
	if len(p.after) > maxCursor {
		return page{}, c.senseless(a, fmt.Sprintf("its cursor is longer than %d bytes", maxCursor))
	}
	if decoded.Data == nil {
		if len(decoded.Unknown) > 0 {
			return page{}, c.senseless(a, "it holds no list of blocked users")
		}
		return p, nil
	}
	for _, item := range *decoded.Data {
		for _, user := range item.users() {
			e := c.entry(user)
			if e.Principal() == "" {
				return page{}, c.senseless(a, "the list holds an entry that names nobody")
			}
			p.entries = append(p.entries, e)
		}
	}
	return p, nil
}
