//go:build linux

package crash_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// A run that is interrupted or killed at any moment unblocks no one but that its
// plan removes, and the next apply ends the work.
func TestAccCrash(t *testing.T) {
	t.Parallel()
	base := acctest.StartWorkspace(t)
	acctest.Run(t, base, acctest.RequiredProviders, "init")
	for _, o := range operations {
		for _, b := range interruptions {
			for _, m := range interruptPoints {
				if m.only != "" && m.only != b.name {
					continue
				}
				t.Run(o.name+"/"+b.name+"/"+m.name, func(t *testing.T) {
					t.Parallel()
					newCrash(t, base, o).at(m, b)
				})
			}
		}
	}
}

// An interrupt while the API does not answer ends the run when the request has
// taken as long as it may.
func TestAccCrash_noAnswer(t *testing.T) {
	t.Parallel()
	base := acctest.StartWorkspace(t)
	acctest.Run(t, base, acctest.RequiredProviders, "init")
	c := newCrash(t, base, operation{shape: acctest.ExclusiveType, before: acctest.SomeUsers(0, 50), after: acctest.SomeUsers(10, 60)})
	m := interruptPoint{
		fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: longestRun}, carriedOut: true,
		says: "No response within the request timeout of 10s; and the run was cancelled before a scan of the list could tell",
	}
	r := newCLIRun(t, c.work, "apply", "-auto-approve")
	r.cmd.Env = append(r.cmd.Env, "D360_REQUEST_TIMEOUT"+"=10s")
	held, goOn := c.holdUp(m, r)
	r.start()
	r.await("the request was sent", held)
	r.interrupt()
	goOn()
	status, printed := r.wait()
	if status == 0 {
		t.Errorf("the run came to its end:\n%s", printed)
	}
	c.checkReadable(m, printed)
	c.endWork(printed)
}

// Not only terminals interrupt, and others may do so to the CLI alone.
func TestAccCrash_twiceTheCLIAlone(t *testing.T) {
	t.Parallel()
	base := acctest.StartWorkspace(t)
	acctest.Run(t, base, acctest.RequiredProviders, "init")
	c := newCrash(t, base, operation{shape: acctest.SingleType, before: acctest.SomeUsers(0, 60)})
	r := newCLIRun(t, c.work, "apply", "-auto-approve")
	r.watchStop()
	held, _ := c.holdUp(interruptPoint{fault: fakeapi.Fault{Kind: fakeapi.FaultHook}, carriedOut: true}, r)
	r.start()
	r.await("the request was sent", held)
	for range 2 {
		if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		r.await("the provider was told to stop", r.stopped)
	}
	_, printed := r.wait()
	c.checkState(printed)
	c.endWork(printed)
}

// operation is a change that does not come to its end at first.
type operation struct {
	name, shape   string
	before, after []string
}

// More than 1,000 users are two requests, and so are additions and removals.
var operations = []operation{
	{"create one by one", acctest.SingleType, nil, acctest.SomeUsers(0, 60)},
	{"destroy one by one", acctest.SingleType, acctest.SomeUsers(0, 60), nil},
	{"create", acctest.BulkType, nil, acctest.SomeUsers(0, 1200)},
	{"update", acctest.BulkType, acctest.SomeUsers(0, 50), acctest.SomeUsers(10, 60)},
	{"destroy", acctest.BulkType, acctest.SomeUsers(0, 1200), nil},
	{"update exclusive", acctest.ExclusiveType, acctest.SomeUsers(0, 50), acctest.SomeUsers(10, 60)},
}

func (o operation) removes(user string) bool {
	return slices.Contains(o.before, user) && !slices.Contains(o.after, user)
}

// writes are the methods of its first two requests.
func (o operation) writes() (first, second string) {
	switch {
	case o.before == nil:
		return http.MethodPost, http.MethodPost
	case o.after == nil:
		return http.MethodDelete, http.MethodDelete
	}
	return http.MethodPost, http.MethodDelete
}

// keepsWhatWasDone reports whether the state holds what was done before the
// operation was cancelled, so that nothing of it is done again.
func (o operation) keepsWhatWasDone() bool { return o.shape == acctest.SingleType || o.before != nil }

// interruptPoint is when the interruption comes: while a request is held up.
type interruptPoint struct {
	name  string
	fault fakeapi.Fault
	// second holds up the second request of the operation instead of the first.
	second bool
	// carriedOut holds the request up when it has been carried out.
	carriedOut bool
	// lookedUp holds up the look at the list that comes after it.
	lookedUp bool
	// only is the one interruption for which it makes a difference.
	only string
	// says is how the provider words what an interrupt leaves open.
	says string
}

// answered reports whether the API answers after all.
func (m interruptPoint) answered() bool { return m.fault.Kind == fakeapi.FaultHook }

const connectionBroke = "connection broke before a response came"

var interruptPoints = []interruptPoint{
	{name: "arrived", fault: fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, says: connectionBroke},
	{name: "carried out", fault: fakeapi.Fault{Kind: fakeapi.FaultHook}, carriedOut: true},
	{
		name: "between two requests", second: true,
		fault: fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 131016, Header: http.Header{"Retry-After": {"60"}}},
		says:  "The run was cancelled before another try; the last one ended with: (#131016) Service unavailable",
	},
	{name: "answer lost", fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, carriedOut: true, only: interrupt.name, says: connectionBroke},
	{name: "lost answer looked up", fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, lookedUp: true, says: connectionBroke},
}

// interruption is what ends a run in the middle.
type interruption struct {
	name string
	// interrupt returns when the interruption has come. With goOn it lets the API go on
	// before the run has ended.
	interrupt func(r *cliRun, goOn func())
}

var (
	interrupt = interruption{"interrupt", func(r *cliRun, goOn func()) {
		r.interrupt()
		r.await("the provider was told to stop", r.stopped)
		goOn()
	}}
	interruptTwice = interruption{"interrupt twice", func(r *cliRun, _ func()) {
		r.interrupt()
		r.awaitText("Interrupt received")
		r.interrupt()
	}}
	killCLI = interruption{"kill the CLI", func(r *cliRun, _ func()) {
		// It lives on for a while, and meets the next run.
		orphan := r.provider()
		r.t.Cleanup(func() {
			if err := orphan.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				r.t.Error(err)
			}
		})
		r.kill(r.cmd.Process)
	}}
	killProvider = interruption{"kill the provider", func(r *cliRun, _ func()) { r.kill(r.provider()) }}

	interruptions = []interruption{interrupt, interruptTwice, killCLI, killProvider}
)

func (r *cliRun) interrupt() {
	r.t.Helper()
	if err := r.signal(syscall.SIGINT); err != nil {
		r.t.Fatal(err)
	}
}

func (r *cliRun) kill(process *os.Process) {
	r.t.Helper()
	if err := process.Kill(); err != nil {
		r.t.Fatal(err)
	}
}

// crash is an operation in a workspace of its own, up to where it begins.
type crash struct {
	t       *testing.T
	o       operation
	work    *workspace.Workspace
	service *fakeapi.Server
	// others are on the list and in no configuration.
	others []string
}

func newCrash(t *testing.T, base *workspace.Workspace, o operation) *crash {
	t.Helper()
	work, err := base.Beside()
	if err != nil {
		t.Fatal(err)
	}
	service, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	c := &crash{t: t, o: o, work: work, service: service}
	if o.shape != acctest.ExclusiveType {
		c.others = service.SeedN(3)
	}
	shape := acctest.Shapes[o.shape]
	if o.shape == acctest.SingleType {
		shape = acctest.ForEach
	}
	configure := func(users []string) {
		content := acctest.RequiredProviders + config
		if len(users) > 0 {
			content += shape(users)
		}
		if err := work.Write("main.tf", content); err != nil {
			t.Fatal(err)
		}
	}
	if o.before != nil {
		configure(o.before)
		c.succeeds("apply", "-auto-approve")
	}
	configure(o.after)
	service.ResetStats()
	return c
}

// succeeds runs the CLI to its end.
func (c *crash) succeeds(args ...string) {
	c.t.Helper()
	r := newCLIRun(c.t, c.work, args...)
	r.start()
	if status, printed := r.wait(); status != 0 {
		c.t.Fatalf("%v ended with status %d:\n%s", args, status, printed)
	}
}

// at interrupts the operation at a point, and then ends the work.
func (c *crash) at(m interruptPoint, b interruption) {
	t := c.t
	t.Helper()
	r := newCLIRun(t, c.work, "apply", "-auto-approve")
	if b.name == interrupt.name {
		r.watchStop()
	}
	held, goOn := c.holdUp(m, r)
	r.start()
	r.await("the request was sent", held)
	letGo := goOn
	if m.lookedUp {
		// The run gives up a look at the list when it is cancelled. A response might
		// come before that, and then nothing is left open.
		letGo = func() {}
	}
	b.interrupt(r, letGo)
	status, printed := r.wait()
	goOn()
	if status == 0 {
		t.Errorf("the run came to its end:\n%s", printed)
	}
	c.checkNobodyElse(printed)
	if b.name == interrupt.name {
		c.checkReadable(m, printed)
	}
	if b.name == interruptTwice.name {
		c.checkState(printed)
	}

	c.endWork(printed)
	stats := c.service.Stats()
	once := stats.UsersPosted+stats.UsersDeleted == c.changes()
	if b.name == interrupt.name && m.answered() && c.o.keepsWhatWasDone() && !once {
		t.Errorf("%d users were blocked and %d unblocked, for %d changes:\n%s", stats.UsersPosted, stats.UsersDeleted, c.changes(), printed)
	}
}

// endWork applies once more, after a run that printed something.
func (c *crash) endWork(printed string) {
	c.t.Helper()
	c.succeeds("apply", "-auto-approve")
	if err := acctest.CheckBlocked(c.service, slices.Concat(c.others, c.o.after)...)(nil); err != nil {
		c.t.Error(err)
	}
	c.succeeds("plan", "-detailed-exitcode")
	c.checkNobodyElse(printed)
}

// holdUp makes the API hold up the request of a point, from when held is
// closed until goOn is called.
func (c *crash) holdUp(m interruptPoint, r *cliRun) (held <-chan struct{}, goOn func()) {
	arrived, release := make(chan struct{}), make(chan struct{})
	hold := func(*fakeapi.Server) {
		close(arrived)
		<-release
	}
	fault := m.fault
	switch {
	case m.lookedUp:
		fault.DoAfter = func(s *fakeapi.Server) {
			s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultHook, Do: hold})
		}
	case m.carriedOut:
		fault.DoAfter = hold
	default:
		fault.Do = hold
	}
	first, second := c.o.writes()
	fault.Method = first
	if m.second {
		fault.Method = second
		if first == second {
			fault.Skip = 1
		}
	}
	c.service.Inject(fault)
	goOn = sync.OnceFunc(func() { close(release) })
	r.t.Cleanup(goOn)
	return arrived, goOn
}

// changes is how many users the operation blocks and unblocks.
func (c *crash) changes() int {
	n := 0
	for _, user := range c.o.before {
		if c.o.removes(user) {
			n++
		}
	}
	for _, user := range c.o.after {
		if !slices.Contains(c.o.before, user) {
			n++
		}
	}
	return n
}

// checkNobodyElse checks that no one is or was off the list that the plan did not
// remove.
func (c *crash) checkNobodyElse(printed string) {
	c.t.Helper()
	for _, user := range c.service.Deleted() {
		if !c.o.removes(user) {
			c.t.Errorf("%s was unblocked:\n%s", user, printed)
		}
	}
	for _, user := range slices.Concat(c.others, c.o.before) {
		if !c.o.removes(user) && !c.service.IsBlocked(user) {
			c.t.Errorf("%s is not blocked:\n%s", user, printed)
		}
	}
}

// concerned matches the summary of an error about a user, or about the users of
// one resource.
var concerned = regexp.MustCompile(`(?m)^Error: Cannot (?:un)?block .*$`)

// checkReadable checks that what a user reads after an interrupt says what is
// left open, once for each resource, and nothing of what happens inside.
func (c *crash) checkReadable(m interruptPoint, printed string) {
	c.t.Helper()
	if m.says != "" && !acctest.Wrapped(m.says).MatchString(printed) {
		c.t.Errorf("it does not say %q:\n%s", m.says, printed)
	}
	if m.says == connectionBroke && !acctest.Wrapped("the run was cancelled before a scan of the list could tell", "Apply again").MatchString(printed) {
		c.t.Errorf("it does not say what to do about a lost answer:\n%s", printed)
	}
	if m.answered() && c.o.shape != acctest.SingleType && !acctest.Wrapped("The run was cancelled before this was sent to the API; nothing was changed").MatchString(printed) {
		c.t.Errorf("it does not say that the rest was not sent:\n%s", printed)
	}
	said := map[string]bool{}
	for _, summary := range concerned.FindAllString(printed, -1) {
		if said[summary] {
			c.t.Errorf("it says %q twice:\n%s", summary, printed)
		}
		said[summary] = true
	}
	for _, internal := range []string{"context canceled", "rpc error", "The API responded: The run was cancelled"} {
		if acctest.Wrapped(internal).MatchString(printed) {
			c.t.Errorf("it says %q:\n%s", internal, printed)
		}
	}
}

// checkState checks that the state file is whole. The CLI that is interrupted twice
// does not wait for its own writing of the file, but for the provider.
func (c *crash) checkState(printed string) {
	c.t.Helper()
	state, err := c.work.Read(acctest.StateFile)
	if errors.Is(err, fs.ErrNotExist) && c.o.before == nil {
		return
	}
	if err != nil || !json.Valid([]byte(state)) {
		c.t.Errorf("the state was lost (%v):\n%s", err, printed)
	}
}
