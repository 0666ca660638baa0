package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/prototest"
)

// checkManners holds what was sent to the rules that know no exception.
func (w *randomWorld) checkManners(together bool) {
	for _, violation := range w.service.Violations() {
		// Two runs cannot know of each other.
		if w.teams == 1 || !strings.HasSuffix(violation, "overlaps with another write") {
			w.wrong("a request breaks the contract", "%s", violation)
		}
	}
	if n := w.service.Stats().MaxWritesInFlight; n > 1 && !together && w.teams == 1 {
		w.wrong("writes overlap", "%d at once", n)
	}
	for _, team := range w.members {
		for _, reason := range team.tap.panics {
			w.wrong("the provider panicked", "%s", reason)
		}
	}
}

// checkPlan holds a plan to what any plan has to be.
func (w *randomWorld) checkPlan(plan *prototest.Plan, explained bool) {
	w.checkDiagnostics(plan.Diagnostics)
	if plan.Failed() {
		if !explained {
			w.wrong("a plan is refused for no reason", "%s", plan.Diagnostics.Errors())
		}
		return
	}
	if conflicts := showsOf(plan).conflicts(); len(conflicts) > 0 {
		w.wrong("a plan that unblocks whom it blocks or keeps is not refused", "%s", strings.Join(conflicts, ", "))
	}
}

// checkDiagnostics looks for what Terraform says where a provider did what none
// may.
func (w *randomWorld) checkDiagnostics(diags prototest.Diagnostics) {
	for _, d := range diags {
		if strings.HasPrefix(d.Summary, "Provider ") || strings.HasPrefix(d.Summary, "Import returned") || strings.Contains(d.Detail, "This is a bug in the provider") {
			w.wrong("the provider did what none may", "%s", d)
		}
	}
}

// explains reports whether there may be a reason to refuse the plan of a team
// as things are: more of them than the provider refuses, but none without one.
func (w *randomWorld) explains(team *randomTeam, replaced ...string) bool {
	owners := map[string]map[string]bool{}
	own := func(owner, id string) {
		person := w.people.person(id)
		if owners[person] == nil {
			owners[person] = map[string]bool{}
		}
		// Two names of one person make two, also in one instance.
		owners[person][owner+" "+id] = true
	}
	whole := func(owner string) {
		for person := range w.listed() {
			for _, name := range randomNames {
				if w.people.person(name.id) == person && w.called[person][name.id] {
					own(owner, name.id)
				}
			}
		}
	}
	held := team.state
	for address, instance := range held {
		if isExclusive(address) {
			whole(address)
		}
		for id := range usersOf(address, instance.Current) {
			own(address, id)
		}
		for i, deposed := range instance.Deposed {
			for id := range usersOf(address, deposed) {
				own(fmt.Sprint(address, i), id)
			}
		}
	}
	for address, wish := range team.config.wishes {
		if isExclusive(address) {
			whole(address)
			unseen := slices.ContainsFunc(w.service.Blocked(), func(person string) bool {
				return !slices.ContainsFunc(wish.ids(), func(id string) bool { return id == person || w.people.person(id) == person && !w.mayMiss(id) })
			})
			// The second half of a replacement knows nothing of the first.
			current := held[address].Current
			if unseen && (current == nil || current.Tainted || slices.Contains(replaced, address)) {
				return true
			}
		}
		for id := range wish.users {
			own(address, id)
		}
	}
	for _, several := range owners {
		if len(several) > 1 {
			return true
		}
	}
	return len(team.config.imports) > 0 || len(team.config.moved) > 0
}

// checkRun holds a run to what any run has to keep.
func (w *randomWorld) checkRun(run *randomRun) {
	w.checkPlan(run.plan, run.explained || len(run.step.faults) > 0 || run.step.cut.kind == cutPlan)
	if run.sent.mostInFlight > 1 {
		w.wrong("a run has two writes under way at once", "%d", run.sent.mostInFlight)
	}
	if !run.applied {
		return
	}
	w.checkDiagnostics(run.diags)
	shown := showsOf(run.plan)
	for _, id := range run.sent.deleted {
		if !shown.leaves(id) {
			w.wrong("somebody is unblocked whom no plan removed, or whom the run keeps", "%s", id)
		}
	}
	for _, id := range run.sent.posted {
		if !shown.enters(id) {
			w.wrong("somebody is blocked of whom the plan says nothing", "%s", id)
		}
	}
	for person := range run.before {
		if !run.after[person] && !w.touched[person] && !slices.ContainsFunc(shown.removed, func(r randomClaim) bool { return w.people.person(r.id) == person }) {
			w.wrong("somebody is no longer on the list whom no plan removed", "%s", person)
		}
	}
	for address, instance := range run.team.state {
		was := run.plan.Refreshed()[address].Current
		if instance.Current != nil && instance.Current.Tainted && (was == nil || !was.Tainted) && !run.killed {
			w.wrong("a resource is tainted", "%s", address)
		}
	}
	switch {
	case run.killed:
		// The state is from before.
	case run.diags.HasErrors():
		w.checkTruth(run.team, shown.removed, run.mayNotRead(), "a failed apply")
		w.checkKept(run)
	default:
		w.checkDone(run, shown)
	}
}

// unsure are the people of whom a team cannot tell for sure whether they are on
// the list.
func (w *randomWorld) unsure(team *randomTeam, leaving []randomClaim) map[string]bool {
	var all []map[string]randomUser
	gone := map[string]randomUser{}
	for _, r := range leaving {
		gone[r.id] = r.randomUser
	}
	all = append(all, gone)
	for _, address := range team.state.Addresses() {
		instance := team.state[address]
		for _, object := range append(slices.Clone(instance.Deposed), instance.Current) {
			all = append(all, usersOf(address, object))
		}
	}
	for _, wish := range team.config.wishes {
		wished := map[string]randomUser{}
		for id := range wish.users {
			wished[id] = randomUser{id: id}
		}
		all = append(all, wished)
	}
	people := twofold(w.people, all...)
	maps.Copy(people, w.touched)
	for _, some := range all[1:] {
		for id, user := range some {
			if user.waID == "" && w.mayMiss(id) {
				people[w.people.person(id)] = true
			}
		}
	}
	return people
}

// checkTruth compares the state with the list. Those who leave may have left,
// without an answer that says so. Somebody whose block was refused while the list
// could not be read is pending, and may be on it all the same.
func (w *randomWorld) checkTruth(team *randomTeam, leaving []randomClaim, unread bool, when string) {
	unsure, list := w.unsure(team, leaving), w.listed()
	for _, r := range leaving {
		unsure[w.people.person(r.id)] = true
	}
	for _, address := range team.state.Addresses() {
		if slices.Contains(team.config.removed, address) {
			continue // What is to be forgotten is not refreshed.
		}
		for id, user := range usersOf(address, team.state[address].Current) {
			person := w.people.person(id)
			if listed := list[person]; listed == user.pending && !unsure[person] && (!listed || !unread) {
				w.wrong("the state is not true after "+when, "%s has %s, pending: %t; on the list: %t", address, id, user.pending, listed)
			}
		}
	}
}

// checkKept looks, after a failed apply, for what a plan was to keep and the
// state has lost.
func (w *randomWorld) checkKept(run *randomRun) {
	refreshed := run.plan.Refreshed()
	for _, change := range run.plan.Changes {
		if change.Deposed || (change.Action != prototest.NoOp && change.Action != prototest.Update) {
			continue
		}
		address := change.Address
		after := usersIn(address, change.After(), nil)
		left := usersOf(address, run.team.state[address].Current)
		for id, user := range usersOf(address, refreshed[address].Current) {
			_, stays := after[id]
			if _, ok := left[id]; stays && !ok && !user.pending {
				w.wrong("a failed apply lost from the state whom the plan keeps", "%s of %s", id, address)
			}
		}
	}
}

// checkDone checks an apply that went well: the list, the state and the next
// plan are as the configuration says.
func (w *randomWorld) checkDone(run *randomRun, shown randomShown) {
	team := run.team
	unsure := w.unsure(team, shown.removed)
	pending := map[string]bool{}
	for _, address := range team.state.Addresses() {
		for id, user := range usersOf(address, team.state[address].Current) {
			if user.pending {
				pending[w.people.person(id)] = true
			}
		}
	}
	want := maps.Clone(run.before)
	for _, r := range shown.removed {
		if !shown.holds(r.randomUser) {
			delete(want, w.people.person(r.id))
		}
	}
	for _, h := range shown.held {
		if person := w.people.person(h.id); !pending[person] {
			want[person] = true
		}
	}
	for _, person := range slices.Sorted(maps.Keys(union(want, run.after))) {
		if want[person] != run.after[person] && !unsure[person] {
			w.wrong("the list is not what an apply without errors makes it", "%s on it: %t; it was {%s}, is {%s}, and is to be {%s}",
				person, run.after[person], sorted(run.before), sorted(run.after), sorted(want))
		}
	}
	w.checkTruth(team, nil, run.mayNotRead(), "an apply without errors")
	if run.step.act == actDestroy {
		if len(team.state) > 0 {
			w.wrong("a destroy without errors leaves a state", "%v", team.state.Addresses())
		}
		return
	}
	w.checkState(team)
	w.checkNext(team, unsure, pending)
}

func union(a, b map[string]bool) map[string]bool {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// checkState compares the state with the configuration.
func (w *randomWorld) checkState(team *randomTeam) {
	if got, want := team.state.Addresses(), team.config.addresses(); !slices.Equal(got, want) {
		w.wrong("the state does not have the instances of the configuration", "%v, want %v", got, want)
		return
	}
	for address, wish := range team.config.wishes {
		instance := team.state[address]
		if instance.Current == nil || len(instance.Deposed) > 0 || instance.Current.Tainted {
			w.wrong("an apply without errors leaves more to do", "%s: %+v", address, instance)
			return
		}
		users := usersOf(address, instance.Current)
		if !slices.Equal(slices.Sorted(maps.Keys(users)), wish.ids()) {
			w.wrong("the state has other users than the configuration", "%s: %v, want %v", address, slices.Sorted(maps.Keys(users)), wish.ids())
			return
		}
		for id, user := range users {
			if note, _ := user.note.(string); note != wish.users[id].note {
				w.wrong("the state has another note than the configuration", "%s: %s: %q, want %q", address, id, note, wish.users[id].note)
			}
			if user.pending && !wish.allowPending {
				w.wrong("somebody is pending where that is not allowed", "%s: %s", address, id)
			}
		}
	}
}

// checkNext checks that another plan has nothing to do, but for those who are
// pending.
func (w *randomWorld) checkNext(team *randomTeam, unsure, pending map[string]bool) {
	explained := w.explains(team)
	plan := team.tf.Plan(w.t.Context(), team.config.terraform(), team.state)
	if sent := team.tap.begin(); len(sent.posted)+len(sent.deleted) > 0 {
		w.wrong("a plan wrote", "%+v", sent)
	}
	w.checkPlan(plan, explained)
	if plan.Failed() {
		return
	}
	for _, change := range plan.Changes {
		excused := change.Action == prototest.NoOp || (isExclusive(change.Address) && (len(unsure) > 0 || len(team.config.wishes) > 1))
		for _, users := range []map[string]randomUser{usersIn(change.Address, change.Before(), nil), usersIn(change.Address, change.After(), nil)} {
			for id := range users {
				person := w.people.person(id)
				excused = excused || unsure[person] || pending[person]
				// Whom a create took for somebody with the other form of the number, the
				// next plan shows.
				excused = excused || (isExclusive(change.Address) && team.config.wishes[change.Address].hasKin(id))
			}
		}
		if !excused {
			w.wrong("the plan after an apply without errors is not empty", "%s %s: %v -> %v", change.Action, change.Address, change.Before(), change.After())
		}
	}
}
