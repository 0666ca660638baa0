package fakeapi

import (
	"slices"
	"strings"
)

// namedUser is a user in a response, in any shape.
type namedUser struct {
	MessagingProduct string      `json:"messaging_product,omitempty"`
	Input            string      `json:"input,omitempty"`
	WaID             string      `json:"wa_id,omitempty"`
	UserID           string      `json:"user_id,omitempty"`
	ParentUserID     string      `json:"parent_user_id,omitempty"`
	Errors           []userError `json:"errors,omitempty"`
}

func (s *Server) nameInWrite(u user, key string) namedUser {
	if u.isID {
		return s.format.nameSentID(u.canonical)
	}
	n := namedUser{Input: s.format.echo(u)}
	if !s.format.OmitWaID && !s.hidden[key] {
		n.WaID = key
	}
	if s.format.WriteUserIDs {
		n.UserID = s.names.userID(key)
	}
	return n
}

func (s *Server) nameFailed(u user, key string, why rejection) namedUser {
	n := s.nameInWrite(u, key)
	if !s.format.FailedWaID {
		n.WaID = ""
	}
	n.Errors = []userError{{Code: why.code, Message: why.message, ErrorData: errorData{Details: why.details}}}
	return n
}

func (s *Server) nameInList(e *entry) namedUser {
	f := s.format
	var n namedUser
	if isNumber(e.key) && !s.hidden[e.key] {
		n = f.nameShown(e)
	} else {
		n = f.nameHidden(s.names.userID(e.key))
	}
	if f.UserIDs == UserIDsAlways {
		n.UserID = s.names.userID(e.key)
	}
	if f.ParentUserIDs && n.UserID != "" {
		n.ParentUserID = parentOf(n.UserID)
	}
	if f.List == ListFlat {
		n.MessagingProduct = product
	}
	return n
}

// nameShown is for a page that shows the user's number.
func (f ResponseFormat) nameShown(e *entry) namedUser {
	n := namedUser{WaID: e.key}
	switch {
	case f.List == ListFlat || f.Input == ListInputOmitted:
		return n
	case f.Input == ListInputWaID:
		n.Input = e.key
	default:
		n.Input = f.echo(e.sent)
	}
	if f.OmitWaID {
		n.WaID = ""
	}
	return n
}

// nameHidden is for a page that does not show the user's number.
func (f ResponseFormat) nameHidden(id string) namedUser {
	if f.UserIDs == UserIDsNever && f.UserIDAs == UserIDAsInput {
		return namedUser{Input: id}
	}
	return namedUser{UserID: id}
}

// nameSentID is for the response to a write by user ID.
func (f ResponseFormat) nameSentID(id string) namedUser {
	switch f.UserIDAs {
	case UserIDAsInput:
		return namedUser{Input: id}
	case UserIDAsBoth:
		return namedUser{Input: id, UserID: id}
	default:
		return namedUser{UserID: id}
	}
}

// echo is the input of a response.
func (f ResponseFormat) echo(sent user) string {
	if sent.isID {
		return sent.canonical
	}
	digits := sent.canonical
	switch f.Echo {
	case EchoDigits:
		return digits
	case EchoSpaced:
		// Two digits, then groups of three.
		var spaced strings.Builder
		spaced.WriteString("+" + digits[:2])
		for group := range slices.Chunk([]byte(digits[2:]), 3) {
			spaced.WriteString(" " + string(group))
		}
		return spaced.String()
	default:
		return sent.apiForm()
	}
}
