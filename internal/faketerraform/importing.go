package faketerraform

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// importInstance does what an import block says, reads what came, and plans.
func (p *planner) importInstance(ctx context.Context, i Import, diags *report) {
	object := p.importObject(ctx, i, diags)
	if diags.HasErrors() {
		return
	}
	object = p.refresh(ctx, i.To, object, diags)
	if diags.HasErrors() {
		return
	}
	if !object.exists() {
		diags.fail(i.To, "Cannot import non-existent remote object", "the provider detected that no object exists with the given id")
		return
	}
	p.set(i.To, object)
	if change := p.planInstance(ctx, i.To, object, nil, diags); change != nil {
		change.Importing = true
		p.note(change)
	}
}

func (p *planner) importObject(ctx context.Context, i Import, diags *report) *Object {
	typeName := typeOf(i.To)
	request := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: i.ID}
	if i.Identity != nil {
		identity, err := valueOf(p.tf.identities[typeName].ValueType(), i.Identity)
		if err != nil {
			diags.fail(i.To, "Invalid identity", "%s", err)
			return nil
		}
		request.Identity = encodeIdentity(&identity)
	}
	answer, err := p.server.ImportResourceState(ctx, request)
	if diags.crashed(i.To, err) {
		return nil
	}
	diags.add(i.To, answer.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	if len(answer.ImportedResources) != 1 || answer.ImportedResources[0].TypeName != typeName {
		diags.fail(i.To, "Import returned no resource", "one object of %s was wanted", typeName)
		return nil
	}
	imported := answer.ImportedResources[0]
	schema, err := p.tf.resourceSchema(i.To)
	if diags.crashed(i.To, err) {
		return nil
	}
	object := &Object{private: imported.Private}
	object.value, err = decode(schema.ValueType(), imported.State)
	if err == nil {
		object.identity, err = p.tf.identityOf(typeName, imported.Identity)
	}
	if diags.crashed(i.To, err) {
		return nil
	}
	if i.Identity != nil && object.identity == nil {
		diags.fail(i.To, "Import returned no identity", "an import by identity has to")
	}
	if i.Identity == nil && object.value.IsNull() {
		diags.fail(i.To, "Import returned null resource", "the provider returned an instance with no state")
	}
	return object
}
