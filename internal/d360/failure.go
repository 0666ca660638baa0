package d360

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// failure turns a response that is an error as a whole into an [*Error]. object and
// meta come from its body, and are nil if it has none.
func (c *Client) failure(resp response, object *jsonError, meta *jsonMeta) *Error {
	e := &Error{Status: resp.status}
	e.RetryAfter, e.HasRetryAfter = retryAfter(resp.header)
	switch {
	case resp.status == http.StatusProxyAuthRequired:
		return c.proxyRejection(resp.status)
	case object != nil:
		c.describe(e, *object)
	case meta != nil:
		e.Message = c.sanitize(string(cmp.Or(meta.DeveloperMessage, meta.DeveloperMessageSnake)))
		// Many errors have HTTP status 400; the status in the body is more specific.
		if inBody := cmp.Or(meta.HTTPCode, meta.HTTPCodeSnake); inBody.set && e.Status <= http.StatusBadRequest && inBody.value > e.Status {
			e.Status = inBody.value
		}
	case isRedirect(resp.status):
		e.Kind = Rejected
		e.Message = "the API redirects to another address, and the provider does not send the key there; check base_url"
		return e
	default:
		e.Message = c.bodyText(resp)
	}
	if !e.HasCode {
		e.Code, e.HasCode = codeIn(e.Message)
	}
	e.Kind = kindOf(e.Status, e.Code, e.HasCode, e.Message+" "+e.Details)
	return e
}

// proxyRejection reports that a proxy requires a user name and a password.
func (c *Client) proxyRejection(status int) *Error {
	proxy := "a proxy on the way to " + c.sanitize(c.base.Host)
	if req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.base.String(), nil); err == nil {
		if url, err := http.ProxyFromEnvironment(req); err == nil && url != nil {
			proxy = "the proxy " + c.sanitize(url.Host)
		}
	}
	return &Error{Kind: Rejected, Status: status, Message: proxy + " requires a user name and a password; the environment variable HTTPS_PROXY can hold them"}
}

// failureFromBody is failure for a body whose results cannot be read. It may still
// hold an error.
func (c *Client) failureFromBody(resp response) *Error {
	var body struct {
		Error *jsonError `json:"error"`
		Meta  *jsonMeta  `json:"meta"`
	}
	if unmarshalObject(resp.body, &body) != nil {
		return c.failure(resp, nil, nil)
	}
	return c.failure(resp, body.Error, body.Meta)
}

// rejection turns the reasons for rejecting one user into an [*Error]. Of several, it
// takes one that is not the 24-hour rule: that one is final.
func (c *Client) rejection(resp response, reasons []jsonError, requestErr *jsonError) *Error {
	e := &Error{Status: resp.status}
	switch {
	case len(reasons) > 0:
		final := slices.IndexFunc(reasons, func(r jsonError) bool {
			return kindOf(0, r.Code.value, r.Code.set, "") != NoRecentMessage
		})
		c.describe(e, reasons[max(0, final)])
	case requestErr != nil:
		c.describe(e, *requestErr)
	}
	// The HTTP status is that of the whole request and says nothing about one user.
	e.Kind = kindOf(0, e.Code, e.HasCode, e.Message+" "+e.Details)
	return e
}

func (c *Client) describe(e *Error, object jsonError) {
	e.Code, e.HasCode = object.Code.value, object.Code.set
	e.Message = c.sanitize(string(object.Message))
	e.Details = c.sanitize(string(object.Data.Details))
	e.TraceID = c.sanitize(string(object.TraceID))
}

// isWebPage recognizes pages of gateways and sign-ins.
func isWebPage(body string) bool {
	return strings.HasPrefix(strings.TrimLeft(body, "\ufeff \t\r\n"), "<")
}

// bodyText describes a response that is not JSON of the API, such as a gateway's page.
func (c *Client) bodyText(resp response) string {
	status := strings.ToLower(http.StatusText(resp.status))
	if status == "" {
		status = fmt.Sprintf("HTTP status %d", resp.status)
	}
	body := c.sanitize(string(resp.body))
	switch {
	case body == "":
		return status
	case isWebPage(body):
		return status + ", with a web page instead of a response of the API"
	default:
		return status + ": " + body
	}
}

func (c *Client) invalidResponse(resp response, why string) *Error {
	e := &Error{Kind: InvalidResponse, Status: resp.status, IsWebPage: isWebPage(string(resp.body))}
	if e.IsWebPage {
		why = "it is a web page"
	}
	e.Message = "the response is invalid: " + why
	return e
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }
func isSuccess(status int) bool  { return status >= 200 && status < 300 }
