package fakeapi

import (
	"encoding/json"
	"fmt"
	"html"
)

const (
	contentJSON = "application/json"
	contentHTML = "text/html; charset=utf-8"
	product     = "whatsapp"
)

// response is what the server sends to the client.
type response struct {
	status      int
	contentType string
	body        []byte
}

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

// jsonResponse panics where the value does not marshal.
func jsonResponse(status int, value any) response {
	body, err := json.Marshal(value)
	if err != nil {
		panic("fakeapi: " + err.Error())
	}
	return response{status: status, contentType: contentJSON, body: body}
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

func errorResponse(shape ErrorShape, e *apiError) response {
	switch shape {
	case ErrorText:
		return jsonResponse(e.status, map[string]string{"error": e.text()})
	case ErrorMetaCamel:
		return jsonResponse(e.status, map[string]any{"meta": map[string]any{
			"httpCode": e.status, "developerMessage": e.text(), "success": false,
		}})
	case ErrorMetaSnake:
		return jsonResponse(e.status, map[string]any{"meta": map[string]any{
			"http_code": e.status, "developer_message": e.text(), "success": false,
		}})
	case ErrorHTML:
		text := html.EscapeString(fmt.Sprintf("%d %s", e.status, e.text()))
		page := "<!DOCTYPE html><html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>\n"
		return response{status: e.status, contentType: contentHTML, body: []byte(page)}
	default:
		return jsonResponse(e.status, map[string]any{"error": newErrorObject(e)})
	}
}
