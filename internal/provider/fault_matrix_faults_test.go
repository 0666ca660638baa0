package provider_test

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// trouble is a fault of the matrix.
type trouble struct {
	// name is the row's title in the guide.
	name string
	// fault is what goes wrong. Which requests it hits is for the matrix to say.
	fault sandbox.Fault
	// says is what an error tells of it: one of these.
	says []string
	// unseen is at which pages the list leaves people out and nothing tells.
	unseen pages
	// lastPage is how the end of the list shows.
	lastPage sandbox.LastPage
	// mend is called before the next apply, to undo what the fault has done.
	mend func(*sandbox.Server)
}

// pages are some of a list.
type pages int

const (
	// firstPages are those before which no page has promised another.
	firstPages pages = iota + 1
	allPages
)

// newcomer is blocked by somebody else in the middle of an operation.
const newcomer = "+491550000001"

const webPage = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"

// overdue is longer than a request may take, and bearable is not.
const (
	overdue  = time.Minute
	bearable = 5 * time.Second
)

// faultGroup is the faults that stand together in the guide.
type faultGroup struct {
	title  string
	faults []trouble
}

func faultGroups() []faultGroup {
	groups := []faultGroup{
		{"The service refuses, or is not well", statusFaults()},
		{"The API answers with a code", codeFaults()},
		{"The answer is lost, or makes no sense", answerFaults()},
		{"The list does not add up", listFaults()},
	}
	for _, group := range groups {
		for i := range group.faults {
			// The likeliest, where it is all the same.
			if group.faults[i].lastPage == sandbox.LastPageNoCursors {
				group.faults[i].lastPage = sandbox.LastPageAfterOnly
			}
		}
	}
	return groups
}

func status(name string, status int, header ...string) trouble {
	t := trouble{name: name, fault: sandbox.Fault{Kind: sandbox.FaultStatus, Status: status}, says: []string{"HTTP " + strconv.Itoa(status)}}
	if len(header) > 0 {
		t.fault.Header = http.Header{"Retry-After": header}
	}
	return t
}

func statusFaults() []trouble {
	afterwards := status("HTTP 504, though it was done", http.StatusGatewayTimeout)
	afterwards.fault.Kind = sandbox.FaultStatusAfter
	return []trouble{
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
			fault: sandbox.Fault{Kind: sandbox.FaultRedirect, Header: http.Header{"Location": {"https://elsewhere.invalid/block_users"}}},
			says:  []string{"redirects elsewhere"},
		},
	}
}

func code(code int, meaning string) trouble {
	return trouble{
		name:  strconv.Itoa(code) + ", " + meaning,
		fault: sandbox.Fault{Kind: sandbox.FaultCode, Code: code},
		says:  []string{"code " + strconv.Itoa(code)},
	}
}

func codeFaults() []trouble {
	afterwards := code(139100, "some users failed, though all was done")
	afterwards.fault.Kind, afterwards.fault.Status = sandbox.FaultStatusAfter, http.StatusBadRequest
	return []trouble{
		code(0, "the key cannot be checked"),
		code(4, "too many calls"),
		code(10, "no permission"),
		code(100, "bad parameter"),
		code(190, "the key is wrong"),
		code(368, "the account is restricted"),
		code(80007, "too many calls"),
		code(130429, "too many calls, or users in one"),
		code(131016, "not available"),
		code(131021, "one's own number"),
		code(131047, "no message in 24 hours"),
		code(139100, "some users failed, and none is named"),
		afterwards,
		code(139101, "the list is full"),
		code(139102, "the list changed meanwhile"),
		code(139103, "internal error"),
	}
}

func body(name string, kind sandbox.FaultKind, status int, text string, says ...string) trouble {
	contentType := "application/json"
	if strings.HasPrefix(text, "<") {
		contentType = "text/html"
	}
	return trouble{name: name, fault: sandbox.Fault{Kind: kind, Status: status, Body: text, ContentType: contentType}, says: says}
}

func answerFaults() []trouble {
	broken := []string{"connection broke", "answer broke off"}
	return []trouble{
		{name: "connection closed before it is done", fault: sandbox.Fault{Kind: sandbox.FaultDropBefore}, says: broken},
		{name: "connection closed after it was done", fault: sandbox.Fault{Kind: sandbox.FaultDropAfter}, says: broken},
		{name: "no answer in time", fault: sandbox.Fault{Kind: sandbox.FaultSlow, Delay: overdue}, says: []string{"request timeout"}},
		{name: "no answer in time, though it was done", fault: sandbox.Fault{Kind: sandbox.FaultSlowAfter, Delay: overdue}, says: []string{"request timeout"}},
		{name: "a slow answer", fault: sandbox.Fault{Kind: sandbox.FaultSlowAfter, Delay: bearable}},
		{name: "half an answer", fault: sandbox.Fault{Kind: sandbox.FaultTruncate}, says: broken},
		body("a web page", sandbox.FaultRawBody, http.StatusOK, webPage, "makes no sense"),
		body("a web page, though it was done", sandbox.FaultRawBodyAfter, http.StatusOK, webPage, "makes no sense"),
		body("a web page and HTTP 502", sandbox.FaultRawBody, http.StatusBadGateway, webPage, "HTTP 502"),
		body("nothing", sandbox.FaultRawBody, http.StatusOK, "", "makes no sense"),
		body("JSON of something else", sandbox.FaultRawBody, http.StatusOK, `{"ok":true}`, "makes no sense", "did not say"),
		body("a rate limit in words, and HTTP 400", sandbox.FaultRawBody, http.StatusBadRequest, `{"error":"Rate limit exceeded"}`, "Rate limit exceeded"),
		body("a refusal in words, and HTTP 400", sandbox.FaultRawBody, http.StatusBadRequest, `{"error":"Account not paid"}`, "Account not paid"),
		{name: "an answer for half of the users", fault: sandbox.Fault{Kind: sandbox.FaultPartialAnswer}, says: []string{"did not say"}},
		{name: "a compressed answer", fault: sandbox.Fault{Kind: sandbox.FaultGzip}},
		{name: "an endless answer", fault: sandbox.Fault{Kind: sandbox.FaultHuge}, says: []string{"longer than", "more than"}},
	}
}

func listFaults() []trouble {
	endless := []string{"cannot be read to its end"}
	doubt := append([]string{"may have been cut short"}, endless...)
	unpromised := body("{} for a page, in a list without promises", sandbox.FaultRawBody, http.StatusOK, "{}", doubt...)
	unpromised.fault.Method, unpromised.lastPage, unpromised.unseen = http.MethodGet, sandbox.LastPageNextNever, allPages
	promised := body("{} for a page", sandbox.FaultRawBody, http.StatusOK, "{}", doubt...)
	// Of an empty first page nobody can tell that it is not the whole list.
	promised.fault.Method, promised.unseen = http.MethodGet, firstPages
	return []trouble{
		{
			name: "somebody else blocks a user meanwhile",
			fault: sandbox.Fault{Kind: sandbox.FaultHook, Do: func(s *sandbox.Server) {
				s.Remove(newcomer)
				s.Seed(newcomer)
			}},
			says: []string{"code 139102", "and so would unblock:\n  " + newcomer[1:], "and so would unblock:\n  " + newcomer},
			mend: func(s *sandbox.Server) { s.Remove(newcomer) },
		},
		{name: "a page leads to itself", fault: sandbox.Fault{Kind: sandbox.FaultCursorLoop}, says: endless},
		{name: "a page leads back to the second", fault: sandbox.Fault{Kind: sandbox.FaultCursorRestart}, says: endless},
		{name: "a page comes twice", fault: sandbox.Fault{Kind: sandbox.FaultRepeatPage}, says: endless},
		{name: "a page is empty and promises more", fault: sandbox.Fault{Kind: sandbox.FaultEmptyPage}, says: doubt},
		{name: "a page is empty and promises nothing", fault: sandbox.Fault{Kind: sandbox.FaultEmptyPage, NoNext: true}, says: doubt, unseen: firstPages},
		{name: "an entry names nobody", fault: sandbox.Fault{Kind: sandbox.FaultSenselessEntry}, says: []string{"names nobody"}},
		promised,
		unpromised,
		{
			name:  "a page is empty, in a list without promises",
			fault: sandbox.Fault{Kind: sandbox.FaultEmptyPage, NoNext: true}, lastPage: sandbox.LastPageNextNever,
			says: doubt, unseen: allPages,
		},
		{name: "a page is left out", fault: sandbox.Fault{Kind: sandbox.FaultSkipPage}, says: doubt, unseen: allPages},
	}
}
