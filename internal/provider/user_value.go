package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

var (
	_ basetypes.StringValuable                   = userValue{}
	_ basetypes.StringValuableWithSemanticEquals = userValue{}
	_ xattr.ValidateableAttribute                = userValue{}
)

// userValue is a user in the spelling of a configuration or a state. Two spellings of one
// user are semantically equal.
type userValue struct {
	basetypes.StringValue
}

func newUserValue(spelling string) userValue {
	return userValue{StringValue: basetypes.NewStringValue(spelling)}
}

func (v userValue) Type(context.Context) attr.Type { return userType{} }

// Equal reports whether o is a user with the same spelling.
func (v userValue) Equal(o attr.Value) bool {
	other, ok := o.(userValue)
	return ok && v.StringValue.Equal(other.StringValue)
}

func (v userValue) Parse() (userid.ID, error) {
	return userid.Parse(v.ValueString())
}

// Names reports whether v is known and names the user id.
func (v userValue) Names(id userid.ID) bool {
	if v.IsNull() || v.IsUnknown() {
		return false
	}
	own, err := v.Parse()
	return err == nil && own == id
}

func (v userValue) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(userValue)
	if !ok {
		var diags diag.Diagnostics
		diags.AddError("Unexpected type of a user", fmt.Sprintf("Expected %T, got %T. This is a bug in the provider; please report it.", v, other))
		return false, diags
	}
	id, err := v.Parse()
	return err == nil && o.Names(id), nil
}

// ValidateAttribute rejects a spelling that names no user, with the reason.
func (v userValue) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	if _, err := v.Parse(); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a WhatsApp user", parseErrorDetail(err))
	}
}

const spellingHelp = "Write a number with its country calling code, such as +49 151 12345678, or a business-scoped user ID, such as US.13491208655302741918."

func parseErrorDetail(err error) string { return sentence(err.Error()) + "\n\n" + spellingHelp }

// idOrNull returns an ID as an attribute, null for the zero ID.
func idOrNull(id userid.ID) types.String { return textOrNull(id.String()) }

// userType is the Terraform type of a [userValue].
type userType struct {
	basetypes.StringType
}

func (t userType) Equal(o attr.Type) bool {
	_, ok := o.(userType)
	return ok
}

// String returns the name that framework errors show.
func (t userType) String() string { return "userType" }

func (t userType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return userValue{StringValue: in}, nil
}

func (t userType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	s, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", value)
	}
	return userValue{StringValue: s}, nil
}

func (t userType) ValueType(context.Context) attr.Value { return userValue{} }

// textOrNull returns a text as an attribute, null for an empty one.
func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}
