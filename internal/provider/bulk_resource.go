package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
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

// ModifyPlan keeps spellings, foresees what will be pending, refuses to take
// over a list of which the plan does not show all, and lets the plan be reviewed.
func (r *bulkResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	change := planreview.Change{Source: planreview.Source{Type: r.typeName, Action: planreview.Update}}
	var planned, current, pending roster
	var ids waIDs
	var state *bulkModel
	again := false
	if !req.State.Raw.IsNull() {
		state = &bulkModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		var ok bool
		if current, pending, ok = state.rosters(&resp.Diagnostics); !ok {
			return
		}
		ids = getWaIDs(ctx, req.Private, &resp.Diagnostics)
	}
	switch {
	case req.Plan.Raw.IsNull():
		change.Source.Action = planreview.Remove
	case state == nil:
		change.Source.Action = planreview.Create
		again = noteCreate(ctx, req.Private, resp.Private, &resp.Diagnostics)
	default:
		noteExisting(ctx, resp.Private, &resp.Diagnostics)
	}
	if !req.Plan.Raw.IsNull() {
		var plan bulkModel
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if !plan.Users.IsUnknown() {
			var diags diag.Diagnostics
			planned, diags = readRoster(plan.Users)
			resp.Diagnostics.Append(diags...)
			if resp.Diagnostics.HasError() {
				return
			}
		}
		proposed, known := plan.Users, !plan.Users.IsUnknown()
		if state == nil {
			r.planCreate(ctx, &plan, planned, resp)
		} else {
			planUpdate(&plan, planned, *state, current, pending, &resp.Diagnostics)
		}
		replacements := map[string]attr.Value{"pending": plan.Pending}
		if !plan.Users.Equal(proposed) {
			replacements["users"] = plan.Users
		}
		resp.Plan.Raw = replaceAttributes(ctx, resp.Plan.Raw, replacements, &resp.Diagnostics)
		if !known {
			return
		}
	}
	// Of the second half of a replacement the review knows from the first.
	if !resp.Diagnostics.HasError() && !again {
		d := differenceOf(current, pending.keyOf, planned, ids)
		change.Block, change.Keep, change.Unblock = d.add, slices.Concat(d.keep, d.retry), d.remove
		r.conn.reviewPlan(ctx, change, func(user userid.ID) path.Path {
			if key, ok := planned.keyOf[user]; ok {
				return atUser(key)
			}
			return path.Root("users")
		}, &resp.Diagnostics)
	}
}

// planCreate notes whom the create is for, and what may be pending after it.
func (r *bulkResource) planCreate(ctx context.Context, plan *bulkModel, planned roster, resp *resource.ModifyPlanResponse) {
	if plan.Users.IsUnknown() {
		notePlannedUnknown(ctx, resp.Private, &resp.Diagnostics)
	} else {
		notePlannedUsers(ctx, resp.Private, planned.users, &resp.Diagnostics)
	}
	if plan.mayPend() {
		plan.Pending = types.MapUnknown(types.StringType)
	} else {
		plan.Pending = mapOf(nil)
	}
	if r.exclusive && !plan.Users.IsUnknown() && r.conn != nil && r.conn.list != nil {
		r.refuseUnseen(ctx, planned, &resp.Diagnostics)
	}
}

// mayPend reports whether an apply may leave users pending.
func (m bulkModel) mayPend() bool { return m.AllowPending.IsUnknown() || m.AllowPending.ValueBool() }

// planUpdate plans a change of a state, of which current are the users and
// pending those who are not blocked yet.
func planUpdate(plan *bulkModel, planned roster, state bulkModel, current, pending roster, diags *diag.Diagnostics) {
	if plan.Users.IsUnknown() {
		plan.Pending = types.MapUnknown(types.StringType)
		return
	}
	same := planned.sameAs(current)
	if same {
		plan.Users = state.Users
	}
	var again, respelled []string
	additions := false
	for i, user := range planned.users {
		key, listed := current.keyOf[user]
		switch _, waits := pending.keyOf[user]; {
		case waits:
			again = append(again, planned.keys[i])
		case !listed:
			additions = true
		case key != planned.keys[i] && !same:
			respelled = append(respelled, planned.keys[i])
		}
	}
	if len(respelled) > 0 {
		diags.AddAttributeWarning(atUser(respelled[0]), count(len(respelled))+" only spelled differently",
			"The plan shows them as removed under one spelling and added under another. They stay blocked, and nothing is sent for them:\n"+nameSome(respelled))
	}
	switch {
	case len(pending.keys) > 0 || (additions && plan.mayPend()):
		plan.Pending = types.MapUnknown(types.StringType)
	default:
		plan.Pending = state.Pending
	}
	if len(again) > 0 {
		diags.AddAttributeWarning(atUser(again[0]), count(len(again))+" not blocked yet, will be tried again",
			"The service refused to block them when it was asked last, since they had sent no message within 24 hours or are not on WhatsApp:\n"+nameSome(again))
	}
}

// refuseUnseen is an error where the list holds users that the configuration
// does not: this resource would unblock them with the next apply after its
// create, and no plan has shown them.
func (r *bulkResource) refuseUnseen(ctx context.Context, planned roster, diags *diag.Diagnostics) {
	list := r.conn.blocklist(diags)
	if list == nil {
		return
	}
	entries, err := list.All(ctx)
	if err != nil {
		diags.AddError("Cannot find out who is on the list", r.conn.explain(err))
		return
	}
	var unseen []string
	missing := unlisted(planned, entries)
	for _, entry := range entries {
		if !names(planned, entry) && !mayBe(missing, entry) {
			unseen = append(unseen, entry.Shown())
		}
	}
	if len(unseen) == 0 {
		return
	}
	remedy := importFirst
	if r.conn.holdsExclusive.Load() {
		remedy = changeInPlace
	}
	diags.AddAttributeError(path.Root("users"), fmt.Sprintf("The list holds %s that the configuration does not", count(len(unseen))),
		"This resource makes the list exactly what the configuration says, and so would unblock:\n"+nameSome(unseen)+
			"\nAn unblock often cannot be undone, so nobody is unblocked whom no plan has shown. "+remedy)
}

// What to do so that a plan shows whom the exclusive resource would unblock.
const (
	// importFirst is for a list that no state holds.
	importFirst = "Import the list first; the plan then shows each of them:\n\n" +
		"  import {\n    to = <the address of this resource>\n    id = \"" + exclusiveImportID + "\"\n  }\n\n" +
		"To block users and leave all others alone, use d360_blocked_users instead."
	// changeInPlace is for one that the state holds, and that is to be created all
	// the same.
	changeInPlace = "The plan of a create shows none of them. The state holds this list already, so nothing has to be created, and a change in place shows each of them:\n\n" +
		"  - if the resource is tainted, run \"terraform untaint\" with its address;\n" +
		"  - if it is to be replaced, by -replace or replace_triggered_by, leave that out;\n" +
		"  - if it only got another name, say so with a moved block."
)

// names reports whether a roster names the user of a list entry.
func names(r roster, entry d360.Entry) bool {
	return slices.ContainsFunc(entry.IDs(), func(id userid.ID) bool {
		_, ok := r.keyOf[id]
		return ok
	})
}

// unlisted returns what is common to both forms of the numbers of a roster that
// have two, and that no entry is blocked under.
func unlisted(r roster, entries []d360.Entry) map[string]struct{} {
	listed := map[userid.ID]struct{}{}
	for _, entry := range entries {
		for _, id := range entry.IDs() {
			listed[id] = struct{}{}
		}
	}
	bases := map[string]struct{}{}
	for _, user := range r.users {
		if base, _ := user.Kin(); base != "" {
			if _, ok := listed[user]; !ok {
				bases[base] = struct{}{}
			}
		}
	}
	return bases
}

// mayBe reports whether an entry may be one of the unlisted under the other form
// of the number, as after a create that broke off. The block tells: its answer
// has the WhatsApp ID. Should it be somebody else, the next plan shows them.
func mayBe(unlisted map[string]struct{}, entry d360.Entry) bool {
	return slices.ContainsFunc(entry.IDs(), func(id userid.ID) bool {
		base, _ := id.Kin()
		_, ok := unlisted[base]
		return ok
	})
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

// change is what came of making one roster the other.
type change struct {
	added, removed int
	notBlocked     []failed
	notUnblocked   []failed
	waIDs          waIDs
}

// reconcile makes the list hold planned where it held current. Additions go
// first, so that a run that breaks off has blocked too many rather than too
// few; only where the list has no room for them do as many removals go before.
func (r *bulkResource) reconcile(ctx context.Context, list *blocklist.List, current roster, pending map[userid.ID]string, planned roster, ids waIDs) change {
	c := change{waIDs: waIDs{}}
	d := differenceOf(current, pending, planned, ids)
	for _, user := range d.keep {
		c.waIDs.note(user.ID, user.WaID)
	}
	toAdd := slices.Concat(d.add, d.retry)
	add := make([]userid.ID, len(toAdd))
	for i, user := range toAdd {
		add[i] = user.ID
	}
	remove := make([]blocklist.Member, len(d.remove))
	for i, user := range d.remove {
		remove[i] = blocklist.Member{User: user.ID, WaID: user.WaID}
	}

	results := list.Block(ctx, add...)
	// Who found no room gets what the removals make, and is tried once more.
	var full []int
	for i, result := range results {
		if d360.IsKind(result.Err, d360.ListFull) {
			full = append(full, i)
		}
	}
	first := min(len(full), len(remove))
	removed := list.Unblock(ctx, remove[:first]...)
	if first > 0 {
		again := make([]userid.ID, len(full))
		for n, i := range full {
			again[n] = add[i]
		}
		for n, result := range list.Block(ctx, again...) {
			results[full[n]] = result
		}
	}
	removed = append(removed, list.Unblock(ctx, remove[first:]...)...)

	c.added, c.removed = len(add), len(remove)
	for i, result := range results {
		if result.Err == nil {
			c.waIDs.note(add[i], result.WaID)
		}
	}
	c.notBlocked = failuresOf(toAdd, results)
	c.notUnblocked = failuresOf(d.remove, removed)
	for _, f := range c.notUnblocked {
		c.waIDs.note(f.user, ids[f.user])
	}
	return c
}

// report turns failures into diagnostics and returns who is pending: a refusal
// for now is a warning where the model allows it, everything else an error.
// meanwhile says what holds for those who did not fail.
func (c *change) report(ctx context.Context, conn *connection, model bulkModel, meanwhile string, diags *diag.Diagnostics) types.Map {
	pending := map[string]attr.Value{}
	var waiting, refused []failed
	for _, f := range c.notBlocked {
		if isPending(f.err) && model.AllowPending.ValueBool() {
			waiting = append(waiting, f)
			pending[f.key] = types.StringValue(pendingReason)
		} else {
			refused = append(refused, f)
		}
	}
	c.notBlocked = refused
	if len(waiting) > 0 {
		diags.AddAttributeWarning(atUser(waiting[0].key), fmt.Sprintf("%d of %s not blocked yet", len(waiting), count(c.added)), conn.explainAll(ctx, waiting)+"\n\nThey are pending, as allow_pending says, and the next apply tries again.")
	}
	if len(refused) > 0 {
		diags.AddAttributeError(atUser(refused[0].key), fmt.Sprintf("Cannot block %d of %s", len(refused), count(c.added)), conn.explainAll(ctx, refused)+"\n\n"+meanwhile)
	}
	if len(c.notUnblocked) > 0 {
		diags.AddAttributeError(path.Root("users"), fmt.Sprintf("Cannot unblock %d of %s", len(c.notUnblocked), count(c.removed)), conn.explainAll(ctx, c.notUnblocked)+"\n\n"+meanwhile)
	}
	return mapOf(pending)
}

// truth is the users map of a state after part of a change failed: as planned,
// without those who are not blocked, and with those who still are.
func (c *change) truth(planned, current roster) types.Map {
	users := maps.Clone(planned.notes)
	if users == nil {
		users = map[string]attr.Value{}
	}
	for _, f := range c.notBlocked {
		delete(users, f.key)
	}
	for _, f := range c.notUnblocked {
		users[f.key] = current.notes[f.key]
	}
	return mapOf(users)
}
