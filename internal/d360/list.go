package d360

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// pageSizes are the sizes of a page that are asked for, largest first, until
// the server takes one: Meta's limit for a request, the limit seen at a
// reseller, and what the server likes (none named).
var pageSizes = [...]int{1000, 100, 0}

// usualPageSizes are page sizes that servers like. A single page of just so many
// users may be all of the list, or the server's first page.
var usualPageSizes = [...]int{25, 50, 100, 250, 500}

const (
	// maxUsers is where a listing is called endless: several times what a list can
	// hold, counting a user each time they are shown.
	maxUsers = 4 * MaxUsersOnList
	// maxEmptyPages is how many pages in a row may be empty though more is promised.
	maxEmptyPages = 3
	// maxPages is how many pages a listing may have. A list that is full and comes
	// in more has six users on a page, which takes hours to read.
	maxPages = 10_000
	// maxCursor bounds a cursor in bytes: they are all kept until a listing ends,
	// and sent in a URL.
	maxCursor = 4096
)

// ErrIncomplete says that the end of a listing cannot be trusted. The users it has
// shown are on the list; nothing is known of others.
var ErrIncomplete = errors.New("the list may have been cut short: its end could not be told from a page that is missing")

// Scan lists everyone on the list, in its order. A list that changes on the way
// is read again from its start. Where the end cannot be trusted, the users come
// beside [ErrIncomplete]; beside any other error there are none.
func (c *Client) Scan(ctx context.Context) ([]userid.User, error) {
	retry := c.NewRetry()
	for {
		users, err := c.collect(ctx)
		if err == nil || errors.Is(err, ErrIncomplete) {
			return users, err
		}
		if !IsKind(err, Conflict) && !IsKind(err, PaginationLoop) {
			return nil, err
		}
		if err := retry.Wait(ctx, err); err != nil {
			return nil, err
		}
	}
}

func (c *Client) collect(ctx context.Context) ([]userid.User, error) {
	var users []userid.User
	for page, err := range c.Pages(ctx) {
		if err != nil {
			return users, err
		}
		users = append(users, page...)
	}
	return users, nil
}

// listing is how far a listing has come.
type listing struct {
	after string
	// hasMore is set where the last page promised another one.
	hasMore bool
	// pages counts the pages with users, length is that of the last one, and full
	// that of the longest page after which more users came or were promised.
	pages, length, full int
	emptyPages, shown   int
	cursors             map[string]struct{}
	seen                map[userid.User]struct{}
}

// Pages lists everyone on the list, page by page, once. A fault that passes is
// tried again; what ends the listing early is its last pair, with an error: of
// kind Conflict where the list changed, so that its cursors are void, and
// [ErrIncomplete] as in [Client.Scan].
//
// A last page may carry a cursor without promising another page, and a proxy may
// drop the promise. So every cursor is followed, and an extra request at the end
// of the list may get an empty page, a rejection, or known users once more.
func (c *Client) Pages(ctx context.Context) iter.Seq2[[]userid.User, error] {
	return func(yield func([]userid.User, error) bool) {
		l := listing{cursors: map[string]struct{}{}, seen: map[userid.User]struct{}{}}
		for {
			p, err := c.page(ctx, l.after)
			switch {
			case l.after != "" && !l.hasMore && isParameterRejection(err):
				if rejection := err; !errors.Is(l.end(c.requestedPageSize()), errEnd) {
					err = fmt.Errorf("%w, and the request for the next page was rejected: %w", ErrIncomplete, rejection)
				} else {
					err = errEnd
				}
			case err == nil:
				err = l.take(p, c.requestedPageSize())
			}
			if err == nil && len(p.users) > 0 && !yield(p.users, nil) {
				return
			}
			if err == nil {
				err = l.follow(p)
			}
			if err != nil {
				if !errors.Is(err, errEnd) {
					yield(nil, err)
				}
				return
			}
		}
	}
}

// errEnd says that a listing is over and complete.
var errEnd = errors.New("the list has ended")

// take accounts for the users of a page. requested is the page size in users that
// was asked for, zero if none.
func (l *listing) take(p page, requested int) error {
	if len(p.users) == 0 && !p.hasMore {
		// The extra request at the end, or an empty list.
		if l.hasMore {
			return ErrIncomplete
		}
		return errEnd
	}
	fresh := 0
	for _, u := range p.users {
		if _, ok := l.seen[u]; !ok {
			l.seen[u] = struct{}{}
			fresh++
		}
	}
	l.emptyPages++
	switch {
	case fresh > 0:
		l.emptyPages = 0
		l.pages++
		if l.pages > 1 {
			l.full = max(l.full, l.length)
		}
		l.length = len(p.users)
		if p.hasMore {
			l.full = max(l.full, l.length)
		}
	case len(p.users) > 0 && (!l.hasMore || !p.hasMore):
		return l.end(requested)
	case len(p.users) > 0:
		return loop("a page showed again the users of an earlier one")
	case l.emptyPages > maxEmptyPages:
		return loop(fmt.Sprintf("%d pages in a row were empty, each promising more", l.emptyPages))
	}
	if l.shown += len(p.users); l.shown > maxUsers {
		return loop(fmt.Sprintf("it shows more than %d users, and a list holds %d", maxUsers, MaxUsersOnList))
	}
	return nil
}

// follow moves on to the page after p.
func (l *listing) follow(p page) error {
	_, known := l.cursors[p.after]
	switch {
	case p.after == "" && p.hasMore:
		return loop("a page says that there are more and has no cursor to them")
	case p.after == "":
		return errEnd
	case len(l.cursors) == maxPages:
		return loop(fmt.Sprintf("it has more than %d pages", maxPages))
	case known:
		return loop("a cursor came back")
	}
	l.cursors[p.after] = struct{}{}
	l.after, l.hasMore = p.after, p.hasMore
	return nil
}

// end tells whether a listing is complete that ended at a cursor which leads
// nowhere: it is if no page was promised, and the last one had room for more users.
func (l *listing) end(requested int) error {
	if l.hasMore || l.isFull(requested) {
		return ErrIncomplete
	}
	return errEnd
}

// isFull reports whether the last page may have held as many users as the server
// puts on a page.
func (l *listing) isFull(requested int) bool {
	switch {
	case l.full > 0:
		return l.length >= l.full
	case requested > 0 && l.length >= requested:
		return true
	default:
		// A server may put fewer on a page than it was asked for, and not say so.
		return slices.Contains(usualPageSizes[:], l.length)
	}
}

func loop(why string) *Error {
	return &Error{Kind: PaginationLoop, Message: "the list cannot be read to its end: " + why}
}

// page is one page of a listing.
type page struct {
	users []userid.User
	after string
	// hasMore is set where the page promises another.
	hasMore bool
}

// requestedPageSize returns the page size in users that requests ask for, zero if
// they name none.
func (c *Client) requestedPageSize() int { return pageSizes[c.pageSize.Load()] }

// page fetches one page, in as many tries as it is worth. A first page is asked
// for as large as the server takes: a smaller one after a rejection of the
// parameters, and after a second fault in a row that a smaller page may avoid.
func (c *Client) page(ctx context.Context, after string) (page, error) {
	retry := c.NewRetry()
	size := c.pageSize.Load()
	failures := 0
	for {
		p, err := c.attemptPage(ctx, after, pageSizes[size])
		if err == nil {
			c.exhausted.Store(false)
			c.pageSize.Store(size)
			c.pageSizeWorked.Store(true)
			return p, nil
		}
		canShrink := after == "" && int(size) < len(pageSizes)-1
		if canShrink && isParameterRejection(err) {
			size++
			continue
		}
		if failures++; canShrink && failures > 1 && mayBeTooLarge(err) && !c.pageSizeWorked.Load() {
			size, failures = size+1, 0
		}
		if IsKind(err, Conflict) {
			return page{}, err
		}
		if err := retry.Wait(ctx, err); err != nil {
			return page{}, err
		}
	}
}

// mayBeTooLarge reports whether a page that failed so may come with fewer users.
func mayBeTooLarge(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Kind == Temporary || e.TimedOut())
}

// isParameterRejection reports whether the API rejected a request in a way that may
// be about its parameters.
func isParameterRejection(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == Rejected && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity || isSuccess(e.Status))
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
			return page{}, c.invalidResponse(a, "it is no list of blocked users")
		}
		return page{}, c.failureOf(a)
	}
	if !isSuccess(a.status) || decoded.Error != nil || (decoded.Meta != nil && decoded.Data == nil) {
		return page{}, c.failure(a, decoded.Error, decoded.Meta)
	}
	return c.readPage(a, decoded)
}

func (c *Client) readPage(a answer, decoded listAnswer) (page, error) {
	p := page{after: string(decoded.Paging.Cursors.After), hasMore: decoded.Paging.Next != ""}
	if len(p.after) > maxCursor {
		return page{}, c.invalidResponse(a, fmt.Sprintf("its cursor is longer than %d bytes", maxCursor))
	}
	if decoded.Data == nil {
		if len(decoded.Unknown) > 0 {
			return page{}, c.invalidResponse(a, "it holds no list of blocked users")
		}
		return p, nil
	}
	for _, item := range *decoded.Data {
		for _, user := range item.users() {
			u := c.listedUser(user)
			if u.IsZero() && u.Spelling == "" {
				return page{}, c.invalidResponse(a, "the list holds an entry that names no user")
			}
			p.users = append(p.users, u)
		}
	}
	return p, nil
}
