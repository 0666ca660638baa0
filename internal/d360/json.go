package d360

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// These types cover all documented variants of the API's responses. The decoder
// ignores unknown members. It rejects duplicate members and invalid UTF-8, which
// would make a response ambiguous.

// unmarshalObject decodes a JSON object. Everything else is an error, also null, which
// would otherwise decode to an empty object.
func unmarshalObject(body []byte, into any) error {
	if jsontext.NewDecoder(bytes.NewReader(body)).PeekKind() != '{' {
		return errors.New("it is no JSON object")
	}
	return json.Unmarshal(body, into)
}

type writeResponse struct {
	BlockUsers *jsonResults `json:"block_users"`
	Error      *jsonError   `json:"error"`
	Meta       *jsonMeta    `json:"meta"`
}

// jsonResults are the per-user results of a write. The response to an unblock has
// removed_users by Meta's guide and added_users by 360dialog's schema.
type jsonResults struct {
	Added   []jsonUser       `json:"added_users"`
	Removed []jsonUser       `json:"removed_users"`
	Failed  []jsonFailedUser `json:"failed_users"`
}

// jsonUser is a user in a response. User IDs come as user_id or as input, without
// wa_id.
type jsonUser struct {
	Input  name `json:"input"`
	WaID   name `json:"wa_id"`
	UserID name `json:"user_id"`
}

type jsonFailedUser struct {
	jsonUser
	Errors []jsonError `json:"errors"`
}

// listResponse is the response to a GET. Its names match in any case: ignored paging
// would end the list early.
type listResponse struct {
	Data   *[]jsonItem `json:"data,case:ignore"`
	Paging jsonPaging  `json:"paging,case:ignore"`
	Error  *jsonError  `json:"error,case:ignore"`
	Meta   *jsonMeta   `json:"meta,case:ignore"`

	MessagingProduct text `json:"messaging_product"`
	// Unknown is every other member. A response without data is an empty list only if
	// it has none.
	Unknown jsontext.Value `json:",embed"`
}

// jsonItem is one item of a listing: a user (by Meta's guide), or a group of
// users under block_users (by 360dialog's schema).
type jsonItem struct {
	jsonUser
	BlockUsers *[]jsonUser `json:"block_users"`
}

func (i jsonItem) users() []jsonUser {
	switch {
	case i.BlockUsers == nil:
		return []jsonUser{i.jsonUser}
	case i.jsonUser == jsonUser{}:
		return *i.BlockUsers
	default:
		return append([]jsonUser{i.jsonUser}, *i.BlockUsers...)
	}
}

// jsonPaging leads to the next page. Next is an absolute URL on another host: it
// announces another page, and the client never requests it.
type jsonPaging struct {
	Cursors struct {
		After text `json:"after,case:ignore"`
	} `json:"cursors,case:ignore"`
	Next text `json:"next,case:ignore"`
}

// jsonError is an object by Meta's schema, or a bare text by 360dialog's, which
// becomes its Message.
type jsonError struct {
	Code    number        `json:"code"`
	Message text          `json:"message"`
	Data    jsonErrorData `json:"error_data"`
	TraceID text          `json:"fbtrace_id"`
}

// UnmarshalJSONFrom reads an error object or a text.
func (e *jsonError) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	type object jsonError
	return unmarshalObjectOrText(dec, (*object)(e), &e.Message)
}

// jsonErrorData is an object with details by both schemas, or a bare text.
type jsonErrorData struct {
	Details text `json:"details"`
}

// UnmarshalJSONFrom reads an object or a text.
func (d *jsonErrorData) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	type object jsonErrorData
	return unmarshalObjectOrText(dec, (*object)(d), &d.Details)
}

func unmarshalObjectOrText(dec *jsontext.Decoder, object any, orText *text) error {
	if dec.PeekKind() == '{' {
		return json.UnmarshalDecode(dec, object)
	}
	return json.UnmarshalDecode(dec, orText)
}

// jsonMeta is the error in 360dialog's older documentation, in both spellings.
type jsonMeta struct {
	HTTPCode              number `json:"httpCode"`
	HTTPCodeSnake         number `json:"http_code"`
	DeveloperMessage      text   `json:"developerMessage"`
	DeveloperMessageSnake text   `json:"developer_message"`
}

// text is a JSON string, or the spelling of a number or boolean; null is empty.
type text string

// UnmarshalJSONFrom reads any scalar.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case '"', '0', 'n', 't', 'f':
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		*t = ""
		if token.Kind() != 'n' {
			*t = text(token.String())
		}
		return nil
	default:
		return json.UnmarshalDecode(dec, (*string)(t))
	}
}

// name is a text that may name a user. A number must be whole: the digits of
// 16505551234.0 would name another user.
type name text

// UnmarshalJSONFrom reads a text.
func (n *name) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	isNumber := dec.PeekKind() == '0'
	if err := (*text)(n).UnmarshalJSONFrom(dec); err != nil {
		return err
	}
	if isNumber && strings.ContainsAny(string(*n), ".eE-") {
		return errors.New("a number that is no whole one names no user")
	}
	return nil
}

// number is a JSON integer, or a string that spells one. Any other value leaves it
// unset: an invalid code must not hide the message beside it.
type number struct {
	value int
	set   bool
}

// UnmarshalJSONFrom reads any value.
func (n *number) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*n = number{}
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	spelled := string(value)
	if value.Kind() == '"' {
		if err := json.Unmarshal(value, &spelled); err != nil {
			return err
		}
	}
	if parsed, err := strconv.Atoi(spelled); err == nil {
		*n = number{value: parsed, set: true}
	}
	return nil
}
