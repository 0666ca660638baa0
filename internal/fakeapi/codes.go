package fakeapi

import (
	"fmt"
	"net/http"
)

// The API codes that the fake API uses without a fault (Meta, 360dialog).
const (
	codeUnknown      = 1
	codeParameter    = 100
	codeKey          = 190
	codeRateLimit    = 130429
	codeOwnNumber    = 131021
	codeSilent       = 131047
	codeSomeFailed   = 139100
	codeListFull     = 139101
	codeVersionClash = 139102
)

// apiError is an error that concerns a whole request.
type apiError struct {
	status int
	// code is noCode where the response has none.
	code             int
	message, details string
}

// noCode cannot be 0, which is a code of its own.
const noCode = -1

type codeText struct {
	status           int
	message, details string
}

// codeTexts has the documented codes, with the statuses from Meta's list of error codes where it gives them. The texts
// are like Meta's, but no client should depend on them.
var codeTexts = map[int]codeText{
	0:                {http.StatusUnauthorized, "AuthException", "The key could not be checked."},
	codeUnknown:      {http.StatusInternalServerError, "API Unknown", "The request may be tried again."},
	2:                {http.StatusServiceUnavailable, "API Service", "The service is overloaded for now."},
	4:                {http.StatusTooManyRequests, "API Too Many Calls", "The app has reached its rate limit."},
	10:               {http.StatusForbidden, "API Permission Denied", "The permission is missing or was withdrawn."},
	33:               {http.StatusBadRequest, "Parameter value is not valid", "The business number is gone."},
	codeParameter:    {http.StatusBadRequest, "Invalid parameter", "The request has a parameter that is not supported."},
	codeKey:          {http.StatusUnauthorized, "Access token has expired", "The key is wrong or was revoked."},
	200:              {http.StatusForbidden, "API Permission", "The permission is missing or was withdrawn."},
	368:              {http.StatusForbidden, "Temporarily blocked for policies violations", "The account is restricted."},
	80007:            {http.StatusTooManyRequests, "Rate limit issues", "The business account has reached its rate limit."},
	codeRateLimit:    {http.StatusTooManyRequests, "Rate limit hit", "Too many requests, or too many users in one."},
	130497:           {http.StatusForbidden, "Business account is restricted", "The account may not message this country."},
	131000:           {http.StatusInternalServerError, "Something went wrong", "The request failed for an unknown reason."},
	131016:           {http.StatusInternalServerError, "Service unavailable", "A service is unavailable for now."},
	codeOwnNumber:    {http.StatusBadRequest, "Recipient cannot be sender", "A business cannot block its own number."},
	131031:           {http.StatusForbidden, "Account has been locked", "The account is restricted or disabled."},
	codeSilent:       {http.StatusBadRequest, "Re-engagement message", "The user has not written within 24 hours."},
	codeSomeFailed:   {http.StatusBadRequest, "Failed to block/unblock users", "Some users failed; see block_users."},
	codeListFull:     {http.StatusBadRequest, "Blocklist limit reached", "The list holds no more users."},
	codeVersionClash: {http.StatusBadRequest, "Blocklist concurrent update", "The list changed meanwhile: version mismatch."},
	139103:           {http.StatusInternalServerError, "Internal error", "The list cannot be changed for now."},
}

// newError returns the usual error for a code, also for an undocumented one.
func newError(code int) *apiError {
	text, ok := codeTexts[code]
	if !ok {
		text = codeText{http.StatusBadRequest, "Unknown error", ""}
		if code > 200 && code < 300 {
			text = codeTexts[200]
		}
	}
	return &apiError{status: text.status, code: code, message: text.message, details: text.details}
}

// badParameter returns code 100 with the given details.
func badParameter(format string, args ...any) *apiError {
	e := newError(codeParameter)
	e.details = fmt.Sprintf(format, args...)
	return e
}

// text puts the code before the message, as the Graph API does (seen).
func (e *apiError) text() string {
	if e.code == noCode {
		return e.message
	}
	return fmt.Sprintf("(#%d) %s", e.code, e.message)
}
