package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
)

// bulkAttributes are the attributes of both resources. users describes the map.
func bulkAttributes(users string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"users": schema.MapAttribute{
			MarkdownDescription: users + " The keys are phone numbers with their country calling code, in any usual spelling, or user IDs. The values are notes or null, which stay in the state and are never sent to the API.",
			ElementType:         types.StringType,
			Required:            true,
		},
		"allow_pending": allowPendingAttribute(),
		"channel":       channelOfResource(),
		"pending": schema.MapAttribute{
			MarkdownDescription: "Users who are not blocked yet, with the reason.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"unblocked": schema.Int64Attribute{
			MarkdownDescription: "How many users the resource has unblocked since it was created, imported or replaced. A plan that unblocks users raises it.",
			Computed:            true,
		},
	}
}

func allowPendingAttribute() schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "If true, users who have not written within 24 hours (code 131047) become pending, with a warning, and each apply retries them. Otherwise, the apply fails. Other rejections are always errors.",
		Optional:            true,
	}
}

func (r *bulkResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig rejects keys that name no user, or the same one twice.
func (r *bulkResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config bulkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.Users.IsNull() || config.Users.IsUnknown() {
		return
	}
	_, diags := readUserMap(config.Users, nil)
	resp.Diagnostics.Append(diags...)
}

// Create blocks everyone in the map. After a rejection it saves no state, because
// Terraform would mark that as tainted, and unblock everyone in the next apply. The next
// create adopts the users who were blocked.
func (r *bulkResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model bulkModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	c := r.data.channelNamed(model.Channel, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.openForWrite(ctx, heldChannel{}, &resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	planned, diags := readUserMap(model.Users, nil)
	resp.Diagnostics.Append(diags...)
	if r.exclusive && !resp.Diagnostics.HasError() {
		r.on(c).rejectUnseen(ctx, planned, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}

	change := changeList(ctx, list, planned.all(), nil, blocklist.Removal{}, nil)
	model.Pending = r.on(c).report(&change, model, "Users who were blocked stay blocked, and the next apply adopts them. The state does not hold any of them until an apply succeeds: Terraform would taint the resource, and the next apply would unblock them.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c.saveChannel(ctx, resp.Private, heldChannel{}, &resp.Diagnostics)
	setNames(ctx, resp.Private, knownNamesOf(list.Learn(ctx, change.blocked())), nil, &resp.Diagnostics)
	if len(change.added) > 0 {
		setLastWrite(ctx, resp.Private, &resp.Diagnostics)
	}
	resp.State.Raw = replaceAttributes(ctx, req.Plan.Raw, map[string]attr.Value{"pending": model.Pending, "unblocked": types.Int64Value(0)}, &resp.Diagnostics)
}

// Update blocks the added users and then unblocks the removed ones. If part of this
// fails, it saves the users who are blocked.
func (r *bulkResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model, state bulkModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	names := getNames(ctx, req.Private, &resp.Diagnostics)
	lastWrite := getLastWrite(ctx, req.Private, &resp.Diagnostics)
	removePlanRecord(ctx, resp.Private, &resp.Diagnostics)
	c := r.data.channelNamed(model.Channel, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.openForWrite(ctx, getChannel(ctx, req.Private, &resp.Diagnostics), &resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	planned, diags := readUserMap(model.Users, names)
	resp.Diagnostics.Append(diags...)
	current, pending, ok := state.userMaps(names, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	d := differenceOf(current, pending, planned)
	removal := blocklist.Removal{LastWrite: lastWrite}
	if model.Unblocked.ValueInt64() == state.Unblocked.ValueInt64()+int64(len(d.remove)) {
		// Terraform has compared this number with that of the approved plan.
		removal.Proof = blocklist.ProvenByCount
	}
	list.Keep(d.keep...)
	change := changeList(ctx, list, append(d.add, d.retry...), d.remove, removal, nil)
	replacements := map[string]attr.Value{}
	replacements["pending"] = r.on(c).report(&change, model, "All other changes were made, and the state has them. The next plan shows what is left.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		replacements["users"] = actualUsers(&change, model, planned, current)
		replacements["unblocked"] = types.Int64Value(state.Unblocked.ValueInt64() + int64(len(change.removed)-len(change.notUnblocked)))
	}
	held := append(append(d.keep, change.blocked()...), failedUsers(change.notUnblocked)...)
	if len(change.added)+len(change.removed) > 0 {
		setLastWrite(ctx, resp.Private, &resp.Diagnostics)
		held = list.Learn(ctx, held)
	}
	setNames(ctx, resp.Private, knownNamesOf(held), names, &resp.Diagnostics)
	resp.State.Raw = replaceAttributes(ctx, req.Plan.Raw, replacements, &resp.Diagnostics)
}

// Delete unblocks all users of the resource. If the resource is being replaced, Delete
// first blocks the users who are new in the replacement, and keeps those who stay. If the
// API rejects one of them, Delete unblocks no one.
func (r *bulkResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state bulkModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	names := getNames(ctx, req.Private, &resp.Diagnostics)
	lastWrite := getLastWrite(ctx, req.Private, &resp.Diagnostics)
	record := recordedPlan(ctx, req.Private, &resp.Diagnostics)
	removePlanRecord(ctx, resp.Private, &resp.Diagnostics)
	held := getChannel(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.data.channelOfState(ctx, state.Channel, held)
	if c == nil {
		resp.Diagnostics.AddError("Cannot unblock the users: "+channelText(state.Channel)+" is not configured", notConfigured)
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	replacement, known := record.replacement(ctx, c)
	if !known {
		resp.Diagnostics.AddAttributeError(usersPath, "Cannot replace the list of users yet", replacedByUnknown)
	}
	list := c.openForWrite(ctx, held, &resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	current, pending, ok := state.userMaps(names, &resp.Diagnostics)
	if !ok {
		return
	}

	d := differenceOf(current, pending, userMapOf(replacement))
	if record.As == planNew && len(d.remove) > 0 {
		resp.Diagnostics.AddAttributeError(usersPath, taintedSummary, taintedDetail(nameUsers(d.remove, inPlan)))
		return
	}
	list.Keep(d.keep...)
	c.replaced.Store(r.exclusive && record.Users != "")
	model := state
	model.AllowPending = types.BoolValue(record.AllowPending)
	removal := blocklist.Removal{Proof: record.proof(r.data.run()), LastWrite: lastWrite}
	change := changeList(ctx, list, append(d.add, d.retry...), d.remove, removal, func(failures []userFailure) bool {
		_, rejected := (&listChange{notBlocked: failures}).split(record.AllowPending)
		return len(rejected) == 0
	})
	r.on(c).report(&change, model, "The state holds the users who are blocked. The next apply continues with the rest.", &resp.Diagnostics)
	recordDeposed(ctx, resp.Private, record, change.notUnblocked, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		state = stateAfterFailedDelete(state, &change, current, pending)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		setLastWrite(ctx, resp.Private, &resp.Diagnostics)
	}
}
