package provider

import (
	"context"
	"path"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// exclusiveImportID is the import ID of a number's whole list.
const exclusiveImportID = "blocklist"

func (r *bulkOnChannel) importAll(ctx context.Context, list *blocklist.List, resp *resource.ImportStateResponse) {
	entries, err := list.All(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Cannot read the list of blocked users", r.channel.explain(err))
		return
	}
	var users []userid.User
	for _, entry := range entries {
		if !entry.IsZero() {
			users = append(users, userOfEntry(entry))
		}
	}
	r.setImported(ctx, users, resp)
}

// userOfEntry returns the user of an entry. The key in the state of a bulk resource is
// the canonical form, which read_csv and normalize_user return, too.
func userOfEntry(entry userid.User) userid.User {
	key := entry.Key()
	return userid.Of(key.String(), key).Learn(entry)
}

// setImported makes users the state, under their canonical form.
func (r *bulkOnChannel) setImported(ctx context.Context, users []userid.User, resp *resource.ImportStateResponse) {
	notes := make(map[string]attr.Value, len(users))
	for _, u := range users {
		notes[u.ID.String()] = types.StringNull()
	}
	model := bulkModel{Users: mapOf(notes), Pending: mapOf(nil), Unblocked: types.Int64Value(0), Channel: textOrNull(r.channel.name)}
	setNames(ctx, resp.Private, knownNamesOf(users), nil, &resp.Diagnostics)
	r.channel.saveChannel(ctx, resp.Private, heldChannel{}, &resp.Diagnostics)
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
			// OpenTofu before 1.12.4 sends only the last part of the address.
			if req.SourceTypeName != typeName || path.Base(req.SourceProviderAddress) != "d360" || req.SourceState == nil {
				return
			}
			var model bulkModel
			resp.Diagnostics.Append(req.SourceState.Get(ctx, &model)...)
			if resp.Diagnostics.HasError() {
				return
			}
			if req.SourcePrivate != nil {
				copyPrivate(ctx, req.SourcePrivate, resp.TargetPrivate, &resp.Diagnostics)
			}
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, &model)...)
		},
	}
}
