package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Keys of the private state.
const (
	// channelKey holds the channel of a resource.
	channelKey = "channel"
	// namesKey holds the names of users that the API returned. The list may show a user
	// by only one of them.
	namesKey = "names"
	// lastWriteKey holds the time of the last write, in milliseconds since 1970. The list
	// may lag behind a write.
	lastWriteKey = "last_write"
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

// getPrivate reads the value of a key into content. err is set if it cannot be decoded.
func getPrivate(ctx context.Context, private privateGetter, key string, content any, diags *diag.Diagnostics) (found bool, err error) {
	value, d := private.GetKey(ctx, key)
	diags.Append(d...)
	if len(value) == 0 {
		return false, nil
	}
	return true, json.Unmarshal(value, content)
}

// copyPrivate copies the private state to another resource, without the plan record.
func copyPrivate(ctx context.Context, from privateGetter, to privateSetter, diags *diag.Diagnostics) {
	for _, key := range [...]string{namesKey, lastWriteKey, channelKey} {
		value, d := from.GetKey(ctx, key)
		diags.Append(d...)
		if len(value) > 0 {
			diags.Append(to.SetKey(ctx, key, value)...)
		}
	}
}

func setLastWrite(ctx context.Context, private privateSetter, diags *diag.Diagnostics) {
	setPrivate(ctx, private, lastWriteKey, time.Now().UnixMilli(), diags)
}

// getLastWrite returns the zero time if it is unknown.
func getLastWrite(ctx context.Context, private privateGetter, diags *diag.Diagnostics) time.Time {
	var ms int64
	if found, err := getPrivate(ctx, private, lastWriteKey, &ms, diags); !found || err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
