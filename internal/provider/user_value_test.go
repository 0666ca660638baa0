package provider

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

var (
	null    = userValue{StringValue: basetypes.NewStringNull()}
	unknown = userValue{StringValue: basetypes.NewStringUnknown()}
)

func TestValue_StringSemanticEquals(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		a, b userValue
		want bool
	}{
		"one spelling":             {newUserValue("+4915112345678"), newUserValue("+4915112345678"), true},
		"two spellings":            {newUserValue("+49 (151) 123-456/78"), newUserValue("004915112345678"), true},
		"user IDs":                 {newUserValue("US.134"), newUserValue("US.134"), true},
		"user IDs in another case": {newUserValue("US.aB"), newUserValue("US.Ab"), false},
		"two users":                {newUserValue("+4915112345678"), newUserValue("+4915112345679"), false},
		"another country's prefix": {newUserValue("+5215541637145"), newUserValue("+525541637145"), false},
		"nobody twice":             {newUserValue("nobody"), newUserValue("nobody"), false},
		"empty twice":              {newUserValue(""), newUserValue(""), false},
		"a user and nobody":        {newUserValue("+4915112345678"), newUserValue("nobody"), false},
		"a user and null":          {newUserValue("+4915112345678"), null, false},
		"a user and unknown":       {newUserValue("+4915112345678"), unknown, false},
		"null twice":               {null, null, false},
	} {
		for _, pair := range [][2]userValue{{test.a, test.b}, {test.b, test.a}} {
			got, diags := pair[0].StringSemanticEquals(t.Context(), pair[1])
			if got != test.want || diags.HasError() {
				t.Errorf("%s: %t, %v; want %t", name, got, diags, test.want)
			}
		}
	}
}

func TestValue_StringSemanticEquals_anotherType(t *testing.T) {
	t.Parallel()

	equal, diags := newUserValue("+4915112345678").StringSemanticEquals(t.Context(), basetypes.NewStringValue("+4915112345678"))
	if equal || !diags.HasError() {
		t.Errorf("got %t, %v; want an error", equal, diags)
	}
}

func TestValue_ValidateAttribute(t *testing.T) {
	t.Parallel()

	at := path.Root("users").AtMapKey("x")
	for name, test := range map[string]struct {
		value userValue
		// reason is what the error says, empty for none.
		reason string
	}{
		"a number":        {newUserValue("+49 151 12345678"), ""},
		"a user ID":       {newUserValue("US.118"), ""},
		"null":            {null, ""},
		"unknown":         {unknown, ""},
		"empty":           {newUserValue(""), "it is empty"},
		"a local number":  {newUserValue("0151 12345678"), "it starts with 0"},
		"control letters": {newUserValue("+49\u202e15112345678"), "invisible"},
	} {
		resp := &xattr.ValidateAttributeResponse{}
		test.value.ValidateAttribute(t.Context(), xattr.ValidateAttributeRequest{Path: at}, resp)
		if test.reason == "" {
			if len(resp.Diagnostics) != 0 {
				t.Errorf("%s: %v", name, resp.Diagnostics)
			}
			continue
		}
		if len(resp.Diagnostics) != 1 {
			t.Fatalf("%s: diagnostics %v, want one", name, resp.Diagnostics)
		}
		d := resp.Diagnostics[0]
		located, ok := d.(diag.DiagnosticWithPath)
		if !ok || !located.Path().Equal(at) || d.Severity() != diag.SeverityError {
			t.Errorf("%s: %v is no error at %s", name, d, at)
		}
		if d.Summary() != "Not a WhatsApp user" || !strings.Contains(d.Detail(), test.reason) || !strings.Contains(d.Detail(), "such as +49 151 12345678") {
			t.Errorf("%s: %s: %s", name, d.Summary(), d.Detail())
		}
		if strings.ContainsRune(d.Detail(), '\u202e') {
			t.Errorf("%s: %q cannot be shown", name, d.Detail())
		}
	}
}

func TestValue_Equal(t *testing.T) {
	t.Parallel()

	value := newUserValue("+4915112345678")
	for name, test := range map[string]struct {
		other attr.Value
		want  bool
	}{
		"the same":         {newUserValue("+4915112345678"), true},
		"another spelling": {newUserValue("4915112345678"), false},
		"null":             {null, false},
		"unknown":          {unknown, false},
		"a plain string":   {basetypes.NewStringValue("+4915112345678"), false},
		"nothing":          {nil, false},
	} {
		if got := value.Equal(test.other); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
	if !null.Equal(null) || !unknown.Equal(unknown) || null.Equal(unknown) {
		t.Error("null and unknown are mistaken for each other")
	}
}

func TestValue_Names(t *testing.T) {
	t.Parallel()

	id, err := userid.Parse("+4915112345678")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		value userValue
		id    userid.ID
		want  bool
	}{
		"another spelling":     {newUserValue("0049 151 12345678"), id, true},
		"another user":         {newUserValue("+16505551234"), id, false},
		"nobody":               {newUserValue("nobody"), id, false},
		"nobody and zero ID":   {newUserValue("nobody"), userid.ID{}, false},
		"null and the zero ID": {null, userid.ID{}, false},
		"unknown":              {unknown, id, false},
	} {
		if got := test.value.Names(test.id); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestValue_Parse(t *testing.T) {
	t.Parallel()

	if id, err := newUserValue("0049 151 12345678").Parse(); err != nil || id.String() != "4915112345678" {
		t.Errorf("got %q, %v", id, err)
	}
	var parseError *userid.ParseError
	if _, err := newUserValue("nobody").Parse(); !errors.As(err, &parseError) {
		t.Errorf("got %v", err)
	}
}

func TestType_roundTrip(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		terraform tftypes.Value
		want      userValue
	}{
		"a spelling": {tftypes.NewValue(tftypes.String, "+49 151 12345678"), newUserValue("+49 151 12345678")},
		"no user":    {tftypes.NewValue(tftypes.String, "nobody"), newUserValue("nobody")},
		"empty":      {tftypes.NewValue(tftypes.String, ""), newUserValue("")},
		"null":       {tftypes.NewValue(tftypes.String, nil), null},
		"unknown":    {tftypes.NewValue(tftypes.String, tftypes.UnknownValue), unknown},
	} {
		value, err := userType{}.ValueFromTerraform(t.Context(), test.terraform)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !test.want.Equal(value) {
			t.Errorf("%s: got %#v, want %#v", name, value, test.want)
		}
		back, err := value.ToTerraformValue(t.Context())
		if err != nil || !back.Equal(test.terraform) {
			t.Errorf("%s: back comes %s, %v", name, back, err)
		}
		fromString, diags := userType{}.ValueFromString(context.Background(), test.want.StringValue)
		if diags.HasError() || !test.want.Equal(fromString) {
			t.Errorf("%s: from a string comes %#v, %v", name, fromString, diags)
		}
	}
	if value, err := (userType{}).ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Number, 1)); err == nil {
		t.Errorf("a number became %v", value)
	}
}

func TestType(t *testing.T) {
	t.Parallel()

	var typ attr.Type = userType{}
	if !typ.Equal(userType{}) || typ.Equal(basetypes.StringType{}) || typ.Equal(nil) {
		t.Error("the type is mistaken for another, or another for it")
	}
	if got := newUserValue("x").Type(t.Context()); !got.Equal(typ) {
		t.Errorf("the type of a value is %s", got)
	}
	if _, ok := typ.ValueType(t.Context()).(userValue); !ok {
		t.Errorf("values are %T", typ.ValueType(t.Context()))
	}
	if !typ.TerraformType(t.Context()).Equal(tftypes.String) {
		t.Errorf("for Terraform it is %s", typ.TerraformType(t.Context()))
	}
	if typ.String() != "userType" {
		t.Errorf("its name is %q", typ)
	}
}
