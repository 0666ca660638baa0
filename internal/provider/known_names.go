package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// namesKey is where the private state of a bulk resource keeps the names that the
// API gave for users: the list may show a user by one of them alone.
const namesKey = "names"

// knownNames are the names of users beside the one in the map, by that one.
type knownNames map[userid.ID]knownName

// knownName is a WhatsApp ID and a user ID, each empty if it is not known or says
// nothing new.
type knownName [2]string

// learn keeps the names of a user.
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

// of returns a user with the names that are known.
func (n knownNames) of(u userid.User) userid.User {
	known, ok := n[u.ID]
	if !ok {
		return u
	}
	var names userid.User
	if id, err := userid.Parse(known[0]); err == nil && id.IsNumber() {
		names.WaID = id
	}
	if id, err := userid.Parse(known[1]); err == nil && !id.IsNumber() {
		names.UserID = id
	}
	return u.Learn(names)
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

// setNames keeps names, unless they are those of before.
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
