package sandbox

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
)

const (
	contentJSON = "application/json"
	contentHTML = "text/html; charset=utf-8"
	product     = "whatsapp"
)

// answer is what goes to the client.
type answer struct {
	status      int
	contentType string
	body        []byte
}

// named is a user in an answer, in any of the forms.
type named struct {
	MessagingProduct string      `json:"messaging_product,omitempty"`
	Input            string      `json:"input,omitempty"`
	WaID             string      `json:"wa_id,omitempty"`
	UserID           string      `json:"user_id,omitempty"`
	Errors           []userError `json:"errors,omitempty"`
}

// userError is why one user failed.
type userError struct {
	Code      int       `json:"code"`
	Message   string    `json:"message"`
	ErrorData errorData `json:"error_data"`
}

type errorData struct {
	Details string `json:"details"`
}

// errorObject is an error in Meta's form.
type errorObject struct {
	Message   string     `json:"message"`
	Type      string     `json:"type"`
	Code      *int       `json:"code,omitempty"`
	ErrorData *errorData `json:"error_data,omitempty"`
	TraceID   string     `json:"fbtrace_id"`
}

// jsonAnswer gives an answer of a value that always marshals.
func jsonAnswer(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	return answer{status: status, contentType: contentJSON, body: body}
}

func newErrorObject(e *apiError) errorObject {
	object := errorObject{Message: e.text(), Type: "OAuthException", TraceID: "AsAndB0xTrAcE"}
	if e.code != noCode {
		object.Code = &e.code
	}
	if e.details != "" {
		object.ErrorData = &errorData{Details: e.details}
	}
	return object
}

func errorAnswer(shape ErrorShape, e *apiError) answer {
	switch shape {
	case ErrorText:
		return jsonAnswer(e.status, map[string]string{"error": e.text()})
	case ErrorMetaCamel:
		return jsonAnswer(e.status, map[string]any{"meta": map[string]any{
			"httpCode": e.status, "developerMessage": e.text(), "success": false,
		}})
	case ErrorMetaSnake:
		return jsonAnswer(e.status, map[string]any{"meta": map[string]any{
			"http_code": e.status, "developer_message": e.text(), "success": false,
		}})
	case ErrorHTML:
		text := html.EscapeString(fmt.Sprintf("%d %s", e.status, e.text()))
		page := "<!DOCTYPE html><html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>\n"
		return answer{status: e.status, contentType: contentHTML, body: []byte(page)}
	default:
		return jsonAnswer(e.status, map[string]any{"error": newErrorObject(e)})
	}
}

// echo gives the input of an answer for a number that was sent as such.
func (w Wire) echo(sent string) string {
	digits := strings.TrimPrefix(sent, "+")
	switch w.Echo {
	case EchoDigits:
		return digits
	case EchoPlus:
		return "+" + digits
	case EchoSpaced:
		// Two digits, then threes: no country's custom, and still a spelling of the number.
		var spaced strings.Builder
		spaced.WriteString("+" + digits[:2])
		for group := range slices.Chunk([]byte(digits[2:]), 3) {
			spaced.WriteString(" " + string(group))
		}
		return spaced.String()
	default:
		return sent
	}
}

// nameID names a user by ID, for whom answers have no wa_id.
func (w Wire) nameID(id string) named {
	if w.UserIDAs == UserIDAsInput {
		return named{Input: id}
	}
	return named{UserID: id}
}

// nameInWrite names a user in the answer to a write.
func (w Wire) nameInWrite(u user, key string) named {
	if u.isID {
		return w.nameID(key)
	}
	n := named{Input: w.echo(u.wireForm())}
	if !w.OmitWaID {
		n.WaID = key
	}
	return n
}

// nameFailed names a user in failed_users.
func (w Wire) nameFailed(u user, key string, why refusal) named {
	n := w.nameInWrite(u, key)
	if !w.FailedWaID {
		n.WaID = ""
	}
	n.Errors = []userError{{Code: why.code, Message: why.message, ErrorData: errorData{Details: why.details}}}
	return n
}

// nameInList names a user on a page.
func (w Wire) nameInList(e *entry) named {
	var n named
	switch {
	case e.isID:
		n = w.nameID(e.key)
	case w.List == ListFlat || w.Input == ListInputOmitted:
		n = named{WaID: e.key}
	case w.Input == ListInputWaID:
		n = named{Input: e.key, WaID: e.key}
	default:
		n = named{Input: w.echo(e.sent), WaID: e.key}
	}
	if w.OmitWaID && n.Input != "" {
		n.WaID = ""
	}
	if w.List == ListFlat {
		n.MessagingProduct = product
	}
	return n
}
