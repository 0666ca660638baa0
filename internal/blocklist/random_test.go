package blocklist_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// person is a user of a random run. Blocks and unblocks use the same name, as Terraform
// does. Unblocks also have the WhatsApp ID that a state would hold.
type person struct{ user, waID string }

var people = func() []person {
	all := []person{
		{"5215541637145", "525541637145"},
		{"5491123456789", "541123456789"},
		{user: "US.13491208655302741918"},
		{user: "DE.aB3"},
	}
	for i := range 10 {
		all = append(all, person{user: phoneNumber(i), waID: phoneNumber(i)})
	}
	return all
}()

// randomRun is a run with all random values, because a synctest bubble must not draw any.
type randomRun struct {
	options fakeapi.Options
	retries bool
	seeded  []string
	silent  []string
	faults  []fakeapi.Fault
	workers [][]randomCall
}

// randomCall blocks or unblocks people, after a pause and until it is cancelled.
type randomCall struct {
	method       string
	who          []int
	pause, until time.Duration
}

func drawRun(t *rapid.T) randomRun {
	run := randomRun{options: fakeapi.Options{
		ResponseFormat: rapid.SampledFrom(fakeapi.Variants()).Draw(t, "format"),
		Delay:          rapid.SampledFrom([]time.Duration{0, 30 * time.Millisecond}).Draw(t, "delay"),
		Rules: fakeapi.Rules{
			AlreadyBlocked: rapid.SampledFrom([]fakeapi.NoOp{fakeapi.NoOpAccept, fakeapi.NoOpReject, fakeapi.NoOpIgnore}).Draw(t, "already blocked"),
			NotBlocked:     rapid.SampledFrom([]fakeapi.NoOp{fakeapi.NoOpAccept, fakeapi.NoOpReject, fakeapi.NoOpIgnore}).Draw(t, "not blocked"),
			Capacity:       rapid.SampledFrom([]int{0, 8}).Draw(t, "capacity"),
			Full:           rapid.SampledFrom([]fakeapi.FullResponse{fakeapi.FullPerUser, fakeapi.FullWholeRequest}).Draw(t, "full"),
			RejectOverlap:  139103,
		},
		WaIDs: map[string]string{},
	}}
	for _, p := range people {
		if p.waID != "" && p.waID != p.user {
			run.options.WaIDs[p.user] = p.waID
		}
		switch rapid.IntRange(0, 4).Draw(t, p.user) {
		case 0, 1:
			run.seeded = append(run.seeded, p.user)
		case 2:
			run.silent = append(run.silent, p.user)
		}
	}
	run.retries = rapid.Bool().Draw(t, "retries")
	for range rapid.IntRange(0, 6).Draw(t, "faults") {
		f := drawFault(t)
		if f.Kind == fakeapi.FaultEmptyPage && run.options.ResponseFormat.LastPage == fakeapi.LastPageNextNever {
			continue // without a next page to promise, an empty one is the end
		}
		run.faults = append(run.faults, f)
	}
	for range rapid.IntRange(1, 4).Draw(t, "workers") {
		calls := make([]randomCall, rapid.IntRange(1, 5).Draw(t, "calls"))
		for i := range calls {
			calls[i] = randomCall{
				method: rapid.SampledFrom([]string{http.MethodPost, http.MethodDelete}).Draw(t, "method"),
				who:    rapid.SliceOfNDistinct(rapid.IntRange(0, len(people)-1), 1, 6, rapid.ID[int]).Draw(t, "who"),
				pause:  rapid.SampledFrom([]time.Duration{0, 10 * time.Millisecond, time.Second}).Draw(t, "pause"),
				until:  rapid.SampledFrom([]time.Duration{time.Hour, time.Hour, 40 * time.Millisecond, time.Second}).Draw(t, "until"),
			}
		}
		run.workers = append(run.workers, calls)
	}
	return run
}

// drawFault draws no fault that makes a page incomplete without a sign of it, because
// nothing could detect that.
func drawFault(t *rapid.T) fakeapi.Fault {
	f := fakeapi.Fault{
		Skip:  rapid.IntRange(0, 3).Draw(t, "skip"),
		Times: rapid.IntRange(1, 3).Draw(t, "times"),
		Kind: rapid.SampledFrom([]fakeapi.FaultKind{
			fakeapi.FaultStatus, fakeapi.FaultStatusAfter, fakeapi.FaultCode, fakeapi.FaultDropBefore, fakeapi.FaultDropAfter,
			fakeapi.FaultTruncate, fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter, fakeapi.FaultSlow, fakeapi.FaultSlowAfter,
			fakeapi.FaultRedirect, fakeapi.FaultGzip, fakeapi.FaultCursorLoop, fakeapi.FaultCursorRestart, fakeapi.FaultRepeatPage,
			fakeapi.FaultEmptyPage, fakeapi.FaultUnnamedEntry, fakeapi.FaultPartialResponse,
		}).Draw(t, "fault"),
		Method: rapid.SampledFrom([]string{"", http.MethodGet, http.MethodPost, http.MethodDelete}).Draw(t, "of"),
		Delay:  rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "slow"),
	}
	switch f.Kind {
	case fakeapi.FaultStatus, fakeapi.FaultStatusAfter:
		f.Status = rapid.SampledFrom([]int{500, 502, 503, 504, 555}).Draw(t, "status")
	case fakeapi.FaultCode:
		f.Code = rapid.SampledFrom([]int{1, 4, 10, 33, 100, 190, 130429, 131000, 131047, 139101, 139102, 139103}).Draw(t, "code")
	case fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter:
		f.Body = rapid.SampledFrom([]string{"", "null", "<html>", `{"ok":true}`}).Draw(t, "body")
		f.ContentType = "application/json"
	}
	return f
}

// asked is the result of one call for one person.
type asked struct {
	method string
	err    error
}

func (a asked) String() string { return fmt.Sprintf("%s: %v", a.method, a.err) }

func (run randomRun) execute(t *testing.T) (problems []string) {
	inEnv(t, setting{Options: run.options, noRetries: !run.retries}, func(t *testing.T, e *env) {
		e.server.Seed(run.seeded...)
		e.server.Silent(run.silent...)
		for _, f := range run.faults {
			e.server.Inject(f)
		}
		var mu sync.Mutex
		became := map[string][]asked{}
		var wg sync.WaitGroup
		for _, calls := range run.workers {
			wg.Go(func() {
				for _, c := range calls {
					time.Sleep(c.pause)
					results := c.execute(t.Context(), e)
					mu.Lock()
					for i, r := range results {
						user := people[c.who[i]].user
						if r.User.ID != id(user) {
							problems = append(problems, fmt.Sprintf("the result of %s is that of %q", user, r.User.ID))
						}
						became[user] = append(became[user], asked{c.method, r.Err})
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for _, p := range people {
			seeded := slices.Contains(run.seeded, p.user)
			if problem := checkPerson(became[p.user], seeded, e.server.IsBlocked(p.user)); problem != "" {
				problems = append(problems, fmt.Sprintf("%s: %s: %v", p.user, problem, became[p.user]))
			}
		}
		e.server.ClearFaults()
		problems = append(problems, e.checkList(became)...)
	})
	return problems
}

func (c randomCall) execute(ctx context.Context, e *env) []blocklist.Result {
	ctx, cancel := context.WithTimeout(ctx, c.until)
	defer cancel()
	if c.method == http.MethodPost {
		users := make([]string, len(c.who))
		for i, who := range c.who {
			users[i] = people[who].user
		}
		return e.blockUntil(ctx, users...)
	}
	users := make([]userid.User, len(c.who))
	for i, who := range c.who {
		users[i] = userOf(people[who].user)
		if people[who].waID != "" {
			users[i] = userOf(people[who].user, people[who].waID)
		}
	}
	return e.unblockUsers(ctx, users...)
}

// checkPerson returns what is wrong with a user at the end, or "".
func checkPerson(became []asked, before, after bool) string {
	var blockAsked, unblockAsked, blocked, unblocked bool
	for _, a := range became {
		switch a.method {
		case http.MethodPost:
			blockAsked = true
			blocked = blocked || a.err == nil
		default:
			unblockAsked = true
			unblocked = unblocked || a.err == nil
		}
		var rejected *d360.Error
		var open *blocklist.OutcomeUnknownError
		atGate := errors.Is(a.err, blocklist.ErrAlternateForm) || errors.Is(a.err, blocklist.ErrOtherName) || errors.Is(a.err, blocklist.ErrMayBeListed) || errors.Is(a.err, d360.ErrIncomplete)
		if a.err != nil && !atGate && !errors.As(a.err, &rejected) && !errors.As(a.err, &open) && !errors.Is(a.err, blocklist.ErrWithdrawn) {
			return "an error of no documented type"
		}
	}
	switch {
	case before && !unblockAsked && !after:
		return "unblocked, though no call asked for it"
	case !before && !blockAsked && after:
		return "blocked, though no call asked for it"
	case blocked && !after:
		// A run that blocked someone keeps them blocked.
		return "called blocked, and not on the list"
	case unblocked && !blockAsked && after:
		return "called unblocked, and on the list"
	}
	return ""
}

// checkList checks that the list agrees with the results of each user without errors.
func (e *env) checkList(became map[string][]asked) (problems []string) {
	for user, calls := range became {
		if slices.ContainsFunc(calls, func(a asked) bool { return a.err != nil }) {
			continue
		}
		found, err := e.list.Find(e.t.Context(), pendingQuery(user))
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: Find: %v", user, err))
			continue
		}
		listed, want := found.Of[0].Presence == blocklist.Listed, e.server.IsBlocked(user)
		if listed != want || presences(found) == "incomplete" {
			problems = append(problems, fmt.Sprintf("%s is %s, and on the list: %t", user, presences(found), want))
		}
	}
	return problems
}

// With any fault of the API, each success is true, only users of an unblock are unblocked,
// and no two writes overlap.
func TestRandomRuns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		run := drawRun(rt)
		for _, problem := range run.execute(t) {
			rt.Error(problem)
		}
	})
}
