// Package schemajson converts a provider's schemas from the plugin protocol to the JSON that
// "terraform providers schema -json" prints.
package schemajson

import (
	"context"
	"errors"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// formatVersion is the version of the format in Terraform 1.14.
const formatVersion = "1.0"

// Of returns the schemas of a provider under the key name. It fails if the provider reports
// an error, or if the format cannot express a schema.
func Of(ctx context.Context, name string, server tfprotov6.ProviderServer) (*tfjson.ProviderSchemas, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	if err := errorOf(schemas.Diagnostics); err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	if err := errorOf(identities.Diagnostics); err != nil {
		return nil, err
	}

	provider := &tfjson.ProviderSchema{}
	if provider.ConfigSchema, err = convertSchema(schemas.Provider); err != nil {
		return nil, fmt.Errorf("provider: %w", err)
	}
	if provider.ResourceSchemas, err = convertAll("resource", schemas.ResourceSchemas, convertSchema); err != nil {
		return nil, err
	}
	if provider.DataSourceSchemas, err = convertAll("data source", schemas.DataSourceSchemas, convertSchema); err != nil {
		return nil, err
	}
	if provider.EphemeralResourceSchemas, err = convertAll("ephemeral resource", schemas.EphemeralResourceSchemas, convertSchema); err != nil {
		return nil, err
	}
	if provider.ListResourceSchemas, err = convertAll("list resource", schemas.ListResourceSchemas, convertSchema); err != nil {
		return nil, err
	}
	if provider.StateStoreSchemas, err = convertAll("state store", schemas.StateStoreSchemas, convertSchema); err != nil {
		return nil, err
	}
	if provider.ActionSchemas, err = convertAll("action", schemas.ActionSchemas, convertAction); err != nil {
		return nil, err
	}
	if provider.Functions, err = convertAll("function", schemas.Functions, convertFunction); err != nil {
		return nil, err
	}
	if provider.ResourceIdentitySchemas, err = convertAll("identity", identities.IdentitySchemas, convertIdentity); err != nil {
		return nil, err
	}
	return &tfjson.ProviderSchemas{
		FormatVersion: formatVersion,
		Schemas:       map[string]*tfjson.ProviderSchema{name: provider},
	}, nil
}

func errorOf(diagnostics []*tfprotov6.Diagnostic) error {
	var errs []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(errs...)
}

func convertAll[From, To any](kind string, all map[string]From, convert func(From) (To, error)) (map[string]To, error) {
	converted := make(map[string]To, len(all))
	for name, one := range all {
		to, err := convert(one)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, name, err)
		}
		converted[name] = to
	}
	return converted, nil
}

func convertSchema(schema *tfprotov6.Schema) (*tfjson.Schema, error) {
	if schema == nil {
		return nil, nil
	}
	block, err := convertBlock(schema.Block)
	if err != nil {
		return nil, err
	}
	return &tfjson.Schema{Version: uint64(schema.Version), Block: block}, nil
}

func convertAction(action *tfprotov6.ActionSchema) (*tfjson.ActionSchema, error) {
	schema, err := convertSchema(action.Schema)
	if err != nil || schema == nil {
		return nil, err
	}
	return &tfjson.ActionSchema{Block: schema.Block}, nil
}

func convertBlock(block *tfprotov6.SchemaBlock) (*tfjson.SchemaBlock, error) {
	if block == nil {
		return nil, nil
	}
	converted := &tfjson.SchemaBlock{
		Description:     block.Description,
		DescriptionKind: descriptionKind(block.DescriptionKind),
		Deprecated:      block.Deprecated,
	}
	var err error
	if converted.Attributes, err = convertAttributes(block.Attributes); err != nil {
		return nil, err
	}
	for _, nested := range block.BlockTypes {
		inner, err := convertBlock(nested.Block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", nested.TypeName, err)
		}
		mode, err := blockNesting(nested.Nesting)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", nested.TypeName, err)
		}
		if converted.NestedBlocks == nil {
			converted.NestedBlocks = map[string]*tfjson.SchemaBlockType{}
		}
		converted.NestedBlocks[nested.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: mode,
			Block:       inner,
			MinItems:    uint64(nested.MinItems),
			MaxItems:    uint64(nested.MaxItems),
		}
	}
	return converted, nil
}

func convertAttributes(attributes []*tfprotov6.SchemaAttribute) (map[string]*tfjson.SchemaAttribute, error) {
	converted := make(map[string]*tfjson.SchemaAttribute, len(attributes))
	for _, attribute := range attributes {
		to := &tfjson.SchemaAttribute{
			Description:     attribute.Description,
			DescriptionKind: descriptionKind(attribute.DescriptionKind),
			Deprecated:      attribute.Deprecated,
			Required:        attribute.Required,
			Optional:        attribute.Optional,
			Computed:        attribute.Computed,
			Sensitive:       attribute.Sensitive,
			WriteOnly:       attribute.WriteOnly,
		}
		var err error
		if attribute.NestedType != nil {
			to.AttributeNestedType, err = convertNested(attribute.NestedType)
		} else {
			to.AttributeType, err = convertType(attribute.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", attribute.Name, err)
		}
		converted[attribute.Name] = to
	}
	return converted, nil
}

func convertNested(object *tfprotov6.SchemaObject) (*tfjson.SchemaNestedAttributeType, error) {
	mode, err := objectNesting(object.Nesting)
	if err != nil {
		return nil, err
	}
	attributes, err := convertAttributes(object.Attributes)
	if err != nil {
		return nil, err
	}
	return &tfjson.SchemaNestedAttributeType{Attributes: attributes, NestingMode: mode}, nil
}

func convertFunction(function *tfprotov6.Function) (*tfjson.FunctionSignature, error) {
	converted := &tfjson.FunctionSignature{
		Summary:            function.Summary,
		Description:        function.Description,
		DeprecationMessage: function.DeprecationMessage,
	}
	var err error
	if converted.ReturnType, err = convertType(function.Return.Type); err != nil {
		return nil, fmt.Errorf("return: %w", err)
	}
	for _, parameter := range function.Parameters {
		to, err := convertParameter(parameter)
		if err != nil {
			return nil, err
		}
		converted.Parameters = append(converted.Parameters, to)
	}
	if function.VariadicParameter != nil {
		if converted.VariadicParameter, err = convertParameter(function.VariadicParameter); err != nil {
			return nil, err
		}
	}
	return converted, nil
}

func convertParameter(parameter *tfprotov6.FunctionParameter) (*tfjson.FunctionParameter, error) {
	t, err := convertType(parameter.Type)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", parameter.Name, err)
	}
	return &tfjson.FunctionParameter{
		Name:        parameter.Name,
		Description: parameter.Description,
		IsNullable:  parameter.AllowNullValue,
		Type:        t,
	}, nil
}

func convertIdentity(identity *tfprotov6.ResourceIdentitySchema) (*tfjson.IdentitySchema, error) {
	converted := &tfjson.IdentitySchema{
		Version:    uint64(identity.Version),
		Attributes: make(map[string]*tfjson.IdentityAttribute, len(identity.IdentityAttributes)),
	}
	for _, attribute := range identity.IdentityAttributes {
		t, err := convertType(attribute.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", attribute.Name, err)
		}
		converted.Attributes[attribute.Name] = &tfjson.IdentityAttribute{
			IdentityType:      t,
			Description:       attribute.Description,
			RequiredForImport: attribute.RequiredForImport,
			OptionalForImport: attribute.OptionalForImport,
		}
	}
	return converted, nil
}

func descriptionKind(kind tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if kind == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}

func blockNesting(mode tfprotov6.SchemaNestedBlockNestingMode) (tfjson.SchemaNestingMode, error) {
	switch mode {
	case tfprotov6.SchemaNestedBlockNestingModeSingle:
		return tfjson.SchemaNestingModeSingle, nil
	case tfprotov6.SchemaNestedBlockNestingModeGroup:
		return tfjson.SchemaNestingModeGroup, nil
	case tfprotov6.SchemaNestedBlockNestingModeList:
		return tfjson.SchemaNestingModeList, nil
	case tfprotov6.SchemaNestedBlockNestingModeSet:
		return tfjson.SchemaNestingModeSet, nil
	case tfprotov6.SchemaNestedBlockNestingModeMap:
		return tfjson.SchemaNestingModeMap, nil
	case tfprotov6.SchemaNestedBlockNestingModeInvalid:
	}
	return "", fmt.Errorf("nesting mode %s is unknown", mode)
}

func objectNesting(mode tfprotov6.SchemaObjectNestingMode) (tfjson.SchemaNestingMode, error) {
	switch mode {
	case tfprotov6.SchemaObjectNestingModeSingle:
		return tfjson.SchemaNestingModeSingle, nil
	case tfprotov6.SchemaObjectNestingModeList:
		return tfjson.SchemaNestingModeList, nil
	case tfprotov6.SchemaObjectNestingModeSet:
		return tfjson.SchemaNestingModeSet, nil
	case tfprotov6.SchemaObjectNestingModeMap:
		return tfjson.SchemaNestingModeMap, nil
	case tfprotov6.SchemaObjectNestingModeInvalid:
	}
	return "", fmt.Errorf("nesting mode %s is unknown", mode)
}

func convertType(t tftypes.Type) (cty.Type, error) {
	switch t := t.(type) {
	case tftypes.List:
		element, err := convertType(t.ElementType)
		return wrap(cty.List, element, err)
	case tftypes.Set:
		element, err := convertType(t.ElementType)
		return wrap(cty.Set, element, err)
	case tftypes.Map:
		element, err := convertType(t.ElementType)
		return wrap(cty.Map, element, err)
	case tftypes.Tuple:
		elements := make([]cty.Type, len(t.ElementTypes))
		for i, element := range t.ElementTypes {
			var err error
			if elements[i], err = convertType(element); err != nil {
				return cty.NilType, err
			}
		}
		return cty.Tuple(elements), nil
	case tftypes.Object:
		attributes := make(map[string]cty.Type, len(t.AttributeTypes))
		for name, attribute := range t.AttributeTypes {
			var err error
			if attributes[name], err = convertType(attribute); err != nil {
				return cty.NilType, err
			}
		}
		return cty.Object(attributes), nil
	case nil:
		return cty.NilType, errors.New("a type is missing")
	}
	switch {
	case t.Equal(tftypes.String):
		return cty.String, nil
	case t.Equal(tftypes.Number):
		return cty.Number, nil
	case t.Equal(tftypes.Bool):
		return cty.Bool, nil
	case t.Equal(tftypes.DynamicPseudoType):
		return cty.DynamicPseudoType, nil
	}
	return cty.NilType, fmt.Errorf("type %s is unknown", t)
}

// wrap returns the collection type of an element type, unless err is set: cty panics on a
// collection without an element type.
func wrap(collection func(cty.Type) cty.Type, element cty.Type, err error) (cty.Type, error) {
	if err != nil {
		return cty.NilType, err
	}
	return collection(element), nil
}
