package provider

import (
	"context"
	"os"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Environment variables for attributes of the provider block.
const (
	apiKeyVariable         = "D360_API_KEY"
	baseURLVariable        = "D360_BASE_URL"
	maxRetriesVariable     = "D360_MAX_RETRIES"
	maskUsersVariable      = "D360_MASK_USERS"
	maxUnblocksVariable    = "D360_MAX_UNBLOCKS"
	requestTimeoutVariable = "D360_REQUEST_TIMEOUT"
)

// environment reads attributes that the provider block does not set from environment
// variables, and applies the same validators.
type environment struct{ diags *diag.Diagnostics }

// lookup returns the variable of an attribute, empty if the block sets the attribute.
func (environment) lookup(value attr.Value, variable string) string {
	if !value.IsNull() {
		return ""
	}
	return os.Getenv(variable)
}

func (e environment) report(variable string, found diag.Diagnostics) {
	for _, d := range found {
		e.diags.Append(diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\nThe value comes from the environment variable "+variable+"."))
	}
}

func (e environment) readString(ctx context.Context, value *types.String, attribute, variable string, check validator.String) {
	text := e.lookup(value, variable)
	if text == "" {
		return
	}
	*value = types.StringValue(text)
	var resp validator.StringResponse
	check.ValidateString(ctx, validator.StringRequest{Path: path.Root(attribute), ConfigValue: *value}, &resp)
	e.report(variable, resp.Diagnostics)
}

func (e environment) readInt64(ctx context.Context, value *types.Int64, attribute, variable string, check validator.Int64) {
	text := e.lookup(value, variable)
	if text == "" {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		e.report(variable, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid "+attribute, "It must be a whole number.")})
		return
	}
	*value = types.Int64Value(n)
	var resp validator.Int64Response
	check.ValidateInt64(ctx, validator.Int64Request{Path: path.Root(attribute), ConfigValue: *value}, &resp)
	e.report(variable, resp.Diagnostics)
}

func (e environment) readBool(value *types.Bool, attribute, variable string) {
	text := e.lookup(value, variable)
	if text == "" {
		return
	}
	is, err := strconv.ParseBool(text)
	if err != nil {
		e.report(variable, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid "+attribute, "It must be true or false.")})
		return
	}
	*value = types.BoolValue(is)
}

// masksByEnvironment reports whether the environment sets mask_users. An invalid value
// counts as true until it becomes an error, when the provider is configured.
func masksByEnvironment() bool {
	set := os.Getenv(maskUsersVariable)
	masks, err := strconv.ParseBool(set)
	return set != "" && (masks || err != nil)
}
