package schemajson_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/tools/docs/schemajson"
)

// A server responds to two requests, and panics on any other.
type server struct {
	tfprotov6.ProviderServer
	schemas    tfprotov6.GetProviderSchemaResponse
	identities tfprotov6.GetResourceIdentitySchemasResponse
}

func (s server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &s.schemas, nil
}

func (s server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &s.identities, nil
}

func schemaOf(attributes ...*tfprotov6.SchemaAttribute) *tfprotov6.Schema {
	return &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: attributes}}
}

// everything has one schema of each kind, and an attribute of each type.
var everything = server{
	schemas: tfprotov6.GetProviderSchemaResponse{
		Provider: schemaOf(&tfprotov6.SchemaAttribute{Name: "key", Type: tftypes.String, Optional: true, Sensitive: true}),
		ResourceSchemas: map[string]*tfprotov6.Schema{"x_user": {
			Version: 3,
			Block: &tfprotov6.SchemaBlock{
				Description:     "A *user*.",
				DescriptionKind: tfprotov6.StringKindMarkdown,
				Deprecated:      true,
				Attributes: []*tfprotov6.SchemaAttribute{
					{Name: "name", Type: tftypes.String, Required: true, Description: "Who.", DescriptionKind: tfprotov6.StringKindMarkdown},
					{Name: "age", Type: tftypes.Number, Computed: true},
					{Name: "secret", Type: tftypes.Bool, Optional: true, WriteOnly: true, Deprecated: true},
					{Name: "any", Type: tftypes.DynamicPseudoType, Optional: true},
					{Name: "notes", Type: tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.Set{ElementType: tftypes.String}}}, Optional: true},
					{Name: "pair", Type: tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String, tftypes.Number}}, Optional: true},
					{Name: "place", Type: tftypes.Object{AttributeTypes: map[string]tftypes.Type{"x": tftypes.Number}}, Optional: true},
					{Name: "nested", Optional: true, NestedType: &tfprotov6.SchemaObject{
						Nesting:    tfprotov6.SchemaObjectNestingModeMap,
						Attributes: []*tfprotov6.SchemaAttribute{{Name: "why", Type: tftypes.String, Optional: true}},
					}},
				},
				BlockTypes: []*tfprotov6.SchemaNestedBlock{{
					TypeName: "timeouts",
					Nesting:  tfprotov6.SchemaNestedBlockNestingModeList,
					MinItems: 1,
					MaxItems: 2,
					Block:    &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{{Name: "read", Type: tftypes.String, Optional: true}}},
				}},
			},
		}},
		DataSourceSchemas:        map[string]*tfprotov6.Schema{"x_data": schemaOf()},
		EphemeralResourceSchemas: map[string]*tfprotov6.Schema{"x_ephemeral": schemaOf()},
		ListResourceSchemas:      map[string]*tfprotov6.Schema{"x_user": schemaOf()},
		StateStoreSchemas:        map[string]*tfprotov6.Schema{"x_store": schemaOf()},
		ActionSchemas:            map[string]*tfprotov6.ActionSchema{"x_act": {Schema: schemaOf()}},
		Functions: map[string]*tfprotov6.Function{"f": {
			Summary:            "Does f.",
			Description:        "Does f to them.",
			DeprecationMessage: "Use g.",
			Parameters:         []*tfprotov6.FunctionParameter{{Name: "a", Type: tftypes.String, Description: "What.", AllowNullValue: true}},
			VariadicParameter:  &tfprotov6.FunctionParameter{Name: "more", Type: tftypes.Bool},
			Return:             &tfprotov6.FunctionReturn{Type: tftypes.List{ElementType: tftypes.String}},
		}},
		Diagnostics: []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "no error"}},
	},
	identities: tfprotov6.GetResourceIdentitySchemasResponse{
		IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{"x_user": {
			Version: 1,
			IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
				{Name: "name", Type: tftypes.String, RequiredForImport: true, Description: "Who."},
				{Name: "age", Type: tftypes.Number, OptionalForImport: true},
			},
		}},
	},
}

const everythingJSON = `{
  "format_version": "1.0",
  "provider_schemas": {"x": {
    "provider": {"version": 0, "block": {"description_kind": "plain", "attributes": {
      "key": {"type": "string", "description_kind": "plain", "optional": true, "sensitive": true}
    }}},
    "resource_schemas": {"x_user": {"version": 3, "block": {
      "description": "A *user*.", "description_kind": "markdown", "deprecated": true,
      "attributes": {
        "name": {"type": "string", "description": "Who.", "description_kind": "markdown", "required": true},
        "age": {"type": "number", "description_kind": "plain", "computed": true},
        "secret": {"type": "bool", "description_kind": "plain", "optional": true, "write_only": true, "deprecated": true},
        "any": {"type": "dynamic", "description_kind": "plain", "optional": true},
        "notes": {"type": ["map", ["list", ["set", "string"]]], "description_kind": "plain", "optional": true},
        "pair": {"type": ["tuple", ["string", "number"]], "description_kind": "plain", "optional": true},
        "place": {"type": ["object", {"x": "number"}], "description_kind": "plain", "optional": true},
        "nested": {"nested_type": {"nesting_mode": "map", "attributes": {
          "why": {"type": "string", "description_kind": "plain", "optional": true}
        }}, "description_kind": "plain", "optional": true}
      },
      "block_types": {"timeouts": {"nesting_mode": "list", "min_items": 1, "max_items": 2, "block": {
        "description_kind": "plain",
        "attributes": {"read": {"type": "string", "description_kind": "plain", "optional": true}}
      }}}
    }}},
    "data_source_schemas": {"x_data": {"version": 0, "block": {"description_kind": "plain"}}},
    "ephemeral_resource_schemas": {"x_ephemeral": {"version": 0, "block": {"description_kind": "plain"}}},
    "list_resource_schemas": {"x_user": {"version": 0, "block": {"description_kind": "plain"}}},
    "state_store_schemas": {"x_store": {"version": 0, "block": {"description_kind": "plain"}}},
    "action_schemas": {"x_act": {"block": {"description_kind": "plain"}}},
    "functions": {"f": {
      "summary": "Does f.", "description": "Does f to them.", "deprecation_message": "Use g.",
      "return_type": ["list", "string"],
      "parameters": [{"name": "a", "type": "string", "description": "What.", "is_nullable": true}],
      "variadic_parameter": {"name": "more", "type": "bool"}
    }},
    "resource_identity_schemas": {"x_user": {"version": 1, "attributes": {
      "name": {"type": "string", "description": "Who.", "required_for_import": true},
      "age": {"type": "number", "optional_for_import": true}
    }}}
  }}
}`

func TestOf(t *testing.T) {
	schemas, err := schemajson.Of(t.Context(), "x", everything)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(schemas)
	if err != nil {
		t.Fatal(err)
	}
	got, want := indented(t, written), indented(t, []byte(everythingJSON))
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if err := json.Unmarshal(written, new(tfjson.ProviderSchemas)); err != nil {
		t.Errorf("cannot be read back: %v", err)
	}
}

// indented formats JSON with sorted keys, so that the test can compare it.
func indented(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestOfErrors(t *testing.T) {
	failed := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Broken", Detail: "by hand"}}
	resource := func(attribute *tfprotov6.SchemaAttribute) server {
		return server{schemas: tfprotov6.GetProviderSchemaResponse{
			ResourceSchemas: map[string]*tfprotov6.Schema{"x_user": schemaOf(attribute)},
		}}
	}
	for name, test := range map[string]struct {
		server server
		want   string
	}{
		"schema diagnostics": {
			server: server{schemas: tfprotov6.GetProviderSchemaResponse{Diagnostics: failed}},
			want:   "Broken: by hand",
		},
		"identity diagnostics": {
			server: server{identities: tfprotov6.GetResourceIdentitySchemasResponse{Diagnostics: failed}},
			want:   "Broken: by hand",
		},
		"no type": {
			server: resource(&tfprotov6.SchemaAttribute{Name: "name"}),
			want:   "resource x_user: name: a type is missing",
		},
		"no element type": {
			server: resource(&tfprotov6.SchemaAttribute{Name: "names", Type: tftypes.Map{}}),
			want:   "resource x_user: names: a type is missing",
		},
		"no nesting": {
			server: resource(&tfprotov6.SchemaAttribute{Name: "nested", NestedType: &tfprotov6.SchemaObject{}}),
			want:   "resource x_user: nested: nesting mode INVALID is unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := schemajson.Of(t.Context(), "x", test.server)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
