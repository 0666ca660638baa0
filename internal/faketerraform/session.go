package faketerraform

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// session is what plan and apply have in common. Each has its own server.
type session struct {
	tf        *Terraform
	server    tfprotov6.ProviderServer
	config    Configuration
	replace   []string
	noRefresh bool
}

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

// readState has the provider upgrade an object, as Terraform does before it uses one
// from the state. It returns nil for nil.
func (s *session) readState(ctx context.Context, address string, object *Object, diags *report) *Object {
	if object == nil {
		return nil
	}
	resp, err := s.server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: typeOf(address),
		RawState: &tfprotov6.RawState{JSON: stateJSON(object.value)},
	})
	if diags.crashed(address, err) {
		return object
	}
	diags.add(address, resp.Diagnostics)
	if diags.HasErrors() {
		return object
	}
	upgraded := *object
	upgraded.value, err = decode(object.value.Type(), resp.UpgradedState)
	diags.crashed(address, err)
	return &upgraded
}

// refresh reads an object, unless there are errors already. An object that no longer
// exists has a null value, and the private state of the response.
func (s *session) refresh(ctx context.Context, address string, object *Object, diags *report) *Object {
	if object == nil || s.noRefresh || diags.HasErrors() {
		return object
	}
	resp, err := s.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName:        typeOf(address),
		CurrentState:    encode(object.value),
		Private:         object.private,
		CurrentIdentity: encodeIdentity(object.identity),
	})
	if diags.crashed(address, err) {
		return object
	}
	diags.add(address, resp.Diagnostics)
	if diags.HasErrors() {
		return object
	}
	read := s.tf.decodeObject(address, object.value.Type(), resp.NewState, resp.Private, resp.NewIdentity, diags)
	if read == nil {
		return object
	}
	read.Tainted = object.Tainted
	if !read.value.IsFullyKnown() {
		diags.fail(address, "Provider produced invalid object", "the refreshed state contains unknown values")
	}
	return read
}

// planInstance plans an instance of the configuration. planned is the change of the plan
// during an apply, nil during a plan. It returns nil where there are errors.
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
		// Terraform plans it as new, and then makes it a replacement.
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
		// Terraform does not show warnings of the second plan.
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
		// The replaced object no longer exists.
		change.Action, change.before = planned.Action, planned.before
	}
	return change
}

// planChange plans an object once. first is set in the second plan of a replacement: it
// is the first plan. It returns nil where there are errors.
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
	change, replacePaths := s.requestPlan(ctx, address, before, proposed(schema, before.value, config), config, diags)
	if change == nil {
		return nil, false
	}
	change.before = prior
	for _, problem := range invalidPlan(schema, before.value, config, change.after) {
		diags.fail(address, "Provider produced invalid plan", "%s", problem)
	}
	if diags.HasErrors() {
		return nil, false
	}
	return change, prior.exists() && differs(replacePaths, before.value, change.after)
}

// planDestroy returns nil where there are errors.
func (s *session) planDestroy(ctx context.Context, address string, object *Object, diags *report) *Change {
	null := tftypes.NewValue(object.value.Type(), nil)
	change, _ := s.requestPlan(ctx, address, *object, null, null, diags)
	if change == nil {
		return nil
	}
	change.Action, change.before = Delete, object
	if !change.after.IsNull() {
		diags.fail(address, "Provider produced invalid plan", "the plan of a destroy leaves an object")
		return nil
	}
	return change
}

// requestPlan returns nil where there are errors.
func (s *session) requestPlan(ctx context.Context, address string, before Object, proposed, config tftypes.Value, diags *report) (*Change, []*tftypes.AttributePath) {
	resp, err := s.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName:         typeOf(address),
		PriorState:       encode(before.value),
		ProposedNewState: encode(proposed),
		Config:           encode(config),
		PriorPrivate:     before.private,
		PriorIdentity:    encodeIdentity(before.identity),
	})
	if diags.crashed(address, err) {
		return nil, nil
	}
	diags.add(address, resp.Diagnostics)
	if diags.HasErrors() {
		return nil, nil
	}
	planned := s.tf.decodeObject(address, config.Type(), resp.PlannedState, resp.PlannedPrivate, resp.PlannedIdentity, diags)
	if planned == nil {
		return nil, nil
	}
	return &Change{Address: address, after: planned.value, private: planned.private, identity: planned.identity}, resp.RequiresReplace
}
