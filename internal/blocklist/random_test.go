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

// randomUser is a user of a random run. Blocks and unblocks use the same name, as Terraform
// does. Unblocks also have the WhatsApp ID that a state would hold.
type randomUser struct{ name, waID string }

var randomUsers = func() []randomUser {
	all := []randomUser{
		{mexicoNumber, mexicoWaID},
		{"5491123456789", "541123456789"},
		{name: "US.13491208655302741918"},
		{name: "DE.aB3"},
	}
	for i := range 10 {
		all = append(all, randomUser{name: phoneNumber(i), waID: phoneNumber(i)})
	}
	return all
}()

// randomRun is a run with all random values, because a synctest bubble must not draw any.
type randomRun struct {
	options fakeapi.Options
	tries   int
	seeded  []string
	silent  []string
	faults  []fakeapi.Fault
	workers [][]randomCall
}

// randomCall blocks or unblocks users, after a pause and until it is cancelled.
type randomCall struct {
	method       string
	users        []randomUser
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
	for _, u := range randomUsers {
		if u.waID != "" && u.waID != u.name {
			run.options.WaIDs[u.name] = u.waID
		}
		switch rapid.IntRange(0, 4).Draw(t, u.name) {
		case 0, 1:
			run.seeded = append(run.seeded, u.name)
		case 2:
			run.silent = append(run.silent, u.name)
		}
	}
	run.tries = rapid.SampledFrom([]int{1, 1 + d360.DefaultMaxRetries}).Draw(t, "tries")
	for range rapid.IntRange(0, 6).Draw(t, "faults") {
		f := drawFault(t)
		if f.Kind == fakeapi.FaultEmptyPage && run.options.ResponseFormat.LastPage == fakeapi.LastPageNextNever {
			continue // An empty page is the end of the list if pages do not name the next one.
		}
		run.faults = append(run.faults, f)
	}
	for range rapid.IntRange(1, 4).Draw(t, "workers") {
		calls := make([]randomCall, rapid.IntRange(1, 5).Draw(t, "calls"))
		for i := range calls {
			calls[i] = randomCall{
				method: rapid.SampledFrom([]string{http.MethodPost, http.MethodDelete}).Draw(t, "method"),
				users:  rapid.SliceOfNDistinct(rapid.SampledFrom(randomUsers), 1, 6, rapid.ID[randomUser]).Draw(t, "users"),
				pause:  rapid.SampledFrom([]time.Duration{0, 10 * time.Millisecond, time.Second}).Draw(t, "pause"),
				until:  rapid.SampledFrom([]time.Duration{time.Hour, time.Hour, 40 * time.Millisecond, time.Second}).Draw(t, "until"),
			}
		}
		run.workers = append(run.workers, calls)
	}
	return run
}

// drawFault draws only faults that the provider can detect. It cannot detect a page without
// some of its entries.
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

// outcome is the result of one call for one user.
type outcome struct {
	method string
	err    error
}

func (o outcome) String() string { return fmt.Sprintf("%s: %v", o.method, o.err) }

func (run randomRun) execute(t *testing.T) (problems []string) {
	inEnv(t, setting{Options: run.options, tries: run.tries}, func(t *testing.T, e *env) {
		e.server.Seed(run.seeded...)
		e.server.Silent(run.silent...)
		for _, f := range run.faults {
			e.server.Inject(f)
		}
		var mu sync.Mutex
		outcomes := map[string][]outcome{}
		var wg sync.WaitGroup
		for _, calls := range run.workers {
			wg.Go(func() {
				for _, c := range calls {
					time.Sleep(c.pause)
					results := c.execute(t.Context(), e)
					mu.Lock()
					for i, r := range results {
						name := c.users[i].name
						if r.User.ID != id(name) {
							problems = append(problems, fmt.Sprintf("the result of %s is that of %q", name, r.User.ID))
						}
						outcomes[name] = append(outcomes[name], outcome{c.method, r.Err})
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for _, u := range randomUsers {
			isSeeded := slices.Contains(run.seeded, u.name)
			if problem := checkOutcomes(outcomes[u.name], isSeeded, e.server.IsBlocked(u.name)); problem != "" {
				problems = append(problems, fmt.Sprintf("%s: %s: %v", u.name, problem, outcomes[u.name]))
			}
		}
		e.server.ClearFaults()
		problems = append(problems, e.checkPresences(outcomes)...)
	})
	return problems
}

func (c randomCall) execute(ctx context.Context, e *env) []blocklist.Result {
	ctx, cancel := context.WithTimeout(ctx, c.until)
	defer cancel()
	users := make([]userid.User, len(c.users))
	for i, u := range c.users {
		users[i] = userOf(u.name)
		if c.method == http.MethodDelete && u.waID != "" {
			users[i] = userOf(u.name, u.waID)
		}
	}
	if c.method == http.MethodPost {
		return e.list.Block(ctx, users...)
	}
	return e.unblockUsers(ctx, users...)
}

// checkOutcomes returns what is wrong with a user at the end, or "".
func checkOutcomes(outcomes []outcome, wasBlocked, isBlocked bool) string {
	// calls and successes are by method.
	calls, successes := map[string]int{}, map[string]int{}
	for _, o := range outcomes {
		calls[o.method]++
		if o.err == nil {
			successes[o.method]++
		} else if !isDocumented(o.err) {
			return "an error of no documented type"
		}
	}
	switch {
	case wasBlocked && !isBlocked && calls[http.MethodDelete] == 0:
		return "unblocked without a call"
	case !wasBlocked && isBlocked && calls[http.MethodPost] == 0:
		return "blocked without a call"
	case successes[http.MethodPost] > 0 && !isBlocked:
		// A run keeps users blocked that it has blocked.
		return "reported as blocked, and not on the list"
	case successes[http.MethodDelete] > 0 && calls[http.MethodPost] == 0 && isBlocked:
		return "reported as unblocked, and on the list"
	}
	return ""
}

// isDocumented reports whether an error is one that the documentation of Result names.
func isDocumented(err error) bool {
	var rejection *d360.Error
	var unknown *blocklist.OutcomeUnknownError
	if errors.As(err, &rejection) || errors.As(err, &unknown) {
		return true
	}
	return slices.ContainsFunc([]error{
		blocklist.ErrAlternateForm, blocklist.ErrOtherName, blocklist.ErrMayBeListed, d360.ErrIncomplete, blocklist.ErrWithdrawn,
	}, func(target error) bool { return errors.Is(err, target) })
}

// checkPresences checks that Find agrees with the list for users without errors.
func (e *env) checkPresences(outcomes map[string][]outcome) (problems []string) {
	for user, calls := range outcomes {
		if slices.ContainsFunc(calls, func(o outcome) bool { return o.err != nil }) {
			continue
		}
		found, err := e.list.Find(e.t.Context(), pendingQuery(user))
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: Find: %v", user, err))
			continue
		}
		isListed, want := found.Of[0].Presence == blocklist.Listed, e.server.IsBlocked(user)
		if isListed != want || presences(found) == "incomplete" {
			problems = append(problems, fmt.Sprintf("%s is %s, and on the list: %t", user, presences(found), want))
		}
	}
	return problems
}

// With any fault of the API, each success is true, no user is unblocked without a call, and
// no two writes overlap.
func TestRandomRuns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		run := drawRun(rt)
		for _, problem := range run.execute(t) {
			rt.Error(problem)
		}
	})
}
