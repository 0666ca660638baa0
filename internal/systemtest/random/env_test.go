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

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// env is an API, and the teams that manage its list.
type env struct {
	scenario
	t       *testing.T
	service *fakeapi.Server
	members []*team

	mu sync.Mutex
	// trace is what happened so far.
	trace    []string
	problems []string
	// touched are the people that someone other than the run has blocked or
	// unblocked meanwhile.
	touched map[string]bool
}

// team has a configuration and a state of its own.
type team struct {
	name      string
	tf        *faketerraform.Terraform
	transport *recordingTransport
	config    *configuration
	state     faketerraform.State
}

// run runs a scenario in a bubble. That it returns at all shows that every goroutine
// ended. It returns what was wrong first, and what had happened.
func (s scenario) run(t *testing.T) (problem, trace string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &env{scenario: s, t: t, service: fakeapi.New(s.options), touched: map[string]bool{}}
		e.people = s.people.withUserIDs(e.service)
		base, client, stop := e.service.StartInMemory()
		defer stop()
		for i := range s.teams {
			e.members = append(e.members, e.newTeam(fmt.Sprintf("team %d", i), base, client.Transport))
		}
		e.tell("format %s, rules %+v, %d retries, parallelism %d, one person: %v", s.options.ResponseFormat, s.options.Rules, s.retries, s.parallelism, s.people.keys)
		for _, next := range s.steps {
			e.step(next)
			if len(e.problems) > 0 {
				break
			}
		}
		for _, team := range e.members {
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

func (e *env) newTeam(name, base string, service http.RoundTripper) *team {
	made := &team{name: name, transport: &recordingTransport{service: service}, config: newConfiguration(), state: faketerraform.State{}}
	servers := func() (tfprotov6.ProviderServer, error) {
		server, err := provider.NewServer("test", provider.WithTransport(made.transport), provider.WithLag(0))
		if err != nil {
			return nil, err
		}
		return &guardedServer{Server: server, transport: made.transport}, nil
	}
	var err error
	made.tf, err = faketerraform.New(e.t.Context(), servers, faketerraform.Attributes{"base_url": base, "api_key": fakeapi.DefaultKey, "max_retries": e.retries, "max_unblocks": 64_000})
	if err != nil {
		e.t.Fatal(err)
	}
	made.tf.Parallelism = e.parallelism
	if e.seed > 0 {
		random := rand.New(rand.NewPCG(e.seed, 0)) //nolint:gosec // Not for secrecy.
		made.tf.Order = func(addresses []string) {
			random.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
		}
	}
	return made
}

// tell adds to the trace.
func (e *env) tell(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trace = append(e.trace, fmt.Sprintf(format, args...))
}

// wrong records what is not as it has to be. The summary is the same each time, so
// that a shorter scenario with the same fault is known as such.
func (e *env) wrong(summary, format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.problems = append(e.problems, "WRONG: "+summary)
	e.trace = append(e.trace, "WRONG: "+summary+": "+fmt.Sprintf(format, args...))
}

// listed are the people on the list.
func (e *env) listed() map[string]bool {
	all := map[string]bool{}
	for _, person := range e.service.Blocked() {
		all[person] = true
	}
	return all
}

// change does what others do.
func (e *env) change(service *fakeapi.Server, c outOfBandChange) {
	e.tell("  out of band: %s", c)
	switch c.kind {
	case changeBlock:
		service.Seed(c.id)
	case changeUnblock:
		service.Remove(c.id)
	case changeSilent:
		service.Silent(c.id)
	case changeHeard:
		service.Heard(c.id)
	case changeReject:
		service.Reject(c.id, 100, "", "")
	case changeRejectUnblock:
		service.RejectUnblock(c.id, 100, "", "")
	case changeAllow:
		service.Allow(c.id)
	case changeHide:
		service.Hide(c.id)
	case changeShow:
		service.Show(c.id)
	}
	if c.changesList() {
		e.touch(e.people.person(c.id))
	}
}

func (e *env) touch(people ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, person := range people {
		e.touched[person] = true
	}
}

// isTouched reports whether others have changed the list for a person meanwhile.
func (e *env) isTouched(person string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.touched[person]
}

// step does one step and checks what came of it.
func (e *env) step(next step) {
	team := e.members[next.team]
	e.tell("%#v", next)
	for _, c := range next.changes {
		e.change(e.service, c)
	}
	e.touched = map[string]bool{}
	for _, edit := range next.edits {
		edit.apply(team.config, e.pool, e.people)
	}
	if next.act != actNothing {
		e.tell("configuration of %s:\n%s", team.name, team.config)
	}
	switch next.act {
	case actNothing:
	case actPlan, actRefresh:
		e.inject(next, false)
		e.plan(team, next)
	case actLook:
		e.inject(next, false)
		e.look(team, next)
	case actApply, actDestroy:
		e.checkRun(e.planAndApply(team, next))
	case actBoth:
		e.both(next)
	}
	e.service.ClearFaults()
	e.checkRequests(next.act == actBoth)
}

// both has the teams apply at once. What one does is out of band for the other.
func (e *env) both(first step) {
	runs, before := make([]*applied, len(e.members)), e.listed()
	var wg sync.WaitGroup
	for i, team := range e.members {
		its := first
		if i != first.team {
			its = step{act: actApply, taint: -1, replace: -1}
		}
		wg.Go(func() { runs[i] = e.planAndApply(team, its) })
	}
	wg.Wait()
	outOfBand := e.touched
	for i, run := range runs {
		run.before, run.after = before, e.listed()
		e.touched = maps.Clone(outOfBand)
		for j, other := range runs {
			if i != j {
				for _, id := range slices.Concat(other.sent.posted, other.sent.deleted) {
					e.touch(e.people.person(id))
				}
			}
		}
		e.checkRun(run)
	}
}

// inject puts in the faults of a step that are for the plan, or for the apply.
func (e *env) inject(next step, inApply bool) {
	for _, f := range next.faults {
		if f.inApply != inApply {
			continue
		}
		fault := f.Fault
		if f.change != nil {
			fault.Do = func(service *fakeapi.Server) { e.change(service, *f.change) }
		}
		e.service.Inject(fault)
	}
}

// plan makes a plan that is not applied. A refresh keeps what it has found.
func (e *env) plan(team *team, next step) {
	team.transport.begin()
	before := e.listed()
	plan := team.tf.Plan(e.t.Context(), team.config.terraform(), team.state)
	e.tell("%s", planned(plan))
	e.checkPlan(team, plan, team.state, before)
	if next.act == actRefresh && !plan.Failed() {
		team.state = plan.Refreshed()
	}
}

// planned tells what a plan does.
func planned(plan *faketerraform.Plan) string {
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
		b.WriteString("\n    " + inShort(d))
	}
	return b.String()
}

// inShort is a diagnostic in one line.
func inShort(d faketerraform.Diagnostic) string {
	kind := "warning"
	if d.Error {
		kind = "error"
	}
	detail := strings.Join(strings.Fields(d.Detail), " ")
	return fmt.Sprintf("%s at %s: %s: %.200s", kind, d.Address, d.Summary, detail)
}

// applied is a plan and its apply, and what came of it.
type applied struct {
	team          *team
	plan          *faketerraform.Plan
	prior         faketerraform.State
	isApplied     bool
	diags         faketerraform.Diagnostics
	before, after map[string]bool
	sent          traffic
	// isKilled is set where the state was never saved, isDisturbed where anything failed
	// or was stopped.
	isKilled, isDisturbed bool
}

// planAndApply plans and applies, with all that happens in between.
func (e *env) planAndApply(team *team, next step) *applied {
	run := &applied{team: team, isDisturbed: len(next.faults) > 0 || next.cut.kind != cutNone}
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
	if next.cut.kind == cutPlan {
		team.transport.interrupt(next.cut.at, next.cut.late, cancel)
	}
	before := e.listed()
	run.plan = team.tf.PlanWith(ctx, team.config.terraform(), team.state, opts)
	e.tell("%s: %s", team.name, planned(run.plan))
	e.checkPlan(team, run.plan, team.state, before)
	for _, c := range next.between {
		e.change(e.service, c)
	}
	run.before = e.listed()
	if !run.plan.Failed() {
		run.isApplied = true
		e.apply(ctx, cancel, run, next)
	}
	run.after = e.listed()
	e.service.ClearFaults()
	return run
}

// apply carries out the plan of a run.
func (e *env) apply(ctx context.Context, cancel context.CancelFunc, run *applied, next step) {
	team, cut := run.team, next.cut
	e.inject(next, true)
	switch cut.kind {
	case cutNone, cutPlan:
	case cutApply:
		team.transport.interrupt(cut.at, cut.late, cancel)
	case cutCrash, cutKill:
		team.transport.interrupt(cut.at, cut.late, team.transport.kill)
	}
	team.state, run.diags = team.tf.ApplyPlan(ctx, run.plan)
	if cut.kind == cutKill && team.transport.isDead() {
		team.state, run.isKilled = run.prior, true
	}
	run.sent = team.transport.begin()
	e.tell("%s applied: posted %v, deleted %v, list %v", team.name, run.sent.posted, run.sent.deleted, e.service.Blocked())
	for _, d := range run.diags {
		e.tell("    %s", inShort(d))
	}
	for _, address := range team.state.Addresses() {
		instance := team.state[address]
		if instance.Current != nil {
			e.tell("  state %s %v tainted=%t", address, instance.Current.Attributes(), instance.Current.Tainted)
		}
		for _, deposed := range instance.Deposed {
			e.tell("  state %s deposed %v", address, deposed.Attributes())
		}
	}
	if !run.diags.HasErrors() {
		team.config.dropBlocks()
	}
}
