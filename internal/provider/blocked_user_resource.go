package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

var (
	_ resource.ResourceWithConfigure   = (*blockedUserResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*blockedUserResource)(nil)
	_ resource.ResourceWithImportState = (*blockedUserResource)(nil)
	_ resource.ResourceWithIdentity    = (*blockedUserResource)(nil)
)

// What status says: that the user is on the list, or that the service refused
// to put them there for now.
const (
	statusBlocked = "blocked"
	statusPending = "pending"
)

// blockedUserType is what configurations call it.
const blockedUserType = "d360_blocked_user"

// blockedUserResource is one blocked user.
type blockedUserResource struct {
	conn *connection
}

func newBlockedUserResource() resource.Resource { return &blockedUserResource{} }

// blockedUserModel is the state of a blocked user.
type blockedUserModel struct {
	User         useridtype.Value `tfsdk:"user"`
	Note         types.String     `tfsdk:"note"`
	AllowPending types.Bool       `tfsdk:"allow_pending"`
	WaID         types.String     `tfsdk:"wa_id"`
	Status       types.String     `tfsdk:"status"`
}

func (m blockedUserModel) isPending() bool { return m.Status.ValueString() == statusPending }

// Metadata names the resource.
func (r *blockedUserResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_user"
}

// Schema describes the resource.
func (r *blockedUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Blocks one user on a WhatsApp business number. A blocked user cannot write to the business, and the business cannot write to them.\n\n" +
			"Users who are blocked already are adopted, and destroying the resource unblocks them. " +
			"**An unblock often cannot be undone**: a user can be blocked only within 24 hours of their last message to the business.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{
				MarkdownDescription: "The user: a phone number with its country calling code, in any usual spelling (`+49 151 12345678`, `0049 (151) 123-456-78`, `4915112345678`), or a business-scoped user ID (`US.13491208655302741918`). " +
					"Another spelling of the same user changes nothing; another user replaces the resource.",
				Required:      true,
				CustomType:    useridtype.Type{},
				PlanModifiers: []planmodifier.String{sameUser{}},
			},
			"note": schema.StringAttribute{
				MarkdownDescription: "Why the user is blocked: a ticket, a name. It is kept in the state and shown in plans, and never sent to the service.",
				Optional:            true,
			},
			"allow_pending": allowPendingAttribute(),
			"wa_id": schema.StringAttribute{
				MarkdownDescription: "The user's WhatsApp ID, as the service gave it. It can differ from the number, such as in Brazil, Mexico and Argentina, and the user is found on the list by either. Null where the service gave none.",
				Computed:            true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`blocked`, or `pending` where `allow_pending` is set and the service has refused to block the user for now.",
				Computed:            true,
			},
		},
	}
}

// blockedUserIdentity is what makes a blocked user the same one for Terraform.
type blockedUserIdentity struct {
	User types.String `tfsdk:"user"`
}

// IdentitySchema describes the identity.
func (r *blockedUserResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"user": identityschema.StringAttribute{
				Description:       "The user: a phone number or a business-scoped user ID. An import takes any spelling; the provider itself sets the canonical form.",
				RequiredForImport: true,
			},
		},
	}
}

// identify sets the identity. Terraform compares identities byte by byte, hence
// the canonical form; identity is nil where Terraform knows none.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, user userid.ID, diags *diag.Diagnostics) {
	if identity != nil {
		diags.Append(identity.Set(ctx, blockedUserIdentity{User: types.StringValue(user.String())})...)
	}
}

// save sets the state and the identity.
func (m blockedUserModel) save(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	user, ok := parseUser(m.User, diags)
	if !ok {
		return
	}
	identify(ctx, identity, user, diags)
	diags.Append(state.Set(ctx, m)...)
}

// Configure takes the connection of the provider.
func (r *blockedUserResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan keeps what the service said of the user for as long as it is the
// same one, notes whom a create is for, and lets the plan be reviewed.
func (r *blockedUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state *blockedUserModel
	if !req.Plan.Raw.IsNull() {
		plan = &blockedUserModel{}
		resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	}
	if !req.State.Raw.IsNull() {
		state = &blockedUserModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if plan != nil {
		r.planAttributes(ctx, *plan, state, resp)
	}
	if change, ok := changeOf(plan, state); ok {
		switch {
		case state == nil:
			if noteCreate(ctx, req.Private, resp.Private, &resp.Diagnostics) {
				return // the review knows it from the first half
			}
		case plan != nil:
			noteExisting(ctx, resp.Private, &resp.Diagnostics)
		}
		r.conn.reviewPlan(ctx, change, func(userid.ID) path.Path { return path.Root("user") }, &resp.Diagnostics)
	}
}

// changeOf is what a plan does with one resource; either model may be nil. It is
// false where that is not known yet.
func changeOf(plan, state *blockedUserModel) (planreview.Change, bool) {
	change := planreview.Change{Source: planreview.Source{Type: blockedUserType}}
	var before, after []planreview.User
	if state != nil {
		member, ok := memberOf(*state, &diag.Diagnostics{})
		if !ok {
			return change, false
		}
		before = []planreview.User{{ID: member.User, WaID: member.WaID, Spelled: state.User.ValueString()}}
	}
	if plan != nil {
		user, err := plan.User.Parse()
		if err != nil {
			return change, false
		}
		after = []planreview.User{{ID: user, Spelled: plan.User.ValueString()}}
	}
	switch {
	case state == nil:
		change.Block = after
	case plan == nil:
		change.Source.Action = planreview.Remove
		if !state.isPending() {
			change.Unblock = before
		}
	case after[0].ID == before[0].ID:
		change.Source.Action, change.Keep = planreview.Update, before
	case after[0].ID == before[0].WaID:
		// Delete leaves alone whom the replacement names by the WhatsApp ID.
		change.Source.Action, change.Keep = planreview.Replace, before
	default:
		change.Source.Action, change.Block = planreview.Replace, after
		if !state.isPending() {
			change.Unblock = before
		}
	}
	return change, true
}

// planAttributes plans what the service is going to say of the user.
func (r *blockedUserResource) planAttributes(ctx context.Context, plan blockedUserModel, state *blockedUserModel, resp *resource.ModifyPlanResponse) {
	if state == nil {
		if user, err := plan.User.Parse(); err == nil {
			notePlannedUsers(ctx, resp.Private, []userid.ID{user}, &resp.Diagnostics)
		} else {
			notePlannedUnknown(ctx, resp.Private, &resp.Diagnostics)
		}
		if !plan.AllowPending.IsUnknown() && !plan.AllowPending.ValueBool() {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), statusBlocked)...)
		}
		return
	}
	if plan.User.IsUnknown() {
		resp.Diagnostics.AddAttributeWarning(path.Root("user"), "The user is not known yet: "+d360.Printable(state.User.ValueString())+" stays blocked",
			"Who is to be blocked depends on something that is known only after apply. If it is the same user, all is well. "+
				"If it is another one, the apply stops at this resource with \"inconsistent final plan\" and unblocks nobody, since no plan has shown whom; the next plan then does.")
	}
	waID, status := state.WaID, state.Status
	if state.isPending() {
		waID, status = types.StringUnknown(), types.StringUnknown()
		resp.Diagnostics.AddAttributeWarning(path.Root("user"), d360.Printable(state.User.ValueString())+" is not blocked yet, will be tried again",
			"The service refused to block the user when it was asked last, since they had sent no message within 24 hours or are not on WhatsApp.")
	}
	// Another user is a replacement, whose plan Terraform asks for by itself.
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("wa_id"), waID)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), status)...)
}

// Create blocks the user, or adopts one who is blocked already. On an error it
// leaves no state: Terraform would call that tainted and unblock the user with
// the next apply.
func (r *blockedUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model blockedUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	forgetPlan(ctx, resp.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.block(ctx, &model, &resp.Diagnostics) {
		model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// block blocks the user of a model and fills in what came of it. A refusal for
// now is a warning where the model allows it; everything else is an error, and
// false is returned.
func (r *blockedUserResource) block(ctx context.Context, model *blockedUserModel, diags *diag.Diagnostics) bool {
	list := r.conn.writable(diags)
	user, ok := parseUser(model.User, diags)
	if list == nil || !ok {
		return false
	}
	result := list.Block(ctx, user)[0]
	switch {
	case result.Err == nil:
		model.WaID, model.Status = idOrNull(result.WaID), types.StringValue(statusBlocked)
	case isPending(result.Err) && model.AllowPending.ValueBool():
		model.WaID, model.Status = idOrNull(result.WaID), types.StringValue(statusPending)
		diags.AddAttributeWarning(path.Root("user"), described(model.User, user)+" is not blocked yet", r.conn.explain(result.Err)+r.conn.twins(user)+"\n\nThe user is pending, as allow_pending says, and the next apply tries again.")
	default:
		diags.AddAttributeError(path.Root("user"), "Cannot block "+described(model.User, user), r.conn.explainRefusal(result.Err)+r.conn.twins(user))
		return false
	}
	return true
}

// Read looks the user up on the list. Absent users leave the state, so that the
// next plan blocks them again.
func (r *blockedUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model blockedUserModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	list := r.conn.blocklist(&resp.Diagnostics)
	member, ok := memberOf(model, &resp.Diagnostics)
	if list == nil || !ok {
		return
	}
	defer r.conn.review.Begin()()
	look := list.Holds
	if model.isPending() {
		// That a pending user is absent is no news, and takes no second scan.
		look = list.Lookup
	}
	entry, blocked, err := look(ctx, member.User, member.WaID)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot find out whether "+described(model.User, member.User)+" is blocked", r.conn.explain(err))
		return
	}
	switch {
	case blocked:
		if !entry.WaID.IsZero() {
			model.WaID = idOrNull(entry.WaID)
		}
		model.Status = types.StringValue(statusBlocked)
	case !model.isPending():
		// The framework wants the identity also of what is gone.
		identify(ctx, resp.Identity, member.User, &resp.Diagnostics)
		forgetPlan(ctx, resp.Private, &resp.Diagnostics)
		resp.State.RemoveResource(ctx)
		return
	}
	model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Update keeps a changed note, and tries again to block a pending user. Nothing
// is sent otherwise: another user would have been a replacement.
func (r *blockedUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model, state blockedUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || (state.isPending() && !r.block(ctx, &model, &resp.Diagnostics)) {
		return
	}
	model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete unblocks the user, unless they are pending and so were never blocked,
// or the resource is being replaced by one for the same user: a taint or -replace
// must not cost a block that may be refused when it is asked for again.
func (r *blockedUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state blockedUserModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	member, ok := memberOf(state, &resp.Diagnostics)
	if !ok {
		return
	}
	planned, unknown := plannedUsers(ctx, req.Private, &resp.Diagnostics)
	tainted := isTainted(ctx, req.Private, &resp.Diagnostics)
	forgetPlan(ctx, resp.Private, &resp.Diagnostics)
	if unknown {
		resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot replace "+described(state.User, member.User)+" yet", replacedByUnknown)
	}
	_, stays := planned[member.User]
	_, staysByWaID := planned[member.WaID]
	if resp.Diagnostics.HasError() || state.isPending() || stays || staysByWaID {
		return
	}
	if tainted {
		resp.Diagnostics.AddAttributeError(path.Root("user"), taintedSummary, taintedDetail(nameSome([]string{described(state.User, member.User)})))
		return
	}
	list := r.conn.writable(&resp.Diagnostics)
	if list == nil {
		return
	}
	twin := member.User.Twin()
	if _, replaces := planned[twin]; replaces {
		// The new number may be the same user's. Blocked first, the service tells, and
		// the unblock is not sent then.
		_, trait := twin.Kin()
		if result := list.Block(ctx, twin)[0]; result.Err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot replace "+described(state.User, member.User)+" by "+twin.Wire(),
				r.conn.explain(result.Err)+"\n\nThe two may be one user: they differ only in "+trait+". The new one could not be blocked, and so the old one stays. Keep the number as it was. If they are two users, add a resource for the new one, and remove the old one.")
			return
		}
	}
	if result := list.Unblock(ctx, member)[0]; result.Err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot unblock "+described(state.User, member.User), r.conn.explain(result.Err))
	}
}

// ImportState takes the user as import ID or as identity, in any spelling.
func (r *blockedUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	spelled := req.ID
	if spelled == "" && req.Identity != nil {
		var identity blockedUserIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		spelled = identity.User.ValueString()
	}
	spelling := useridtype.NewValue(strings.TrimSpace(spelled))
	user, err := spelling.Parse()
	if err != nil {
		resp.Diagnostics.AddError("Not a WhatsApp user", "The import ID of a blocked user, and its identity, is the user. "+useridtype.Sentence(err))
		return
	}
	list := r.conn.blocklist(&resp.Diagnostics)
	if list == nil {
		return
	}
	if req.ID == "" {
		// An identity is canonical; people and terraform query write the plus.
		spelling = useridtype.NewValue(user.Wire())
	}
	entry, blocked, err := list.Holds(ctx, user, userid.ID{})
	switch {
	case err != nil:
		resp.Diagnostics.AddError("Cannot find out whether "+described(spelling, user)+" is blocked", r.conn.explain(err))
	case !blocked:
		resp.Diagnostics.AddError("Cannot import "+described(spelling, user)+": not blocked",
			fmt.Sprintf("The list of this number was read to its end, and the user is not on it, so there is nothing to import.\n\n"+
				"Check the number and the API key, which stands for one business number. To block the user, leave out the import: the resource alone does that.")+r.conn.twins(user))
	default:
		model := blockedUserModel{User: spelling, WaID: idOrNull(entry.WaID), Status: types.StringValue(statusBlocked)}
		model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// parseUser reads a user that validation has let through.
func parseUser(spelling useridtype.Value, diags *diag.Diagnostics) (userid.ID, bool) {
	user, err := spelling.Parse()
	if err != nil {
		diags.AddAttributeError(path.Root("user"), "Not a WhatsApp user", useridtype.Sentence(err))
	}
	return user, err == nil
}

// memberOf reads a user from state.
func memberOf(state blockedUserModel, diags *diag.Diagnostics) (blocklist.Member, bool) {
	user, ok := parseUser(state.User, diags)
	member := blocklist.Member{User: user}
	if waID, err := userid.Parse(state.WaID.ValueString()); err == nil {
		member.WaID = waID
	}
	return member, ok
}

// described names a user as the configuration spells them and, where that
// differs, in canonical form.
func described(spelling useridtype.Value, user userid.ID) string {
	written := d360.Printable(spelling.ValueString())
	if written == user.String() || written == user.Wire() {
		return written
	}
	return fmt.Sprintf("%s (%s)", written, user)
}

// idOrNull is an ID as an attribute, null where there is none.
func idOrNull(id userid.ID) types.String {
	if id.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(id.String())
}
