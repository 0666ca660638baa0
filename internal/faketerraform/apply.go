package faketerraform

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Run is the result of a plan and its apply.
type Run struct {
	Plan *Plan
	// Applied is false where the plan has errors.
	Applied bool
	// State is the prior state where the plan was not applied.
	State State
	// Diagnostics are from the apply alone.
	Diagnostics Diagnostics
}

// All has the diagnostics of plan and apply.
func (r Run) All() Diagnostics { return slices.Concat(r.Plan.Diagnostics, r.Diagnostics) }

// Apply is "terraform apply -auto-approve".
func (tf *Terraform) Apply(ctx context.Context, config Configuration, state State) Run {
	return tf.ApplyWith(ctx, config, state, PlanOptions{})
}

// ApplyWith is Apply with options for the plan.
func (tf *Terraform) ApplyWith(ctx context.Context, config Configuration, state State, opts PlanOptions) Run {
	run := Run{Plan: tf.PlanWith(ctx, config, state, opts), State: state}
	if !run.Plan.Failed() {
		run.Applied = true
		run.State, run.Diagnostics = tf.ApplyPlan(ctx, run.Plan)
	}
	return run
}

type applier struct {
	session
	mu    sync.Mutex
	state State
}

// ApplyPlan applies a plan without errors. It always returns the new state, even with
// errors.
func (tf *Terraform) ApplyPlan(ctx context.Context, plan *Plan) (State, Diagnostics) {
	var diags report
	server := tf.start(ctx, &diags)
	if server == nil {
		return plan.refreshed, diags.Diagnostics
	}
	a := &applier{session: session{tf: tf, server: server, config: plan.config, replace: plan.replace}, state: plan.refreshed}
	var nodes []*node
	var mu sync.Mutex
	add := func(change *Change, after *node, do func(*report)) *node {
		n := &node{address: change.Address, after: after, do: func() bool {
			var own report
			if !halted(ctx, change.Address, &own) {
				do(&own)
			}
			mu.Lock()
			defer mu.Unlock()
			diags.Diagnostics = append(diags.Diagnostics, own.Diagnostics...)
			return !own.HasErrors()
		}}
		nodes = append(nodes, n)
		return n
	}
	for _, change := range plan.Changes {
		destroy := func(diags *report) { a.destroy(ctx, change, diags) }
		createOrUpdate := func(diags *report) { a.createOrUpdate(ctx, change, diags) }
		switch {
		case change.Action == NoOp:
		case change.Action == Forget:
			add(change, nil, func(diags *report) {
				a.readState(ctx, change.Address, change.before, diags)
				a.drop(change)
			})
		case change.Deposed:
			add(change, nil, func(diags *report) { a.destroyDeposed(ctx, change.Address, change.before, diags) })
		case change.Action == Delete:
			add(change, nil, destroy)
		case change.Action == DeleteThenCreate:
			add(change, add(change, nil, destroy), createOrUpdate)
		case change.Action == CreateThenDelete:
			add(change, add(change, nil, func(diags *report) { a.createBesideOld(ctx, change, diags) }),
				func(diags *report) { a.destroyDeposed(ctx, change.Address, change.before, diags) })
		default:
			add(change, nil, createOrUpdate)
		}
	}
	tf.walk(nodes)
	slices.SortStableFunc(diags.Diagnostics, func(a, b Diagnostic) int { return cmp.Compare(a.Address, b.Address) })
	return a.state, diags.Diagnostics
}

func (a *applier) current(address string) *Object {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state[address].Current
}

func (a *applier) set(address string, object *Object) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state = a.state.with(address, object)
}

// drop removes the object of a change from the state.
func (a *applier) drop(change *Change) {
	if change.Deposed {
		a.replaceDeposed(change.Address, change.before, nil)
	} else {
		a.set(change.Address, nil)
	}
}

// replaceDeposed replaces a deposed object; left is nil where nothing is left of it.
func (a *applier) replaceDeposed(address string, old, left *Object) {
	a.mu.Lock()
	defer a.mu.Unlock()
	instance := a.state[address]
	instance.Deposed = slices.DeleteFunc(slices.Clone(instance.Deposed), func(o *Object) bool { return o == old })
	if left != nil {
		instance.Deposed = append(instance.Deposed, left)
	}
	a.state = a.state.withInstance(address, instance)
}

// destroy is for a deletion, and for the first half of a replacement.
func (a *applier) destroy(ctx context.Context, change *Change, diags *report) {
	object := a.readState(ctx, change.Address, a.current(change.Address), diags)
	if object == nil || diags.HasErrors() {
		return
	}
	deletion := *change
	deletion.Action, deletion.after = Delete, tftypes.NewValue(object.value.Type(), nil)
	a.set(change.Address, a.apply(ctx, &deletion, object, deletion.after, diags))
}

// destroyDeposed plans again and destroys a deposed object.
func (a *applier) destroyDeposed(ctx context.Context, address string, object *Object, diags *report) {
	read := a.readState(ctx, address, object, diags)
	if diags.HasErrors() {
		return
	}
	if change := a.planDestroy(ctx, address, read, diags); change != nil {
		a.replaceDeposed(address, object, a.apply(ctx, change, read, change.after, diags))
	}
}

// createOrUpdate plans again and carries out a creation, an update or the second half of
// a replacement.
func (a *applier) createOrUpdate(ctx context.Context, planned *Change, diags *report) {
	address := planned.Address
	current := a.readState(ctx, address, a.current(address), diags)
	if diags.HasErrors() {
		return
	}
	change := a.planInstance(ctx, address, current, planned, diags)
	if change == nil {
		return
	}
	a.checkConsistent(planned, change, diags)
	config, ok := a.tf.resourceConfig(address, a.config.Resources[address].Attributes, diags)
	if !ok || diags.HasErrors() || change.Action == NoOp || halted(ctx, address, diags) {
		return
	}
	if change.Action.IsReplace() {
		creation := *change
		creation.Action, creation.before = Create, nil
		change = &creation
	}
	left := a.apply(ctx, change, current, config, diags)
	if left != nil && diags.HasErrors() && change.Action == Create {
		tainted := *left
		tainted.Tainted = true
		left = &tainted
	}
	a.set(address, left)
}

// createBesideOld creates an instance before the one that it replaces is destroyed.
func (a *applier) createBesideOld(ctx context.Context, planned *Change, diags *report) {
	a.mu.Lock()
	old := a.state[planned.Address].Current
	a.state = a.state.withInstance(planned.Address, Instance{Deposed: append(slices.Clone(a.state[planned.Address].Deposed), old)})
	a.mu.Unlock()
	a.createOrUpdate(ctx, planned, diags)
	if diags.HasErrors() && a.current(planned.Address) == nil {
		a.replaceDeposed(planned.Address, old, nil)
		a.set(planned.Address, old)
	}
}

// checkConsistent compares the plan made during the apply with the original one.
func (a *applier) checkConsistent(planned, change *Change, diags *report) {
	if planned.Action != change.Action && (planned.Action != Update || change.Action != NoOp) {
		diags.fail(planned.Address, "Provider produced inconsistent final plan", "the planned action changed from %s to %s", planned.Action, change.Action)
	}
	if err := incompatible(planned.after, change.after); err != nil {
		diags.fail(planned.Address, "Provider produced inconsistent final plan", "%s", err)
	}
}

// apply has the provider carry out a change, and returns the object for the state, or
// nil. current is the object that is in the state.
func (a *applier) apply(ctx context.Context, change *Change, current *Object, config tftypes.Value, diags *report) *Object {
	address := change.Address
	before := tftypes.NewValue(config.Type(), nil)
	if change.before != nil {
		before = change.before.value
	}
	resp, err := a.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:        typeOf(address),
		PriorState:      encode(before),
		PlannedState:    encode(change.after),
		Config:          encode(config),
		PlannedPrivate:  change.private,
		PlannedIdentity: encodeIdentity(change.identity),
	})
	if diags.crashed(address, err) {
		return current
	}
	diags.add(address, resp.Diagnostics)
	left := a.tf.decodeObject(address, config.Type(), resp.NewState, resp.Private, resp.NewIdentity, diags)
	if left == nil {
		return current
	}
	if !left.value.IsFullyKnown() {
		diags.fail(address, "Provider returned invalid result object after apply", "the result has an unknown value: %s", left.value)
		return current
	}
	if !diags.HasErrors() {
		switch {
		case change.Action == Delete:
			if !left.value.IsNull() {
				diags.fail(address, "Provider returned invalid result object after apply", "after a destroy the result is %s", left.value)
			}
		case left.value.IsNull():
			diags.fail(address, "Provider returned invalid result object after apply", "after a %s the result is null", change.Action)
		default:
			if err := incompatible(change.after, left.value); err != nil {
				diags.fail(address, "Provider produced inconsistent result after apply", "%s", err)
			}
		}
	}
	switch {
	case !left.value.IsNull():
		left.Tainted = diags.HasErrors() && current != nil && current.Tainted
		return left
	case diags.HasErrors():
		return current
	default:
		return nil
	}
}

// halted adds an error where the run was interrupted.
func halted(ctx context.Context, address string, diags *report) bool {
	if ctx.Err() != nil {
		diags.fail(address, "execution halted", "the run was interrupted")
	}
	return ctx.Err() != nil
}
