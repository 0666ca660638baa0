package d360

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
)

// failure turns a response that is an error as a whole into an [*Error]. object
// and meta are what its body held, nil where it held none.
func (c *Client) failure(a answer, object *wireError, meta *wireMeta) *Error {
	e := &Error{Status: a.status}
	e.RetryAfter, e.HasRetryAfter = retryAfter(a.header)
	switch {
	case a.status == http.StatusProxyAuthRequired:
		return c.proxyRejection(a.status)
	case object != nil:
		c.describe(e, *object)
	case meta != nil:
		e.Message = c.sanitize(string(cmp.Or(meta.DeveloperMessage, meta.DeveloperMessageSnake)))
		// The status in the body says more than the one that any error may have.
		if inBody := cmp.Or(meta.HTTPCode, meta.HTTPCodeSnake); inBody.set && e.Status <= http.StatusBadRequest && inBody.value > e.Status {
			e.Status = inBody.value
		}
	case isRedirect(a.status):
		e.Kind = Rejected
		e.Message = "the API redirects elsewhere, where the key must not go; is base_url right?"
		return e
	default:
		e.Message = c.bodyText(a)
	}
	if !e.HasCode {
		e.Code, e.HasCode = codeIn(e.Message)
	}
	e.Kind = kindOf(e.Status, e.Code, e.HasCode, e.Message+" "+e.Details)
	return e
}

// proxyRejection is about a proxy on the way to the API that wants a user and a
// password.
func (c *Client) proxyRejection(status int) *Error {
	proxy := "a proxy on the way to " + c.sanitize(c.base.Host)
	if req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.base.String(), nil); err == nil {
		if url, err := http.ProxyFromEnvironment(req); err == nil && url != nil {
			proxy = "the proxy " + c.sanitize(url.Host)
		}
	}
	return &Error{Kind: Rejected, Status: status, Message: proxy + " requires a user name and a password; the environment variable HTTPS_PROXY can hold them"}
}

// failureOf is failure for a body that could not be read as what was asked for.
// It may be an error anyway, beside something that makes no sense.
func (c *Client) failureOf(a answer) *Error {
	var body struct {
		Error *wireError `json:"error"`
		Meta  *wireMeta  `json:"meta"`
	}
	if unmarshalObject(a.body, &body) != nil {
		return c.failure(a, nil, nil)
	}
	return c.failure(a, body.Error, body.Meta)
}

// rejection turns the reasons why one user failed into an [*Error]. Where there
// are several, one that is not the 24-hour rule counts: it will not pass.
func (c *Client) rejection(a answer, reasons []wireError, whole *wireError) *Error {
	e := &Error{Status: a.status}
	switch {
	case len(reasons) > 0:
		counts := reasons[0]
		for _, reason := range reasons {
			if kindOf(0, reason.Code.value, reason.Code.set, "") != NoRecentMessage {
				counts = reason
				break
			}
		}
		c.describe(e, counts)
	case whole != nil:
		c.describe(e, *whole)
	}
	// The HTTP status is that of the whole request and says nothing of one user.
	e.Kind = kindOf(0, e.Code, e.HasCode, e.Message+" "+e.Details)
	return e
}

func (c *Client) describe(e *Error, object wireError) {
	e.Code, e.HasCode = object.Code.value, object.Code.set
	e.Message = c.sanitize(string(object.Message))
	e.Details = c.sanitize(string(object.Data.Details))
	e.TraceID = c.sanitize(string(object.TraceID))
}

// isWebPage tells pages of gateways and sign-ins from responses of the API, which are JSON.
func isWebPage(body string) bool {
	return strings.HasPrefix(strings.TrimLeft(body, "\ufeff \t\r\n"), "<")
}

// bodyText describes a response that is no JSON of the API: a gateway's page, say.
func (c *Client) bodyText(a answer) string {
	status := strings.ToLower(http.StatusText(a.status))
	if status == "" {
		status = fmt.Sprintf("HTTP status %d", a.status)
	}
	body := c.sanitize(string(a.body))
	switch {
	case body == "":
		return status
	case isWebPage(body):
		return status + ", with a web page instead of a response of the API"
	default:
		return status + ": " + body
	}
}

// invalidResponse describes a response with a success status that cannot be read.
func (c *Client) invalidResponse(a answer, why string) *Error {
	e := &Error{Kind: InvalidResponse, Status: a.status, IsWebPage: isWebPage(string(a.body))}
	if e.IsWebPage {
		why = "it is a web page"
	}
	e.Message = "the response makes no sense: " + why
	return e
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }
func isSuccess(status int) bool  { return status >= 200 && status < 300 }
