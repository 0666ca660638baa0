package random_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// env has a fake API, and the teams that manage its list.
type env struct {
	scenario
	t     *testing.T
	api   *fakeapi.Server
	teams []*teamEnv

	mu sync.Mutex
	// trace is a log of the scenario.
	trace    []string
	problems []string
	// changedByOthers has the keys of users if others blocked or unblocked them during the
	// run.
	changedByOthers map[string]bool
}

// teamEnv has a configuration and a state of its own.
type teamEnv struct {
	name      string
	tf        *faketerraform.Terraform
	transport *recordingTransport
	config    *configuration
	state     faketerraform.State
}

// run runs a scenario in a synctest bubble, which fails unless every goroutine ends. It
// returns the first problem and the trace.
func (s scenario) run(t *testing.T) (problem, trace string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &env{scenario: s, t: t, api: fakeapi.New(s.options), changedByOthers: map[string]bool{}}
		e.users = s.users.withUserIDs(e.api)
		base, client, stop := e.api.StartInMemory()
		defer stop()
		for i := range s.teamCount {
			e.teams = append(e.teams, e.newTeam(fmt.Sprintf("team %d", i), base, client.Transport))
		}
		e.logf("format %s, rules %+v, %d retries, parallelism %d, keys %v", s.options.ResponseFormat, s.options.Rules, s.retries, s.parallelism, s.users.keys)
		for _, next := range s.steps {
			e.step(next)
			if len(e.problems) > 0 {
				break
			}
		}
		for _, team := range e.teams {
			if len(e.problems) == 0 && s.isPlain {
				e.finish(team)
			}
		}
		if len(e.problems) > 0 {
			problem = e.problems[0]
		}
		trace = strings.Join(slices.Concat(e.trace, e.problems), "\n")
	})
	return problem, trace
}

func (e *env) newTeam(name, base string, api http.RoundTripper) *teamEnv {
	created := &teamEnv{name: name, transport: &recordingTransport{api: api}, config: newConfiguration(), state: faketerraform.State{}}
	servers := func() (tfprotov6.ProviderServer, error) {
		server, err := provider.NewServer("test", provider.WithTransport(created.transport), provider.WithLag(0))
		if err != nil {
			return nil, err
		}
		return &guardedServer{Server: server, transport: created.transport}, nil
	}
	var err error
	created.tf, err = faketerraform.New(e.t.Context(), servers, faketerraform.Attributes{"base_url": base, "api_key": fakeapi.DefaultKey, "max_retries": e.retries, "max_unblocks": d360.MaxUsersOnList})
	if err != nil {
		e.t.Fatal(err)
	}
	created.tf.Parallelism = e.parallelism
	if e.seed > 0 {
		shuffler := rand.New(rand.NewPCG(e.seed, 0)) //nolint:gosec // Not for secrecy.
		created.tf.Order = func(addresses []string) {
			shuffler.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
		}
	}
	return created
}

func (e *env) logf(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trace = append(e.trace, fmt.Sprintf(format, args...))
}

// reportf records a problem. The summary has no values, so that rapid recognizes the same
// problem in a shorter scenario.
func (e *env) reportf(summary, format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.problems = append(e.problems, "PROBLEM: "+summary)
	e.trace = append(e.trace, "PROBLEM: "+summary+": "+fmt.Sprintf(format, args...))
}

// listed returns the keys of the users on the list.
func (e *env) listed() map[string]bool {
	all := map[string]bool{}
	for _, key := range e.api.Blocked() {
		all[key] = true
	}
	return all
}

func (e *env) change(api *fakeapi.Server, c outOfBandChange) {
	e.logf("  out of band: %s", c)
	switch c.kind {
	case changeBlock:
		api.Seed(c.id)
	case changeUnblock:
		api.Remove(c.id)
	case changeSilent:
		api.Silent(c.id)
	case changeHeard:
		api.Heard(c.id)
	case changeReject:
		api.Reject(c.id, 100, "", "")
	case changeRejectUnblock:
		api.RejectUnblock(c.id, 100, "", "")
	case changeAllow:
		api.Allow(c.id)
	case changeHide:
		api.Hide(c.id)
	case changeShow:
		api.Show(c.id)
	}
	if c.changesList() {
		e.markChangedByOthers(e.users.keyOf(c.id))
	}
}

func (e *env) markChangedByOthers(keys ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, key := range keys {
		e.changedByOthers[key] = true
	}
}

// isChangedByOthers reports whether others blocked or unblocked a user during the run.
func (e *env) isChangedByOthers(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changedByOthers[key]
}

// step makes one step and checks its results.
func (e *env) step(next step) {
	team := e.teams[next.team]
	e.logf("%#v", next)
	for _, c := range next.changes {
		e.change(e.api, c)
	}
	e.changedByOthers = map[string]bool{}
	for _, made := range next.edits {
		made.apply(team.config, e.pool, e.users)
	}
	if next.act != actNothing {
		e.logf("configuration of %s:\n%s", team.name, team.config)
	}
	switch next.act {
	case actNothing:
	case actPlan, actRefresh:
		e.inject(next, false)
		e.plan(team, next)
	case actReadList:
		e.inject(next, false)
		e.readList(team, next)
	case actApply, actDestroy:
		e.checkRun(e.planAndApply(team, next))
	case actApplyBoth:
		e.applyBoth(next)
	}
	e.api.ClearFaults()
	e.checkRequests(next.act == actApplyBoth)
}

// applyBoth makes the teams apply at once. The writes of one team are changes by others for
// the other team.
func (e *env) applyBoth(first step) {
	runs, before := make([]*applied, len(e.teams)), e.listed()
	var wg sync.WaitGroup
	for i, team := range e.teams {
		own := first
		if i != first.team {
			own = step{act: actApply, taint: -1, replace: -1}
		}
		wg.Go(func() { runs[i] = e.planAndApply(team, own) })
	}
	wg.Wait()
	outOfBand := e.changedByOthers
	for i, run := range runs {
		run.before, run.after = before, e.listed()
		e.changedByOthers = maps.Clone(outOfBand)
		for j, other := range runs {
			if i != j {
				for _, id := range slices.Concat(other.sent.posted, other.sent.deleted) {
					e.markChangedByOthers(e.users.keyOf(id))
				}
			}
		}
		e.checkRun(run)
	}
}

// inject injects the faults of a step for its plan or for its apply.
func (e *env) inject(next step, inApply bool) {
	for _, f := range next.faults {
		if f.inApply != inApply {
			continue
		}
		fault := f.Fault
		if f.change != nil {
			fault.Do = func(api *fakeapi.Server) { e.change(api, *f.change) }
		}
		e.api.Inject(fault)
	}
}

// plan makes a plan that is not applied. A refresh saves the state.
func (e *env) plan(team *teamEnv, next step) {
	team.transport.begin()
	before := e.listed()
	plan := team.tf.Plan(e.t.Context(), team.config.terraform(), team.state)
	e.logf("%s", formatPlan(plan))
	e.checkPlan(team, plan, team.state, before)
	if next.act == actRefresh && !plan.Failed() {
		team.state = plan.Refreshed()
	}
}

// formatPlan formats the changes and messages of a plan.
func formatPlan(plan *faketerraform.Plan) string {
	var b strings.Builder
	b.WriteString("  plan:")
	for _, c := range plan.Changes {
		if c.Action != faketerraform.NoOp || c.Importing {
			fmt.Fprintf(&b, "\n    %s %s", c.Action, c.Address)
			if c.Deposed {
				b.WriteString(" (deposed)")
			}
			if c.Importing {
				b.WriteString(" (import)")
			}
			fmt.Fprintf(&b, " %v -> %v", c.Before(), c.After())
		}
	}
	for _, d := range plan.Diagnostics {
		b.WriteString("\n    " + oneLine(d))
	}
	return b.String()
}

func oneLine(d faketerraform.Diagnostic) string {
	kind := "warning"
	if d.Error {
		kind = "error"
	}
	detail := strings.Join(strings.Fields(d.Detail), " ")
	return fmt.Sprintf("%s at %s: %s: %.200s", kind, d.Address, d.Summary, detail)
}

// applied has a plan and the results of its apply.
type applied struct {
	team          *teamEnv
	plan          *faketerraform.Plan
	prior         faketerraform.State
	isApplied     bool
	diags         faketerraform.Diagnostics
	before, after map[string]bool
	sent          traffic
	// isKilled is set if the state was not saved, isDisturbed if there was a fault or an
	// interruption.
	isKilled, isDisturbed bool
}

// planAndApply plans and applies. Others make the changes of next.between in between.
func (e *env) planAndApply(team *teamEnv, next step) *applied {
	run := &applied{team: team, isDisturbed: len(next.faults) > 0 || next.interruption.kind != interruptNone}
	ctx, cancel := context.WithCancel(e.t.Context())
	defer cancel()
	opts := faketerraform.PlanOptions{Destroy: next.act == actDestroy}
	if addresses := team.state.Addresses(); len(addresses) > 0 {
		if next.taint >= 0 {
			team.state = team.state.Taint(addresses[next.taint%len(addresses)])
		}
		if next.replace >= 0 {
			opts.Replace = []string{addresses[next.replace%len(addresses)]}
		}
	}
	run.prior = team.state

	team.transport.begin()
	e.inject(next, false)
	if next.interruption.kind == cancelPlan {
		team.transport.interrupt(next.interruption.at, next.interruption.late, cancel)
	}
	before := e.listed()
	run.plan = team.tf.PlanWith(ctx, team.config.terraform(), team.state, opts)
	e.logf("%s: %s", team.name, formatPlan(run.plan))
	e.checkPlan(team, run.plan, team.state, before)
	for _, c := range next.between {
		e.change(e.api, c)
	}
	run.before = e.listed()
	if !run.plan.Failed() {
		run.isApplied = true
		e.apply(ctx, cancel, run, next)
	}
	run.after = e.listed()
	e.api.ClearFaults()
	return run
}

func (e *env) apply(ctx context.Context, cancel context.CancelFunc, run *applied, next step) {
	team, interrupted := run.team, next.interruption
	e.inject(next, true)
	switch interrupted.kind {
	case interruptNone, cancelPlan:
	case cancelApply:
		team.transport.interrupt(interrupted.at, interrupted.late, cancel)
	case killProvider, killTerraform:
		team.transport.interrupt(interrupted.at, interrupted.late, team.transport.kill)
	}
	team.state, run.diags = team.tf.ApplyPlan(ctx, run.plan)
	if interrupted.kind == killTerraform && team.transport.hasEnded() {
		team.state, run.isKilled = run.prior, true
	}
	run.sent = team.transport.begin()
	e.logf("%s applied: posted %v, deleted %v, list %v", team.name, run.sent.posted, run.sent.deleted, e.api.Blocked())
	for _, d := range run.diags {
		e.logf("    %s", oneLine(d))
	}
	for _, address := range team.state.Addresses() {
		instance := team.state[address]
		if instance.Current != nil {
			e.logf("  state %s %v tainted=%t", address, instance.Current.Attributes(), instance.Current.Tainted)
		}
		for _, deposed := range instance.Deposed {
			e.logf("  state %s deposed %v", address, deposed.Attributes())
		}
	}
	if !run.diags.HasErrors() {
		team.config.dropBlocks()
	}
}
