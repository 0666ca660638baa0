package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// randomWorld is a service, and the teams that manage its list.
type randomWorld struct {
	randomScenario
	t       *testing.T
	service *sandbox.Server
	members []*randomTeam

	mu sync.Mutex
	// story is what happened so far.
	story    []string
	problems []string
	// touched are the people whom somebody other than the run has blocked or
	// unblocked meanwhile.
	touched map[string]bool
	// called are the names under which people were, or are to be, blocked.
	called map[string]map[string]bool
}

// randomTeam has a configuration and a state of its own.
type randomTeam struct {
	name   string
	tf     *prototest.Terraform
	tap    *randomTap
	config *randomConfig
	state  prototest.State
}

// play plays a scenario in a bubble. That it returns at all shows that every
// goroutine ended. It returns what was wrong first, and what had happened.
func (s randomScenario) play(t *testing.T) (problem, story string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &randomWorld{randomScenario: s, t: t, service: sandbox.New(s.options), touched: map[string]bool{}, called: map[string]map[string]bool{}}
		base, client, stop := w.service.StartInMemory()
		defer stop()
		for i := range s.teams {
			w.members = append(w.members, w.newTeam(fmt.Sprintf("team %d", i), base, client.Transport))
		}
		w.tell("wire %s, rules %+v, %d retries, parallelism %d", s.options.Wire, s.options.Rules, s.retries, s.parallelism)
		for _, step := range s.steps {
			w.step(step)
			if len(w.problems) > 0 {
				break
			}
		}
		for _, team := range w.members {
			if len(w.problems) == 0 {
				w.settle(team)
			}
		}
		if len(w.problems) > 0 {
			problem = w.problems[0]
		}
		story = strings.Join(slices.Concat(w.story, w.problems), "\n")
	})
	return problem, story
}

func (w *randomWorld) newTeam(name, base string, service http.RoundTripper) *randomTeam {
	team := &randomTeam{name: name, tap: &randomTap{service: service}, config: newRandomConfig(), state: prototest.State{}}
	servers := func() (tfprotov6.ProviderServer, error) {
		server, err := providerserver.NewProtocol6WithError(&d360Provider{version: "test", transport: team.tap})()
		if err != nil {
			return nil, err
		}
		lists, ok := server.(listServer)
		if !ok {
			return nil, fmt.Errorf("%T lists nothing", server)
		}
		return &randomServer{listServer: lists, tap: team.tap}, nil
	}
	var err error
	team.tf, err = prototest.New(w.t.Context(), servers, prototest.Attributes{"base_url": base, "api_key": sandbox.DefaultKey, "max_retries": w.retries})
	if err != nil {
		w.t.Fatal(err)
	}
	team.tf.Parallelism = w.parallelism
	return team
}

// tell adds to the story.
func (w *randomWorld) tell(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, fmt.Sprintf(format, args...))
}

// wrong notes what is not as it has to be. The summary is the same each time,
// so that a shorter scenario with the same trouble is known as such.
func (w *randomWorld) wrong(summary, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, "WRONG: "+summary)
	w.story = append(w.story, "WRONG: "+summary+": "+fmt.Sprintf(format, args...))
}

// listed are the people on the list.
func (w *randomWorld) listed() map[string]bool {
	people := map[string]bool{}
	for _, person := range w.service.Blocked() {
		people[person] = true
	}
	return people
}

// lend does what others do.
func (w *randomWorld) lend(service *sandbox.Server, h randomHand) {
	id := randomNames[h.name].id
	w.tell("  by hand: %s", h)
	switch h.kind {
	case handBlocks:
		service.Seed(id)
	case handUnblocks:
		service.Remove(id)
	case handSilent:
		service.Silent(id)
	case handHeard:
		service.Heard(id)
	case handRefuse:
		service.Refuse(id, 100, "", "")
	case handRefuseUnblock:
		service.RefuseUnblock(id, 100, "", "")
	case handAllow:
		service.Allow(id)
	}
	if h.changesList() {
		w.touch(w.people.person(id))
	}
	if h.kind == handBlocks {
		w.call(id)
	}
}

// call notes under which names somebody blocks people.
func (w *randomWorld) call(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		person := w.people.person(id)
		if w.called[person] == nil {
			w.called[person] = map[string]bool{}
		}
		w.called[person][id] = true
	}
}

// mayMiss reports whether the list may show somebody under another name than
// this one, by which nobody can know them who was not told their WhatsApp ID.
func (w *randomWorld) mayMiss(id string) bool {
	names := w.called[w.people.person(id)]
	return w.people.hides(id) || len(names) > 1 || (len(names) == 1 && !names[id])
}

func (w *randomWorld) touch(people ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, person := range people {
		w.touched[person] = true
	}
}

// step does one step and checks what came of it.
func (w *randomWorld) step(step randomStep) {
	team := w.members[step.team]
	w.tell("%#v", step)
	for _, h := range step.hands {
		w.lend(w.service, h)
	}
	w.touched = map[string]bool{}
	for _, edit := range step.edits {
		edit.apply(team.config, w.pool)
	}
	for _, wish := range team.config.wishes {
		w.call(wish.ids()...)
	}
	if step.act != actHands {
		w.tell("%s of %s:\n%s", "configuration", team.name, team.config)
	}
	switch step.act {
	case actHands:
	case actPlan, actRefresh:
		w.inject(step, false)
		w.plan(team, step)
	case actLook:
		w.inject(step, false)
		w.look(team, step)
	case actApply, actDestroy:
		w.checkRun(w.run(team, step))
	case actBoth:
		w.both(step)
	}
	w.service.ClearFaults()
	w.checkManners(step.act == actBoth)
}

// both has the teams apply at once, each of whom is what others do to the other.
func (w *randomWorld) both(step randomStep) {
	runs, before := make([]*randomRun, len(w.members)), w.listed()
	var wg sync.WaitGroup
	for i, team := range w.members {
		its := step
		if i != step.team {
			its = randomStep{act: actApply, taint: -1, replace: -1}
		}
		wg.Go(func() { runs[i] = w.run(team, its) })
	}
	wg.Wait()
	byHand := w.touched
	for i, run := range runs {
		// The list before is that before both, and after that after both.
		run.together, run.explained, run.before, run.after = true, true, before, w.listed()
		w.touched = maps.Clone(byHand)
		for j, other := range runs {
			if i != j {
				for _, id := range slices.Concat(other.sent.posted, other.sent.deleted) {
					w.touch(w.people.person(id))
				}
			}
		}
		w.checkRun(run)
	}
}

// inject puts in the faults of a step that are for the plan, or for the apply.
func (w *randomWorld) inject(step randomStep, inApply bool) {
	for _, f := range step.faults {
		if f.inApply != inApply {
			continue
		}
		fault := f.Fault
		if f.hand != nil {
			fault.Do = func(service *sandbox.Server) { w.lend(service, *f.hand) }
		}
		w.service.Inject(fault)
	}
}

// plan makes a plan that is not applied. A refresh keeps what it has found.
func (w *randomWorld) plan(team *randomTeam, step randomStep) {
	explained := w.explains(team)
	team.tap.begin()
	plan := team.tf.Plan(w.t.Context(), team.config.terraform(), team.state)
	w.tell("%s", planned(plan))
	if sent := team.tap.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		w.wrong("a plan wrote", "%+v", sent)
	}
	w.checkPlan(plan, explained || len(step.faults) > 0)
	if step.act == actRefresh && !plan.Failed() {
		team.state = plan.Refreshed()
		w.checkTruth(team, nil, false, "a refresh")
	}
}

// planned tells what a plan does.
func planned(plan *prototest.Plan) string {
	var b strings.Builder
	b.WriteString("  plan:")
	for _, c := range plan.Changes {
		if c.Action != prototest.NoOp || c.Importing {
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
func inShort(d prototest.Diagnostic) string {
	kind := "warning"
	if d.Error {
		kind = "error"
	}
	detail := strings.Join(strings.Fields(d.Detail), " ")
	return fmt.Sprintf("%s at %s: %s: %.200s", kind, d.Address, d.Summary, detail)
}

// randomRun is a plan and its apply, and what has come of it.
type randomRun struct {
	team          *randomTeam
	step          randomStep
	plan          *prototest.Plan
	prior         prototest.State
	applied       bool
	diags         prototest.Diagnostics
	before, after map[string]bool
	sent          randomTraffic
	// explained is set where the plan may well be refused.
	explained bool
	// killed is set where the state was never saved.
	killed bool
	// together is set where another team's run went on at the same time.
	together bool
}

// mayNotRead reports whether the apply may have been unable to read the list.
func (r *randomRun) mayNotRead() bool {
	return r.together || r.step.cut.kind == cutApply || slices.ContainsFunc(r.step.faults, func(f randomFault) bool { return f.Method == "" || f.Method == http.MethodGet })
}

// run plans and applies, with all that happens in between.
func (w *randomWorld) run(team *randomTeam, step randomStep) *randomRun {
	run := &randomRun{team: team, step: step}
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	opts := prototest.PlanOptions{Destroy: step.act == actDestroy}
	if addresses := team.state.Addresses(); len(addresses) > 0 {
		if step.taint >= 0 {
			team.state = team.state.Taint(addresses[step.taint%len(addresses)])
		}
		w.untaint(team, func(address string) bool {
			wish := team.config.wishes[address]
			return wish != nil && wish.createFirst
		})
		if step.replace >= 0 {
			opts.Replace = []string{addresses[step.replace%len(addresses)]}
		}
	}
	run.prior = team.state
	run.explained = w.explains(team, opts.Replace...)

	team.tap.begin()
	w.inject(step, false)
	if step.cut.kind == cutPlan {
		team.tap.interrupt(step.cut.at, step.cut.late, cancel)
	}
	run.plan = team.tf.PlanWith(ctx, team.config.terraform(), team.state, opts)
	w.tell("%s: %s", team.name, planned(run.plan))
	for _, h := range step.between {
		w.lend(w.service, h)
	}
	if sent := team.tap.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		w.wrong("a plan wrote", "%+v", sent)
	}
	run.before = w.listed()
	if !run.plan.Failed() {
		run.applied = true
		w.apply(ctx, cancel, run)
	}
	run.after = w.listed()
	w.service.ClearFaults()
	return run
}

// untaint does what "terraform untaint" does. It is done to tainted instances
// with create_before_destroy: what becomes of their users when these change
// together with the taint no provider can tell, as Terraform plans them as if
// there had been none before, and destroys the old object as it does any other.
func (w *randomWorld) untaint(team *randomTeam, which func(address string) bool) {
	for _, address := range team.state.Addresses() {
		instance := team.state[address]
		if instance.Current == nil || !instance.Current.Tainted || !which(address) {
			continue
		}
		w.tell("  terraform untaint %s", address)
		sound := *instance.Current
		sound.Tainted = false
		team.state = maps.Clone(team.state)
		team.state[address] = prototest.Instance{Current: &sound, Deposed: instance.Deposed}
	}
}

// apply carries out the plan of a run.
func (w *randomWorld) apply(ctx context.Context, cancel context.CancelFunc, run *randomRun) {
	team, cut := run.team, run.step.cut
	w.inject(run.step, true)
	switch cut.kind {
	case cutNone, cutPlan:
	case cutApply:
		team.tap.interrupt(cut.at, cut.late, cancel)
	case cutCrash, cutKill:
		team.tap.interrupt(cut.at, cut.late, team.tap.kill)
	}
	team.state, run.diags = team.tf.ApplyPlan(ctx, run.plan)
	if cut.kind == cutKill && team.tap.isDead() {
		team.state, run.killed = run.prior, true
	}
	run.sent = team.tap.begin()
	w.tell("%s applied: posted %v, deleted %v, list %v", team.name, run.sent.posted, run.sent.deleted, w.service.Blocked())
	for _, d := range run.diags {
		w.tell("    %s", inShort(d))
	}
	for _, address := range team.state.Addresses() {
		instance := team.state[address]
		if instance.Current != nil {
			w.tell("  state %s %v tainted=%t", address, instance.Current.Attributes(), instance.Current.Tainted)
		}
		for _, deposed := range instance.Deposed {
			w.tell("  state %s deposed %v", address, deposed.Attributes())
		}
	}
	if !run.diags.HasErrors() {
		team.config.settled()
	}
}
