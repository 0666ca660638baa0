package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var _ basetypes.StringTypable = userType{}

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
