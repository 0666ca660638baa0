package faults_test

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// faultCase is a fault of the matrix.
type faultCase struct {
	// name is the row's title in the golden file.
	name string
	// fault is without the requests that it hits, which the matrix sets.
	fault fakeapi.Fault
	// messages has texts. One of them is in the error.
	messages []string
	// undetectable has the pages at which the list leaves users out without a sign.
	undetectable pages
	lastPage     fakeapi.LastPage
	// undo is called before the next apply.
	undo func(*fakeapi.Server)
}

type pages int

const (
	// firstPages are pages without an earlier page that links to them.
	firstPages pages = iota + 1
	allPages
)

// addedByOthers is a user that someone else blocks during an operation.
const addedByOthers = "+491550000001"

const webPage = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"

// tooLong is longer than the request timeout, inTime is shorter.
const (
	tooLong = time.Minute
	inTime  = 5 * time.Second
)

// faultGroup is a group of faults in the golden file.
type faultGroup struct {
	title  string
	faults []faultCase
}

func faultGroups() []faultGroup {
	groups := []faultGroup{
		{"The API rejects a request, or fails", statusFaults()},
		{"The API responds with a code", codeFaults()},
		{"The response is lost, or invalid", responseFaults()},
		{"The list is inconsistent", listFaults()},
	}
	for _, group := range groups {
		for i := range group.faults {
			// The zero value is not the most likely format.
			if group.faults[i].lastPage == fakeapi.LastPageNoCursors {
				group.faults[i].lastPage = fakeapi.LastPageAfterOnly
			}
		}
	}
	return groups
}

func statusFault(name string, status int, header ...string) faultCase {
	f := faultCase{name: name, fault: fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: status}, messages: []string{"HTTP " + strconv.Itoa(status)}}
	if len(header) > 0 {
		f.fault.Header = http.Header{"Retry-After": header}
	}
	return f
}

func statusFaults() []faultCase {
	afterwards := statusFault("HTTP 504, but the change was made", http.StatusGatewayTimeout)
	afterwards.fault.Kind = fakeapi.FaultStatusAfter
	return []faultCase{
		statusFault("HTTP 429, wait 7 seconds", http.StatusTooManyRequests, "7"),
		statusFault("HTTP 429, wait an hour", http.StatusTooManyRequests, "3600"),
		statusFault("HTTP 500", http.StatusInternalServerError),
		statusFault("HTTP 503, wait 7 seconds", http.StatusServiceUnavailable, "7"),
		afterwards,
		statusFault("HTTP 401", http.StatusUnauthorized),
		statusFault("HTTP 403", http.StatusForbidden),
		statusFault("HTTP 404", http.StatusNotFound),
		{
			name:     "HTTP 307 to another host",
			fault:    fakeapi.Fault{Kind: fakeapi.FaultRedirect, Header: http.Header{"Location": {"https://elsewhere.invalid/block_users"}}},
			messages: []string{"redirects to another address"},
		},
	}
}

func codeFault(code int, meaning string) faultCase {
	return faultCase{
		name:     strconv.Itoa(code) + ", " + meaning,
		fault:    fakeapi.Fault{Kind: fakeapi.FaultCode, Code: code},
		messages: []string{"code " + strconv.Itoa(code)},
	}
}

func codeFaults() []faultCase {
	afterwards := codeFault(139100, "some users failed, but all changes were made")
	afterwards.fault.Kind, afterwards.fault.Status = fakeapi.FaultStatusAfter, http.StatusBadRequest
	return []faultCase{
		codeFault(0, "the key cannot be checked"),
		codeFault(4, "too many calls"),
		codeFault(10, "no permission"),
		codeFault(100, "bad parameter"),
		codeFault(190, "the key is wrong"),
		codeFault(368, "the account is restricted"),
		codeFault(80007, "too many calls"),
		codeFault(130429, "too many calls, or users in one"),
		codeFault(131016, "not available"),
		codeFault(131021, "the business number itself"),
		codeFault(131047, "no message in 24 hours"),
		codeFault(139100, "some users failed, and none is named"),
		afterwards,
		codeFault(139101, "the list is full"),
		codeFault(139102, "the list changed meanwhile"),
		codeFault(139103, "internal error"),
	}
}

func bodyFault(name string, kind fakeapi.FaultKind, status int, text string, messages ...string) faultCase {
	contentType := "application/json"
	if strings.HasPrefix(text, "<") {
		contentType = "text/html"
	}
	return faultCase{name: name, fault: fakeapi.Fault{Kind: kind, Status: status, Body: text, ContentType: contentType}, messages: messages}
}

func responseFaults() []faultCase {
	broken := []string{"connection broke", "response broke off"}
	return []faultCase{
		{name: "connection closed before the change", fault: fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, messages: broken},
		{name: "connection closed after the change", fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, messages: broken},
		{name: "no response in time", fault: fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: tooLong}, messages: []string{"request timeout"}},
		{name: "no response in time, but the change was made", fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: tooLong}, messages: []string{"request timeout"}},
		{name: "a slow response", fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: inTime}},
		{name: "a truncated response", fault: fakeapi.Fault{Kind: fakeapi.FaultTruncate}, messages: broken},
		bodyFault("a web page", fakeapi.FaultRawBody, http.StatusOK, webPage, "response is invalid"),
		bodyFault("a web page, but the change was made", fakeapi.FaultRawBodyAfter, http.StatusOK, webPage, "response is invalid"),
		bodyFault("a web page and HTTP 502", fakeapi.FaultRawBody, http.StatusBadGateway, webPage, "HTTP 502"),
		bodyFault("an empty body", fakeapi.FaultRawBody, http.StatusOK, "", "response is invalid"),
		bodyFault("JSON without the expected members", fakeapi.FaultRawBody, http.StatusOK, `{"ok":true}`, "response is invalid", "does not name this user"),
		bodyFault("HTTP 400 with a rate limit as text", fakeapi.FaultRawBody, http.StatusBadRequest, `{"error":"Rate limit exceeded"}`, "Rate limit exceeded"),
		bodyFault("HTTP 400 with a rejection as text", fakeapi.FaultRawBody, http.StatusBadRequest, `{"error":"Account not paid"}`, "Account not paid"),
		{name: "a response for half of the users", fault: fakeapi.Fault{Kind: fakeapi.FaultPartialResponse}, messages: []string{"does not name this user"}},
		{name: "a compressed response", fault: fakeapi.Fault{Kind: fakeapi.FaultGzip}},
		{name: "an endless response", fault: fakeapi.Fault{Kind: fakeapi.FaultHuge}, messages: []string{"longer than", "more than"}},
	}
}

func listFaults() []faultCase {
	endless := []string{"cannot be read to its end"}
	incomplete := append([]string{"may have been cut short"}, endless...)
	withoutLinks := bodyFault("{} for a page, in a list without next links", fakeapi.FaultRawBody, http.StatusOK, "{}", incomplete...)
	withoutLinks.fault.Method, withoutLinks.lastPage, withoutLinks.undetectable = http.MethodGet, fakeapi.LastPageNextNever, allPages
	emptyObject := bodyFault("{} for a page", fakeapi.FaultRawBody, http.StatusOK, "{}", incomplete...)
	// An empty first page may be the whole list.
	emptyObject.fault.Method, emptyObject.undetectable = http.MethodGet, firstPages
	return []faultCase{
		{
			name: "someone else blocks a user during the request",
			fault: fakeapi.Fault{Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
				s.Remove(addedByOthers)
				s.Seed(addedByOthers)
			}},
			messages: []string{"code 139102", "and so would unblock:\n  " + addedByOthers},
			undo:     func(s *fakeapi.Server) { s.Remove(addedByOthers) },
		},
		{name: "a page links to itself", fault: fakeapi.Fault{Kind: fakeapi.FaultCursorLoop}, messages: endless},
		{name: "a page links back to the second", fault: fakeapi.Fault{Kind: fakeapi.FaultCursorRestart}, messages: endless},
		{name: "a page is repeated", fault: fakeapi.Fault{Kind: fakeapi.FaultRepeatPage}, messages: incomplete},
		{name: "an empty page with a next link", fault: fakeapi.Fault{Kind: fakeapi.FaultEmptyPage}, messages: incomplete},
		{name: "an empty page without a next link", fault: fakeapi.Fault{Kind: fakeapi.FaultEmptyPage, NoNext: true}, messages: incomplete, undetectable: firstPages},
		{name: "an entry names no user", fault: fakeapi.Fault{Kind: fakeapi.FaultUnnamedEntry}, messages: []string{"names no user"}},
		emptyObject,
		withoutLinks,
		{
			name:  "an empty page, in a list without next links",
			fault: fakeapi.Fault{Kind: fakeapi.FaultEmptyPage, NoNext: true}, lastPage: fakeapi.LastPageNextNever,
			messages: incomplete, undetectable: allPages,
		},
		{name: "a page is skipped", fault: fakeapi.Fault{Kind: fakeapi.FaultSkipPage}, messages: incomplete, undetectable: allPages},
	}
}
