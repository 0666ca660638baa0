package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

// roster is a map of users to notes as a configuration or a state spells it,
// and whom its keys name.
type roster struct {
	notes map[string]attr.Value
	// keys are the spellings, in order.
	keys  []string
	users []userid.ID
	// keyOf finds the key that names a user.
	keyOf map[userid.ID]string
}

// atUser is the path of a user in a map. A message about several points at the
// first of them: of a map that is written out, Terraform quotes all of it else.
func atUser(key string) path.Path { return path.Root("users").AtMapKey(key) }

// mostKeyErrors bounds how many wrong keys of one map are shown.
const mostKeyErrors = 20

// readRoster reads a known map. Its diagnostics point at the keys that name no
// user, and show both where two name the same one.
func readRoster(users types.Map) (roster, diag.Diagnostics) {
	var diags diag.Diagnostics
	r := roster{notes: users.Elements()}
	r.keys = slices.Sorted(maps.Keys(r.notes))
	r.users = make([]userid.ID, len(r.keys))
	r.keyOf = make(map[userid.ID]string, len(r.keys))
	wrong := 0
	for i, key := range r.keys {
		user, err := userid.Parse(key)
		if err == nil {
			if other, taken := r.keyOf[user]; taken {
				err = fmt.Errorf("%q and %q name one user, %s. Keep one of the two", other, key, user)
			}
		}
		if err == nil {
			r.users[i], r.keyOf[user] = user, key
			continue
		}
		if wrong++; wrong > mostKeyErrors {
			continue
		}
		if _, ok := errors.AsType[*userid.ParseError](err); ok {
			diags.AddAttributeError(atUser(key), "Not a WhatsApp user", useridtype.Sentence(err))
		} else {
			diags.AddAttributeError(atUser(key), "One user under two keys", sentence(err.Error()))
		}
	}
	if wrong > mostKeyErrors {
		diags.AddAttributeError(path.Root("users"), "More keys that name no user of their own",
			fmt.Sprintf("%d further keys of this map are wrong in one of these ways.", wrong-mostKeyErrors))
	}
	return r, diags
}

// says reports whether the roster has the user with the given note.
func (r roster) says(user userid.ID, note attr.Value) bool {
	key, ok := r.keyOf[user]
	return ok && r.notes[key].Equal(note)
}

// sameAs reports whether both rosters have the same users with the same notes,
// whatever the spelling.
func (r roster) sameAs(other roster) bool {
	if len(r.keys) != len(other.keys) {
		return false
	}
	for i, user := range r.users {
		if !other.says(user, r.notes[r.keys[i]]) {
			return false
		}
	}
	return true
}

// mapOf makes an attribute value of users and notes, or of users and reasons.
func mapOf(elements map[string]attr.Value) types.Map {
	return types.MapValueMust(types.StringType, elements)
}
