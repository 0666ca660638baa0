package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

type privateSetter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

type privateGetter interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

func setPrivate(ctx context.Context, private privateSetter, key string, content any, diags *diag.Diagnostics) {
	value, err := json.Marshal(content)
	if err != nil {
		diags.AddError("Cannot keep private state", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, key, value)...)
}

// getPrivate reads what setPrivate has kept into content. Nothing is there where
// found is not set; err is for what cannot be read.
func getPrivate(ctx context.Context, private privateGetter, key string, content any, diags *diag.Diagnostics) (found bool, err error) {
	value, d := private.GetKey(ctx, key)
	diags.Append(d...)
	if len(value) == 0 {
		return false, nil
	}
	return true, json.Unmarshal(value, content)
}
