package blocklist_test

import (
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
	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// world is a service, the client that reaches it, and its list as a run sees it.
type world struct {
	t         *testing.T
	server    *sandbox.Server
	transport *transport
	list      *blocklist.List

	mu sync.Mutex
	// unblocked is everyone whom a test asked to unblock.
	unblocked map[string]bool
}

// setting says what a world is like; the zero value is a well-behaved one.
type setting struct {
	sandbox.Options
	// noRetries gives every request one try only.
	noRetries bool
}

// inWorld runs a test in a bubble of its own. That the test returns at all
// shows that every goroutine ended; what must hold in any test is checked here.
func inWorld(t *testing.T, s setting, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, s)
		test(t, w)
		w.checkManners()
	})
}

func newWorld(t *testing.T, s setting) *world {
	t.Helper()
	w := &world{t: t, server: sandbox.New(s.Options), unblocked: map[string]bool{}}
	w.transport = &transport{handler: w.server}
	retries := d360.DefaultMaxRetries
	if s.noRetries {
		retries = 0
	}
	client, err := d360.New(d360.Options{
		BaseURL: "http://127.0.0.1:1", Key: sandbox.DefaultKey, UserAgent: "blocklist-test",
		MaxRetries: retries, Transport: w.transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.list = blocklist.New(client)
	return w
}

// checkManners holds what was sent to the rules that know no exception.
func (w *world) checkManners() {
	w.t.Helper()
	for _, violation := range w.server.Violations() {
		w.t.Errorf("violation: %s", violation)
	}
	if n := w.server.Stats().MaxWritesInFlight; n > 1 {
		w.t.Errorf("%d writes were under way at once", n)
	}
	for _, user := range w.server.Deleted() {
		if !w.unblocked[user] {
			w.t.Errorf("a DELETE named %s, whom nobody asked to unblock", user)
		}
	}
}

func (w *world) block(users ...string) []blocklist.Result {
	w.t.Helper()
	return w.blockUntil(w.t.Context(), users...)
}

func (w *world) blockUntil(ctx context.Context, users ...string) []blocklist.Result {
	w.t.Helper()
	return w.list.Block(ctx, ids(users...)...)
}

func (w *world) unblock(users ...string) []blocklist.Result {
	w.t.Helper()
	members := make([]blocklist.Member, len(users))
	for i, user := range users {
		members[i].User = id(user)
	}
	return w.unblockMembers(w.t.Context(), members...)
}

func (w *world) unblockMembers(ctx context.Context, members ...blocklist.Member) []blocklist.Result {
	w.t.Helper()
	w.mu.Lock()
	for _, m := range members {
		w.unblocked[m.User.String()] = true
	}
	w.mu.Unlock()
	return w.list.Unblock(ctx, members...)
}

// change blocks or unblocks users, by the HTTP method that stands for it.
func (w *world) change(method string, users ...string) []blocklist.Result {
	w.t.Helper()
	if method == http.MethodPost {
		return w.block(users...)
	}
	return w.unblock(users...)
}

// holdUp occupies the writer with a request that takes a second, so that what
// is queued next is queued together. It returns how to wait for all.
func (w *world) holdUp(wg *sync.WaitGroup) {
	w.t.Helper()
	w.server.Inject(sandbox.Fault{Kind: sandbox.FaultSlow, Delay: time.Second})
	wg.Go(func() { allDone(w.t, w.block(firstUser)) })
	time.Sleep(500 * time.Millisecond)
}

// firstUser is the one whose block holdUp sends.
const firstUser = "493000000000"

// wrote checks which writes went out, each written as "POST a b".
func (w *world) wrote(want ...string) {
	w.t.Helper()
	var got []string
	for _, sent := range w.transport.sent() {
		line := sent.method
		for _, user := range sent.users {
			line += " " + user
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("writes sent:\n%q\nwant:\n%q", got, want)
	}
}

// sizes gives how many users each write named.
func (w *world) sizes() []int {
	var sizes []int
	for _, sent := range w.transport.sent() {
		sizes = append(sizes, len(sent.users))
	}
	return sizes
}

func (w *world) isBlocked(want bool, users ...string) {
	w.t.Helper()
	for _, user := range users {
		if got := w.server.IsBlocked(user); got != want {
			w.t.Errorf("%s on the list: %t, want %t", user, got, want)
		}
	}
}

func (w *world) scans(want int) {
	w.t.Helper()
	if got := w.server.Stats().Scans; got != want {
		w.t.Errorf("the list was scanned %d times, want %d", got, want)
	}
}

// nobody is a WhatsApp ID that is not known.
var nobody userid.ID

func id(s string) userid.ID {
	parsed, err := userid.Parse(s)
	if err != nil {
		panic(err)
	}
	return parsed
}

func ids(users ...string) []userid.ID {
	parsed := make([]userid.ID, len(users))
	for i, user := range users {
		parsed[i] = id(user)
	}
	return parsed
}

// number makes up users; none of them is ever seeded by number of users alone.
func number(i int) string { return fmt.Sprintf("49170%07d", i) }

func numbers(n int) []string {
	users := make([]string, n)
	for i := range users {
		users[i] = number(i)
	}
	return users
}

func allDone(t *testing.T, results []blocklist.Result) {
	t.Helper()
	for _, r := range results {
		if r.Err != nil {
			t.Errorf("%s: %v", r.User, r.Err)
		}
	}
}

// failed gives the errors of results by user, and checks that they name users.
func failed(t *testing.T, results []blocklist.Result) map[string]error {
	t.Helper()
	errs := map[string]error{}
	for _, r := range results {
		if r.User.IsZero() {
			t.Error("a result names nobody")
		}
		if r.Err != nil {
			errs[r.User.String()] = r.Err
		}
	}
	return errs
}

// failedAre checks that exactly these users failed.
func failedAre(t *testing.T, results []blocklist.Result, want ...string) map[string]error {
	t.Helper()
	errs := failed(t, results)
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
