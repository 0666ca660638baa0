// Package d360 is a client of 360dialog's Block Users API: it blocks, unblocks
// and lists the users of one WhatsApp business number.
//
// 360dialog passes the calls on to Meta's Cloud API, and their documentation differs.
// So the client reads every form that either documents or that was seen. A response
// that it cannot read is an error, never an empty list.
package d360

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

const (
	// DefaultBaseURL is 360dialog's address of the API in production.
	DefaultBaseURL = "https://waba-v2.360dialog.io"
	// DefaultMaxRetries is how often the client retries a request.
	DefaultMaxRetries = 5
	// DefaultRequestTimeout bounds one HTTP request.
	DefaultRequestTimeout = 30 * time.Second

	// MaxUsersPerRequest is the maximum of users in one request, by Meta's guide.
	MaxUsersPerRequest = 1000
	// MaxUsersOnList is the maximum of users on a list, by Meta's guide.
	MaxUsersOnList = 64000

	keyHeader = "D360-API-KEY"
	usersPath = "/block_users"

	// maxBody bounds how much of a response is read, in bytes after decompression.
	// A page of 1,000 users is some 100 kB.
	maxBody = 16 << 20
	// maxValues bounds the values in a response: a value of two bytes can take a
	// hundred in memory. The whole list with eight members for each user would fit.
	maxValues = 8 * MaxUsersOnList
	// maxHeader bounds the headers of a response, in bytes.
	maxHeader = 256 << 10
)

// Options configure a [Client].
type Options struct {
	// BaseURL is the API's address, [DefaultBaseURL] if empty. See [ParseBaseURL].
	BaseURL string
	// Key is the API key of the business number. The client sends it to the host of
	// BaseURL only, and shows it nowhere.
	Key       string
	UserAgent string
	// MaxRetries is how often the client retries a request.
	MaxRetries int
	// RequestTimeout bounds one HTTP request, [DefaultRequestTimeout] if zero.
	RequestTimeout time.Duration
	// FirstBackoff is the mean wait before the first retry, half a second if
	// zero; it doubles from then on.
	FirstBackoff time.Duration
	// Transport sends the requests, a pooled one of cleanhttp if nil. It has to bound
	// the headers of responses.
	Transport http.RoundTripper
	// Observe, if set, is called after every request.
	Observe func(context.Context, Exchange)
}

// Exchange is a request and its response for logs, without key and users.
type Exchange struct {
	Method string
	// Path is the path of the URL, without query.
	Path string
	// Users is the number of users in the request, zero for a listing.
	Users int
	// Status is the HTTP status, zero without a response.
	Status int
	// Duration is the time from sending to the last byte read.
	Duration time.Duration
	Err      error
}

// Client calls the API for one business number. It is safe for concurrent use, but
// the API accepts only one write at a time; see package blocklist.
//
// Time and memory are bounded for any response. RequestTimeout includes the body. The
// client reads at most 16 MiB of a response after decompression, with at most 512,000
// values, and 256 KiB of headers. A listing ends with an error after 256,000 users
// (four times the maximum), after 10,000 pages, or at a cursor of more than 4 KiB.
type Client struct {
	base      *url.URL
	key       string
	userAgent string
	timeout   time.Duration
	observe   func(context.Context, Exchange)
	// transport is used without an http.Client, so nothing can follow a redirect and
	// send the key elsewhere. With http.ErrUseLastResponse, an http.Client would still
	// fail at a Location that does not parse, and the rejection would become a lost
	// response.
	transport http.RoundTripper

	maxRetries   int
	firstBackoff time.Duration
	// exhausted is set after a request used up its retries, until one succeeds, so
	// that a thousand requests do not each wait as long.
	exhausted atomic.Bool

	// pageSize is the index in pageSizes of the largest size not rejected.
	// pageSizeWorked is set after the first page of that size.
	pageSize       atomic.Int32
	pageSizeWorked atomic.Bool
	// userIDField is the userIDField that has worked.
	userIDField atomic.Int32
}

// New returns a client, or an error if [ParseBaseURL] rejects BaseURL.
func New(opts Options) (*Client, error) {
	base, err := ParseBaseURL(cmp.Or(opts.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, err
	}
	observe := opts.Observe
	if observe == nil {
		observe = func(context.Context, Exchange) {}
	}
	transport := opts.Transport
	if transport == nil {
		plain := cleanhttp.DefaultPooledTransport()
		plain.MaxResponseHeaderBytes = maxHeader
		transport = plain
	}
	return &Client{
		base:      base,
		key:       opts.Key,
		userAgent: opts.UserAgent,
		timeout:   cmp.Or(opts.RequestTimeout, DefaultRequestTimeout),
		observe:   observe,
		transport: transport,

		maxRetries:   opts.MaxRetries,
		firstBackoff: cmp.Or(opts.FirstBackoff, 500*time.Millisecond),
	}, nil
}

type request struct {
	method string
	// path is usersPath if empty.
	path  string
	query url.Values
	body  []byte
	users int
}

type response struct {
	status int
	header http.Header
	body   []byte
}

// send makes one attempt. Its error, an [*Error], tells whether the request may have
// reached the API. The context cancels a listing at once. It does not cancel a write
// that was sent, because only the response tells the outcome.
func (c *Client) send(ctx context.Context, r request) (response, error) {
	started := time.Now()
	resp, err := c.roundTrip(ctx, r)
	c.observe(ctx, Exchange{
		Method: r.method, Path: cmp.Or(r.path, usersPath), Users: r.users,
		Status: resp.status, Duration: time.Since(started), Err: err,
	})
	return resp, err
}

func (c *Client) roundTrip(ctx context.Context, r request) (response, error) {
	if err := ctx.Err(); err != nil {
		return response{}, err
	}
	attempt := ctx
	if r.method != http.MethodGet {
		attempt = context.WithoutCancel(ctx)
	}
	attempt, cancel := context.WithTimeout(attempt, c.timeout)
	defer cancel()

	target := c.base.JoinPath(cmp.Or(r.path, usersPath))
	target.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(attempt, r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return response{}, &Error{Kind: Rejected, Message: "the request could not be built", cause: err}
	}
	req.Header.Set(keyHeader, c.key)
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/json")
	if len(r.body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}

	httpResp, err := c.transport.RoundTrip(req)
	if err != nil {
		if own := ctx.Err(); own != nil && r.method == http.MethodGet {
			return response{}, own
		}
		return response{}, c.transportError(err)
	}
	defer httpResp.Body.Close()
	resp := response{status: httpResp.StatusCode, header: httpResp.Header}
	if resp.status < http.StatusOK {
		return resp, c.invalidResponse(resp, fmt.Sprintf("it comes with status %03d", resp.status))
	}
	resp.body, err = io.ReadAll(io.LimitReader(httpResp.Body, maxBody+1))
	if err != nil {
		if own := ctx.Err(); own != nil && r.method == http.MethodGet {
			return resp, own
		}
		message := "the response broke off: " + c.sanitize(err.Error())
		if errors.Is(err, context.DeadlineExceeded) {
			message = fmt.Sprintf("the response did not end within the request timeout of %s", c.timeout)
		}
		return resp, &Error{Kind: NoResponse, Status: resp.status, Message: message, cause: err}
	}
	if len(resp.body) > maxBody {
		return resp, &Error{Kind: InvalidResponse, Status: resp.status, Message: fmt.Sprintf("the response is longer than %d MiB", maxBody>>20)}
	}
	// Counting the commas between values is cheaper than parsing.
	if bytes.Count(resp.body, []byte(",")) > maxValues {
		return resp, &Error{Kind: InvalidResponse, Status: resp.status, Message: fmt.Sprintf("the response holds more than %d values", maxValues)}
	}
	return resp, nil
}

// transportError distinguishes requests that were certainly not sent from lost
// responses.
func (c *Client) transportError(err error) *Error {
	certificate, isCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	plain, isPlain := errors.AsType[tls.RecordHeaderError](err)
	_, isDNS := errors.AsType[*net.DNSError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	host := c.sanitize(c.base.Host)
	switch {
	case isCertificate:
		return &Error{Kind: Rejected, Message: "the certificate of " + host + " cannot be trusted: " + c.sanitize(certificate.Error()), cause: err}
	case isPlain && plain.Conn != nil: // during the handshake
		return &Error{Kind: Unreachable, Message: "no encrypted connection to " + host + ": " + c.sanitize(plain.Msg), cause: err}
	case isDNS:
		return &Error{Kind: Unreachable, Message: "the host " + host + " cannot be found", cause: err}
	case strings.Contains(err.Error(), http.StatusText(http.StatusProxyAuthRequired)):
		return c.proxyRejection(http.StatusProxyAuthRequired)
	case isOp && op.Op == "dial":
		return &Error{Kind: Unreachable, Message: "no connection to " + host + ": " + c.sanitize(op.Err.Error()), cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: NoResponse, Message: fmt.Sprintf("no response within the request timeout of %s", c.timeout), cause: err}
	default:
		return &Error{Kind: NoResponse, Message: "the connection broke before a response came: " + c.sanitize(err.Error()), cause: err}
	}
}
