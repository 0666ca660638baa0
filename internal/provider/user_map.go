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
)

// userMap is a map of users to notes in a configuration or a state, with its users.
type userMap struct {
	notes map[string]attr.Value
	// users are in the order of their keys, which are their spellings.
	users *userid.Index
	// keyOf has the key of each user by canonical form.
	keyOf map[userid.ID]string
}

var usersPath = path.Root("users")

// atUser returns the path of a user in a map. A message about several users has the path
// of the first, because Terraform would quote the whole map otherwise.
func atUser(key string) path.Path { return usersPath.AtMapKey(key) }

// invalidKey is a key that names no user, or the same user as another key.
type invalidKey struct {
	key string
	// text names the key in a message, reason says what is wrong with it.
	text, reason string
}

// readUserMap reads a known map, and adds the known names of its users. One error reports
// all invalid keys.
func readUserMap(users types.Map, names knownNames) (userMap, diag.Diagnostics) {
	m := userMap{notes: users.Elements(), keyOf: make(map[userid.ID]string, len(users.Elements()))}
	all := make([]userid.User, 0, len(m.notes))
	var wrong []invalidKey
	for _, key := range slices.Sorted(maps.Keys(m.notes)) {
		user, err := userid.New(key)
		if parseError, ok := errors.AsType[*userid.ParseError](err); ok {
			wrong = append(wrong, invalidKey{key, parseError.QuotedInput(), parseError.Reason})
			continue
		}
		if other, taken := m.keyOf[user.ID]; taken {
			wrong = append(wrong, invalidKey{key, fmt.Sprintf("%q and %q (%s)", other, key, user.ID), sameUserReason})
			continue
		}
		m.keyOf[user.ID] = key
		all = append(all, names.of(user))
	}
	m.users = userid.NewIndex(all...)
	return m, describeInvalidKeys(wrong)
}

const sameUserReason = "the two keys name one user; keep one of them"

// describeInvalidKeys lists invalid keys by reason.
func describeInvalidKeys(wrong []invalidKey) diag.Diagnostics {
	if len(wrong) == 0 {
		return nil
	}
	hasNoUser := slices.ContainsFunc(wrong, func(k invalidKey) bool { return k.reason != sameUserReason })
	summary := "One user under two keys"
	switch {
	case len(wrong) > 1:
		summary = fmt.Sprintf("%d keys are invalid", len(wrong))
	case hasNoUser:
		summary = "Not a WhatsApp user"
	}
	detail := describeByReason(wrong, func(k invalidKey) string { return k.reason }, func(group []invalidKey) string {
		keys := nameAll(group, func(k invalidKey) string { return k.text }, "the next plan shows them after you correct these")
		return keys + "\n" + sentence(group[0].reason)
	})
	if hasNoUser {
		detail += "\n\n" + spellingHelp
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(atUser(wrong[0].key), summary, detail)}
}

func (m userMap) len() int {
	if m.users == nil {
		return 0
	}
	return m.users.Len()
}

func (m userMap) all() []userid.User {
	users := make([]userid.User, m.len())
	for i := range users {
		users[i] = m.users.At(i)
	}
	return users
}

// has reports whether a key of the map names a user, in any spelling.
func (m userMap) has(u userid.User) bool {
	_, ok := m.keyOf[u.ID]
	return ok
}

// sameAs reports whether both maps have the same users with the same notes, in any
// spelling. A null note equals an empty one.
func (m userMap) sameAs(other userMap) bool {
	if len(m.keyOf) != len(other.keyOf) {
		return false
	}
	for id, key := range m.keyOf {
		otherKey, ok := other.keyOf[id]
		if !ok || !sameNote(other.notes[otherKey], m.notes[key]) {
			return false
		}
	}
	return true
}

func sameNote(a, b attr.Value) bool {
	noteA, okA := a.(types.String)
	noteB, okB := b.(types.String)
	return a.Equal(b) || okA && okB && !a.IsUnknown() && !b.IsUnknown() && noteA.ValueString() == noteB.ValueString()
}

func mapOf(elements map[string]attr.Value) types.Map {
	return types.MapValueMust(types.StringType, elements)
}

// userMapOf is a map of users without notes.
func userMapOf(users []userid.User) userMap {
	m := userMap{users: userid.NewIndex(users...), keyOf: make(map[userid.ID]string, len(users)), notes: make(map[string]attr.Value, len(users))}
	for _, u := range users {
		m.keyOf[u.ID] = u.Spelling
		m.notes[u.Spelling] = types.StringNull()
	}
	return m
}
