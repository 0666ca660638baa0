package d360

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// kindsByCode classifies Meta's error codes. Sources: Meta's error-code reference and
// guide for blocking users, 360dialog's error pages.
var kindsByCode = map[int]Kind{
	139101: ListFull,
	139102: Conflict,

	139103: Temporary,
	131016: Temporary,
	131000: Temporary,
	2:      Temporary,
	1:      Temporary,

	130429: Throttled,
	80007:  Throttled,
	4:      Throttled,

	100: Rejected,
	33:  Rejected,

	131021: OwnNumber,
	131047: NoRecentMessage,

	0:   Unauthorized,
	190: Unauthorized,

	10:     Forbidden,
	368:    Forbidden,
	130497: Forbidden,
	131031: Forbidden,
}

// rateLimit matches 360dialog's own rate limit, which is HTTP 400 with a text and
// without a code that Meta lists.
var rateLimit = regexp.MustCompile(`(?i)rate.?limit|too many|throttl`)

// quotedCode matches the code in Meta's error texts.
var quotedCode = regexp.MustCompile(`\(#(\d{1,6})\)`)

// codeIn finds the code in an error text, for responses without a code of their own.
func codeIn(message string) (code int, ok bool) {
	match := quotedCode.FindStringSubmatch(message)
	if match == nil {
		return 0, false
	}
	code, err := strconv.Atoi(match[1])
	return code, err == nil
}

// codeTooMany says that there were too many requests, or too many users in one.
const codeTooMany = 130429

// codeSomeFailed says that some or all users of a write failed.
const codeSomeFailed = 139100

// kindOf classifies a failure by its code or, without a known code, by its HTTP status
// and text.
func kindOf(status int, code int, hasCode bool, message string) Kind {
	if hasCode {
		if kind, ok := kindsByCode[code]; ok {
			return kind
		}
		if code >= 200 && code <= 299 {
			return Forbidden
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusTooManyRequests:
		return Throttled
	case status == http.StatusRequestTimeout || status >= 500:
		return Temporary
	case rateLimit.MatchString(message):
		return Throttled
	default:
		return Rejected
	}
}

// retryAfter reads the header Retry-After, in seconds or as a date.
func retryAfter(header http.Header) (wait time.Duration, ok bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); (err == nil || errors.Is(err, strconv.ErrRange)) && seconds >= 0 {
		// The bound keeps the Duration from overflowing. Out of range, ParseInt returns
		// the maximum.
		return time.Duration(min(seconds, 1<<31)) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}
