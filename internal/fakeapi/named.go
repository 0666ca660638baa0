package fakeapi

import (
	"slices"
	"strings"
)

// named is a user in a response, in any of the forms.
type named struct {
	MessagingProduct string      `json:"messaging_product,omitempty"`
	Input            string      `json:"input,omitempty"`
	WaID             string      `json:"wa_id,omitempty"`
	UserID           string      `json:"user_id,omitempty"`
	ParentUserID     string      `json:"parent_user_id,omitempty"`
	Errors           []userError `json:"errors,omitempty"`
}

// nameInWrite names a user in the response to a write, by the name that was sent.
func (s *Server) nameInWrite(u user, key string) named {
	if u.isID {
		return s.format.nameSentID(u.canonical)
	}
	n := named{Input: s.format.echo(u)}
	if !s.format.OmitWaID && !s.hidden[key] {
		n.WaID = key
	}
	if s.format.WriteUserIDs {
		n.UserID = s.names.userID(key)
	}
	return n
}

// nameFailed names a user in failed_users.
func (s *Server) nameFailed(u user, key string, why rejection) named {
	n := s.nameInWrite(u, key)
	if !s.format.FailedWaID {
		n.WaID = ""
	}
	n.Errors = []userError{{Code: why.code, Message: why.message, ErrorData: errorData{Details: why.details}}}
	return n
}

// nameInList names a user on a page.
func (s *Server) nameInList(e *entry) named {
	w := s.format
	var n named
	if isNumber(e.key) && !s.hidden[e.key] {
		n = w.nameShown(e)
	} else {
		n = w.nameHidden(s.names.userID(e.key))
	}
	if w.UserIDs == UserIDsAlways {
		n.UserID = s.names.userID(e.key)
	}
	if w.ParentUserIDs && n.UserID != "" {
		n.ParentUserID = parentOf(n.UserID)
	}
	if w.List == ListFlat {
		n.MessagingProduct = product
	}
	return n
}

// nameShown names a user on a page that shows their number.
func (w ResponseFormat) nameShown(e *entry) named {
	n := named{WaID: e.key}
	switch {
	case w.List == ListFlat || w.Input == ListInputOmitted:
		return n
	case w.Input == ListInputWaID:
		n.Input = e.key
	default:
		n.Input = w.echo(e.sent)
	}
	if w.OmitWaID {
		n.WaID = ""
	}
	return n
}

// nameHidden names a user on a page that shows no number of theirs.
func (w ResponseFormat) nameHidden(id string) named {
	if w.UserIDs == UserIDsNever && w.UserIDAs == UserIDAsInput {
		return named{Input: id}
	}
	return named{UserID: id}
}

// nameSentID names a user in the response to a write by user ID.
func (w ResponseFormat) nameSentID(id string) named {
	switch w.UserIDAs {
	case UserIDAsInput:
		return named{Input: id}
	case UserIDAsBoth:
		return named{Input: id, UserID: id}
	default:
		return named{UserID: id}
	}
}

// echo gives the input of a response for a user who was sent as such.
func (w ResponseFormat) echo(sent user) string {
	if sent.isID {
		return sent.canonical
	}
	digits := sent.canonical
	switch w.Echo {
	case EchoDigits:
		return digits
	case EchoSpaced:
		// Two digits, then threes: no country's custom, and still a spelling of the number.
		var spaced strings.Builder
		spaced.WriteString("+" + digits[:2])
		for group := range slices.Chunk([]byte(digits[2:]), 3) {
			spaced.WriteString(" " + string(group))
		}
		return spaced.String()
	default:
		return sent.wireForm()
	}
}
