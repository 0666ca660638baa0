// Package useridtype is the Terraform string type of attributes that name a
// WhatsApp user. Two spellings of one user are semantically equal.
package useridtype

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

var (
	_ basetypes.StringValuable                   = Value{}
	_ basetypes.StringValuableWithSemanticEquals = Value{}
	_ xattr.ValidateableAttribute                = Value{}
)

// Value is a user in the spelling of whoever wrote it.
type Value struct {
	basetypes.StringValue
}

// NewValue returns a known Value with the given spelling.
func NewValue(spelling string) Value {
	return Value{StringValue: basetypes.NewStringValue(spelling)}
}

// Type returns [Type].
func (v Value) Type(context.Context) attr.Type { return Type{} }

// Equal reports whether o is a Value with the same spelling.
func (v Value) Equal(o attr.Value) bool {
	other, ok := o.(Value)
	return ok && v.StringValue.Equal(other.StringValue)
}

// Parse returns whom a known Value names.
func (v Value) Parse() (userid.ID, error) {
	return userid.Parse(v.ValueString())
}

// Names reports whether v is known and names the user id.
func (v Value) Names(id userid.ID) bool {
	if v.IsNull() || v.IsUnknown() {
		return false
	}
	own, err := v.Parse()
	return err == nil && own == id
}

// StringSemanticEquals reports whether both values name the same user.
func (v Value) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Value)
	if !ok {
		var diags diag.Diagnostics
		diags.AddError("Unexpected type of a user", fmt.Sprintf("Expected %T, got %T. This is a bug in the provider; please report it.", v, other))
		return false, diags
	}
	id, err := v.Parse()
	return err == nil && o.Names(id), nil
}

// ValidateAttribute refuses a spelling that names no user, with the reason.
func (v Value) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	if _, err := v.Parse(); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a WhatsApp user", Sentence(err))
	}
}

// Sentence turns a parse error into a message that ends in what to write.
func Sentence(err error) string {
	return err.Error() + ".\n\nWrite a number with its country calling code, such as +49 151 12345678, or a business-scoped user ID, such as US.13491208655302741918."
}
