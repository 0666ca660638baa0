package faketerraform

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stubItem is a thing with an identity. Things can be moved to it, it can be
// listed, and there is a data source for it.
type stubItem struct{ stubThing }

func (stubItem) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "stub_item"
}

func (stubItem) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true},
	}}
}

func identifyItem(ctx context.Context, identity *tfsdk.ResourceIdentity, name types.String, diags *diag.Diagnostics) {
	diags.Append(identity.SetAttribute(ctx, path.Root("name"), name)...)
}

func (s stubItem) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var name types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("name"), &name)...)
	identifyItem(ctx, resp.Identity, name, &resp.Diagnostics)
	s.stubThing.Create(ctx, req, resp)
}

func (s stubItem) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var name types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("name"), &name)...)
	identifyItem(ctx, resp.Identity, name, &resp.Diagnostics)
	s.stubThing.Read(ctx, req, resp)
}

func (stubItem) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := types.StringValue(req.ID)
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("name"), &name)...)
	}
	identifyItem(ctx, resp.Identity, name, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, stubModel{Name: name, ID: types.StringValue("id of " + name.ValueString())})...)
}

func (stubItem) MoveState(context.Context) []resource.StateMover {
	var source resource.SchemaResponse
	stubThing{}.Schema(context.Background(), resource.SchemaRequest{}, &source)
	return []resource.StateMover{{
		SourceSchema: &source.Schema,
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			var model stubModel
			resp.Diagnostics.Append(req.SourceState.Get(ctx, &model)...)
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, model)...)
			addStep(ctx, req.SourcePrivate, resp.TargetPrivate, "M", &resp.Diagnostics)
		},
	}}
}

// stubItemList lists three items and then adds a diagnostic.
type stubItemList struct{}

func (stubItemList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "stub_item"
}

func (stubItemList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{Attributes: map[string]listschema.Attribute{
		"prefix": listschema.StringAttribute{Optional: true},
	}}
}

func (stubItemList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var prefix types.String
	diags := req.Config.GetAttribute(ctx, path.Root("prefix"), &prefix)
	stream.Results = func(push func(list.ListResult) bool) {
		for _, name := range []string{"a", "b", "c"} {
			result := req.NewListResult(ctx)
			result.Diagnostics = diags
			name = prefix.ValueString() + name
			result.DisplayName = "item " + name
			identifyItem(ctx, result.Identity, types.StringValue(name), &result.Diagnostics)
			if req.IncludeResource {
				result.Diagnostics.Append(result.Resource.Set(ctx, stubModel{Name: types.StringValue(name)})...)
			}
			if !push(result) {
				return
			}
		}
		var last diag.Diagnostics
		if prefix.ValueString() == "fails " {
			last.AddError("List failed", "after three")
		} else {
			last.AddWarning("End of list", "there are no more items")
		}
		push(list.ListResult{Diagnostics: last})
	}
}

type stubItemData struct{}

func (stubItemData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "stub_item"
}

func (stubItemData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataschema.Schema{Attributes: map[string]dataschema.Attribute{
		"name":  dataschema.StringAttribute{Required: true},
		"names": dataschema.MapAttribute{ElementType: types.StringType, Computed: true},
	}}
}

func (stubItemData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name string
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("names"), map[string]string{name: "echo"})...)
	if name == "fails" {
		resp.Diagnostics.AddError("Failed", "to read data")
	}
}
