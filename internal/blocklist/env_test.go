package blocklist_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// env is a fake API with a client and a list.
type env struct {
	t         *testing.T
	server    *fakeapi.Server
	transport *transport
	list      *blocklist.List

	mu sync.Mutex
	// unblocked are the users that a test unblocks, by user ID.
	unblocked map[string]bool
}

// setting configures an env.
type setting struct {
	fakeapi.Options
	// tries is the highest number of tries for a request, the default if zero.
	tries int
	// lag is how long the list may not show a write.
	lag time.Duration
	// timeout is the request timeout, the default if zero.
	timeout time.Duration
}

func withRules(rules fakeapi.Rules) setting {
	return setting{Options: fakeapi.Options{Rules: rules}}
}

func withDelay(delay time.Duration) setting {
	return setting{Options: fakeapi.Options{Delay: delay}}
}

// pagesOf is an API with this number of users per page.
func pagesOf(users int) setting {
	return setting{Options: fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: users}}}
}

// slow is an API with a realistic response time.
var slow = withDelay(30 * time.Millisecond)

const (
	someNumber, otherNumber       = blocklist.SomeNumber, blocklist.OtherNumber
	brazilNumber, brazilAlternate = blocklist.BrazilNumber, blocklist.BrazilAlternate
	// mexicoWaID is the WhatsApp ID of mexicoNumber.
	mexicoNumber, mexicoWaID = "5215541637145", "525541637145"
)

var (
	userOf, id  = blocklist.UserOf, blocklist.IDOf
	mexicoWaIDs = map[string]string{mexicoNumber: mexicoWaID}
)

// strict is an API that rejects needless writes, so that a write that is sent twice
// succeeds only if the list is read.
var strict = fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject, NotBlocked: fakeapi.NoOpReject}

// inEnv runs a test in a synctest bubble, which fails unless every goroutine ends.
func inEnv(t *testing.T, s setting, test func(t *testing.T, e *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, s)
		test(t, e)
		e.checkInvariants()
	})
}

// runInEnv runs a parallel subtest with an env of its own.
func runInEnv(t *testing.T, name string, s setting, test func(t *testing.T, e *env)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		inEnv(t, s, test)
	})
}

func newEnv(t *testing.T, s setting) *env {
	t.Helper()
	e := &env{t: t, server: fakeapi.New(s.Options), unblocked: map[string]bool{}}
	e.transport = &transport{handler: e.server}
	e.list = newList(t, e.transport, s)
	return e
}

func newList(t *testing.T, rt http.RoundTripper, s setting) *blocklist.List {
	t.Helper()
	retries := d360.DefaultMaxRetries
	if s.tries > 0 {
		retries = s.tries - 1
	}
	client, err := d360.New(d360.Options{
		BaseURL: "http://127.0.0.1:1", Key: fakeapi.DefaultKey, UserAgent: "blocklist-test",
		MaxRetries: retries, Transport: rt, RequestTimeout: s.timeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	return blocklist.New(client, s.lag)
}

// checkInvariants checks the rules that hold in every test.
func (e *env) checkInvariants() {
	e.t.Helper()
	for _, violation := range e.server.Violations() {
		e.t.Errorf("violation: %s", violation)
	}
	if n := e.server.Stats().MaxWritesInFlight; n > 1 {
		e.t.Errorf("%d writes were under way at once", n)
	}
	for _, user := range e.server.Deleted() {
		if !e.unblocked[e.server.UserID(user)] {
			e.t.Errorf("a DELETE named %s, and no test unblocks them", user)
		}
	}
}

func (e *env) block(users ...string) []blocklist.Result {
	e.t.Helper()
	return e.blockUntil(e.t.Context(), users...)
}

func (e *env) blockUntil(ctx context.Context, users ...string) []blocklist.Result {
	e.t.Helper()
	return e.list.Block(ctx, usersOf(users...)...)
}

func (e *env) unblock(users ...string) []blocklist.Result {
	e.t.Helper()
	return e.unblockUsers(e.t.Context(), usersOf(users...)...)
}

// unblockUsers unblocks users that a plan has shown.
func (e *env) unblockUsers(ctx context.Context, users ...userid.User) []blocklist.Result {
	e.t.Helper()
	return e.unblockWith(ctx, blocklist.Removal{Proof: blocklist.ProvenByRun}, users...)
}

func (e *env) unblockWith(ctx context.Context, removal blocklist.Removal, users ...userid.User) []blocklist.Result {
	e.t.Helper()
	e.mu.Lock()
	for _, u := range users {
		e.unblocked[e.server.UserID(u.ID.APIForm())] = true
	}
	e.mu.Unlock()
	return e.list.Unblock(ctx, removal, users...)
}

// query asks for users who are expected to be on the list.
func query(users ...string) blocklist.Query { return blocklist.Query{Users: usersOf(users...)} }

// pendingQuery asks for users who are not expected to be on the list.
func pendingQuery(users ...string) blocklist.Query {
	return blocklist.Query{Users: usersOf(users...), Pending: func(int) bool { return true }}
}

// expectFind checks what Find says of each user, written as in presences.
func (e *env) expectFind(want string, q blocklist.Query) *blocklist.Findings {
	e.t.Helper()
	found, err := e.list.Find(e.t.Context(), q)
	if err != nil {
		e.t.Errorf("Find: %v, want %q", err, want)
		return &blocklist.Findings{Of: make([]blocklist.Finding, len(q.Users))}
	}
	if got := presences(found); got != want {
		e.t.Errorf("users %v are %q, want %q", q.Users, got, want)
	}
	return found
}

// expectPresence finds users who are expected to be on the list.
func (e *env) expectPresence(want string, users ...string) *blocklist.Findings {
	e.t.Helper()
	return e.expectFind(want, query(users...))
}

// expectPending finds users who are not expected to be on the list.
func (e *env) expectPending(want string, users ...string) *blocklist.Findings {
	e.t.Helper()
	return e.expectFind(want, pendingQuery(users...))
}

// presences formats the presence of each finding. "incomplete" is a user who is uncertain
// because of an incomplete scan.
func presences(found *blocklist.Findings) string {
	all := make([]string, len(found.Of))
	for i, f := range found.Of {
		all[i] = f.Presence.String()
		if f.Presence == blocklist.Uncertain && errors.Is(found.Incomplete, d360.ErrIncomplete) {
			all[i] = "incomplete"
		}
	}
	return strings.Join(all, " ")
}

// expectAll checks which users All returns.
func (e *env) expectAll(want ...string) {
	e.t.Helper()
	all, err := e.list.All(e.t.Context())
	if diff := cmp.Diff(want, keys(all), cmpopts.EquateEmpty()); err != nil || diff != "" {
		e.t.Errorf("All: %v (-want +got):\n%s", err, diff)
	}
}

// setList makes the API return these entries for the next scans, each written as
// "number/user ID", where one of the two may be empty. An entry without a slash names no
// user.
func (e *env) setList(times int, entries ...string) {
	items := make([]string, len(entries))
	for i, entry := range entries {
		number, userID, ok := strings.Cut(entry, "/")
		switch {
		case !ok:
			items[i] = fmt.Sprintf(`{"input":%q}`, entry)
		case number == "":
			items[i] = fmt.Sprintf(`{"user_id":%q}`, userID)
		case userID == "":
			items[i] = fmt.Sprintf(`{"wa_id":%q}`, number)
		default:
			items[i] = fmt.Sprintf(`{"wa_id":%q,"user_id":%q}`, number, userID)
		}
	}
	e.server.Inject(fakeapi.Fault{
		Method: http.MethodGet, Kind: fakeapi.FaultRawBody, Times: times,
		Body: `{"data":[` + strings.Join(items, ",") + `]}`, ContentType: "application/json",
	})
}

// makeNextScanIncomplete ends the next scan after its first page.
func makeNextScanIncomplete(s *fakeapi.Server) {
	s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 1})
}

// seedForUnblock puts users on the list if the method is DELETE.
func (e *env) seedForUnblock(method string, users ...string) {
	if method == http.MethodDelete {
		e.server.Seed(users...)
	}
}

// change blocks users for POST, and unblocks them for DELETE.
func (e *env) change(method string, users ...string) []blocklist.Result {
	e.t.Helper()
	if method == http.MethodPost {
		return e.block(users...)
	}
	return e.unblock(users...)
}

// occupyWriter makes the writer wait a second for a response, so that the calls of this
// second are queued together.
func (e *env) occupyWriter(wg *sync.WaitGroup) {
	e.t.Helper()
	e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultSlow, Delay: time.Second})
	wg.Go(func() { expectSuccess(e.t, e.block(occupyingUser)) })
	time.Sleep(500 * time.Millisecond)
}

// occupyingUser is the user that occupyWriter blocks.
const occupyingUser = "493000000000"

// expectWrites checks which writes were sent, each written as "POST a b".
func (e *env) expectWrites(want ...string) {
	e.t.Helper()
	var got []string
	for _, w := range e.transport.sent() {
		got = append(got, strings.Join(append([]string{w.method}, w.users...), " "))
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		e.t.Errorf("writes sent (-want +got):\n%s", diff)
	}
}

func (e *env) expectWriteCount(want int) {
	e.t.Helper()
	if got := len(e.transport.sent()); got != want {
		e.t.Errorf("%d writes, want %d", got, want)
	}
}

func (e *env) expectWritesAtMost(most int) {
	e.t.Helper()
	if got := len(e.transport.sent()); got > most {
		e.t.Errorf("%d writes, want %d at most", got, most)
	}
}

// expectSizes checks the number of users of each write.
func (e *env) expectSizes(want ...int) {
	e.t.Helper()
	if diff := cmp.Diff(want, e.sizes()); diff != "" {
		e.t.Errorf("users of each write (-want +got):\n%s", diff)
	}
}

// sizes returns the number of users of each write.
func (e *env) sizes() []int {
	var sizes []int
	for _, w := range e.transport.sent() {
		sizes = append(sizes, len(w.users))
	}
	return sizes
}

func (e *env) expectBlocked(want bool, users ...string) {
	e.t.Helper()
	for _, user := range users {
		if got := e.server.IsBlocked(user); got != want {
			e.t.Errorf("%s on the list: %t, want %t", user, got, want)
		}
	}
}

func (e *env) expectScans(want int) {
	e.t.Helper()
	if got := e.server.Stats().Scans; got != want {
		e.t.Errorf("the list was scanned %d times, want %d", got, want)
	}
}

func usersOf(names ...string) []userid.User {
	users := make([]userid.User, len(names))
	for i, name := range names {
		users[i] = userOf(name)
	}
	return users
}

// keys returns the names of entries, in their order.
func keys(entries []userid.User) []string {
	names := make([]string, len(entries))
	for i, u := range entries {
		names[i] = u.Key().String()
		if u.IsZero() {
			names[i] = u.Spelling
		}
	}
	return names
}

// phoneNumber returns a number that SeedN never seeds.
func phoneNumber(i int) string { return fmt.Sprintf("49170%07d", i) }

func phoneNumbers(n int) []string {
	users := make([]string, n)
	for i := range users {
		users[i] = phoneNumber(i)
	}
	return users
}

func expectSuccess(t *testing.T, results []blocklist.Result) {
	t.Helper()
	for _, r := range results {
		if r.Err != nil {
			t.Errorf("%s: %v", r.User.Key(), r.Err)
		}
	}
}

// expectFailed checks that exactly these users failed, and returns their errors by user.
func expectFailed(t *testing.T, results []blocklist.Result, want ...string) map[string]error {
	t.Helper()
	errs := map[string]error{}
	for _, r := range results {
		user := r.User.Key().String()
		switch {
		case r.User.IsZero():
			t.Error("a result names no user")
		case r.Err == nil:
		case !slices.Contains(want, user):
			t.Errorf("%s: %v", user, r.Err)
		}
		if r.Err != nil {
			errs[user] = r.Err
		}
	}
	for _, user := range want {
		if errs[user] == nil {
			t.Errorf("%s: no error", user)
		}
	}
	return errs
}

// expectKind checks that an error is of this kind and reports no unknown outcome.
func expectKind(t *testing.T, err error, want d360.Kind) {
	t.Helper()
	var unknown *blocklist.OutcomeUnknownError
	if !d360.IsKind(err, want) || errors.As(err, &unknown) {
		t.Errorf("error %v, want kind %q", err, want)
	}
}

// expectOutcomeUnknown checks that an error reports an unknown outcome.
func expectOutcomeUnknown(t *testing.T, err error) *blocklist.OutcomeUnknownError {
	t.Helper()
	u, ok := errors.AsType[*blocklist.OutcomeUnknownError](err)
	if !ok {
		t.Fatalf("error %v, want an unknown outcome", err)
	}
	return u
}

// expectFailedAs checks that exactly these users failed, with errors of this kind.
func expectFailedAs(t *testing.T, results []blocklist.Result, kind d360.Kind, want ...string) {
	t.Helper()
	for _, err := range expectFailed(t, results, want...) {
		expectKind(t, err, kind)
	}
}

// inParallel calls a function for all users, by this number of workers.
func inParallel(workers int, users []string, do func(user string)) {
	work := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for user := range work {
				do(user)
			}
		})
	}
	for _, user := range users {
		work <- user
	}
	close(work)
	wg.Wait()
}
