package fakeapi

import "cmp"

// rejection is why the API does not block or unblock a user.
type rejection struct {
	code             int
	message, details string
}

func newRejection(code int, message, details string) rejection {
	usual := newError(code)
	return rejection{code: code, message: cmp.Or(message, usual.message), details: cmp.Or(details, usual.details)}
}
