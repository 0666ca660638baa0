package faketerraform

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// importInstance imports, refreshes and plans.
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
		p.addChange(change)
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
	resp, err := p.server.ImportResourceState(ctx, request)
	if diags.crashed(i.To, err) {
		return nil
	}
	diags.add(i.To, resp.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	if len(resp.ImportedResources) != 1 || resp.ImportedResources[0].TypeName != typeName {
		diags.fail(i.To, "Import returned no resource", "the provider must return one object of %s", typeName)
		return nil
	}
	imported := resp.ImportedResources[0]
	schema, err := p.tf.resourceSchema(i.To)
	if diags.crashed(i.To, err) {
		return nil
	}
	object := p.tf.decodeObject(i.To, schema.ValueType(), imported.State, imported.Private, imported.Identity, diags)
	if object == nil {
		return nil
	}
	if i.Identity != nil && object.identity == nil {
		diags.fail(i.To, "Import returned no identity", "an import by identity must return one")
	}
	if i.Identity == nil && object.value.IsNull() {
		diags.fail(i.To, "Import returned null resource", "the provider returned an instance with no state")
	}
	return object
}
