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

// renaming is users of one kind of name in place of users of the other, such as a
// user ID that was written in place of a number that the user hides. Which of the
// newcomers each of those who leave is no one can tell, so no one is unblocked for it,
// and no one has to be blocked.
type renaming struct {
	// gone leave under a name that the list does not show.
	gone []userid.User
	// newcomers are on the list, with the names that it shows.
	newcomers []userid.User
}

// renamingOf finds it in a change, by what the list shows.
func renamingOf(view *blocklist.View, add, remove []userid.User) renaming {
	var r renaming
	var gone, shown nameKinds
	for _, u := range add {
		if entry, ok := view.Shown(u); ok {
			r.newcomers = append(r.newcomers, u.Learn(entry))
			shown.add(entry)
		}
	}
	for _, u := range remove {
		if shown.others(u) > 0 && !view.Shows(u) {
			r.gone = append(r.gone, u)
			gone.add(u)
		}
	}
	if len(r.gone) == 0 || gone.numberOnly > shown.userIDOnly || gone.userIDOnly > shown.numberOnly {
		return renaming{}
	}
	r.newcomers = gone.mayBe(r.newcomers)
	return r
}

// nameKinds counts users of which one kind of name is known.
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

// others returns how many of the counted users have no kind of name in common with u,
// so that they may be the same person.
func (k *nameKinds) others(u userid.User) int {
	switch {
	case !u.HasUserID():
		return k.userIDOnly
	case !u.HasNumber():
		return k.numberOnly
	default:
		return 0
	}
}

// mayBe picks from users those who may be one of those counted.
func (k *nameKinds) mayBe(users []userid.User) []userid.User {
	return slices.DeleteFunc(slices.Clone(users), func(u userid.User) bool { return k.others(u) == 0 })
}

// readRenaming is renamingOf what the list shows now. The error is that of reading it:
// then no one is renamed.
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

// warnRenamed tells that users leave a configuration and are not unblocked.
func warnRenamed(users []userid.User, at path.Path, diags *diag.Diagnostics) {
	if len(users) == 0 {
		return
	}
	diags.AddAttributeWarning(at, fmt.Sprintf("%s not shown on the list, no one is unblocked", sentenceCount(len(users))),
		"These users leave the configuration:\n"+nameUsers(users, inPlan)+
			"\nThe list does not show them, and shows users that the plan adds under a name of the other kind, a user ID or a number. The provider takes them to be the same users: the entries on the list are adopted, and nothing is sent.\n\n"+
			"If they are other people and still on the list, they stay blocked.")
}
