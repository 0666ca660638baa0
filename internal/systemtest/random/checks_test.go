package random_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// checkRequests holds what was sent to the rules that know no exception.
func (e *env) checkRequests(together bool) {
	for _, violation := range e.service.Violations() {
		// Two runs cannot know of each other.
		if e.teams == 1 || !strings.HasSuffix(violation, "overlaps with another write") {
			e.wrong("a request breaks the contract", "%s", violation)
		}
	}
	if n := e.service.Stats().MaxWritesInFlight; n > 1 && !together && e.teams == 1 {
		e.wrong("writes overlap", "%d at once", n)
	}
	for _, team := range e.members {
		for _, reason := range team.transport.panics {
			e.wrong("the provider panicked", "%s", reason)
		}
	}
}

// checkDiagnostics looks for what Terraform says where a provider did what none may.
func (e *env) checkDiagnostics(diags faketerraform.Diagnostics) {
	for _, d := range diags {
		if strings.Contains(d.Detail, "the planned action changed") {
			continue // The list changed after the plan, and Terraform stops.
		}
		if strings.HasPrefix(d.Summary, "Provider ") || strings.HasPrefix(d.Summary, "Import returned") || strings.Contains(d.Detail, "This is a bug in the provider") {
			e.wrong("the provider did what none may", "%s", d)
		}
	}
}

// checkPlan holds a plan to what any plan has to keep: it writes nothing, calls no one
// absent who is on the list under any name, and unblocks no one that it blocks or keeps.
// before are those who were on the list when it began.
func (e *env) checkPlan(team *team, plan *faketerraform.Plan, prior faketerraform.State, before map[string]bool) {
	e.checkDiagnostics(plan.Diagnostics)
	if sent := team.transport.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		e.wrong("a plan wrote", "%+v", sent)
	}
	if plan.Failed() {
		return
	}
	shows := map[string]bool{}
	for _, users := range heldIn(plan.Refreshed()) {
		for _, user := range users {
			shows[e.person(user)] = true
		}
	}
	after := e.listed()
	for address, users := range heldIn(prior) {
		for _, user := range users {
			if person := e.person(user); before[person] && after[person] && !e.isTouched(person) && !shows[person] {
				e.wrong("a plan calls absent who is on the list", "%s of %s", user.ID, address)
			}
		}
	}
	shown := shownBy(plan)
	for _, r := range shown.removed {
		if isRenamed(plan.Diagnostics) || slices.ContainsFunc(shown.held, func(h claim) bool { return h.change == r.change && h.Compare(r.User) == userid.Matches }) {
			continue // Only the name changes.
		}
		for _, h := range shown.held {
			// Of a tainted object, Terraform tells the plan nothing, and the apply rejects it.
			if h.change != r.change && h.Compare(r.User) == userid.Matches && !r.isTaintedIn(plan) && after[e.person(r.shownUser)] {
				e.wrong("a plan that unblocks a user it blocks or keeps is not rejected", "%s leaves %s and is in %s", r.ID, r.change.Address, h.change.Address)
			}
		}
	}
}

// isTaintedIn reports whether a claim is about a tainted object.
func (c claim) isTaintedIn(plan *faketerraform.Plan) bool {
	current := plan.Refreshed()[c.change.Address].Current
	return c.change.Action.IsReplace() && current != nil && current.Tainted
}

// person is who a user really is.
func (e *env) person(user shownUser) string { return e.people.person(user.ID.String()) }

// checkRun holds a run to what any run has to keep.
func (e *env) checkRun(run *applied) {
	if !run.isApplied {
		return
	}
	if run.sent.mostInFlight > 1 {
		e.wrong("a run has two writes under way at once", "%d", run.sent.mostInFlight)
	}
	e.checkDiagnostics(run.diags)
	shown := shownBy(run.plan)
	e.checkUnblocked(run, shown)
	for _, id := range run.sent.posted {
		// A bulk resource tries again to block who is pending.
		if !slices.ContainsFunc(shown.held, func(h claim) bool { return h.ID.String() == id }) {
			e.wrong("a user is blocked without a word in the plan", "%s", id)
		}
	}
	for address, instance := range run.team.state {
		was := run.plan.Refreshed()[address].Current
		if instance.Current != nil && instance.Current.Tainted && (was == nil || !was.Tainted) && !run.isKilled {
			e.wrong("a resource is tainted", "%s", address)
		}
	}
	if !run.isKilled {
		e.checkState(run, shown)
	}
}

// checkUnblocked looks for users who were unblocked and should not have been: no plan
// removed them, or the configuration wants them.
func (e *env) checkUnblocked(run *applied, shown shownPlan) {
	for person := range run.before {
		if run.after[person] || e.isTouched(person) {
			continue
		}
		var removed []claim
		for _, r := range shown.removed {
			if e.person(r.shownUser) == person {
				removed = append(removed, r)
			}
		}
		if len(removed) == 0 {
			e.wrong("a user is off the list and no plan removed them", "%s", person)
		}
		for _, h := range shown.held {
			if e.person(h.shownUser) == person && slices.ContainsFunc(removed, func(r claim) bool { return isKnowable(r.User, h.User) }) {
				e.wrong("a user is unblocked and the configuration wants them", "%s, as %s of %s", person, h.ID, h.change.Address)
			}
		}
	}
}

// isKnowable reports whether names tell that two users may be one person: both have a
// name of a common kind. A number alone and a user ID alone are two lines of a plan
// that nothing connects, and the plan shows both.
func isKnowable(a, b userid.User) bool {
	return a.HasNumber() && b.HasNumber() || a.HasUserID() && b.HasUserID()
}

// checkState compares the state with the list. Users who are still blocked stay in it,
// and those who are new in it are blocked.
func (e *env) checkState(run *applied, shown shownPlan) {
	if run.after == nil {
		return
	}
	state, refreshed := heldIn(run.team.state), heldIn(run.plan.Refreshed())
	has := func(held map[string][]shownUser, person string) bool {
		for _, users := range held {
			if slices.ContainsFunc(users, func(u shownUser) bool { return e.person(u) == person }) {
				return true
			}
		}
		return false
	}
	sent := func(ids []string, person string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return e.people.person(id) == person })
	}
	forgotten := map[string]bool{}
	for _, change := range run.plan.Changes {
		if change.Action == faketerraform.Forget {
			forgotten[change.Address] = true
		}
	}
	for address, users := range refreshed {
		for _, user := range users {
			person := e.person(user)
			// Where Terraform was stopped between the halves of a replacement, the next create
			// adopts.
			isHalf := run.isDisturbed && run.team.state[address].Current == nil
			// Another resource takes the user over, whose create failed for another one.
			isTakenOver := slices.ContainsFunc(shown.held, func(h claim) bool {
				return h.change.Address != address && e.person(h.shownUser) == person && run.team.state[h.change.Address].Current == nil
			})
			isAnew := sent(run.sent.deleted, person) && sent(run.sent.posted, person)
			if run.before[person] && run.after[person] && !e.isTouched(person) && !forgotten[address] && !has(state, person) && !isRenamed(run.plan.Diagnostics) && !isRenamed(run.diags) && !isHalf && !isAnew && !isTakenOver {
				e.wrong("the state lost a user who is still blocked", "%s of %s", user.ID, address)
			}
		}
	}
	for address, users := range state {
		for _, user := range users {
			person := e.person(user)
			if !run.after[person] && !e.isTouched(person) && !has(refreshed, person) {
				e.wrong("the state claims a block", "%s of %s", user.ID, address)
			}
			// Nothing may tell that someone who was unblocked by one kind of name is the user
			// of another kind.
			isLinked := slices.ContainsFunc(shown.removed, func(r claim) bool {
				return e.person(r.shownUser) == person && isKnowable(r.User, user.User)
			})
			if !run.after[person] && !e.isTouched(person) && run.before[person] && isLinked && !run.diags.HasErrors() {
				e.wrong("the state holds a user that the run has unblocked", "%s of %s", user.ID, address)
			}
		}
	}
}

// isRenamed reports whether a warning says that users leave the configuration under a
// name that the list does not show, and stay blocked if they are other people.
func isRenamed(diags faketerraform.Diagnostics) bool {
	return slices.ContainsFunc(diags, func(d faketerraform.Diagnostic) bool { return strings.Contains(d.Summary, "no one is unblocked") })
}

// finish has everything go well again. Then two applies at most bring about what the
// configuration of a team says, and another plan has nothing to do. Where its
// configuration and state contradict each other, they are mended first, as the messages
// of the plan say.
func (e *env) finish(team *team) {
	e.tell("finish %s", team.name)
	e.service.ClearFaults()
	rules := e.options.Rules
	rules.Capacity, rules.MaxBatch = 0, 0
	e.service.SetRules(rules)
	for _, n := range e.people.names {
		e.service.Heard(n.id)
		e.service.Allow(n.id)
	}
	e.mend(team)
	e.tell("configuration of %s:\n%s", team.name, team.config)
	var run *applied
	for range 2 {
		e.touched = map[string]bool{}
		run = e.planAndApply(team, step{act: actApply, taint: -1, replace: -1})
		e.checkRun(run)
		if run.isApplied && !run.diags.HasErrors() {
			break
		}
	}
	if !run.isApplied || run.diags.HasErrors() {
		e.wrong("an apply fails although all is well", "%s", append(run.plan.Diagnostics.Errors(), run.diags.Errors()...))
		return
	}
	wanted := map[string]bool{}
	for address, want := range team.config.resources {
		for id, user := range want.users {
			wanted[e.people.person(id)] = true
			shown := usersOf(address, team.state[address].Current)[id]
			if note := text(shown.note); note != user.note || shown.isPending {
				e.wrong("the state is not what the configuration says", "%s of %s: %q, want %q", id, address, note, user.note)
			}
		}
		if isExclusive(address) && len(run.after) != len(want.users) {
			e.wrong("an exclusive list holds others in the end", "%s, want %v", sorted(run.after), want.ids())
		}
	}
	for person := range wanted {
		if !run.after[person] {
			e.wrong("somebody is not blocked in the end", "%s", person)
		}
	}
	plan := team.tf.Plan(e.t.Context(), team.config.terraform(), team.state)
	if !plan.IsEmpty() {
		e.wrong("the plan after an apply without errors is not empty", "%s", planned(plan))
	}
	e.checkRequests(e.teams > 1)
}

// mend takes care that every user is in one instance, and that the state knows of them
// in no other one, as the messages of a plan say. Those who leave the state stay
// blocked.
func (e *env) mend(team *team) {
	config := team.config
	config.dropBlocks()
	for _, address := range config.addresses() {
		if isExclusive(address) {
			config.resources = map[string]*desired{address: config.resources[address]}
			team.state = faketerraform.State{}
			config.imports = []faketerraform.Import{{To: address, ID: "blocklist"}}
			return
		}
	}
	owner := map[string]string{}
	for _, address := range config.addresses() {
		want := config.resources[address]
		for _, id := range want.ids() {
			person := e.people.person(id)
			if _, taken := owner[person]; taken {
				delete(want.users, id)
				continue
			}
			owner[person] = address
		}
		if len(want.users) == 0 && isSingle(address) {
			delete(config.resources, address)
		}
	}
	state := faketerraform.State{}
	for address, instance := range team.state {
		isElsewhere := func(u shownUser) bool {
			at, wanted := owner[e.person(u)]
			return wanted && at != address
		}
		users := slices.Collect(maps.Values(usersOf(address, instance.Current)))
		if isExclusive(address) || len(instance.Deposed) > 0 || slices.ContainsFunc(users, isElsewhere) {
			e.tell("  terraform state rm %s", address)
			continue
		}
		if instance.Current != nil && instance.Current.Tainted {
			e.tell("  terraform untaint %s", address)
			sound := *instance.Current
			sound.Tainted = false
			instance.Current = &sound
		}
		state[address] = instance
	}
	team.state = state
}
