package provider

import (
	"slices"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// settle has everything go well again, and one more apply end what a team
// wanted. Where its configuration and state contradict each other, they are
// mended first, as the plan's message says.
func (w *randomWorld) settle(team *randomTeam) {
	w.tell("settle %s", team.name)
	w.service.ClearFaults()
	rules := w.options.Rules
	rules.Capacity, rules.MaxBatch = 0, 0
	if w.misses(team) {
		rules.AlreadyBlocked = sandbox.NoOpAccept
	}
	w.service.SetRules(rules)
	for _, name := range randomNames {
		w.service.Heard(name.id)
		w.service.Allow(name.id)
	}
	w.touched = map[string]bool{}
	team.tap.begin()
	w.untaint(team, func(string) bool { return true })
	plan := team.tf.Plan(w.t.Context(), team.config.terraform(), team.state)
	explained := w.explains(team)
	w.checkPlan(plan, explained)
	w.tell("%s", planned(plan))
	// A list that is exactly one thing cannot be another one as well.
	misused := len(team.config.wishes) > 1 && slices.ContainsFunc(team.config.addresses(), isExclusive)
	if explained || misused {
		w.mend(team)
	}
	w.tell("configuration of %s:\n%s", team.name, team.config)
	run := w.run(team, randomStep{act: actApply, taint: -1, replace: -1})
	if run.plan.Failed() || run.diags.HasErrors() {
		w.wrong("an apply fails although all is well", "%s", append(run.plan.Diagnostics.Errors(), run.diags.Errors()...))
		return
	}
	w.checkRun(run)
	for address, wish := range team.config.wishes {
		for id := range wish.users {
			if !run.after[w.people.person(id)] {
				w.wrong("somebody is not blocked in the end", "%s of %s", id, address)
			}
		}
	}
	w.checkManners(w.teams > 1)
}

// misses reports whether somebody may be on the list whom a team cannot find on
// it. A service that refuses to block them, and does not say who they are, keeps
// the team from its end.
func (w *randomWorld) misses(team *randomTeam) bool {
	for _, wish := range team.config.wishes {
		if slices.ContainsFunc(wish.ids(), w.mayMiss) {
			return true
		}
	}
	return false
}

// mend takes care that everybody is in one instance, and that the state knows
// of nobody in another one. Those who leave the state so stay blocked.
func (w *randomWorld) mend(team *randomTeam) {
	config := team.config
	config.settled()
	for _, address := range config.addresses() {
		if isExclusive(address) {
			config.wishes = map[string]*randomWish{address: config.wishes[address]}
			team.state = prototest.State{}
			config.imports = []prototest.Import{{To: address, ID: exclusiveImportID}}
			return
		}
	}
	owner := map[string]string{}
	for _, address := range config.addresses() {
		wish := config.wishes[address]
		for _, id := range wish.ids() {
			person := w.people.person(id)
			if _, taken := owner[person]; taken {
				delete(wish.users, id)
				continue
			}
			owner[person] = address
		}
		if len(wish.users) == 0 && isSingle(address) {
			delete(config.wishes, address)
		}
	}
	forget := func(address string, object *prototest.Object) bool {
		if isExclusive(address) {
			// It takes in whoever is on the list.
			return true
		}
		for id := range usersOf(address, object) {
			if at, wanted := owner[w.people.person(id)]; wanted && at != address {
				return true
			}
		}
		return false
	}
	state := prototest.State{}
	for address, instance := range team.state {
		if !forget(address, instance.Current) && len(instance.Deposed) == 0 {
			state[address] = instance
		} else {
			w.tell("  terraform state rm %s", address)
		}
	}
	team.state = state
}
