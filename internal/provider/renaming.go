package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// renaming is a change that may only rename users, such as a user ID in place of a number
// that the user now hides. The provider cannot tell which new name belongs to which old
// one, so it blocks and unblocks none of them.
type renaming struct {
	// removed are the removed users that the list does not show, added the added users that
	// it shows.
	removed, added []userid.User
}

// renamingOf finds the renamed users of a change.
func renamingOf(view *blocklist.View, add, remove []userid.User) renaming {
	var r renaming
	var missing, shown nameKinds
	for _, u := range add {
		if entry, ok := view.Shown(u); ok {
			r.added = append(r.added, u.Learn(entry))
			shown.add(entry)
		}
	}
	for _, u := range remove {
		if shown.otherKind(u) > 0 && !view.Shows(u) {
			r.removed = append(r.removed, u)
			missing.add(u)
		}
	}
	if len(r.removed) == 0 || missing.numberOnly > shown.userIDOnly || missing.userIDOnly > shown.numberOnly {
		return renaming{}
	}
	r.added = missing.mayBe(r.added)
	return r
}

// nameKinds counts users with only one known kind of name.
type nameKinds struct{ numberOnly, userIDOnly int }

func (k *nameKinds) add(u userid.User) {
	switch {
	case !u.HasUserID():
		k.numberOnly++
	case !u.HasNumber():
		k.userIDOnly++
	}
}

func kindsOf(users []userid.User) nameKinds {
	var k nameKinds
	for _, u := range users {
		k.add(u)
	}
	return k
}

// otherKind counts users who have no kind of name in common with u, and so may be the same
// person.
func (k *nameKinds) otherKind(u userid.User) int {
	switch {
	case !u.HasUserID():
		return k.userIDOnly
	case !u.HasNumber():
		return k.numberOnly
	default:
		return 0
	}
}

// mayBe returns the users who may be one of the counted ones.
func (k *nameKinds) mayBe(users []userid.User) []userid.User {
	return slices.DeleteFunc(slices.Clone(users), func(u userid.User) bool { return k.otherKind(u) == 0 })
}

// readRenaming is renamingOf with the current list. If the list cannot be read, it returns
// the error and no renamed users.
func readRenaming(ctx context.Context, list *blocklist.List, add, remove []userid.User) (renaming, error) {
	if kinds := kindsOf(add); len(kinds.mayBe(remove)) == 0 {
		return renaming{}, nil
	}
	view, err := list.View(ctx)
	if err != nil {
		return renaming{}, err
	}
	return renamingOf(view, add, remove), nil
}

// warnRenamed warns that users leave a configuration and are not unblocked.
func warnRenamed(users []userid.User, at path.Path, diags *diag.Diagnostics) {
	if len(users) == 0 {
		return
	}
	diags.AddAttributeWarning(at, fmt.Sprintf("%s not shown on the list, no one is unblocked", sentenceCount(len(users))),
		"These users leave the configuration:\n"+nameUsers(users, inPlan)+
			"\nThe list does not show them. It shows users that the plan adds under the other kind of name, a user ID or a number. The provider treats them as the same users: it adopts the entries of the list and sends nothing.\n\n"+
			"If they are other people and still on the list, they stay blocked.")
}
