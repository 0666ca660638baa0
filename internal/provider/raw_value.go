package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// replaceAttributes returns an object's value with some attributes replaced. The
// framework's own setters copy every element of every attribute, which is too slow for a
// map of 64,000 users.
func replaceAttributes(ctx context.Context, object tftypes.Value, replacements map[string]attr.Value, diags *diag.Diagnostics) tftypes.Value {
	var attributes map[string]tftypes.Value
	err := object.As(&attributes)
	attributes = maps.Clone(attributes)
	for name, value := range replacements {
		if err == nil {
			attributes[name], err = value.ToTerraformValue(ctx)
		}
	}
	if err == nil {
		err = tftypes.ValidateValue(object.Type(), attributes)
	}
	if err != nil {
		diags.AddError("Cannot set the values of the resource", err.Error()+". This is a bug in the provider; please report it.")
		return object
	}
	return tftypes.NewValue(object.Type(), attributes)
}
