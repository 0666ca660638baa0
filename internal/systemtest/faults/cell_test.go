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

// result is the result of a cell, from the best to the worst that is acceptable.
type result int

const (
	// notHit: the fault hit no request.
	notHit result = iota
	// unaffected: everything is the same as without a fault.
	unaffected
	// reported: an error names the fault, or a warning names pending users, and the next apply
	// finishes the work.
	reported
	// undetectable: the list left users out, and its responses have no sign of it.
	undetectable
)

// namedErrors matches the summaries of the provider's errors about the API. Any other error is
// a bug, or one in which Terraform reports a bug.
var namedErrors = regexp.MustCompile(`^(Cannot (find out (whether .+ is|who is) (blocked|on the list)|block .+|unblock .+|replace .+ by .+|read the list of blocked users|import .+: not (blocked|found on the list))|The list holds .+ that the configuration does not)$`)

// cell is one operation under one fault at one target.
type cell struct {
	*baseline
	faultCase
	target
	problems []string
	// outcomeUnknown is set if an error says that an unblock has an unknown outcome.
	outcomeUnknown bool
}

func (c *cell) reportf(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// try runs a cell in a synctest bubble, which fails unless every goroutine ends.
func (c *cell) try(t *testing.T) result {
	t.Helper()
	var v result
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, c.operation, c.format)
		c.prepareList(e)
		fault := c.fault
		fault.Method, fault.Skip, fault.Times = c.method, c.skip, c.times
		e.api.Inject(fault)
		first := c.run(t.Context(), e, c.state)
		if e.api.FaultHits() == 0 {
			return
		}
		v = c.check(e, first)
		if v != unaffected || !first.sameAs(c.after) {
			c.finish(t, e, first)
		}
		for _, violation := range e.api.Violations() {
			c.reportf("sent to the API: %s", violation)
		}
	})
	return v
}

// check checks a run with a fault, and returns its result.
func (c *cell) check(e *env, o outcome) result {
	c.checkRemovals(e, o.removed)
	c.checkState(e, o)
	if errs := o.diags.Errors(); len(errs) > 0 {
		c.outcomeUnknown = slices.ContainsFunc(errs, func(d faketerraform.Diagnostic) bool {
			return strings.HasPrefix(d.Summary, "Cannot unblock ") && strings.Contains(d.Detail, "whether the request took effect")
		})
		c.checkErrors(errs)
		return reported
	}
	if c.isPending(o) || c.isUncertain(o) {
		return reported
	}
	facts, want := c.comparable(o.facts, o.removed), c.comparable(c.after.facts, o.removed)
	list := without(e.list(), keys([]string{addedByOthers}))
	if slices.Equal(facts, want) && slices.Equal(list, keys(c.want)) {
		return unaffected
	}
	if !c.isUndetectable() {
		c.reportf("no error, and\n%s\nwant\n%s\non the list\n%s\nwant\n%s", strings.Join(facts, "\n"), strings.Join(want, "\n"), list, keys(c.want))
	}
	if left := without(list, keys(c.want)); len(without(left, keys(c.unblocked))) > 0 || len(without(keys(c.want), list)) > 0 {
		c.reportf("on the list are\n%s\nwant\n%s", list, keys(c.want))
	}
	return undetectable
}

// isUndetectable reports whether the first page that the fault hits leaves users out without
// a sign.
func (c *cell) isUndetectable() bool {
	return c.undetectable == allPages || (c.undetectable == firstPages && !c.firstHit(c.faultCase, c.target).Query.Has("after"))
}

// isPending reports whether users are pending, and checks that a warning says so.
func (c *cell) isPending(o outcome) bool {
	isAnyPending, isExplained := false, false
	for _, object := range o.state.Objects() {
		_, pending := acctest.UsersIn(object.Attributes())
		isAnyPending = isAnyPending || len(pending) > 0
	}
	for _, d := range o.diags.Warnings() {
		isExplained = isExplained || slices.ContainsFunc(c.messages, func(text string) bool { return strings.Contains(d.Detail, text) })
	}
	if isAnyPending && !isExplained {
		c.reportf("users are pending, and no warning says %q:\n%s", c.messages, o.diags)
	}
	return isAnyPending
}

// isUncertain reports whether a warning says that the provider could not read the list to its
// end. It checks that no data source then says that a user is absent.
func (c *cell) isUncertain(o outcome) bool {
	warned := slices.ContainsFunc(o.diags.Warnings(), func(d faketerraform.Diagnostic) bool {
		return strings.HasPrefix(d.Summary, "Cannot tell whether ") && slices.ContainsFunc(c.messages, func(text string) bool { return strings.Contains(d.Detail, text) })
	})
	if warned && slices.ContainsFunc(o.facts, func(fact string) bool { return strings.HasSuffix(fact, " blocked = false") }) {
		c.reportf("the scan is incomplete, and a data source says that a user is absent:\n%s", strings.Join(o.facts, "\n"))
	}
	return warned
}

// comparable returns facts without the user added by others. It also leaves out the number
// of unblocked users of a resource if that may differ: the plan may remove the added user,
// and users who left the state with a refresh do not count.
func (c *cell) comparable(facts, removed []string) []string {
	counts := !c.isUndetectable() && !c.outcomeUnknown && !slices.Contains(removed, addedByOthers[1:])
	return slices.DeleteFunc(slices.Clone(facts), func(fact string) bool {
		return strings.Contains(fact, addedByOthers[1:]) || (!counts && strings.Contains(fact, " unblocked = "))
	})
}

// checkRemovals checks that every unblocked user was shown as removed by a plan.
func (c *cell) checkRemovals(e *env, shown []string) {
	if unplanned := without(keys(e.api.Deleted()), shown); len(unplanned) > 0 {
		c.reportf("the provider sent a DELETE for %s, and no plan removes them", unplanned)
	}
	if unblocked := without(without(c.listBefore, e.list()), shown); len(unblocked) > 0 {
		c.reportf("%s were unblocked, and no plan removes them", unblocked)
	}
	managed := slices.Concat(c.listBefore, keys(c.want), keys([]string{addedByOthers}))
	slices.Sort(managed)
	if unexpected := without(e.list(), managed); len(unexpected) > 0 {
		c.reportf("%s were blocked, and no configuration has them", unexpected)
	}
}

// checkState checks that all users of the state are blocked. It skips a state that was not
// changed, and users whose unblock has an error with an unknown outcome.
func (c *cell) checkState(e *env, o outcome) {
	if !o.applied {
		if c.query == nil && !slices.Equal(factsOf(o.state), factsOf(c.state)) {
			c.reportf("the plan was not applied, and the state changed")
		}
		return
	}
	for _, address := range o.state.Addresses() {
		instance := o.state[address]
		if instance.Current == nil || len(instance.Deposed) > 0 {
			c.reportf("%s: a deposed object is left", address)
			continue
		}
		failed := slices.ContainsFunc(o.diags.Errors(), func(d faketerraform.Diagnostic) bool { return d.Address == address })
		if instance.Current.Tainted && (!failed || !slices.Contains(c.tainted, address)) {
			c.reportf("%s is tainted", address)
		}
		attributes := instance.Current.Attributes()
		if id, ok := attributes["user_id"].(string); ok && id != e.api.UserID(attributes["user"].(string)) {
			c.reportf("%s has the user ID %s, which is that of another user", address, id)
		}
		blocked, pending := acctest.UsersIn(attributes)
		for _, user := range blocked {
			isOutcomeUnknown := failed && slices.Contains(o.removed, keys([]string{user})[0])
			if !e.api.IsBlocked(user) && !isOutcomeUnknown {
				c.reportf("%s says that %s is blocked", address, user)
			}
		}
		for _, user := range pending {
			if e.api.IsBlocked(user) && !failed {
				c.reportf("%s says that %s is pending", address, user)
			}
		}
	}
}

// checkErrors checks that the errors name the fault and do not contain the key.
func (c *cell) checkErrors(errs faketerraform.Diagnostics) {
	isNamed := false
	for _, d := range errs {
		if !namedErrors.MatchString(d.Summary) {
			c.reportf("an error does not say what failed: %s", d)
		}
		if strings.Contains(d.String(), fakeapi.DefaultKey) {
			c.reportf("an error contains the key: %s", d)
		}
		isNamed = isNamed || c.isUndetectable() || slices.ContainsFunc(c.messages, func(text string) bool { return strings.Contains(d.Detail, text) })
	}
	if !isNamed {
		c.reportf("no error says %q:\n%s", c.messages, errs)
	}
}

// finish clears the fault and checks that the next apply finishes the work.
func (c *cell) finish(t *testing.T, e *env, first outcome) {
	t.Helper()
	e.api.ClearFaults()
	if c.undo != nil {
		c.undo(e.api)
	}
	next := c.run(t.Context(), e, first.state)
	after, config := c.after.facts, c.config
	if errs := next.diags.Errors(); len(errs) == 1 && strings.HasSuffix(errs[0].Summary, "may be one user, and the plan unblocks one of the two") {
		// The list shows the alternate form of a number, and the error advises to use it.
		advised := c.operation
		advised.config = inListedForm(c.config)
		next = advised.run(t.Context(), e, next.state)
		after = factsInListedForm(after)
		config = advised.config
	}
	if next.diags.HasErrors() {
		c.reportf("the next apply fails:\n%s", next.diags.Errors())
		return
	}
	shown := slices.Concat(first.removed, next.removed)
	slices.Sort(shown)
	c.checkRemovals(e, shown)
	c.checkState(e, next)
	left := without(e.list(), keys(c.want))
	if c.isUndetectable() {
		// A user that a refresh took for unblocked is in no state, so no plan removes them.
		left = without(left, keys(c.unblocked))
	}
	if len(left)+len(without(keys(c.want), e.list())) > 0 {
		c.reportf("after the next apply, on the list are\n%s\nwant\n%s", e.list(), keys(c.want))
	}
	if facts, after := c.comparable(next.facts, shown), c.comparable(after, shown); !slices.Equal(facts, after) {
		c.reportf("after the next apply\n%s\nwant\n%s", strings.Join(facts, "\n"), strings.Join(after, "\n"))
	}
	if c.query != nil || (next.sameAs(c.after) && len(left) == 0) {
		return // The next plan of the baseline is empty, too.
	}
	if again := e.tf.Plan(t.Context(), config, next.state); !again.IsEmpty() {
		c.reportf("the plan after the next apply is not empty:\n%s", again.Diagnostics)
	}
}
