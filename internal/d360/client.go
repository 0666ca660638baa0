// Package d360 is a client of 360dialog's Block Users API: it blocks, unblocks
// and lists the users of one WhatsApp business number.
//
// 360dialog passes the calls on to Meta's Cloud API, and neither documents all
// that the other answers. The client therefore reads every form that is
// documented by either or was seen on the wire, and calls whatever it cannot
// read an error, never an empty list.
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
	// DefaultBaseURL is where 360dialog serves the API in production.
	DefaultBaseURL = "https://waba-v2.360dialog.io"
	// DefaultMaxRetries is how often a request is tried again after the first
	// time, where that is worth it.
	DefaultMaxRetries = 5
	// DefaultRequestTimeout is how long one HTTP request may take.
	DefaultRequestTimeout = 30 * time.Second

	// MaxUsersPerRequest is the most users one request may name, by Meta's guide.
	MaxUsersPerRequest = 1000
	// MaxUsersOnList is the most users a number's list holds, by Meta's guide.
	MaxUsersOnList = 64000

	keyHeader = "D360-API-KEY"
	usersPath = "/block_users"

	// maxBody bounds how much of a response is read, in bytes after decompression.
	// A page of 1,000 users is some 100 kB.
	maxBody = 16 << 20
	// maxValues bounds how many values a response holds: a value of two bytes can
	// take a hundred in memory. The whole list with eight members for each user
	// would fit into one answer.
	maxValues = 8 * MaxUsersOnList
	// maxHeader bounds the headers of a response, in bytes.
	maxHeader = 256 << 10
)

// Options configure a [Client].
type Options struct {
	// BaseURL is the API's address, [DefaultBaseURL] if empty. See [ParseBaseURL].
	BaseURL string
	// Key is the API key of the business number. It is sent to the host of
	// BaseURL and shows up nowhere else.
	Key string
	// UserAgent names the program to the API.
	UserAgent string
	// MaxRetries is how often a request is tried again after the first time.
	MaxRetries int
	// RequestTimeout bounds one HTTP request, [DefaultRequestTimeout] if zero.
	RequestTimeout time.Duration
	// FirstBackoff is the mean wait before the first retry, half a second if
	// zero; it doubles from then on.
	FirstBackoff time.Duration
	// Transport carries the requests, a plain one of net/http if nil. It bounds
	// the headers of answers.
	Transport http.RoundTripper
	// Observe, if set, is told of every request after it ended.
	Observe func(context.Context, Exchange)
}

// Exchange is what may be logged of a request and its response: no key, no user.
type Exchange struct {
	Method string
	// Path is the path of the URL, without query.
	Path string
	// Users is how many users the request named, zero for a listing.
	Users int
	// Status is the HTTP status, zero where no answer came.
	Status int
	// Duration is the time from sending to the last byte read.
	Duration time.Duration
	// Err is why the request failed, nil if it did not.
	Err error
}

// Client calls the API for one business number. It is safe for concurrent use,
// but the API wants writes one at a time; see package blocklist.
//
// Whatever answers, time and memory are bounded. One request takes as long as
// Options say, its body included. Of a response at most 16 MiB are read, after
// decompression, with at most 512,000 values in them, and 256 KiB of headers. A
// listing ends with an error after 256,000 users, four times what a list can
// hold, after 10,000 pages, or at a cursor of more than 4 KiB.
type Client struct {
	base      *url.URL
	key       string
	userAgent string
	timeout   time.Duration
	observe   func(context.Context, Exchange)
	// transport is used without an http.Client around it, which would follow
	// redirects: carry the key elsewhere, and turn a POST into a GET.
	transport http.RoundTripper

	maxRetries   int
	firstBackoff time.Duration
	// exhausted is set while the last request that needed retries used them up,
	// so that a thousand further ones do not each wait as long for the same end.
	exhausted atomic.Bool

	// pageSize is the index in pageSizes of the largest that the server took.
	// pageSizeWorked is set once a page of it has come.
	pageSize       atomic.Int32
	pageSizeWorked atomic.Bool
	// userIDField is the userIDField that has worked.
	userIDField atomic.Int32
}

// New returns a client, or an error where BaseURL is no address to send a key to.
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

// request is one HTTP request, before it is sent.
type request struct {
	method string
	// path is usersPath if empty.
	path  string
	query url.Values
	body  []byte
	users int
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send makes one attempt. Its error, an [*Error], tells whether the request may
// have reached the API. The context ends a listing at once; a write that is
// under way is waited for, since only its response tells what became of it.
func (c *Client) send(ctx context.Context, r request) (answer, error) {
	started := time.Now()
	a, err := c.roundTrip(ctx, r)
	c.observe(ctx, Exchange{
		Method: r.method, Path: cmp.Or(r.path, usersPath), Users: r.users,
		Status: a.status, Duration: time.Since(started), Err: err,
	})
	return a, err
}

func (c *Client) roundTrip(ctx context.Context, r request) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
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
		return answer{}, &Error{Kind: Rejected, Message: "the request could not be built", cause: err}
	}
	req.Header.Set(keyHeader, c.key)
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/json")
	if len(r.body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}

	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		if own := ctx.Err(); own != nil && r.method == http.MethodGet {
			return answer{}, own
		}
		return answer{}, c.transportError(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.status < http.StatusOK {
		return a, c.invalidResponse(a, fmt.Sprintf("it comes with status %03d", a.status))
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		if own := ctx.Err(); own != nil && r.method == http.MethodGet {
			return a, own
		}
		message := "the response broke off: " + c.sanitize(err.Error())
		if errors.Is(err, context.DeadlineExceeded) {
			message = fmt.Sprintf("the response did not end within the request timeout of %s", c.timeout)
		}
		return a, &Error{Kind: NoResponse, Status: a.status, Message: message, cause: err}
	}
	if len(a.body) > maxBody {
		return a, &Error{Kind: InvalidResponse, Status: a.status, Message: fmt.Sprintf("the response is longer than %d MiB", maxBody>>20)}
	}
	// Between two values there is a comma, which is far cheaper to count.
	if bytes.Count(a.body, []byte(",")) > maxValues {
		return a, &Error{Kind: InvalidResponse, Status: a.status, Message: fmt.Sprintf("the response holds more than %d values", maxValues)}
	}
	return a, nil
}

// transportError tells a request that was certainly not sent from one whose
// answer was lost.
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
