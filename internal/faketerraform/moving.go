package faketerraform

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/d360/terraform-provider-d360/internal/provider"
)

// move carries out moved blocks. Only a move between two types needs the provider.
func (tf *Terraform) move(ctx context.Context, config Configuration, state State, diags *report) State {
	for _, m := range config.Moved {
		instance, ok := state[m.From]
		if _, taken := state[m.To]; !ok || taken {
			continue
		}
		if typeOf(m.From) != typeOf(m.To) {
			if instance.Current == nil {
				continue
			}
			moved := tf.moveObject(ctx, m, instance.Current, diags)
			if moved == nil {
				return state
			}
			instance = Instance{Current: moved}
		}
		state = state.withInstance(m.From, Instance{}).withInstance(m.To, instance)
	}
	return state
}

func (tf *Terraform) moveObject(ctx context.Context, m Move, object *Object, diags *report) *Object {
	server, err := tf.servers()
	if diags.crashed(m.To, err) {
		return nil
	}
	request := &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: provider.Address,
		SourceTypeName:        typeOf(m.From),
		SourceState:           &tfprotov6.RawState{JSON: stateJSON(object.value)},
		SourcePrivate:         object.private,
		TargetTypeName:        typeOf(m.To),
	}
	if object.identity != nil {
		request.SourceIdentity = &tfprotov6.RawState{JSON: stateJSON(*object.identity)}
	}
	resp, err := server.MoveResourceState(ctx, request)
	if diags.crashed(m.To, err) {
		return nil
	}
	diags.add(m.To, resp.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	schema, err := tf.resourceSchema(m.To)
	if diags.crashed(m.To, err) {
		return nil
	}
	moved := tf.decodeObject(m.To, schema.ValueType(), resp.TargetState, resp.TargetPrivate, resp.TargetIdentity, diags)
	if moved != nil {
		moved.Tainted = object.Tainted
	}
	return moved
}
