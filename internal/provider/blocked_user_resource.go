package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

var (
	_ resource.ResourceWithConfigure   = (*blockedUserResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*blockedUserResource)(nil)
	_ resource.ResourceWithImportState = (*blockedUserResource)(nil)
	_ resource.ResourceWithIdentity    = (*blockedUserResource)(nil)
)

// The values of status.
const (
	statusBlocked = "blocked"
	statusPending = "pending"
)

const blockedUserType = "d360_blocked_user"

// blockedUserResource is one blocked user.
type blockedUserResource struct {
	data *providerData
}

func newBlockedUserResource() resource.Resource { return &blockedUserResource{} }

type blockedUserModel struct {
	User         userValue    `tfsdk:"user"`
	Note         types.String `tfsdk:"note"`
	AllowPending types.Bool   `tfsdk:"allow_pending"`
	WaID         types.String `tfsdk:"wa_id"`
	UserID       types.String `tfsdk:"user_id"`
	Status       types.String `tfsdk:"status"`
	Channel      types.String `tfsdk:"channel"`
}

// user returns the user with all known names.
func (m *blockedUserModel) user() (userid.User, error) {
	u, err := userid.New(m.User.ValueString())
	return withNames(u, m.WaID.ValueString(), m.UserID.ValueString()), err
}

// knownUser is user with the error as a diagnostic.
func (m *blockedUserModel) knownUser(diags *diag.Diagnostics) (userid.User, bool) {
	u, ok := parseUser(m.User, diags)
	return withNames(u, m.WaID.ValueString(), m.UserID.ValueString()), ok
}

// listedUser is the model of a user who was found on the list.
func listedUser(spelling string, channel types.String) blockedUserModel {
	return blockedUserModel{User: newUserValue(spelling), Note: types.StringValue(""), Status: types.StringValue(statusBlocked), Channel: channel}
}

func (m *blockedUserModel) setNames(u userid.User) {
	m.WaID, m.UserID = idOrNull(u.WaID), idOrNull(u.UserID)
}

func (m *blockedUserModel) isPending() bool { return m.Status.ValueString() == statusPending }

func (r *blockedUserResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_user"
	// Another name of the same user changes the identity without a replacement.
	resp.ResourceBehavior = resource.ResourceBehavior{MutableIdentity: true}
}

func (r *blockedUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Blocks one user on a WhatsApp business number. A blocked user cannot write to the business, and the business cannot write to them.\n\n" +
			"A user who is already blocked is adopted. Destroying the resource unblocks the user, and **an unblock often cannot be undone**.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{
				MarkdownDescription: "The user: a phone number with its country calling code, in any usual spelling (`+49 151 12345678`), or a user ID (`US.13491208655302741918`). A change to another user replaces the resource.",
				Required:            true,
				CustomType:          userType{},
				PlanModifiers:       []planmodifier.String{sameUser{}},
			},
			"note": schema.StringAttribute{
				MarkdownDescription: "Why the user is blocked. Kept in the state, never sent to the API.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(""),
			},
			"allow_pending": allowPendingAttribute(),
			"channel":       channelOfResource(),
			"wa_id": schema.StringAttribute{
				MarkdownDescription: "The user's WhatsApp ID, which can differ from the number. Null if the API returned none.",
				Computed:            true,
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "The user's user ID, by which the user is found when the number is hidden. Null if the API returned none.",
				Computed:            true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`blocked`, or `pending` with `allow_pending`.",
				Computed:            true,
			},
		},
	}
}

// blockedUserIdentity is the resource identity, by which Terraform imports.
type blockedUserIdentity struct {
	User    types.String `tfsdk:"user"`
	Channel types.String `tfsdk:"channel"`
}

func (r *blockedUserResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"user": identityschema.StringAttribute{
				Description:       "The user: a phone number or a user ID. An import accepts any spelling.",
				RequiredForImport: true,
			},
			"channel": identityschema.StringAttribute{
				Description:       "The channel: a name in the provider's channels. Null for the channel of api_key.",
				OptionalForImport: true,
			},
		},
	}
}

// identify sets the identity to the canonical form, because Terraform compares
// identities byte by byte. identity is nil for a Terraform without identities.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, user userid.ID, channel types.String, diags *diag.Diagnostics) {
	if identity != nil {
		diags.Append(identity.Set(ctx, blockedUserIdentity{User: types.StringValue(user.String()), Channel: channel})...)
	}
}

func (m *blockedUserModel) save(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if u, ok := m.knownUser(diags); ok {
		identify(ctx, identity, u.ID, m.Channel, diags)
		diags.Append(state.Set(ctx, m)...)
	}
}

func (r *blockedUserResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

// Create blocks the user, or adopts one who is blocked already. After an error it saves
// no state: Terraform would mark that as tainted, and unblock the user in the next apply.
func (r *blockedUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model blockedUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.data.channelNamed(model.Channel, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	if c.block(ctx, &model, heldChannel{}, &resp.Diagnostics) {
		c.saveChannel(ctx, resp.Private, heldChannel{}, &resp.Diagnostics)
		setLastWrite(ctx, resp.Private, &resp.Diagnostics)
		model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// block blocks the user of a model and sets the computed attributes. A pending user is a
// warning if the model allows it. Every other failure is an error, and returns false.
func (c *channel) block(ctx context.Context, model *blockedUserModel, held heldChannel, diags *diag.Diagnostics) bool {
	list := c.openForWrite(ctx, held, diags)
	u, ok := model.knownUser(diags)
	if list == nil || !ok {
		return false
	}
	result := list.Block(ctx, u)[0]
	switch {
	case result.Err == nil:
		model.Status = types.StringValue(statusBlocked)
	case isPending(result.Err) && model.AllowPending.ValueBool():
		model.Status = types.StringValue(statusPending)
		diags.AddAttributeWarning(path.Root("user"), describe(u)+" is not blocked yet", c.explainOnce(result.Err, c.explain)+c.alternates(u)+"\n\nThe user is pending because of allow_pending, and the next apply tries again.")
	default:
		diags.AddAttributeError(path.Root("user"), "Cannot block "+describe(u), c.explainOnce(result.Err, c.explainRejection)+c.alternates(u))
		return false
	}
	model.setNames(result.User)
	return true
}

// Read looks the user up on the list. Users who are confirmed absent leave the
// state, so that the next plan blocks them again.
func (r *blockedUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model blockedUserModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	lastWrite := getLastWrite(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.recordIsPlan()
	held := getChannel(ctx, req.Private, &resp.Diagnostics)
	c := r.data.channelOfState(ctx, model.Channel, held)
	if c == nil {
		warnNotConfigured(model.Channel, &resp.Diagnostics)
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.open(ctx, held, &resp.Diagnostics)
	u, ok := model.knownUser(&resp.Diagnostics)
	if list == nil || !ok {
		return
	}
	c.saveChannel(ctx, resp.Private, held, &resp.Diagnostics)
	end := c.begin()
	defer end()
	pending := func(int) bool { return model.isPending() }
	found, err := list.Find(ctx, blocklist.Query{Users: []userid.User{u}, Pending: pending, LastWrite: lastWrite})
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot find out whether "+describe(u)+" is blocked", c.explainOnce(err, c.explain))
		return
	}
	f := found.Of[0]
	switch {
	case f.Presence == blocklist.Listed:
		model.Status = types.StringValue(statusBlocked)
		model.setNames(f.User)
	case f.Presence == blocklist.Absent && !model.isPending():
		// The framework requires the identity of a removed resource, too.
		identify(ctx, resp.Identity, u.ID, model.Channel, &resp.Diagnostics)
		removePlanRecord(ctx, resp.Private, &resp.Diagnostics)
		resp.State.RemoveResource(ctx)
		return
	}
	model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
	end()
	c.warnUnchecked(ctx, found, pending, path.Root("user"), &resp.Diagnostics)
}

// Update saves a changed note or another name of the user, and retries a pending user.
// Another user would have been a replacement.
func (r *blockedUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model, state blockedUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	held := getChannel(ctx, req.Private, &resp.Diagnostics)
	removePlanRecord(ctx, resp.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.data.channelNamed(model.Channel, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	if state.isPending() {
		if !c.block(ctx, &model, held, &resp.Diagnostics) {
			return
		}
		setLastWrite(ctx, resp.Private, &resp.Diagnostics)
	} else {
		c.keep(ctx, &model, &state, held, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
}

// keep stops other resources of this run from unblocking the user of a model, who may
// have another name than in the state.
func (c *channel) keep(ctx context.Context, model, state *blockedUserModel, held heldChannel, diags *diag.Diagnostics) {
	list := c.openForWrite(ctx, held, diags)
	before, after, ok := bothUsers(model, state)
	if list == nil || !ok {
		return
	}
	if before.Compare(after) == userid.Matches {
		list.Keep(after.Learn(before))
		return
	}
	found, err := list.Find(ctx, blocklist.Query{Users: []userid.User{after}})
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root("user"), "Cannot find out whether "+describe(after)+" is blocked", c.explain(err))
	case found.Of[0].Presence != blocklist.Listed:
		diags.AddAttributeError(path.Root("user"), describe(after)+" is no longer on the list",
			"The plan took this user to be "+describe(before)+" under another name, because the list showed only the new name. It shows neither now. Nothing was sent. Plan again.")
	default:
		list.Keep(found.Of[0].User)
		model.setNames(found.Of[0].User)
	}
}

// Delete unblocks the user, unless they are pending. If the resource is being replaced
// by one for another user, Delete blocks that user first. If the API rejects that block,
// the resource stays as it is.
func (r *blockedUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state blockedUserModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	record := recordedPlan(ctx, req.Private, &resp.Diagnostics)
	lastWrite := getLastWrite(ctx, req.Private, &resp.Diagnostics)
	held := getChannel(ctx, req.Private, &resp.Diagnostics)
	removePlanRecord(ctx, resp.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	u, ok := state.knownUser(&resp.Diagnostics)
	if !ok {
		return
	}
	c := r.data.channelOfState(ctx, state.Channel, held)
	if c == nil {
		resp.Diagnostics.AddError("Cannot unblock "+describe(u)+": "+channelText(state.Channel)+" is not configured", notConfigured)
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	at := path.Root("user")
	replacement, known := record.replacement(ctx, c)
	if !known {
		resp.Diagnostics.AddAttributeError(at, "Cannot replace "+describe(u)+" yet", replacedByUnknown)
		return
	}
	if state.isPending() {
		return
	}
	if userid.NewIndex(replacement...).Has(u) {
		if list := c.openForWrite(ctx, held, &resp.Diagnostics); list != nil {
			list.Keep(u)
		}
		return
	}
	if record.As == planNew {
		resp.Diagnostics.AddAttributeError(at, taintedSummary, taintedDetail(nameUsers([]userid.User{u}, inPlan)))
		return
	}
	list := c.openForWrite(ctx, held, &resp.Diagnostics)
	if list == nil {
		return
	}
	// If the plan had seen another name of the same user, it would not replace.
	if renamed, _ := readRenaming(ctx, list, replacement, []userid.User{u}); len(renamed.removed) > 0 {
		list.Keep(u)
		resp.Diagnostics.AddAttributeError(at, "Cannot replace "+describe(u)+" by "+describe(replacement[0]),
			"The list has changed since the plan. It shows the new user now, and the old one under no known name, so the two may be the same user. Nothing was sent. Plan again.")
		return
	}
	removal := blocklist.Removal{Proof: record.proof(r.data.run()), LastWrite: lastWrite}
	change := changeList(ctx, list, replacement, []userid.User{u}, removal, func(failures []userFailure) bool {
		return len(failures) == 0 || (record.AllowPending && isPending(failures[0].err))
	})
	recordDeposed(ctx, resp.Private, record, change.notUnblocked, &resp.Diagnostics)
	switch {
	case len(change.notUnblocked) == 0:
	case errors.Is(change.notUnblocked[0].err, errNotReplaced):
		resp.Diagnostics.AddAttributeError(at, "Cannot replace "+describe(u)+" by "+describe(replacement[0]),
			c.explain(change.notBlocked[0].err)+c.alternates(replacement...)+"\n\nThe new user is blocked first, so that a failure costs no block. The old user stays blocked.")
	default:
		resp.Diagnostics.AddAttributeError(at, "Cannot unblock "+describe(u), c.explainOnce(change.notUnblocked[0].err, c.explain))
	}
}

// ImportState takes the user as import ID or as identity, in any spelling.
func (r *blockedUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	channelName, spelled := r.data.splitImportID(req.ID)
	if req.ID == "" && req.Identity != nil {
		var identity blockedUserIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		channelName, spelled = identity.Channel, identity.User.ValueString()
	}
	u, err := userid.New(strings.TrimSpace(spelled))
	if err != nil {
		resp.Diagnostics.AddError("Not a WhatsApp user", "The import ID of a blocked user, and its identity, is the user. "+parseErrorDetail(err))
		return
	}
	c := r.data.channelNamed(channelName, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.openOrReport(ctx, heldChannel{}, &resp.Diagnostics)
	if list == nil {
		return
	}
	c.saveChannel(ctx, resp.Private, heldChannel{}, &resp.Diagnostics)
	if req.ID == "" {
		// An identity has no plus sign, and configurations usually do.
		u.Spelling = u.ID.APIForm()
	}
	found, err := list.Find(ctx, blocklist.Query{Users: []userid.User{u}})
	if err != nil {
		resp.Diagnostics.AddError("Cannot find out whether "+describe(u)+" is blocked", c.explain(err))
		return
	}
	if f := found.Of[0]; f.Presence != blocklist.Listed {
		summary, detail := c.notFound(describe(u), []userid.User{u}, f.Presence == blocklist.Absent, found)
		resp.Diagnostics.AddError(summary, detail+"\n\nTo block the user, leave out the import: the resource alone does that.")
		return
	}
	model := listedUser(u.Spelling, channelName)
	model.setNames(found.Of[0].User)
	model.save(ctx, &resp.State, resp.Identity, &resp.Diagnostics)
}

// parseUser reads a known user.
func parseUser(spelling userValue, diags *diag.Diagnostics) (userid.User, bool) {
	user, err := userid.New(spelling.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("user"), "Not a WhatsApp user", parseErrorDetail(err))
	}
	return user, err == nil
}

// bothUsers returns the users of two models, false if one is not known.
func bothUsers(plan, state *blockedUserModel) (before, after userid.User, ok bool) {
	before, errBefore := state.user()
	after, errAfter := userid.New(plan.User.ValueString())
	return before, after, errBefore == nil && errAfter == nil
}
