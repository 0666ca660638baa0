package blocklist_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
	// noRetries turns retries off.
	noRetries bool
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
	retries := d360.DefaultMaxRetries
	if s.noRetries {
		retries = 0
	}
	client, err := d360.New(d360.Options{
		BaseURL: "http://127.0.0.1:1", Key: fakeapi.DefaultKey, UserAgent: "blocklist-test",
		MaxRetries: retries, Transport: e.transport, RequestTimeout: s.timeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	e.list = blocklist.New(client, s.lag)
	return e
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

// lookup finds a user by one scan, and returns how the list shows them.
func (e *env) lookup(ctx context.Context, name string) (userid.User, bool, error) {
	return e.findOne(ctx, userOf(name), true)
}

// isListed reports whether a user is on the list, and takes two scans to confirm that
// they are absent.
func (e *env) isListed(ctx context.Context, name string) (userid.User, bool, error) {
	return e.findOne(ctx, userOf(name), false)
}

// findOne finds one user. An uncertain result is an error.
func (e *env) findOne(ctx context.Context, u userid.User, pending bool) (userid.User, bool, error) {
	found, err := e.list.Find(ctx, blocklist.Query{Users: []userid.User{u}, Pending: func(int) bool { return pending }})
	if err != nil {
		return userid.User{}, false, err
	}
	f := found.Of[0]
	switch {
	case f.Presence == blocklist.Uncertain && found.Incomplete != nil:
		err = found.Incomplete
	case f.Presence == blocklist.Uncertain && !pending:
		err = blocklist.ErrMayBeListed
	}
	return f.Shown, f.Presence == blocklist.Listed, err
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
	for _, sent := range e.transport.sent() {
		line := sent.method
		for _, user := range sent.users {
			line += " " + user
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		e.t.Errorf("writes sent:\n%q\nwant:\n%q", got, want)
	}
}

// sizes returns the number of users of each write.
func (e *env) sizes() []int {
	var sizes []int
	for _, sent := range e.transport.sent() {
		sizes = append(sizes, len(sent.users))
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
		names[i] = cmp.Or(u.Key().String(), u.Spelling)
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

// errorsOf returns the errors of results by user, and checks that each result names its user.
func errorsOf(t *testing.T, results []blocklist.Result) map[string]error {
	t.Helper()
	errs := map[string]error{}
	for _, r := range results {
		if r.User.IsZero() {
			t.Error("a result names no user")
		}
		if r.Err != nil {
			errs[r.User.Key().String()] = r.Err
		}
	}
	return errs
}

// expectFailed checks that exactly these users failed.
func expectFailed(t *testing.T, results []blocklist.Result, want ...string) map[string]error {
	t.Helper()
	errs := errorsOf(t, results)
	for _, user := range want {
		if errs[user] == nil {
			t.Errorf("%s: no error", user)
		}
	}
	for user, err := range errs {
		if !slices.Contains(want, user) {
			t.Errorf("%s: %v", user, err)
		}
	}
	return errs
}
