package provider

import (
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

type privateState map[string][]byte

func (k privateState) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return k[key], nil
}

func (k privateState) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	k[key] = value
	return nil
}

// FuzzPrivateState: any bytes decode to users in canonical form only, which encode and
// decode to the same.
func FuzzPrivateState(f *testing.F) {
	for _, value := range []string{
		"", "null", `""`, `"4915112345678"`, `1`, `{}`, `[]`, `{"x":1}`, `"\u202e"`, `"`,
		`{"run":"R","as":"new","users":"4915112345678 US.13491208655302741918","allow_pending":true}`, `{"as":"existing","users":"+49 151 12345678"}`, `{"users":"nobody"}`, `{"unknown":true}`, `{"users":1}`,
		`{"5215541637145":["525541637145","MX.1"]}`, `{"+52 1 55 4163 7145":["525541637145",""],"5215541637145":["1234567","us.1"]}`, `{"a":["b","c"]}`, `{"5215541637145":null}`, `{"5215541637145":["US.1","525541637145"]}`,
	} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		ctx := t.Context()
		var diags diag.Diagnostics

		record := recordedPlan(ctx, privateState{planKey: value}, &diags)
		users, known := record.users()
		for _, u := range users {
			checkCanonical(t, u.ID)
		}
		if known {
			record.setUsers(users...)
			kept := privateState{}
			recordPlan(ctx, kept, record, &diags)
			if again := recordedPlan(ctx, kept, &diags); again != record {
				t.Errorf("%v becomes %v", record, again)
			}
			removePlanRecord(ctx, kept, &diags)
			if again := recordedPlan(ctx, kept, &diags); again != (planRecord{}) {
				t.Errorf("%v is not forgotten", again)
			}
		}
		// A record that cannot be read may be about any user.
		var readable planRecord
		if len(value) > 0 && json.Unmarshal(value, &readable) != nil && known {
			t.Errorf("%q passes for no replacement", value)
		}

		names := getNames(ctx, privateState{namesKey: value}, &diags)
		for id := range names {
			checkCanonical(t, id)
			u := names.of(userid.Of("", id))
			for _, name := range []userid.ID{u.WaID, u.UserID} {
				if !name.IsZero() {
					checkCanonical(t, name)
				}
			}
			if u.WaID != (userid.ID{}) && !u.WaID.IsNumber() {
				t.Errorf("%s passes for a WhatsApp ID", u.WaID)
			}
			if u.UserID.IsNumber() {
				t.Errorf("%s passes for a user ID", u.UserID)
			}
		}
		kept := privateState{}
		setNames(ctx, kept, names, nil, &diags)
		if again := getNames(ctx, kept, &diags); !maps.Equal(again, names) {
			t.Errorf("%v becomes %v", names, again)
		}
		if diags.HasError() {
			t.Errorf("%q: %v", value, diags)
		}
	})
}

func checkCanonical(t *testing.T, user userid.ID) {
	t.Helper()
	if again, err := userid.Parse(user.String()); err != nil || again != user {
		t.Errorf("%q is no canonical form: %v", user, err)
	}
}
