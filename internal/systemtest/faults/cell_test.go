package faults_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// verdict is what a cell came to, from the best to the worst that is good.
type verdict int

const (
	// missed: the fault hit nothing.
	missed verdict = iota
	// survived: all came out as if there had been no fault.
	survived
	// named: an error told of it, or a warning of who is pending, and the next apply
	// ended the work.
	named
	// unseen: the list left people out, and no one can tell from its answers.
	unseen
)

// namedErrors are the summaries by which the provider tells of what an API
// does. Any other would be one of Terraform about the provider, or a bug.
var namedErrors = regexp.MustCompile(`^(Cannot (find out (whether .+ is|who is) (blocked|on the list)|block .+|unblock .+|replace .+ by .+|read the list of blocked users|import .+: not (blocked|found on the list))|The list holds .+ that the configuration does not)$`)

// cell is one operation under one fault at one target.
type cell struct {
	*baseline
	faultCase
	target
	problems []string
	// outcomeUnknown is set where an error of the run says that no one knows whether
	// an unblock took effect.
	outcomeUnknown bool
}

func (c *cell) wrong(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// try runs a cell in a bubble of its own. That it returns shows that nothing is
// left running.
func (c *cell) try(t *testing.T) verdict {
	t.Helper()
	var v verdict
	synctest.Test(t, func(t *testing.T) {
		w := newEnv(t, c.operation, c.form)
		c.begin(w)
		fault := c.fault
		fault.Method, fault.Skip, fault.Times = c.method, c.skip, c.times
		w.service.Inject(fault)
		first := c.run(t.Context(), w, c.state)
		if w.service.FaultHits() == 0 {
			return
		}
		v = c.judge(w, first)
		if v != survived || !first.sameAs(c.after) {
			c.end(t, w, first)
		}
		for _, violation := range w.service.Violations() {
			c.wrong("sent to the API: %s", violation)
		}
	})
	return v
}

// judge holds what came of a run under a fault to the promises.
func (c *cell) judge(w *env, o outcome) verdict {
	c.judgeRemovals(w, o.removed)
	c.judgeState(w, o)
	if errors := o.diags.Errors(); len(errors) > 0 {
		c.outcomeUnknown = slices.ContainsFunc(errors, func(d faketerraform.Diagnostic) bool {
			return strings.HasPrefix(d.Summary, "Cannot unblock ") && strings.Contains(d.Detail, "whether the request took effect")
		})
		c.judgeErrors(errors)
		return named
	}
	if c.isPending(o) || c.isUncertain(o) {
		return named
	}
	facts, want := c.comparable(o.facts, o.removed), c.comparable(c.after.facts, o.removed)
	list := without(w.list(), keys([]string{newcomer}))
	if slices.Equal(facts, want) && slices.Equal(list, keys(c.want)) {
		return survived
	}
	if !c.isUnseen() {
		c.wrong("no error, and\n%s\nwant\n%s\non the list\n%s\nwant\n%s", strings.Join(facts, "\n"), strings.Join(want, "\n"), list, keys(c.want))
	}
	if left := without(list, keys(c.want)); len(without(left, keys(c.unblocked))) > 0 || len(without(keys(c.want), list)) > 0 {
		c.wrong("on the list are\n%s\nwant\n%s", list, keys(c.want))
	}
	return unseen
}

// isUnseen reports whether the first page that is hit leaves people out, and
// nothing tells.
func (c *cell) isUnseen() bool {
	return c.unseen == allPages || (c.unseen == firstPages && !c.first(c.faultCase, c.target).Query.Has("after"))
}

// isPending reports whether users are pending, which a warning has to tell.
func (c *cell) isPending(o outcome) bool {
	waiting, told := false, false
	for _, object := range o.state.Objects() {
		_, pending := acctest.UsersIn(object.Attributes())
		waiting = waiting || len(pending) > 0
	}
	for _, d := range o.diags.Warnings() {
		told = told || slices.ContainsFunc(c.says, func(says string) bool { return strings.Contains(d.Detail, says) })
	}
	if waiting && !told {
		c.wrong("users are pending, and no warning says %q:\n%s", c.says, o.diags)
	}
	return waiting
}

// isUncertain reports whether a warning says that the list could not be read to its
// end. No one leaves the state for that, and no data source calls anyone absent.
func (c *cell) isUncertain(o outcome) bool {
	warned := slices.ContainsFunc(o.diags.Warnings(), func(d faketerraform.Diagnostic) bool {
		return strings.HasPrefix(d.Summary, "Cannot tell whether ") && slices.ContainsFunc(c.says, func(says string) bool { return strings.Contains(d.Detail, says) })
	})
	if warned && slices.ContainsFunc(o.facts, func(fact string) bool { return strings.HasSuffix(fact, " blocked = false") }) {
		c.wrong("nobody knows the whole list, and a data source calls somebody absent:\n%s", strings.Join(o.facts, "\n"))
	}
	return warned
}

// comparable are facts without the newcomer, and without the count of users that a
// resource has unblocked where that may be another: a newcomer that a plan has shown
// as removed counts, and users who left the state with a refresh do not, because the
// list left them out or because no one knew whether their unblock took effect.
func (c *cell) comparable(facts, removed []string) []string {
	counts := !c.isUnseen() && !c.outcomeUnknown && !slices.Contains(removed, newcomer[1:])
	return slices.DeleteFunc(slices.Clone(facts), func(fact string) bool {
		return strings.Contains(fact, newcomer[1:]) || (!counts && strings.Contains(fact, " unblocked = "))
	})
}

// judgeRemovals checks that no one was unblocked that no plan had shown.
func (c *cell) judgeRemovals(w *env, shown []string) {
	if unplanned := without(keys(w.service.Deleted()), shown); len(unplanned) > 0 {
		c.wrong("a DELETE named %s, and no plan removes them", unplanned)
	}
	if gone := without(without(c.listBefore, w.list()), shown); len(gone) > 0 {
		c.wrong("%s were unblocked, and no plan removes them", gone)
	}
	ours := slices.Concat(c.listBefore, keys(c.want), keys([]string{newcomer}))
	slices.Sort(ours)
	if uninvited := without(w.list(), ours); len(uninvited) > 0 {
		c.wrong("%s were blocked, and no one wanted that", uninvited)
	}
}

// judgeState checks that the state claims nothing that is not so. One that was not
// touched is none's claim, and a user who was to be unblocked, and has an error that
// says that this is not certain, stays in it.
func (c *cell) judgeState(w *env, o outcome) {
	if !o.applied {
		if c.query == nil && !slices.Equal(factsOf(o.state), factsOf(c.state)) {
			c.wrong("nothing was applied, and the state is another one")
		}
		return
	}
	for _, address := range o.state.Addresses() {
		instance := o.state[address]
		if instance.Current == nil || len(instance.Deposed) > 0 {
			c.wrong("%s: a deposed object is left", address)
			continue
		}
		failed := slices.ContainsFunc(o.diags.Errors(), func(d faketerraform.Diagnostic) bool { return d.Address == address })
		if instance.Current.Tainted && (!failed || !slices.Contains(c.tainted, address)) {
			c.wrong("%s is tainted", address)
		}
		attributes := instance.Current.Attributes()
		if id, ok := attributes["user_id"].(string); ok && id != w.service.UserID(attributes["user"].(string)) {
			c.wrong("%s has the user ID %s, which is that of another user", address, id)
		}
		blocked, pending := acctest.UsersIn(attributes)
		for _, user := range blocked {
			inDoubt := failed && slices.Contains(o.removed, keys([]string{user})[0])
			if !w.service.IsBlocked(user) && !inDoubt {
				c.wrong("%s says that %s is blocked", address, user)
			}
		}
		for _, user := range pending {
			if w.service.IsBlocked(user) && !failed {
				c.wrong("%s says that %s is not blocked yet", address, user)
			}
		}
	}
}

// judgeErrors checks that errors tell what happened, and hold no key.
func (c *cell) judgeErrors(errors faketerraform.Diagnostics) {
	told := false
	for _, d := range errors {
		if !namedErrors.MatchString(d.Summary) {
			c.wrong("an error that does not tell what failed: %s", d)
		}
		if strings.Contains(d.String(), fakeapi.DefaultKey) {
			c.wrong("an error holds the key: %s", d)
		}
		told = told || c.isUnseen() || slices.ContainsFunc(c.says, func(says string) bool { return strings.Contains(d.Detail, says) })
	}
	if !told {
		c.wrong("no error says %q:\n%s", c.says, errors)
	}
}

// end clears the fault and checks that the next apply ends the work.
func (c *cell) end(t *testing.T, w *env, first outcome) {
	t.Helper()
	w.service.ClearFaults()
	if c.mend != nil {
		c.mend(w.service)
	}
	next := c.run(t.Context(), w, first.state)
	after, config := c.after.facts, c.config
	if errors := next.diags.Errors(); len(errors) == 1 && strings.HasSuffix(errors[0].Summary, "may be one user, and the plan unblocks one of the two") {
		// The list shows a user in another form than the configuration has, and the
		// error says to write that.
		advised := c.operation
		advised.config = inListedForm(c.config)
		next = advised.run(t.Context(), w, next.state)
		after = factsInListedForm(after)
		config = advised.config
	}
	if next.diags.HasErrors() {
		c.wrong("the next apply fails:\n%s", next.diags.Errors())
		return
	}
	shown := slices.Concat(first.removed, next.removed)
	slices.Sort(shown)
	c.judgeRemovals(w, shown)
	c.judgeState(w, next)
	left := without(w.list(), keys(c.want))
	if c.isUnseen() {
		// No state holds a user that a refresh took for unblocked, and no plan removes them.
		left = without(left, keys(c.unblocked))
	}
	if len(left)+len(without(keys(c.want), w.list())) > 0 {
		c.wrong("after the next apply, on the list are\n%s\nwant\n%s", w.list(), keys(c.want))
	}
	if facts, after := c.comparable(next.facts, shown), c.comparable(after, shown); !slices.Equal(facts, after) {
		c.wrong("after the next apply\n%s\nwant\n%s", strings.Join(facts, "\n"), strings.Join(after, "\n"))
	}
	if c.query != nil || (next.sameAs(c.after) && len(left) == 0) {
		return // of which it is known that the next plan is empty
	}
	if again := w.tf.Plan(t.Context(), config, next.state); !again.IsEmpty() {
		c.wrong("the plan after the next apply is not empty:\n%s", again.Diagnostics)
	}
}
