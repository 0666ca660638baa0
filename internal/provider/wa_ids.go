package provider

import (
	"context"

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
	var spelled map[string]string
	ids := waIDs{}
	if _, err := getPrivate(ctx, private, waIDsKey, &spelled, diags); err != nil {
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
