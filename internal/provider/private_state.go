package provider

import (
	"context"
	"encoding/json"
	"time"

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

// removePrivate takes a key out of the private state.
func removePrivate(ctx context.Context, private privateSetter, key string, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, key, nil)...)
}

// copyPrivate carries the private state over to another resource, all but what is
// about a plan.
func copyPrivate(ctx context.Context, from privateGetter, to privateSetter, diags *diag.Diagnostics) {
	for _, key := range [...]string{namesKey, lastWriteKey, channelKey} {
		value, d := from.GetKey(ctx, key)
		diags.Append(d...)
		if len(value) > 0 {
			diags.Append(to.SetKey(ctx, key, value)...)
		}
	}
}

// lastWriteKey is where the private state of a resource keeps when it was last
// written to, in milliseconds since 1970: a list may lag behind.
const lastWriteKey = "last_write"

func setLastWrite(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, lastWriteKey, time.Now().UnixMilli(), diags)
}

// getLastWrite is zero where it is not known.
func getLastWrite(ctx context.Context, private privateGetter, diags *diag.Diagnostics) time.Time {
	var ms int64
	if found, err := getPrivate(ctx, private, lastWriteKey, &ms, diags); !found || err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
