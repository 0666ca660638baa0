package d360

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The types below are what answers look like, in all their variants together.
// Fields that a response leaves out stay empty; what the API does not document
// is passed over. The decoder rejects duplicate members and invalid UTF-8, both
// of which would make a response say two things at once.

// unmarshalObject decodes a JSON object; null and everything else is an error,
// so that no it pass for an object with nothing in it.
func unmarshalObject(body []byte, into any) error {
	if jsontext.NewDecoder(bytes.NewReader(body)).PeekKind() != '{' {
		return errors.New("it is no JSON object")
	}
	return json.Unmarshal(body, into)
}

// writeAnswer is the response to a POST or a DELETE.
type writeAnswer struct {
	BlockUsers *wireResults `json:"block_users"`
	Error      *wireError   `json:"error"`
	Meta       *wireMeta    `json:"meta"`
}

// wireResults are the per-user results of a write. An unblock answers with
// removed_users by Meta's guide and with added_users by 360dialog's schema.
type wireResults struct {
	Added   []wireUser   `json:"added_users"`
	Removed []wireUser   `json:"removed_users"`
	Failed  []wireFailed `json:"failed_users"`
}

// wireUser is a user in a response. Business-scoped user IDs come as user_id or
// as input, without wa_id.
type wireUser struct {
	Input  name `json:"input"`
	WaID   name `json:"wa_id"`
	UserID name `json:"user_id"`
}

// wireFailed is a user that was rejected, with the reasons.
type wireFailed struct {
	Input  name        `json:"input"`
	WaID   name        `json:"wa_id"`
	UserID name        `json:"user_id"`
	Errors []wireError `json:"errors"`
}

func (f wireFailed) user() wireUser {
	return wireUser{Input: f.Input, WaID: f.WaID, UserID: f.UserID}
}

// listAnswer is the response to a GET. Its names count in any case: paging that was
// passed over would end the list early.
type listAnswer struct {
	Data   *[]wireItem `json:"data,case:ignore"`
	Paging wirePaging  `json:"paging,case:ignore"`
	Error  *wireError  `json:"error,case:ignore"`
	Meta   *wireMeta   `json:"meta,case:ignore"`

	MessagingProduct text `json:"messaging_product"`
	// Unknown is every other member. A response without data may be an empty
	// list only if it holds nothing else.
	Unknown jsontext.Value `json:",embed"`
}

// wireItem is one item of a listing: a user (by Meta's guide), or a group of
// users under block_users (by 360dialog's schema).
type wireItem struct {
	BlockUsers *[]wireUser `json:"block_users"`
	Input      name        `json:"input"`
	WaID       name        `json:"wa_id"`
	UserID     name        `json:"user_id"`
}

func (i wireItem) users() []wireUser {
	own := wireUser{Input: i.Input, WaID: i.WaID, UserID: i.UserID}
	switch {
	case i.BlockUsers == nil:
		return []wireUser{own}
	case own == wireUser{}:
		return *i.BlockUsers
	default:
		return append([]wireUser{own}, *i.BlockUsers...)
	}
}

// wirePaging is where a listing goes on. Next is an absolute URL on another
// host: that it is there says that more follows, and it is never requested.
type wirePaging struct {
	Cursors struct {
		After text `json:"after,case:ignore"`
	} `json:"cursors,case:ignore"`
	Next text `json:"next,case:ignore"`
}

// wireError is an error object by Meta's schema, or by 360dialog's a bare text,
// which becomes its Message.
type wireError struct {
	Code    number      `json:"code"`
	Message text        `json:"message"`
	Data    wireDetails `json:"error_data"`
	TraceID text        `json:"fbtrace_id"`
}

// UnmarshalJSONFrom reads an error object or a text.
func (e *wireError) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '{' {
		type object wireError
		return json.UnmarshalDecode(dec, (*object)(e))
	}
	return json.UnmarshalDecode(dec, &e.Message)
}

// wireDetails is the error_data of an error: an object with details by both
// schemas, or a bare text.
type wireDetails struct {
	Details text `json:"details"`
}

// UnmarshalJSONFrom reads an object or a text.
func (d *wireDetails) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '{' {
		type object wireDetails
		return json.UnmarshalDecode(dec, (*object)(d))
	}
	return json.UnmarshalDecode(dec, &d.Details)
}

// wireMeta is the error of 360dialog's older pages, in both spellings.
type wireMeta struct {
	HTTPCode              number `json:"httpCode"`
	HTTPCodeSnake         number `json:"http_code"`
	DeveloperMessage      text   `json:"developerMessage"`
	DeveloperMessageSnake text   `json:"developer_message"`
}

// text is a JSON string, or a number or boolean in the spelling it came in;
// null is empty.
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

// name is a text that may name a user. A number must be whole: read as digits,
// 16505551234.0 would be another user.
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

// number is a JSON integer, or a string that spells one. Anything else leaves
// it unset: a code that cannot be read must not hide the text beside it.
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
