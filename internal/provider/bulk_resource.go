package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// bulkResource is what the two resources for many users have in common. They
// differ in what they read, and in what they take over at the start: the
// additive one its own users, the exclusive one the whole list.
type bulkResource struct {
	conn *connection
	// typeName is what configurations call the resource.
	typeName  string
	exclusive bool
}

// bulkModel is the state of either.
type bulkModel struct {
	Users        types.Map  `tfsdk:"users"`
	AllowPending types.Bool `tfsdk:"allow_pending"`
	Pending      types.Map  `tfsdk:"pending"`
}

// rosters reads the users of a state, and those of them who are pending.
func (m bulkModel) rosters(diags *diag.Diagnostics) (users, pending roster, ok bool) {
	users, inUsers := readRoster(m.Users)
	pending, inPending := readRoster(m.Pending)
	diags.Append(inUsers...)
	diags.Append(inPending...)
	return users, pending, !inUsers.HasError() && !inPending.HasError()
}

// pendingReason is what a pending user's entry says in state and plan.
const pendingReason = "no message within 24 hours, or not on WhatsApp (code 131047); will be tried again"

// bulkAttributes are the attributes of both resources. users describes the map.
func bulkAttributes(users string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"users": schema.MapAttribute{
			MarkdownDescription: users + " The keys are phone numbers with their country calling code, in any usual spelling, or business-scoped user IDs; the values are notes, such as a ticket, or null. " +
				"Notes are kept in the state and shown in plans, and never sent to the service. Two keys that name one user are an error.",
			ElementType: types.StringType,
			Required:    true,
		},
		"allow_pending": allowPendingAttribute(),
		"pending": schema.MapAttribute{
			MarkdownDescription: "The users among `users` who are not blocked yet, with the reason. Empty unless `allow_pending` is set.",
			ElementType:         types.StringType,
			Computed:            true,
		},
	}
}

// allowPendingAttribute is the same for all resources.
func allowPendingAttribute() schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "What to do about a user who cannot be blocked for now, since they sent no message within the last 24 hours (code 131047). " +
			"If `true`, the apply succeeds with a warning, the user is pending, and each further apply tries again; the plan is not empty until then. " +
			"If `false`, which is the default, the apply fails. All other refusals are errors either way.",
		Optional: true,
	}
}

// Configure takes the connection of the provider.
func (r *bulkResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig refuses keys that name no user, or the same one twice.
func (r *bulkResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config bulkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.Users.IsNull() || config.Users.IsUnknown() {
		return
	}
	_, diags := readRoster(config.Users)
	resp.Diagnostics.Append(diags...)
}

// Create blocks everyone in the map. If anybody is refused it saves no state,
// lest Terraform call the resource tainted and unblock all: the next create
// adopts those who are blocked by then.
func (r *bulkResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model bulkModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	forgetPlan(ctx, resp.Private, &resp.Diagnostics)
	list := r.conn.writable(&resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	planned, diags := readRoster(model.Users)
	resp.Diagnostics.Append(diags...)
	if r.exclusive && !resp.Diagnostics.HasError() {
		r.refuseUnseen(ctx, planned, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}

	change := r.reconcile(ctx, list, roster{}, nil, planned, waIDs{})
	model.Pending = change.report(ctx, r.conn, model, "No state is saved, so that nothing is destroyed for it. Those who were blocked stay blocked, and the next apply adopts them.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	setWaIDs(ctx, resp.Private, change.waIDs, &resp.Diagnostics)
	resp.State.Raw = replaceAttributes(ctx, req.Plan.Raw, map[string]attr.Value{"pending": model.Pending}, &resp.Diagnostics)
}

// Read compares the state with the list. Users who are gone leave the state,
// pending ones who were blocked meanwhile are pending no more, and the
// exclusive resource takes in everyone else.
func (r *bulkResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model bulkModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	ids := getWaIDs(ctx, req.Private, &resp.Diagnostics)
	list := r.conn.blocklist(&resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	current, pending, ok := model.rosters(&resp.Diagnostics)
	if !ok {
		return
	}
	defer r.conn.review.Begin()()

	fail := func(err error) {
		resp.Diagnostics.AddError("Cannot find out who is blocked", r.conn.explain(err))
	}
	kept := make(map[string]attr.Value, len(current.keys))
	stillPending := maps.Clone(pending.notes)
	shown := make(map[userid.ID]struct{}, len(current.keys))
	gone, more := 0, 0
	for i, user := range current.users {
		key := current.keys[i]
		_, isPending := pending.keyOf[user]
		look := list.Holds
		if isPending {
			// That a pending user is absent is no news, and takes no second scan.
			look = list.Lookup
		}
		entry, blocked, err := look(ctx, user, ids[user])
		if err != nil {
			fail(err)
			return
		}
		if blocked {
			ids.note(user, entry.WaID)
			for _, id := range entry.IDs() {
				shown[id] = struct{}{}
			}
			delete(stillPending, pending.keyOf[user])
		}
		if blocked || isPending {
			kept[key] = current.notes[key]
		} else {
			gone++
		}
	}
	if r.exclusive {
		r.conn.holdsExclusive.Store(true)
		entries, err := list.All(ctx)
		if err != nil {
			fail(err)
			return
		}
		for _, entry := range entries {
			if key, ok := keyFor(entry, shown); ok {
				kept[key] = types.StringNull()
				more++
			}
		}
	}
	replacements := map[string]attr.Value{"pending": mapOf(stillPending)}
	if gone > 0 || more > 0 {
		replacements["users"] = mapOf(kept)
	}
	setWaIDs(ctx, resp.Private, ids, &resp.Diagnostics)
	resp.State.Raw = replaceAttributes(ctx, req.State.Raw, replacements, &resp.Diagnostics)
}

// keyFor returns the key under which somebody on the list enters the state: in
// the form that a configuration would most likely use. Users who are there
// already, and entries that name nobody who could be unblocked, have none.
func keyFor(entry d360.Entry, shown map[userid.ID]struct{}) (string, bool) {
	ids := entry.IDs()
	for _, id := range ids {
		if _, ok := shown[id]; ok {
			return "", false
		}
	}
	if len(ids) == 0 {
		return "", false
	}
	return ids[0].Wire(), true
}

// Update blocks who was added and then unblocks who was removed. What it saves
// is true also where part of it failed.
func (r *bulkResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model, state bulkModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ids := getWaIDs(ctx, req.Private, &resp.Diagnostics)
	list := r.conn.writable(&resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	planned, diags := readRoster(model.Users)
	resp.Diagnostics.Append(diags...)
	current, pending, ok := state.rosters(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	replacements := map[string]attr.Value{}
	change := r.reconcile(ctx, list, current, pending.keyOf, planned, ids)
	model.Pending = change.report(ctx, r.conn, model, "Everything else was done, and the state says so. The next plan shows what is left.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		replacements["users"] = change.truth(planned, current)
	}
	replacements["pending"] = model.Pending
	setWaIDs(ctx, resp.Private, change.waIDs, &resp.Diagnostics)
	resp.State.Raw = replaceAttributes(ctx, req.Plan.Raw, replacements, &resp.Diagnostics)
}

// Delete unblocks everyone whom the resource has blocked, except users whom a
// replacement of the resource is about to block again.
func (r *bulkResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state bulkModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ids := getWaIDs(ctx, req.Private, &resp.Diagnostics)
	replacement, unknown := plannedUsers(ctx, req.Private, &resp.Diagnostics)
	tainted := isTainted(ctx, req.Private, &resp.Diagnostics)
	forgetPlan(ctx, resp.Private, &resp.Diagnostics)
	if unknown {
		resp.Diagnostics.AddAttributeError(path.Root("users"), "Cannot replace the list of users yet", replacedByUnknown)
	}
	list := r.conn.writable(&resp.Diagnostics)
	if list == nil || resp.Diagnostics.HasError() {
		return
	}
	current, pending, ok := state.rosters(&resp.Diagnostics)
	if !ok {
		return
	}

	planned := roster{keyOf: make(map[userid.ID]string, len(replacement))}
	for user := range replacement {
		planned.keyOf[user] = user.String()
	}
	if tainted {
		if gone := differenceOf(current, pending.keyOf, planned, ids).remove; len(gone) > 0 {
			resp.Diagnostics.AddAttributeError(path.Root("users"), taintedSummary, taintedDetail(nameUsers(ctx, "leave a tainted resource", gone, spelled)))
			return
		}
	}
	change := r.reconcile(ctx, list, current, pending.keyOf, planned, ids)
	state.Pending = change.report(ctx, r.conn, state, "The others are unblocked, and the state says so. The next apply goes on with the rest.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		state.Users = change.truth(planned, current)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}
