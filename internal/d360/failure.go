package d360

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// failure turns an answer that is an error as a whole into an [*Error]. object
// and meta are what its body held, nil where it held none.
func (c *Client) failure(a answer, object *wireError, meta *wireMeta) *Error {
	e := &Error{Status: a.status}
	e.RetryAfter, e.HasRetryAfter = retryAfter(a.header)
	switch {
	case object != nil:
		c.describe(e, *object)
	case meta != nil:
		e.Message = c.clean(string(cmp.Or(meta.DeveloperMessage, meta.DeveloperMessageSnake)))
		// The status in the body says more than the one that any error may have.
		if inBody := cmp.Or(meta.HTTPCode, meta.HTTPCodeSnake); inBody.set && e.Status <= http.StatusBadRequest && inBody.value > e.Status {
			e.Status = inBody.value
		}
	case isRedirect(a.status):
		e.Kind = Refused
		e.Message = "the service redirects elsewhere, where the key must not go; is base_url right?"
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

// failureOf is failure for a body that could not be read as what was asked for.
// It may be an error all the same, beside something that makes no sense.
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

// refusal turns the reasons why one user failed into an [*Error]. Where there
// are several, one that is not the 24-hour rule counts: it will not pass.
func (c *Client) refusal(a answer, reasons []wireError, whole *wireError) *Error {
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
	e.Message = c.clean(string(object.Message))
	e.Details = c.clean(string(object.Data.Details))
	e.TraceID = c.clean(string(object.TraceID))
}

// bodyText describes an answer that is no JSON of the API: a gateway's page, say.
func (c *Client) bodyText(a answer) string {
	status := strings.ToLower(http.StatusText(a.status))
	if status == "" {
		status = fmt.Sprintf("HTTP status %d", a.status)
	}
	body := c.clean(string(a.body))
	switch {
	case body == "":
		return status
	case strings.Contains(strings.ToLower(body), "<html") || strings.HasPrefix(body, "<"):
		return status + ", with a web page instead of an answer of the API"
	default:
		return status + ": " + body
	}
}

// senseless describes an answer with a success status that cannot be read.
func (c *Client) senseless(a answer, why string) *Error {
	return &Error{Kind: Senseless, Status: a.status, Message: "the answer makes no sense: " + why}
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }
func isSuccess(status int) bool  { return status >= 200 && status < 300 }
