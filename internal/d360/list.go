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

// pageSizes are the requested page sizes, largest first, until the API accepts one:
// Meta's limit for a request, the limit seen at a reseller, and the API's default.
var pageSizes = [...]int{1000, 100, 0}

// usualPageSizes are common page sizes. A single page of such a length may be the
// whole list, or the first of several pages.
var usualPageSizes = [...]int{25, 50, 100, 250, 500}

const (
	// maxUsers bounds the users of a listing, repeated ones included: several times
	// what a list can hold.
	maxUsers = 4 * MaxUsersOnList
	// maxEmptyPages bounds the empty pages in a row that announce another one.
	maxEmptyPages = 3
	// maxPages bounds the pages of a listing. A full list in more pages would have six
	// users on each, which takes hours to read.
	maxPages = 10_000
	// maxCursor bounds a cursor in bytes: a listing keeps them all, and sends them in
	// URLs.
	maxCursor = 4096
)

// ErrIncomplete reports an incomplete scan: its end cannot be trusted. The users it
// has shown are on the list; others may be too.
var ErrIncomplete = errors.New("the list may have been cut short: the API did not mark its end clearly")

// Scan returns everyone on the list, in its order. If the list changes meanwhile,
// Scan starts again. An incomplete scan returns its users with [ErrIncomplete]; any
// other error comes without users.
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
	for listed, err := range c.Pages(ctx) {
		if err != nil {
			return users, err
		}
		users = append(users, listed...)
	}
	return users, nil
}

// listing is the progress of one pass over the pages.
type listing struct {
	after string
	// hasMore is set if the last page announced another one.
	hasMore bool
	// pages counts the pages with users. length is the length of the last one, full
	// that of the longest page after which more users came or were announced.
	pages, length, full int
	emptyPages, listed  int
	cursors             map[string]struct{}
	seen                map[userid.User]struct{}
}

// Pages returns everyone on the list, page by page. It retries temporary faults. If
// the listing ends early, the last pair holds an error: of kind Conflict if the list
// changed, which voids the cursors, or [ErrIncomplete] as in [Client.Scan].
//
// A last page may have a cursor and announce no other page, and a proxy may drop the
// announcement. So Pages follows every cursor, and an extra request at the end may
// get an empty page, a rejection, or known users again.
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
				err = l.addPage(p, c.requestedPageSize())
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

// errEnd ends a complete listing.
var errEnd = errors.New("the list has ended")

// addPage counts the users of a page. requested is the requested page size in users,
// zero for the API's default.
func (l *listing) addPage(p page, requested int) error {
	if len(p.users) == 0 && !p.hasMore {
		if l.hasMore {
			return ErrIncomplete
		}
		return errEnd
	}
	newUsers := 0
	for _, u := range p.users {
		if _, ok := l.seen[u]; !ok {
			l.seen[u] = struct{}{}
			newUsers++
		}
	}
	l.emptyPages++
	switch {
	case newUsers > 0:
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
		return paginationLoop("a page repeated the users of an earlier one")
	case l.emptyPages > maxEmptyPages:
		return paginationLoop(fmt.Sprintf("%d pages in a row were empty, and each announced more", l.emptyPages))
	}
	if l.listed += len(p.users); l.listed > maxUsers {
		return paginationLoop(fmt.Sprintf("it shows more than %d users, and a list holds %d", maxUsers, MaxUsersOnList))
	}
	return nil
}

func (l *listing) follow(p page) error {
	_, known := l.cursors[p.after]
	switch {
	case p.after == "" && p.hasMore:
		return paginationLoop("a page announced more users and has no cursor")
	case p.after == "":
		return errEnd
	case len(l.cursors) == maxPages:
		return paginationLoop(fmt.Sprintf("it has more than %d pages", maxPages))
	case known:
		return paginationLoop("a cursor was repeated")
	}
	l.cursors[p.after] = struct{}{}
	l.after, l.hasMore = p.after, p.hasMore
	return nil
}

// end returns the result of a listing whose last cursor leads to no new users. It is
// complete if no other page was announced and the last one had room for more users.
func (l *listing) end(requested int) error {
	if l.hasMore || l.isFull(requested) {
		return ErrIncomplete
	}
	return errEnd
}

// isFull reports whether the last page may hold as many users as the API puts on a
// page.
func (l *listing) isFull(requested int) bool {
	switch {
	case l.full > 0:
		return l.length >= l.full
	case requested > 0 && l.length >= requested:
		return true
	default:
		// The API may use smaller pages than requested, without saying so.
		return slices.Contains(usualPageSizes[:], l.length)
	}
}

func paginationLoop(why string) *Error {
	return &Error{Kind: PaginationLoop, Message: "the list cannot be read to its end: " + why}
}

type page struct {
	users []userid.User
	after string
	// hasMore is set if the page announces another one.
	hasMore bool
}

// requestedPageSize returns the requested page size in users, zero for the API's
// default.
func (c *Client) requestedPageSize() int { return pageSizes[c.pageSize.Load()] }

// page fetches one page, with retries. For a first page it requests fewer users after
// a rejection of the parameters, and after the second fault in a row that a smaller
// page may avoid.
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

// mayBeTooLarge reports whether a smaller page may avoid this error.
func mayBeTooLarge(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Kind == Temporary || e.TimedOut())
}

// isParameterRejection reports whether the API may have rejected a request because of
// its parameters.
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
	resp, err := c.send(ctx, request{method: http.MethodGet, query: query})
	if err != nil {
		return page{}, err
	}
	var decoded listResponse
	if err := unmarshalObject(resp.body, &decoded); err != nil {
		if isSuccess(resp.status) {
			return page{}, c.invalidResponse(resp, "it is no list of blocked users")
		}
		return page{}, c.failureFromBody(resp)
	}
	if !isSuccess(resp.status) || decoded.Error != nil || (decoded.Meta != nil && decoded.Data == nil) {
		return page{}, c.failure(resp, decoded.Error, decoded.Meta)
	}
	return c.readPage(resp, decoded)
}

func (c *Client) readPage(resp response, decoded listResponse) (page, error) {
	p := page{after: string(decoded.Paging.Cursors.After), hasMore: decoded.Paging.Next != ""}
	if len(p.after) > maxCursor {
		return page{}, c.invalidResponse(resp, fmt.Sprintf("its cursor is longer than %d bytes", maxCursor))
	}
	if decoded.Data == nil {
		if len(decoded.Unknown) > 0 {
			return page{}, c.invalidResponse(resp, "it holds no list of blocked users")
		}
		return p, nil
	}
	for _, item := range *decoded.Data {
		for _, user := range item.users() {
			u := c.listedUser(user)
			if u.IsZero() && u.Spelling == "" {
				return page{}, c.invalidResponse(resp, "the list holds an entry that names no user")
			}
			p.users = append(p.users, u)
		}
	}
	return p, nil
}
