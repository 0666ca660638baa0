package faketerraform

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// PlanOptions are options of the command line.
type PlanOptions struct {
	// Destroy is -destroy, Replace is -replace, and NoRefresh is -refresh=false.
	Destroy   bool
	Replace   []string
	NoRefresh bool
}

// Plan validates a configuration, refreshes a state, and plans.
func (tf *Terraform) Plan(ctx context.Context, config Configuration, state State) *Plan {
	return tf.PlanWith(ctx, config, state, PlanOptions{})
}

// PlanWith is Plan with options.
func (tf *Terraform) PlanWith(ctx context.Context, config Configuration, state State, opts PlanOptions) *Plan {
	var diags report
	tf.validate(ctx, config, &diags)
	state = tf.move(ctx, config, state, &diags)
	if diags.HasErrors() {
		return &Plan{Diagnostics: diags.Diagnostics}
	}
	if !opts.Destroy || opts.NoRefresh {
		return tf.planWalk(ctx, config, state, opts)
	}
	// Terraform refreshes with a separate plan, and keeps only its refreshed state.
	config.Imports = nil
	refresh := tf.planWalk(ctx, config, state, PlanOptions{})
	if refresh.Failed() {
		return refresh
	}
	return tf.planWalk(ctx, config, refresh.refreshed, opts)
}

// validate uses a provider that is not configured.
func (tf *Terraform) validate(ctx context.Context, config Configuration, diags *report) {
	server, err := tf.servers()
	if diags.crashed("", err) {
		return
	}
	for _, address := range slices.Sorted(maps.Keys(config.Resources)) {
		if value, ok := tf.resourceConfig(address, config.Resources[address].Attributes, diags); ok {
			validateResource(ctx, server, address, encode(value), diags)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(config.Data)) {
		value, ok := tf.dataConfig(address, config.Data[address], diags)
		if !ok {
			continue
		}
		resp, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeOf(address), Config: encode(value)})
		if !diags.crashed(address, err) {
			diags.add(address, resp.Diagnostics)
		}
	}
}

func validateResource(ctx context.Context, server tfprotov6.ProviderServer, address string, config *tfprotov6.DynamicValue, diags *report) {
	resp, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: typeOf(address), Config: config})
	if !diags.crashed(address, err) {
		diags.add(address, resp.Diagnostics)
	}
}

type planner struct {
	session
	destroy bool
	mu      sync.Mutex
	plan    *Plan
}

func (tf *Terraform) planWalk(ctx context.Context, config Configuration, state State, opts PlanOptions) *Plan {
	plan := &Plan{config: config, replace: opts.Replace, refreshed: state, Data: map[string]map[string]any{}}
	var started report
	server := tf.start(ctx, &started)
	plan.Diagnostics = started.Diagnostics
	if server == nil {
		return plan
	}
	p := &planner{session: session{tf: tf, server: server, config: config, replace: opts.Replace, noRefresh: opts.NoRefresh}, destroy: opts.Destroy, plan: plan}
	var nodes []*node
	add := func(address string, do func(*report)) {
		nodes = append(nodes, &node{address: address, do: func() bool {
			var diags report
			if !halted(ctx, address, &diags) {
				do(&diags)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			plan.Diagnostics = append(plan.Diagnostics, diags.Diagnostics...)
			return !diags.HasErrors()
		}})
	}
	imports := map[string]Import{}
	for _, i := range config.Imports {
		if state[i.To].Current == nil {
			imports[i.To] = i
		}
	}
	addresses := slices.Concat(state.Addresses(), slices.Collect(maps.Keys(config.Resources)))
	slices.Sort(addresses)
	for _, address := range slices.Compact(addresses) {
		_, configured := config.Resources[address]
		current := state[address].Current
		switch {
		case !configured && slices.Contains(config.Removed, address):
			add(address, func(diags *report) { p.forget(ctx, address, state[address], diags) })
			continue
		case opts.Destroy && current != nil:
			add(address, func(diags *report) { p.destroyInstance(ctx, address, current, diags) })
		case configured && !opts.Destroy:
			add(address, func(diags *report) {
				if i, ok := imports[address]; ok {
					p.importInstance(ctx, i, diags)
				} else {
					p.instance(ctx, address, current, diags)
				}
			})
		case current != nil:
			add(address, func(diags *report) { p.orphan(ctx, address, current, diags) })
		}
		for _, deposed := range state[address].Deposed {
			add(address, func(diags *report) { p.deposed(ctx, address, deposed, diags) })
		}
	}
	if !opts.Destroy {
		for _, address := range slices.Sorted(maps.Keys(config.Data)) {
			add("data."+address, func(diags *report) { p.data(ctx, address, diags) })
		}
	}
	tf.walk(nodes)
	slices.SortStableFunc(plan.Changes, byAddress)
	return plan
}

func (p *planner) addChange(change *Change) {
	if change != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.plan.Changes = append(p.plan.Changes, change)
	}
}

func (p *planner) set(address string, object *Object) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.refreshed = p.plan.refreshed.with(address, object)
}

func (p *planner) instance(ctx context.Context, address string, current *Object, diags *report) {
	if refreshed, ok := p.reread(ctx, address, current, diags); ok {
		p.addChange(p.planInstance(ctx, address, refreshed, nil, diags))
	}
}

func (p *planner) orphan(ctx context.Context, address string, current *Object, diags *report) {
	if refreshed, ok := p.reread(ctx, address, current, diags); ok && refreshed.exists() {
		p.addChange(p.planDestroy(ctx, address, refreshed, diags))
	}
}

// reread refreshes an object and keeps it for the state. It is false where there are errors.
func (p *planner) reread(ctx context.Context, address string, current *Object, diags *report) (*Object, bool) {
	refreshed := p.refresh(ctx, address, p.readState(ctx, address, current, diags), diags)
	if diags.HasErrors() {
		return nil, false
	}
	p.set(address, refreshed.orNil())
	return refreshed, true
}

func (p *planner) deposed(ctx context.Context, address string, object *Object, diags *report) {
	refreshed := p.readState(ctx, address, object, diags)
	if !p.destroy {
		refreshed = p.refresh(ctx, address, refreshed, diags).orNil()
	}
	if diags.HasErrors() {
		return
	}
	p.mu.Lock()
	instance := p.plan.refreshed[address]
	instance.Deposed = slices.Clone(instance.Deposed)
	at := slices.Index(instance.Deposed, object)
	if refreshed == nil {
		instance.Deposed = slices.Delete(instance.Deposed, at, at+1)
	} else {
		instance.Deposed[at] = refreshed
	}
	p.plan.refreshed = p.plan.refreshed.withInstance(address, instance)
	p.mu.Unlock()
	if refreshed == nil {
		return
	}
	if change := p.planDestroy(ctx, address, refreshed, diags); change != nil {
		change.Deposed = true
		p.addChange(change)
	}
}

// destroyInstance plans to destroy an instance that another walk has refreshed.
func (p *planner) destroyInstance(ctx context.Context, address string, current *Object, diags *report) {
	current = p.readState(ctx, address, current, diags)
	if !diags.HasErrors() {
		p.addChange(p.planDestroy(ctx, address, current, diags))
	}
}

// forget plans to remove an instance from the state, without a refresh.
func (p *planner) forget(ctx context.Context, address string, instance Instance, diags *report) {
	if instance.Current != nil {
		p.readState(ctx, address, instance.Current, diags)
		p.addChange(&Change{Address: address, Action: Forget, before: instance.Current})
	}
	for _, object := range instance.Deposed {
		p.readState(ctx, address, object, diags)
		p.addChange(&Change{Address: address, Action: Forget, before: object, Deposed: true})
	}
}
