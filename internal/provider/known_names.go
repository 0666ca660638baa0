package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// knownNames are the further names of users, by the name in the map.
type knownNames map[userid.ID]knownName

// knownName is a WhatsApp ID and a user ID, each empty if it is unknown or the key itself.
type knownName [2]string

func (n knownNames) learn(u userid.User) {
	var known knownName
	if u.WaID != u.ID {
		known[0] = u.WaID.String()
	}
	if u.UserID != u.ID {
		known[1] = u.UserID.String()
	}
	if known != (knownName{}) {
		n[u.ID] = known
	}
}

// of returns a user with all known names.
func (n knownNames) of(u userid.User) userid.User {
	known, ok := n[u.ID]
	if !ok {
		return u
	}
	return withNames(u, known[0], known[1])
}

func getNames(ctx context.Context, private privateGetter, diags *diag.Diagnostics) knownNames {
	var kept map[string]knownName
	if _, err := getPrivate(ctx, private, namesKey, &kept, diags); err != nil {
		return knownNames{}
	}
	names := make(knownNames, len(kept))
	for key, known := range kept {
		if id, err := userid.Parse(key); err == nil {
			names[id] = known
		}
	}
	return names
}

func knownNamesOf(users []userid.User) knownNames {
	names := make(knownNames, len(users))
	for _, u := range users {
		names.learn(u)
	}
	return names
}

// setNames saves names in the private state, unless they equal before.
func setNames(ctx context.Context, private privateSetter, names, before knownNames, diags *diag.Diagnostics) {
	if maps.Equal(names, before) {
		return
	}
	kept := make(map[string]knownName, len(names))
	for id, known := range names {
		kept[id.String()] = known
	}
	setPrivate(ctx, private, namesKey, kept, diags)
}

// withNames returns a user with the names that a state holds, each empty if unknown.
func withNames(u userid.User, waID, userID string) userid.User {
	var names userid.User
	if id, err := userid.Parse(waID); err == nil && id.IsNumber() {
		names.WaID = id
	}
	if id, err := userid.Parse(userID); err == nil && !id.IsNumber() {
		names.UserID = id
	}
	return u.Learn(names)
}
