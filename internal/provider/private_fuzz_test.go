package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// keptBytes are a private state in memory.
type keptBytes map[string][]byte

// GetKey implements privateGetter.
func (k keptBytes) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return k[key], nil
}

// SetKey implements privateSetter.
func (k keptBytes) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	k[key] = value
	return nil
}

// FuzzPrivateState reads any bytes as what the provider keeps beside a state:
// nobody but users in canonical form comes of them, and these last.
func FuzzPrivateState(f *testing.F) {
	for _, value := range []string{
		"", "null", `""`, `"?"`, `"4915112345678"`, `"+49 151 12345678"`, `"4915112345678 US.13491208655302741918"`, `"? 4915112345678"`, `"nobody"`, `1`, `{}`, `[]`, `{"x":1}`, `"\u202e"`, `"`,
		`{"5215541637145":"525541637145"}`, `{"+52 1 55 4163 7145":"525541637145","5215541637145":"1234567"}`, `{"a":"b"}`, `{"5215541637145":null}`, `{"5215541637145":525541637145}`,
	} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		ctx := t.Context()
		var diags diag.Diagnostics

		many, unknown := plannedUsers(ctx, keptBytes{plannedUsersKey: value}, &diags)
		if unknown && len(many) > 0 {
			t.Errorf("%q is for %d users and for nobody knows whom", value, len(many))
		}
		users := make([]userid.ID, 0, len(many))
		for user := range many {
			mustBeCanonical(t, user)
			users = append(users, user)
		}
		kept := keptBytes{}
		notePlannedUsers(ctx, kept, users, &diags)
		if again, unknown := plannedUsers(ctx, kept, &diags); unknown || !maps.Equal(again, many) {
			t.Errorf("%v becomes %v", many, again)
		}
		forgetPlan(ctx, kept, &diags)
		if again, unknown := plannedUsers(ctx, kept, &diags); unknown || len(again) > 0 || isTainted(ctx, kept, &diags) {
			t.Errorf("%v is not forgotten", again)
		}

		ids := getWaIDs(ctx, keptBytes{waIDsKey: value}, &diags)
		for user, waID := range ids {
			mustBeCanonical(t, user)
			mustBeCanonical(t, waID)
		}
		setWaIDs(ctx, kept, ids, &diags)
		if again := getWaIDs(ctx, kept, &diags); !maps.Equal(again, ids) {
			t.Errorf("%v becomes %v", ids, again)
		}
		// Whatever is there and is not read means somebody.
		if empty := len(value) == 0 || string(bytes.TrimSpace(value)) == "null"; !empty {
			var spelled string
			readable := json.Unmarshal(value, &spelled) == nil
			if _, unknown := plannedUsers(ctx, keptBytes{plannedUsersKey: value}, &diags); !readable && !unknown {
				t.Errorf("%q passes for no replacement", value)
			}
		}
		if diags.HasError() {
			t.Errorf("%q: %v", value, diags)
		}
	})
}

func mustBeCanonical(t *testing.T, user userid.ID) {
	t.Helper()
	if again, err := userid.Parse(user.String()); err != nil || again != user {
		t.Errorf("%q is no canonical form: %v", user, err)
	}
}
