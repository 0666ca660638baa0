package provider

import (
	"context"
	"path"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
)

// importAll takes everyone on the list into the state.
func (r *bulkResource) importAll(ctx context.Context, list *blocklist.List, resp *resource.ImportStateResponse) {
	entries, err := list.All(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Cannot read the list of blocked users", r.conn.explain(err))
		return
	}
	users := make(map[string]attr.Value, len(entries))
	ids := waIDs{}
	for _, entry := range entries {
		if key, ok := keyFor(entry, nil); ok {
			users[key] = types.StringNull()
			ids.note(entry.IDs()[0], entry.WaID)
		}
	}
	r.setImported(ctx, users, ids, resp)
}

func (r *bulkResource) setImported(ctx context.Context, users map[string]attr.Value, ids waIDs, resp *resource.ImportStateResponse) {
	model := bulkModel{Users: mapOf(users), Pending: mapOf(nil)}
	setWaIDs(ctx, resp.Private, ids, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// moveFrom takes over the state of the other bulk resource, which has the same
// attributes.
func moveFrom(source resource.Resource, typeName string) resource.StateMover {
	var schema resource.SchemaResponse
	source.Schema(context.Background(), resource.SchemaRequest{}, &schema)
	return resource.StateMover{
		SourceSchema: &schema.Schema,
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			// OpenTofu before 1.12.4 gives the name alone for an address.
			if req.SourceTypeName != typeName || path.Base(req.SourceProviderAddress) != "d360" || req.SourceState == nil {
				return
			}
			var model bulkModel
			resp.Diagnostics.Append(req.SourceState.Get(ctx, &model)...)
			if resp.Diagnostics.HasError() {
				return
			}
			var ids waIDs
			if req.SourcePrivate != nil {
				ids = getWaIDs(ctx, req.SourcePrivate, &resp.Diagnostics)
			}
			setWaIDs(ctx, resp.TargetPrivate, ids, &resp.Diagnostics)
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, &model)...)
		},
	}
}
