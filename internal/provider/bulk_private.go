package provider

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// waIDsKey is where the private state of a bulk resource keeps the WhatsApp IDs
// of users where they differ from the number: the list may show those users by
// the WhatsApp ID alone.
const waIDsKey = "wa_ids"

type waIDs map[userid.ID]userid.ID

// note keeps a WhatsApp ID that differs from its user.
func (w waIDs) note(user, waID userid.ID) {
	if !waID.IsZero() && waID != user {
		w[user] = waID
	}
}

func getWaIDs(ctx context.Context, private privateGetter, diags *diag.Diagnostics) waIDs {
	value, d := private.GetKey(ctx, waIDsKey)
	diags.Append(d...)
	var spelled map[string]string
	ids := waIDs{}
	if len(value) == 0 || json.Unmarshal(value, &spelled) != nil {
		return ids
	}
	for user, waID := range spelled {
		u, errUser := userid.Parse(user)
		w, errWaID := userid.Parse(waID)
		if errUser == nil && errWaID == nil {
			ids[u] = w
		}
	}
	return ids
}

func setWaIDs(ctx context.Context, private privateSetter, ids waIDs, diags *diag.Diagnostics) {
	spelled := make(map[string]string, len(ids))
	for user, waID := range ids {
		spelled[user.String()] = waID.String()
	}
	setPrivate(ctx, private, waIDsKey, spelled, diags)
}

// plannedUsersKey is what plannedUserKey is for a single user: whom a create is
// for, so that the destroy of a replacement unblocks none of them.
const plannedUsersKey = "planned_users"

func setPlannedUsers(ctx context.Context, private privateSetter, users []userid.ID, diags *diag.Diagnostics) {
	spelled := make([]string, len(users))
	for i, user := range users {
		spelled[i] = user.String()
	}
	setPrivate(ctx, private, plannedUsersKey, strings.Join(spelled, " "), diags)
}

func setPlannedUnknown(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, plannedUsersKey, unknownUser, diags)
}

// getPlannedUsers returns whom the replacement of a resource is for, nobody
// where there is no replacement. What cannot be read may be of anybody.
func getPlannedUsers(ctx context.Context, private privateGetter, diags *diag.Diagnostics) (planned map[userid.ID]struct{}, unknown bool) {
	value, d := private.GetKey(ctx, plannedUsersKey)
	diags.Append(d...)
	if len(value) == 0 {
		return nil, false
	}
	var spelled string
	if json.Unmarshal(value, &spelled) != nil {
		return nil, true
	}
	planned = map[userid.ID]struct{}{}
	for user := range strings.FieldsSeq(spelled) {
		id, err := userid.Parse(user)
		if err != nil {
			return nil, true
		}
		planned[id] = struct{}{}
	}
	return planned, false
}

func setPrivate(ctx context.Context, private privateSetter, key string, content any, diags *diag.Diagnostics) {
	value, err := json.Marshal(content)
	if err != nil {
		diags.AddError("Cannot keep private state", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, key, value)...)
}
