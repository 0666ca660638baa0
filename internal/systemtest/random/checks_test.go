package random_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// checkRequests checks the rules that every request keeps.
func (e *env) checkRequests(together bool) {
	for _, violation := range e.api.Violations() {
		// Two runs do not know of each other.
		if e.teams == 1 || !strings.HasSuffix(violation, "overlaps with another write") {
			e.reportf("a request violates the API's rules", "%s", violation)
		}
	}
	if n := e.api.Stats().MaxWritesInFlight; n > 1 && !together && e.teams == 1 {
		e.reportf("writes overlap", "%d at once", n)
	}
	for _, team := range e.teamList {
		for _, reason := range team.transport.panics {
			e.reportf("the provider panicked", "%s", reason)
		}
	}
}

// checkDiagnostics looks for errors of Terraform about a bug in a provider.
func (e *env) checkDiagnostics(diags faketerraform.Diagnostics) {
	for _, d := range diags {
		if strings.Contains(d.Detail, "the planned action changed") {
			continue // The list changed after the plan, and Terraform stops.
		}
		if strings.HasPrefix(d.Summary, "Provider ") || strings.HasPrefix(d.Summary, "Import returned") || strings.Contains(d.Detail, "This is a bug in the provider") {
			e.reportf("Terraform reports a bug in the provider", "%s", d)
		}
	}
}

// checkPlan checks the rules that every plan keeps: it makes no write, no listed user is
// absent, and it unblocks no user that it blocks or keeps. before are the listed people
// when it began.
func (e *env) checkPlan(team *team, plan *faketerraform.Plan, prior faketerraform.State, before map[string]bool) {
	e.checkDiagnostics(plan.Diagnostics)
	if sent := team.transport.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		e.reportf("a plan made a write", "%+v", sent)
	}
	if plan.Failed() {
		return
	}
	shows := map[string]bool{}
	for _, users := range blockedIn(plan.Refreshed()) {
		for _, user := range users {
			shows[e.person(user)] = true
		}
	}
	after := e.listed()
	for address, users := range blockedIn(prior) {
		for _, user := range users {
			if person := e.person(user); before[person] && after[person] && !e.isChangedByOthers(person) && !shows[person] {
				e.reportf("a listed user is absent in a plan", "%s of %s", user.ID, address)
			}
		}
	}
	shown := readPlan(plan)
	for _, r := range shown.removed {
		if isRenamed(plan.Diagnostics) || slices.ContainsFunc(shown.held, func(h userChange) bool { return h.change == r.change && h.Compare(r.User) == userid.Matches }) {
			continue // Only the name changes.
		}
		for _, h := range shown.held {
			// For a tainted object, Terraform tells the plan nothing, and the apply rejects it.
			if h.change != r.change && h.Compare(r.User) == userid.Matches && !r.isTaintedIn(plan) && after[e.person(r.shownUser)] {
				e.reportf("a plan that unblocks a user it blocks or keeps is not rejected", "%s leaves %s and is in %s", r.ID, r.change.Address, h.change.Address)
			}
		}
	}
}

// isTaintedIn reports whether the user is one of a tainted object.
func (c userChange) isTaintedIn(plan *faketerraform.Plan) bool {
	current := plan.Refreshed()[c.change.Address].Current
	return c.change.Action.IsReplace() && current != nil && current.Tainted
}

// person returns the person behind the names of a user.
func (e *env) person(user shownUser) string { return e.people.person(user.ID.String()) }

// checkRun checks the rules that every run keeps.
func (e *env) checkRun(run *applied) {
	if !run.isApplied {
		return
	}
	if run.sent.maxInFlight > 1 {
		e.reportf("a run makes two writes at once", "%d", run.sent.maxInFlight)
	}
	e.checkDiagnostics(run.diags)
	shown := readPlan(run.plan)
	e.checkUnblocked(run, shown)
	for _, id := range run.sent.posted {
		// A bulk resource retries pending users.
		if !slices.ContainsFunc(shown.held, func(h userChange) bool { return h.ID.String() == id }) {
			e.reportf("a user is blocked that the plan does not show", "%s", id)
		}
	}
	for address, instance := range run.team.state {
		was := run.plan.Refreshed()[address].Current
		if instance.Current != nil && instance.Current.Tainted && (was == nil || !was.Tainted) && !run.isKilled {
			e.reportf("a resource is tainted", "%s", address)
		}
	}
	if !run.isKilled {
		e.checkState(run, shown)
	}
}

// checkUnblocked looks for unblocked users that the plan did not remove, or that the
// configuration wants blocked.
func (e *env) checkUnblocked(run *applied, shown shownPlan) {
	for person := range run.before {
		if run.after[person] || e.isChangedByOthers(person) {
			continue
		}
		var removed []userChange
		for _, r := range shown.removed {
			if e.person(r.shownUser) == person {
				removed = append(removed, r)
			}
		}
		if len(removed) == 0 {
			e.reportf("a user is unblocked that no plan removed", "%s", person)
		}
		for _, h := range shown.held {
			if e.person(h.shownUser) == person && slices.ContainsFunc(removed, func(r userChange) bool { return haveCommonKind(r.User, h.User) }) {
				e.reportf("a user is unblocked that the configuration has", "%s, as %s of %s", person, h.ID, h.change.Address)
			}
		}
	}
}

// haveCommonKind reports whether both users have a name of a common kind. Nothing connects a
// number alone with a user ID alone: they are two lines of a plan.
func haveCommonKind(a, b userid.User) bool {
	return a.HasNumber() && b.HasNumber() || a.HasUserID() && b.HasUserID()
}

// checkState compares the state with the list: blocked users stay in the state, and new
// users of the state are blocked.
func (e *env) checkState(run *applied, shown shownPlan) {
	if run.after == nil {
		return
	}
	state, refreshed := blockedIn(run.team.state), blockedIn(run.plan.Refreshed())
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
			// If Terraform was stopped between the halves of a replacement, the next create adopts
			// the user.
			isHalf := run.isDisturbed && run.team.state[address].Current == nil
			// The create of another resource with the user failed because of another user.
			isTakenOver := slices.ContainsFunc(shown.held, func(h userChange) bool {
				return h.change.Address != address && e.person(h.shownUser) == person && run.team.state[h.change.Address].Current == nil
			})
			isAnew := sent(run.sent.deleted, person) && sent(run.sent.posted, person)
			if run.before[person] && run.after[person] && !e.isChangedByOthers(person) && !forgotten[address] && !has(state, person) && !isRenamed(run.plan.Diagnostics) && !isRenamed(run.diags) && !isHalf && !isAnew && !isTakenOver {
				e.reportf("the state lost a user who is still blocked", "%s of %s", user.ID, address)
			}
		}
	}
	for address, users := range state {
		for _, user := range users {
			person := e.person(user)
			if !run.after[person] && !e.isChangedByOthers(person) && !has(refreshed, person) {
				e.reportf("the state claims a block", "%s of %s", user.ID, address)
			}
			// Nothing may connect a user who was unblocked by one kind of name with a user of
			// the other kind.
			isLinked := slices.ContainsFunc(shown.removed, func(r userChange) bool {
				return e.person(r.shownUser) == person && haveCommonKind(r.User, user.User)
			})
			if !run.after[person] && !e.isChangedByOthers(person) && run.before[person] && isLinked && !run.diags.HasErrors() {
				e.reportf("the state holds a user that the run has unblocked", "%s of %s", user.ID, address)
			}
		}
	}
}

// isRenamed reports whether a warning says that users leave the configuration without an
// unblock, because the list may show them under another name.
func isRenamed(diags faketerraform.Diagnostics) bool {
	return slices.ContainsFunc(diags, func(d faketerraform.Diagnostic) bool { return strings.Contains(d.Summary, "no one is unblocked") })
}

// finish clears all faults and conflicts. After at most two applies, the list is what the
// configuration of a team says, and the next plan is empty.
func (e *env) finish(team *team) {
	e.logf("finish %s", team.name)
	e.api.ClearFaults()
	rules := e.options.Rules
	rules.Capacity, rules.MaxBatch = 0, 0
	e.api.SetRules(rules)
	for _, n := range e.people.names {
		e.api.Heard(n.id)
		e.api.Allow(n.id)
	}
	e.resolveConflicts(team)
	e.logf("configuration of %s:\n%s", team.name, team.config)
	var run *applied
	for range 2 {
		e.changedByOthers = map[string]bool{}
		run = e.planAndApply(team, step{act: actApply, taint: -1, replace: -1})
		e.checkRun(run)
		if run.isApplied && !run.diags.HasErrors() {
			break
		}
	}
	if !run.isApplied || run.diags.HasErrors() {
		e.reportf("an apply without faults fails", "%s", append(run.plan.Diagnostics.Errors(), run.diags.Errors()...))
		return
	}
	wanted := map[string]bool{}
	for address, want := range team.config.resources {
		for id, user := range want.users {
			wanted[e.people.person(id)] = true
			shown := usersOf(address, team.state[address].Current)[id]
			if note := text(shown.note); note != user.note || shown.isPending {
				e.reportf("the state is not what the configuration says", "%s of %s: %q, want %q", id, address, note, user.note)
			}
		}
		if isExclusive(address) && len(run.after) != len(want.users) {
			e.reportf("an exclusive list has other users in the end", "%s, want %v", sorted(run.after), want.ids())
		}
	}
	for person := range wanted {
		if !run.after[person] {
			e.reportf("a user is not blocked in the end", "%s", person)
		}
	}
	plan := team.tf.Plan(e.t.Context(), team.config.terraform(), team.state)
	if !plan.IsEmpty() {
		e.reportf("the plan after an apply without errors is not empty", "%s", formatPlan(plan))
	}
	e.checkRequests(e.teams > 1)
}

// resolveConflicts makes sure that each user is in one instance of the configuration, and in
// no other one of the state, as the messages of a plan say. Users who leave the state stay
// blocked.
func (e *env) resolveConflicts(team *team) {
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
			e.logf("  terraform state rm %s", address)
			continue
		}
		if instance.Current != nil && instance.Current.Tainted {
			e.logf("  terraform untaint %s", address)
			sound := *instance.Current
			sound.Tainted = false
			instance.Current = &sound
		}
		state[address] = instance
	}
	team.state = state
}
