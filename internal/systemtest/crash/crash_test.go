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

// A run that someone interrupts or kills at any point unblocks only users that its plan
// removes, and the next apply finishes the work.
func TestAccCrash(t *testing.T) {
	t.Parallel()
	base := startWorkspace(t)
	for _, op := range operations {
		for _, way := range interruptions {
			for _, point := range interruptPoints {
				if point.only != "" && point.only != way.name {
					continue
				}
				t.Run(op.name+"/"+way.name+"/"+point.name, func(t *testing.T) {
					t.Parallel()
					newCrashTest(t, base, op).interruptAt(point, way)
				})
			}
		}
	}
}

// After an interrupt while the API does not respond, the run ends at the request timeout.
func TestAccCrash_noResponse(t *testing.T) {
	t.Parallel()
	base := startWorkspace(t)
	c := newCrashTest(t, base, operation{shape: acctest.ExclusiveType, before: acctest.SomeUsers(0, 50), after: acctest.SomeUsers(10, 60)})
	point := interruptPoint{
		fault: fakeapi.Fault{Kind: fakeapi.FaultSlowAfter, Delay: longestRun}, afterChange: true,
		message: "No response within the request timeout of 10s; and the run was cancelled before a scan of the list could tell",
	}
	r := newCLIRun(t, c.work, "apply", "-auto-approve")
	r.cmd.Env = append(r.cmd.Env, "D360_REQUEST_TIMEOUT=10s")
	held, release := c.holdRequest(point, r)
	r.start()
	r.await("the request was sent", held)
	r.interrupt()
	release()
	status, printed := r.wait()
	if status == 0 {
		t.Errorf("the run succeeded:\n%s", printed)
	}
	c.checkMessages(point, printed)
	c.finish(printed)
}

// A program may interrupt only the CLI, and not the provider as a terminal does.
func TestAccCrash_twiceTheCLIAlone(t *testing.T) {
	t.Parallel()
	base := startWorkspace(t)
	c := newCrashTest(t, base, operation{shape: acctest.SingleType, before: acctest.SomeUsers(0, 60)})
	r := newCLIRun(t, c.work, "apply", "-auto-approve")
	r.watchStop()
	held, _ := c.holdRequest(interruptPoint{fault: fakeapi.Fault{Kind: fakeapi.FaultHook}, afterChange: true}, r)
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
	c.finish(printed)
}

// operation is a change that is interrupted.
type operation struct {
	name, shape   string
	before, after []string
}

// Each operation makes at least two requests: for more than 1,000 users, or to block and
// to unblock.
var operations = []operation{
	{"create one by one", acctest.SingleType, nil, acctest.SomeUsers(0, 60)},
	{"destroy one by one", acctest.SingleType, acctest.SomeUsers(0, 60), nil},
	{"create", acctest.BulkType, nil, acctest.SomeUsers(0, 1200)},
	{"update", acctest.BulkType, acctest.SomeUsers(0, 50), acctest.SomeUsers(10, 60)},
	{"destroy", acctest.BulkType, acctest.SomeUsers(0, 1200), nil},
	{"update exclusive", acctest.ExclusiveType, acctest.SomeUsers(0, 50), acctest.SomeUsers(10, 60)},
}

func (op operation) removes(user string) bool {
	return slices.Contains(op.before, user) && !slices.Contains(op.after, user)
}

// writes returns the methods of the first two requests.
func (op operation) writes() (first, second string) {
	switch {
	case op.before == nil:
		return http.MethodPost, http.MethodPost
	case op.after == nil:
		return http.MethodDelete, http.MethodDelete
	}
	return http.MethodPost, http.MethodDelete
}

// savesChanges reports whether the state keeps the changes before an interrupt, so that the
// next apply does not make them again.
func (op operation) savesChanges() bool { return op.shape == acctest.SingleType || op.before != nil }

// interruptPoint is a request during which the interruption comes.
type interruptPoint struct {
	name  string
	fault fakeapi.Fault
	// second is set for the second request of the operation instead of the first.
	second bool
	// afterChange is set if the interruption comes after the API has made the change.
	afterChange bool
	// duringVerification is set if it comes during the scan that verifies the request.
	duringVerification bool
	// only is the interruption for which the point matters, empty for all.
	only string
	// message is the provider's message after an interrupt.
	message string
}

// getsResponse reports whether the API responds in the end.
func (point interruptPoint) getsResponse() bool { return point.fault.Kind == fakeapi.FaultHook }

const connectionLost = "connection broke before a response came"

var interruptPoints = []interruptPoint{
	{name: "arrived", fault: fakeapi.Fault{Kind: fakeapi.FaultDropBefore}, message: connectionLost},
	{name: "change made", fault: fakeapi.Fault{Kind: fakeapi.FaultHook}, afterChange: true},
	{
		name: "between two requests", second: true,
		fault:   fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 131016, Header: http.Header{"Retry-After": {"60"}}},
		message: "The run was cancelled before another try; the last one ended with: (#131016) Service unavailable",
	},
	{name: "response lost", fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, afterChange: true, only: interrupt.name, message: connectionLost},
	{name: "lost response verified", fault: fakeapi.Fault{Kind: fakeapi.FaultDropAfter}, duringVerification: true, message: connectionLost},
}

// interruption is a way to end a run early.
type interruption struct {
	name string
	// interrupt returns after the interruption. It may call release to let the API respond
	// before the run has ended.
	interrupt func(r *cliRun, release func())
}

var (
	interrupt = interruption{"interrupt", func(r *cliRun, release func()) {
		r.interrupt()
		r.await("the provider was told to stop", r.stopped)
		release()
	}}
	interruptTwice = interruption{"interrupt twice", func(r *cliRun, _ func()) {
		r.interrupt()
		r.awaitText("Interrupt received")
		r.interrupt()
	}}
	killCLI = interruption{"kill the CLI", func(r *cliRun, _ func()) {
		// The provider continues for a while, during the next run.
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

// crashTest runs one operation in a workspace of its own.
type crashTest struct {
	t    *testing.T
	op   operation
	work *workspace.Workspace
	api  *fakeapi.Server
	// others has the users on the list who are in no configuration.
	others []string
}

func newCrashTest(t *testing.T, base *workspace.Workspace, op operation) *crashTest {
	t.Helper()
	work := beside(t, base)
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	c := &crashTest{t: t, op: op, work: work, api: api}
	if op.shape != acctest.ExclusiveType {
		c.others = api.SeedN(3)
	}
	shape := acctest.Shapes[op.shape]
	if op.shape == acctest.SingleType {
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
	if op.before != nil {
		configure(op.before)
		c.mustRun("apply", "-auto-approve")
	}
	configure(op.after)
	api.ResetStats()
	return c
}

func (c *crashTest) mustRun(args ...string) {
	c.t.Helper()
	if err := run(c.t, c.work, args...); err != nil {
		c.t.Fatal(err)
	}
}

// interruptAt interrupts the operation at a point, and then finishes it.
func (c *crashTest) interruptAt(point interruptPoint, way interruption) {
	t := c.t
	t.Helper()
	r := newCLIRun(t, c.work, "apply", "-auto-approve")
	if way.name == interrupt.name {
		r.watchStop()
	}
	held, release := c.holdRequest(point, r)
	r.start()
	r.await("the request was sent", held)
	respond := release
	if point.duringVerification {
		// With a response, the outcome could become known before the cancelled run ends its
		// scan.
		respond = func() {}
	}
	way.interrupt(r, respond)
	status, printed := r.wait()
	release()
	if status == 0 {
		t.Errorf("the run succeeded:\n%s", printed)
	}
	c.checkOtherUsers(printed)
	if way.name == interrupt.name {
		c.checkMessages(point, printed)
	}
	if way.name == interruptTwice.name {
		c.checkState(printed)
	}

	c.finish(printed)
	stats := c.api.Stats()
	once := stats.UsersPosted+stats.UsersDeleted == c.changes()
	if way.name == interrupt.name && point.getsResponse() && c.op.savesChanges() && !once {
		t.Errorf("%d users were blocked and %d unblocked, for %d changes:\n%s", stats.UsersPosted, stats.UsersDeleted, c.changes(), printed)
	}
}

// finish applies once more. printed is the output of the interrupted run.
func (c *crashTest) finish(printed string) {
	c.t.Helper()
	c.mustRun("apply", "-auto-approve")
	if err := acctest.CheckBlocked(c.api, slices.Concat(c.others, c.op.after)...)(nil); err != nil {
		c.t.Error(err)
	}
	c.mustRun("plan", "-detailed-exitcode")
	c.checkOtherUsers(printed)
}

// holdRequest makes the API hold the request of a point. held is closed once it has arrived,
// and the API responds after release.
func (c *crashTest) holdRequest(point interruptPoint, r *cliRun) (held <-chan struct{}, release func()) {
	arrived, released := make(chan struct{}), make(chan struct{})
	hold := func(*fakeapi.Server) {
		close(arrived)
		<-released
	}
	fault := point.fault
	switch {
	case point.duringVerification:
		fault.DoAfter = func(s *fakeapi.Server) {
			s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultHook, Do: hold})
		}
	case point.afterChange:
		fault.DoAfter = hold
	default:
		fault.Do = hold
	}
	first, second := c.op.writes()
	fault.Method = first
	if point.second {
		fault.Method = second
		if first == second {
			fault.Skip = 1
		}
	}
	c.api.Inject(fault)
	release = sync.OnceFunc(func() { close(released) })
	r.t.Cleanup(release)
	return arrived, release
}

// changes returns how many users the operation blocks and unblocks.
func (c *crashTest) changes() int {
	n := 0
	for _, user := range slices.Concat(c.op.before, c.op.after) {
		if slices.Contains(c.op.before, user) != slices.Contains(c.op.after, user) {
			n++
		}
	}
	return n
}

// checkOtherUsers checks that the run unblocked only users that the plan removes.
func (c *crashTest) checkOtherUsers(printed string) {
	c.t.Helper()
	for _, user := range c.api.Deleted() {
		if !c.op.removes(user) {
			c.t.Errorf("%s was unblocked:\n%s", user, printed)
		}
	}
	for _, user := range slices.Concat(c.others, c.op.before) {
		if !c.op.removes(user) && !c.api.IsBlocked(user) {
			c.t.Errorf("%s is not blocked:\n%s", user, printed)
		}
	}
}

// userError matches the summary of an error about the users of a resource.
var userError = regexp.MustCompile(`(?m)^Error: Cannot (?:un)?block .*$`)

// checkMessages checks the messages after an interrupt: there is one for each resource, it says
// what is not known and what to do, and it does not show internal errors.
func (c *crashTest) checkMessages(point interruptPoint, printed string) {
	c.t.Helper()
	if point.message != "" && !acctest.Wrapped(point.message).MatchString(printed) {
		c.t.Errorf("it does not say %q:\n%s", point.message, printed)
	}
	if point.message == connectionLost && !acctest.Wrapped("the run was cancelled before a scan of the list could tell", "Apply again").MatchString(printed) {
		c.t.Errorf("it does not say what to do about a lost response:\n%s", printed)
	}
	if point.getsResponse() && c.op.shape != acctest.SingleType && !acctest.Wrapped("The run was cancelled before this was sent to the API; nothing was changed").MatchString(printed) {
		c.t.Errorf("it does not say that the provider did not send the rest:\n%s", printed)
	}
	seen := map[string]bool{}
	for _, summary := range userError.FindAllString(printed, -1) {
		if seen[summary] {
			c.t.Errorf("it says %q twice:\n%s", summary, printed)
		}
		seen[summary] = true
	}
	for _, internal := range []string{"context canceled", "rpc error", "The API responded: The run was cancelled"} {
		if acctest.Wrapped(internal).MatchString(printed) {
			c.t.Errorf("it says %q:\n%s", internal, printed)
		}
	}
}

// checkState checks that the state file is complete. After two interrupts, the CLI waits for
// the provider, but not for its own write of the file.
func (c *crashTest) checkState(printed string) {
	c.t.Helper()
	state, err := c.work.Read(acctest.StateFile)
	if errors.Is(err, fs.ErrNotExist) && c.op.before == nil {
		return
	}
	if err != nil || !json.Valid([]byte(state)) {
		c.t.Errorf("the state was lost (%v):\n%s", err, printed)
	}
}
