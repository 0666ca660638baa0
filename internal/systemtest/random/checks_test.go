package random_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// checkRequests checks the rules that every request keeps. atOnce is set if several teams
// applied at once.
func (e *env) checkRequests(atOnce bool) {
	for _, violation := range e.api.Violations() {
		// The runs of two teams cannot know each other's writes.
		if e.teamCount == 1 || !strings.HasSuffix(violation, "overlaps with another write") {
			e.reportf("a request violates the API's rules", "%s", violation)
		}
	}
	if n := e.api.Stats().MaxWritesInFlight; n > 1 && !atOnce && e.teamCount == 1 {
		e.reportf("writes overlap", "%d at once", n)
	}
	for _, team := range e.teams {
		for _, reason := range team.transport.panics {
			e.reportf("the provider panicked", "%s", reason)
		}
	}
}

// checkDiagnostics reports errors in which Terraform says that the provider has a bug.
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
// absent, and it unblocks no user that it blocks or keeps. before is the list when the plan began.
func (e *env) checkPlan(team *teamEnv, plan *faketerraform.Plan, prior faketerraform.State, before map[string]bool) {
	e.checkDiagnostics(plan.Diagnostics)
	if sent := team.transport.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		e.reportf("a plan made a write", "%+v", sent)
	}
	if plan.Failed() {
		return
	}
	refreshed := map[string]bool{}
	for _, users := range blockedIn(plan.Refreshed()) {
		for _, user := range users {
			refreshed[e.keyOf(user)] = true
		}
	}
	after := e.listed()
	for address, users := range blockedIn(prior) {
		for _, user := range users {
			if key := e.keyOf(user); before[key] && after[key] && !e.isChangedByOthers(key) && !refreshed[key] {
				e.reportf("a plan shows a listed user as absent", "%s of %s", user.ID, address)
			}
		}
	}
	shown := readPlan(plan)
	for _, r := range shown.removed {
		if isRenamed(plan.Diagnostics) || slices.ContainsFunc(shown.held, func(h userChange) bool { return h.change == r.change && h.Compare(r.User) == userid.Matches }) {
			continue // Only the name changes.
		}
		for _, h := range shown.held {
			// For a tainted object, Terraform does not send the prior users to the plan. The apply
			// rejects the unblock.
			if h.change != r.change && h.Compare(r.User) == userid.Matches && !r.isTaintedIn(plan) && after[e.keyOf(r.shownUser)] {
				e.reportf("a plan unblocks a user that it blocks or keeps, without an error", "%s, removed from %s and planned in %s", r.ID, r.change.Address, h.change.Address)
			}
		}
	}
}

// isTaintedIn reports whether the user is one of a tainted object.
func (c userChange) isTaintedIn(plan *faketerraform.Plan) bool {
	current := plan.Refreshed()[c.change.Address].Current
	return c.change.Action.IsReplace() && current != nil && current.Tainted
}

// keyOf returns the key of a user in the fake API's list.
func (e *env) keyOf(user shownUser) string { return e.users.keyOf(user.ID.String()) }

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
			e.reportf("the provider blocked a user that the plan does not show", "%s", id)
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
	for key := range run.before {
		if run.after[key] || e.isChangedByOthers(key) {
			continue
		}
		var removed []userChange
		for _, r := range shown.removed {
			if e.keyOf(r.shownUser) == key {
				removed = append(removed, r)
			}
		}
		if len(removed) == 0 {
			e.reportf("the provider unblocked a user that no plan removed", "%s", key)
		}
		for _, h := range shown.held {
			if e.keyOf(h.shownUser) == key && slices.ContainsFunc(removed, func(r userChange) bool { return haveCommonKind(r.User, h.User) }) {
				e.reportf("the provider unblocked a user of the configuration", "%s, as %s of %s", key, h.ID, h.change.Address)
			}
		}
	}
}

// haveCommonKind reports whether both users have a name of a common kind. The provider cannot
// know that a number and a user ID are one user, so the plan shows two users.
func haveCommonKind(a, b userid.User) bool {
	return a.HasNumber() && b.HasNumber() || a.HasUserID() && b.HasUserID()
}

// checkState compares the state with the list: users who are still blocked stay in the state,
// and users who are new in the state are blocked.
func (e *env) checkState(run *applied, shown shownPlan) {
	state, refreshed := blockedIn(run.team.state), blockedIn(run.plan.Refreshed())
	has := func(held map[string][]shownUser, key string) bool {
		for _, users := range held {
			if slices.ContainsFunc(users, func(u shownUser) bool { return e.keyOf(u) == key }) {
				return true
			}
		}
		return false
	}
	sent := func(ids []string, key string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return e.users.keyOf(id) == key })
	}
	forgotten := map[string]bool{}
	for _, change := range run.plan.Changes {
		if change.Action == faketerraform.Forget {
			forgotten[change.Address] = true
		}
	}
	for address, users := range refreshed {
		for _, user := range users {
			key := e.keyOf(user)
			// If Terraform stopped between the delete and the create of a replacement, the next create
			// adopts the user.
			isHalfReplaced := run.isDisturbed && run.team.state[address].Current == nil
			// Another resource takes over the user, but its create failed because of another user.
			isTakenOver := slices.ContainsFunc(shown.held, func(h userChange) bool {
				return h.change.Address != address && e.keyOf(h.shownUser) == key && run.team.state[h.change.Address].Current == nil
			})
			isBlockedAgain := sent(run.sent.deleted, key) && sent(run.sent.posted, key)
			if run.before[key] && run.after[key] && !e.isChangedByOthers(key) && !forgotten[address] && !has(state, key) && !isRenamed(run.plan.Diagnostics) && !isRenamed(run.diags) && !isHalfReplaced && !isBlockedAgain && !isTakenOver {
				e.reportf("the state lost a user who is still blocked", "%s of %s", user.ID, address)
			}
		}
	}
	for address, users := range state {
		for _, user := range users {
			key := e.keyOf(user)
			if run.after[key] || e.isChangedByOthers(key) {
				continue
			}
			if !has(refreshed, key) {
				e.reportf("the state has a user that is not blocked", "%s of %s", user.ID, address)
			}
			// The provider may not know that the removed user and this one are the same.
			isLinked := slices.ContainsFunc(shown.removed, func(r userChange) bool {
				return e.keyOf(r.shownUser) == key && haveCommonKind(r.User, user.User)
			})
			if run.before[key] && isLinked && !run.diags.HasErrors() {
				e.reportf("the state has a user that the run has unblocked", "%s of %s", user.ID, address)
			}
		}
	}
}

// isRenamed reports whether a warning says that the provider does not unblock the removed
// users, because the list may show them under another name.
func isRenamed(diags faketerraform.Diagnostics) bool {
	return slices.ContainsFunc(diags, func(d faketerraform.Diagnostic) bool { return strings.Contains(d.Summary, "no one is unblocked") })
}

// finish clears all faults and conflicts. After at most two applies, the list is what the
// configuration of a team says, and the next plan is empty.
func (e *env) finish(team *teamEnv) {
	e.logf("finish %s", team.name)
	e.api.ClearFaults()
	rules := e.options.Rules
	rules.Capacity, rules.MaxBatch = 0, 0
	e.api.SetRules(rules)
	for _, n := range e.users.names {
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
			wanted[e.users.keyOf(id)] = true
			shown := usersOf(address, team.state[address].Current)[id]
			if note := text(shown.note); note != user.note || shown.isPending {
				e.reportf("the state is not what the configuration says", "%s of %s: %q, want %q", id, address, note, user.note)
			}
		}
		if isExclusive(address) && len(run.after) != len(want.users) {
			e.reportf("the final list has users that the exclusive resource does not", "%s, want %v", sorted(run.after), want.ids())
		}
	}
	for key := range wanted {
		if !run.after[key] {
			e.reportf("a user of the configuration is not on the final list", "%s", key)
		}
	}
	plan := team.tf.Plan(e.t.Context(), team.config.terraform(), team.state)
	if !plan.IsEmpty() {
		e.reportf("the plan after an apply without errors is not empty", "%s", formatPlan(plan))
	}
	e.checkRequests(e.teamCount > 1)
}

// resolveConflicts makes sure that each user is in one instance of the configuration, and in
// the state of no other, as the plan's messages advise. Users removed from state stay blocked.
func (e *env) resolveConflicts(team *teamEnv) {
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
	addressOf := map[string]string{}
	for _, address := range config.addresses() {
		want := config.resources[address]
		for _, id := range want.ids() {
			key := e.users.keyOf(id)
			if addressOf[key] != "" {
				delete(want.users, id)
				continue
			}
			addressOf[key] = address
		}
		if len(want.users) == 0 && isSingle(address) {
			delete(config.resources, address)
		}
	}
	state := faketerraform.State{}
	for address, instance := range team.state {
		hasOtherAddress := func(u shownUser) bool {
			configured := addressOf[e.keyOf(u)]
			return configured != "" && configured != address
		}
		users := slices.Collect(maps.Values(usersOf(address, instance.Current)))
		if isExclusive(address) || len(instance.Deposed) > 0 || slices.ContainsFunc(users, hasOtherAddress) {
			e.logf("  terraform state rm %s", address)
			continue
		}
		if instance.Current != nil && instance.Current.Tainted {
			e.logf("  terraform untaint %s", address)
			untainted := *instance.Current
			untainted.Tainted = false
			instance.Current = &untainted
		}
		state[address] = instance
	}
	team.state = state
}
