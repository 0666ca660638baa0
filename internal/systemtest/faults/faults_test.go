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
	// fault is the fault. The matrix sets the requests that it hits.
	fault fakeapi.Fault
	// says are texts of which the error has one.
	says []string
	// unseen says at which pages the list leaves users out without a sign.
	unseen pages
	// lastPage says how the list ends.
	lastPage fakeapi.LastPage
	// undo is called before the next apply.
	undo func(*fakeapi.Server)
}

// pages are some pages of a list.
type pages int

const (
	// firstPages are pages that no earlier page has promised.
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
			// The default is the most likely format.
			if group.faults[i].lastPage == fakeapi.LastPageNoCursors {
				group.faults[i].lastPage = fakeapi.LastPageAfterOnly
			}
		}
	}
	return groups
}

func status(name string, status int, header ...string) faultCase {
	t := faultCase{name: name, fault: fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: status}, says: []string{"HTTP " + strconv.Itoa(status)}}
	if len(header) > 0 {
		t.fault.Header = http.Header{"Retry-After": header}
	}
	return t
}

func statusFaults() []faultCase {
	afterwards := status("HTTP 504, but the change was made", http.StatusGatewayTimeout)
	afterwards.fault.Kind = fakeapi.FaultStatusAfter
	return []faultCase{
		status("HTTP 429, wait 7 seconds", http.StatusTooManyRequests, "7"),
		status("HTTP 429, wait an hour", http.StatusTooManyRequests, "3600"),
		status("HTTP 500", http.StatusInternalServerError),
		status("HTTP 503, wait 7 seconds", http.StatusServiceUnavailable, "7"),
		afterwards,
		status("HTTP 401", http.StatusUnauthorized),
		status("HTTP 403", http.StatusForbidden),
		status("HTTP 404", http.StatusNotFound),
		{
			name:  "HTTP 307 to another host",
			fault: fakeapi.Fault{Kind: fakeapi.FaultRedirect, Header: http.Header{"Location": {"https://elsewhere.invalid/block_users"}}},
			says:  []string{"redirects to another address"},
		},
	}
}

func code(code int, meaning string) faultCase {
	return faultCase{
		name:  strconv.Itoa(code) + ", " + meaning,
		fault: fakeapi.Fault{Kind: fakeapi.FaultCode, Code: code},
		says:  []string{"code " + strconv.Itoa(code)},
	}
}

func codeFaults() []faultCase {
	afterwards := code(139100, "some users failed, but all changes were made")
	afterwards.fault.Kind, afterwards.fault.Status = fakeapi.FaultStatusAfter, http.StatusBadRequest
	return []faultCase{
		code(0, "the key cannot be checked"),
		code(4, "too many calls"),
		code(10, "no permission"),
		code(100, "bad parameter"),
		code(190, "the key is wrong"),
		code(368, "the account is restricted"),
		code(80007, "too many calls"),
		code(130429, "too many calls, or users in one"),
		code(131016, "not available"),
		code(131021, "the business number itself"),
		code(131047, "no message in 24 hours"),
		code(139100, "some users failed, and none is named"),
		afterwards,
		code(139101, "the list is full"),
		code(139102, "the list changed meanwhile"),
		code(139103, "internal error"),
	}
}

func body(name string, kind fakeapi.FaultKind, status int, text string, says ...string) faultCase {
	contentType := "application/json"
	if strings.HasPrefix(text, "<") {
		contentType = "text/html"
	}
	return faultCase{name: name, fault: fakeapi.Fault{Kind: kind, Status: status, Body: text, ContentType: contentType}, says: says}
}

func responseFaults() []faultCase {
	broken := []string{"connection broke", "response broke off"}
	return []faultCase{
		{name: "connection closed before the change", fault: fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, says: broken},
		{name: "connection closed after the change", fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, says: broken},
		{name: "no response in time", fault: fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: tooLong}, says: []string{"request timeout"}},
		{name: "no response in time, but the change was made", fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: tooLong}, says: []string{"request timeout"}},
		{name: "a slow response", fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: inTime}},
		{name: "half a response", fault: fakeapi.Fault{Kind: fakeapi.FaultTruncate}, says: broken},
		body("a web page", fakeapi.FaultRawBody, http.StatusOK, webPage, "response is invalid"),
		body("a web page, but the change was made", fakeapi.FaultRawBodyAfter, http.StatusOK, webPage, "response is invalid"),
		body("a web page and HTTP 502", fakeapi.FaultRawBody, http.StatusBadGateway, webPage, "HTTP 502"),
		body("nothing", fakeapi.FaultRawBody, http.StatusOK, "", "response is invalid"),
		body("JSON of something else", fakeapi.FaultRawBody, http.StatusOK, `{"ok":true}`, "response is invalid", "does not name this user"),
		body("a rate limit in words, and HTTP 400", fakeapi.FaultRawBody, http.StatusBadRequest, `{"error":"Rate limit exceeded"}`, "Rate limit exceeded"),
		body("a rejection in words, and HTTP 400", fakeapi.FaultRawBody, http.StatusBadRequest, `{"error":"Account not paid"}`, "Account not paid"),
		{name: "a response for half of the users", fault: fakeapi.Fault{Kind: fakeapi.FaultPartialResponse}, says: []string{"does not name this user"}},
		{name: "a compressed response", fault: fakeapi.Fault{Kind: fakeapi.FaultGzip}},
		{name: "an endless response", fault: fakeapi.Fault{Kind: fakeapi.FaultHuge}, says: []string{"longer than", "more than"}},
	}
}

func listFaults() []faultCase {
	endless := []string{"cannot be read to its end"}
	incomplete := append([]string{"may have been cut short"}, endless...)
	unpromised := body("{} for a page, in a list without promises", fakeapi.FaultRawBody, http.StatusOK, "{}", incomplete...)
	unpromised.fault.Method, unpromised.lastPage, unpromised.unseen = http.MethodGet, fakeapi.LastPageNextNever, allPages
	promised := body("{} for a page", fakeapi.FaultRawBody, http.StatusOK, "{}", incomplete...)
	// An empty first page may be the whole list.
	promised.fault.Method, promised.unseen = http.MethodGet, firstPages
	return []faultCase{
		{
			name: "someone else blocks a user meanwhile",
			fault: fakeapi.Fault{Kind: fakeapi.FaultHook, Do: func(s *fakeapi.Server) {
				s.Remove(addedByOthers)
				s.Seed(addedByOthers)
			}},
			says: []string{"code 139102", "and so would unblock:\n  " + addedByOthers},
			undo: func(s *fakeapi.Server) { s.Remove(addedByOthers) },
		},
		{name: "a page links to itself", fault: fakeapi.Fault{Kind: fakeapi.FaultCursorLoop}, says: endless},
		{name: "a page links back to the second", fault: fakeapi.Fault{Kind: fakeapi.FaultCursorRestart}, says: endless},
		{name: "a page comes twice", fault: fakeapi.Fault{Kind: fakeapi.FaultRepeatPage}, says: incomplete},
		{name: "a page is empty and promises more", fault: fakeapi.Fault{Kind: fakeapi.FaultEmptyPage}, says: incomplete},
		{name: "a page is empty and promises nothing", fault: fakeapi.Fault{Kind: fakeapi.FaultEmptyPage, NoNext: true}, says: incomplete, unseen: firstPages},
		{name: "an entry names no user", fault: fakeapi.Fault{Kind: fakeapi.FaultUnnamedEntry}, says: []string{"names no user"}},
		promised,
		unpromised,
		{
			name:  "a page is empty, in a list without promises",
			fault: fakeapi.Fault{Kind: fakeapi.FaultEmptyPage, NoNext: true}, lastPage: fakeapi.LastPageNextNever,
			says: incomplete, unseen: allPages,
		},
		{name: "a page is left out", fault: fakeapi.Fault{Kind: fakeapi.FaultSkipPage}, says: incomplete, unseen: allPages},
	}
}
