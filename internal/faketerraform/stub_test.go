package faketerraform

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// stubProvider has resources that keep the calls they got in their private state.
type stubProvider struct{}

func (stubProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "stub"
}

func (stubProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (stubProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (stubProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return stubItemData{} }}
}

func (stubProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return stubThing{} },
		func() resource.Resource { return stubItem{} },
	}
}

func (stubProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return stubItemList{} }}
}

// stubThing fails if its note says so.
type stubThing struct{}

type stubModel struct {
	Name types.String `tfsdk:"name"`
	Note types.String `tfsdk:"note"`
	ID   types.String `tfsdk:"id"`
}

func (stubThing) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "stub_thing"
}

func (stubThing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
		"note": schema.StringAttribute{Optional: true},
		"id":   schema.StringAttribute{Computed: true},
	}}
}

const callsKey = "calls"

type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// addStep copies the calls from a request to its response, and adds one.
func addStep(ctx context.Context, from, to privateState, call string, diags *diag.Diagnostics) {
	calls, d := from.GetKey(ctx, callsKey)
	diags.Append(d...)
	calls = fmt.Appendf(nil, "%q", strings.Trim(string(calls), `"`)+call)
	diags.Append(to.SetKey(ctx, callsKey, calls)...)
}

func (stubThing) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	what := "p"
	if req.State.Raw.IsNull() {
		what = "c"
	}
	if req.Plan.Raw.IsNull() {
		what = "d"
	}
	addStep(ctx, req.Private, resp.Private, what, &resp.Diagnostics)
}

func (stubThing) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model stubModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	model.ID = types.StringValue("id of " + model.Name.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	addStep(ctx, resp.Private, resp.Private, "C", &resp.Diagnostics)
	switch model.Note.ValueString() {
	case "fails":
		resp.Diagnostics.AddError("Failed", "with a state")
	case "fails without a state":
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.AddError("Failed", "without a state")
	}
}

func (stubThing) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model stubModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	addStep(ctx, req.Private, resp.Private, "R", &resp.Diagnostics)
	switch model.Note.ValueString() {
	case "vanishes":
		resp.State.RemoveResource(ctx)
	case "cannot be read":
		resp.Diagnostics.AddError("Failed", "to read")
	}
}

func (stubThing) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model stubModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	model.ID = types.StringValue("id of " + model.Name.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	addStep(ctx, req.Private, resp.Private, "U", &resp.Diagnostics)
	if model.Note.ValueString() == "fails" {
		resp.Diagnostics.AddError("Failed", "to update")
	}
}

func (stubThing) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model stubModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	addStep(ctx, req.Private, resp.Private, "D", &resp.Diagnostics)
	if model.Note.ValueString() == "stays" {
		resp.Diagnostics.AddError("Failed", "to delete")
	}
}

func (stubThing) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), req.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), "id of "+req.ID)...)
	addStep(ctx, resp.Private, resp.Private, "I", &resp.Diagnostics)
}

// recorder is a provider server that records its calls.
type recorder struct {
	tfprotov6.ProviderServer
	thing tftypes.Type

	mu    sync.Mutex
	calls []string
}

func newRecorder() (*recorder, error) {
	server, err := providerserver.NewProtocol6WithError(stubProvider{})()
	return &recorder{ProviderServer: server, thing: tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"name": tftypes.String, "note": tftypes.String, "id": tftypes.String,
	}}}, err
}

func (r *recorder) record(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

// take returns the calls since the previous take.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

func (r *recorder) value(v *tfprotov6.DynamicValue) any {
	decoded, err := decode(r.thing, v)
	if err != nil {
		return err
	}
	return plain(decoded)
}

func (r *recorder) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	r.record("configure")
	return r.ProviderServer.ConfigureProvider(ctx, req)
}

func (r *recorder) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	r.record("validate %v", r.value(req.Config))
	return r.ProviderServer.ValidateResourceConfig(ctx, req)
}

func (r *recorder) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	state, err := req.RawState.Unmarshal(r.thing)
	if err != nil {
		return nil, err
	}
	r.record("upgrade %v", plain(state))
	return r.ProviderServer.UpgradeResourceState(ctx, req)
}

func (r *recorder) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	r.record("read %v, private %s", r.value(req.CurrentState), req.Private)
	return r.ProviderServer.ReadResource(ctx, req)
}

func (r *recorder) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	r.record("plan %v -> %v, config %v, private %s", r.value(req.PriorState), r.value(req.ProposedNewState), r.value(req.Config), req.PriorPrivate)
	return r.ProviderServer.PlanResourceChange(ctx, req)
}

func (r *recorder) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	r.record("apply %v -> %v, config %v, private %s", r.value(req.PriorState), r.value(req.PlannedState), r.value(req.Config), req.PlannedPrivate)
	return r.ProviderServer.ApplyResourceChange(ctx, req)
}

func (r *recorder) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	r.record("import %s", req.ID)
	return r.ProviderServer.ImportResourceState(ctx, req)
}
