package fakeapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// cursor is a place on the list, between two users. A decoded sample of the real API shows an offset and a version
// of the list (seen); to clients it is opaque.
type cursor struct {
	Offset  int `json:"offset"`
	Version int `json:"version"`
	// Nonce makes a cursor differ from all others for the same place.
	Nonce int `json:"nonce,omitempty"`
}

func (c cursor) String() string {
	// A struct of numbers always marshals.
	text, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor reports whether the fake API can have made the cursor.
func parseCursor(s string) (cursor, bool) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return cursor{}, false
	}
	var c cursor
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if dec.Decode(&c) != nil || c.Offset < 0 || c.String() != s {
		return cursor{}, false
	}
	return c, true
}
