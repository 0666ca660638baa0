package faketerraform

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// session is what the walks of plan and apply do with instances, each by a server
// of its own.
type session struct {
	tf      *Terraform
	server  tfprotov6.ProviderServer
	config  Configuration
	replace []string
	// noRefresh reads no resource.
	noRefresh bool
}

// resourceConfig is the configuration of an instance as a value.
func (tf *Terraform) resourceConfig(address string, attributes Attributes, diags *report) (tftypes.Value, bool) {
	schema, err := tf.resourceSchema(address)
	if err != nil {
		diags.fail(address, "Invalid resource type", "%s", err)
		return tftypes.Value{}, false
	}
	value, err := valueOf(schema.ValueType(), attributes)
	if err != nil {
		diags.fail(address, "Invalid configuration", "%s", err)
	}
	return value, err == nil
}

// readState has the provider upgrade an object of the state, as Terraform does
// with each before it uses it. It returns nil for nil.
func (s *session) readState(ctx context.Context, address string, object *Object, diags *report) *Object {
	if object == nil {
		return nil
	}
	answer, err := s.server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: typeOf(address),
		RawState: &tfprotov6.RawState{JSON: stored(object.value)},
	})
	if diags.crashed(address, err) {
		return object
	}
	diags.add(address, answer.Diagnostics)
	if diags.HasErrors() {
		return object
	}
	upgraded := *object
	upgraded.value, err = decode(object.value.Type(), answer.UpgradedState)
	diags.crashed(address, err)
	return &upgraded
}

// refresh reads an object. It does nothing where there were errors before. Of one
// that is no more, a null value is left, with the private state that the provider
// answered beside it.
func (s *session) refresh(ctx context.Context, address string, object *Object, diags *report) *Object {
	if object == nil || s.noRefresh || diags.HasErrors() {
		return object
	}
	answer, err := s.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName:        typeOf(address),
		CurrentState:    encode(object.value),
		Private:         object.private,
		CurrentIdentity: encodeIdentity(object.identity),
	})
	if diags.crashed(address, err) {
		return object
	}
	diags.add(address, answer.Diagnostics)
	if diags.HasErrors() {
		return object
	}
	read := Object{private: answer.Private, Tainted: object.Tainted}
	read.value, err = decode(object.value.Type(), answer.NewState)
	if err == nil {
		read.identity, err = s.tf.identityOf(typeOf(address), answer.NewIdentity)
	}
	switch {
	case diags.crashed(address, err):
		return object
	case !read.value.IsFullyKnown():
		diags.fail(address, "Provider produced invalid object", "the refreshed state contains unknown values")
	}
	return &read
}

// planInstance plans an instance that is in the configuration. planned is the
// plan's change where this is in the apply, nil in the plan. It returns nil where
// there are errors.
func (s *session) planInstance(ctx context.Context, address string, current *Object, planned *Change, diags *report) *Change {
	if planned != nil && planned.Action == NoOp {
		return planned
	}
	resource := s.config.Resources[address]
	config, ok := s.tf.resourceConfig(address, resource.Attributes, diags)
	if !ok {
		return nil
	}
	validateResource(ctx, s.server, address, encode(config), diags)
	if diags.HasErrors() {
		return nil
	}

	prior := current
	if current.isTainted() {
		// Planned as if it were new, and made a replacement in the end.
		prior = nil
	}
	change, requiresReplace := s.planChange(ctx, address, config, prior, nil, diags)
	if change == nil {
		return nil
	}
	createFirst := resource.CreateBeforeDestroy
	if planned != nil {
		createFirst = planned.Action == CreateThenDelete
	}
	replacement := DeleteThenCreate
	if createFirst {
		replacement = CreateThenDelete
	}
	switch {
	case !prior.exists():
		change.Action, change.before = Create, nil
	case requiresReplace || slices.Contains(s.replace, address):
		var again report
		second, _ := s.planChange(ctx, address, config, nil, change, &again)
		// Warnings of the second plan are not shown.
		diags.Diagnostics = append(diags.Diagnostics, again.Errors()...)
		if second == nil {
			return nil
		}
		change = second
		change.Action, change.before = replacement, current
	case change.after.Equal(prior.value):
		change.Action = NoOp
	default:
		change.Action = Update
	}
	if change.Action == Create && current.exists() {
		change.Action, change.before = replacement, current
	}
	if change.Action == Create && planned != nil && planned.Action.IsReplace() {
		// The object that is replaced has gone meanwhile.
		change.Action, change.before = planned.Action, planned.before
	}
	return change
}

// planChange asks the provider for one plan. first is that of the object that is
// to be replaced, where this is the second plan of a replacement. It returns nil
// where there are errors.
func (s *session) planChange(ctx context.Context, address string, config tftypes.Value, prior *Object, first *Change, diags *report) (change *Change, requiresReplace bool) {
	schema, err := s.tf.resourceSchema(address)
	if diags.crashed(address, err) {
		return nil, false
	}
	before := Object{value: tftypes.NewValue(config.Type(), nil)}
	if prior != nil {
		before = *prior
	}
	if first != nil {
		before.private, before.identity = first.private, first.identity
	}
	answer, err := s.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName:         typeOf(address),
		PriorState:       encode(before.value),
		ProposedNewState: encode(proposed(schema, before.value, config)),
		Config:           encode(config),
		PriorPrivate:     before.private,
		PriorIdentity:    encodeIdentity(before.identity),
	})
	if diags.crashed(address, err) {
		return nil, false
	}
	diags.add(address, answer.Diagnostics)
	if diags.HasErrors() {
		return nil, false
	}
	change = &Change{Address: address, before: prior, private: answer.PlannedPrivate}
	change.after, err = decode(config.Type(), answer.PlannedState)
	if err == nil {
		change.identity, err = s.tf.identityOf(typeOf(address), answer.PlannedIdentity)
	}
	if diags.crashed(address, err) {
		return nil, false
	}
	for _, problem := range invalid(schema, before.value, config, change.after) {
		diags.fail(address, "Provider produced invalid plan", "%s", problem)
	}
	if diags.HasErrors() {
		return nil, false
	}
	return change, prior.exists() && differs(answer.RequiresReplace, before.value, change.after)
}

// planDestroy plans to destroy an object. It returns nil where there are errors.
func (s *session) planDestroy(ctx context.Context, address string, object *Object, diags *report) *Change {
	null := tftypes.NewValue(object.value.Type(), nil)
	answer, err := s.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName:         typeOf(address),
		PriorState:       encode(object.value),
		ProposedNewState: encode(null),
		Config:           encode(null),
		PriorPrivate:     object.private,
		PriorIdentity:    encodeIdentity(object.identity),
	})
	if diags.crashed(address, err) {
		return nil
	}
	diags.add(address, answer.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	change := &Change{Address: address, Action: Delete, before: object, private: answer.PlannedPrivate}
	change.after, err = decode(object.value.Type(), answer.PlannedState)
	if err == nil {
		change.identity, err = s.tf.identityOf(typeOf(address), answer.PlannedIdentity)
	}
	if diags.crashed(address, err) {
		return nil
	}
	if !change.after.IsNull() {
		diags.fail(address, "Provider produced invalid plan", "a destroy was planned to leave something")
		return nil
	}
	return change
}
