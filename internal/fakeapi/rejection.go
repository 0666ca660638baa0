package fakeapi

// rejection is why the API does not do to a user what it is asked to.
type rejection struct {
	code             int
	message, details string
}

func newRejection(code int, message, details string) rejection {
	usual := newError(code)
	if message == "" {
		message = usual.message
	}
	if details == "" {
		details = usual.details
	}
	return rejection{code: code, message: message, details: details}
}
