package faketerraform

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// DefaultQueryLimit is the limit of a list block without one.
const DefaultQueryLimit = 100

// Query is a list block.
type Query struct {
	Type   string // of the resource
	Config Attributes
	// Limit is DefaultQueryLimit if zero.
	Limit           int64
	IncludeResource bool
}

// Listed is one result of a query.
type Listed struct {
	DisplayName string
	Identity    map[string]any
	// Resource is nil unless the query asks for it.
	Resource map[string]any
}

// listServer is a provider server with list resources.
type listServer interface {
	ValidateListResourceConfig(context.Context, *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error)
	ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error)
}

// Query is "terraform query" for one list block.
func (tf *Terraform) Query(ctx context.Context, q Query) ([]Listed, Diagnostics) {
	var diags report
	results := tf.query(ctx, q, &diags)
	return results, diags.Diagnostics
}

func (tf *Terraform) query(ctx context.Context, q Query, diags *report) (results []Listed) {
	q.Limit = cmp.Or(q.Limit, DefaultQueryLimit)
	schema, ok := tf.schemas.ListResourceSchemas[q.Type]
	if !ok {
		diags.fail(q.Type, "Invalid list resource", "the provider has no list resource %q", q.Type)
		return nil
	}
	value, err := valueOf(schema.ValueType(), q.Config)
	if err != nil {
		diags.fail(q.Type, "Invalid configuration", "%s", err)
		return nil
	}
	server := tf.start(ctx, diags)
	if server == nil {
		return nil
	}
	lists, ok := server.(listServer)
	if !ok {
		diags.fail(q.Type, "Invalid list resource", "the provider's server has no list resources")
		return nil
	}
	validated, err := lists.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: q.Type, Config: encode(value)})
	if diags.crashed(q.Type, err) {
		return nil
	}
	diags.add(q.Type, validated.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	stream, err := lists.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: q.Type, Config: encode(value), IncludeResource: q.IncludeResource, Limit: q.Limit,
	})
	if diags.crashed(q.Type, err) {
		return nil
	}
	for event := range stream.Results {
		diags.add(q.Type, event.Diagnostics)
		if diags.HasErrors() {
			break
		}
		listed, ok := tf.listed(q, event, diags)
		if diags.HasErrors() {
			break
		}
		if ok {
			results = append(results, listed)
		}
		if int64(len(results)) == q.Limit {
			break
		}
	}
	return results
}

// listed decodes one event of a query. It is false where the event is only a warning.
func (tf *Terraform) listed(q Query, event tfprotov6.ListResourceResult, diags *report) (Listed, bool) {
	identity, err := tf.identityOf(q.Type, event.Identity)
	if diags.crashed(q.Type, err) {
		return Listed{}, false
	}
	if identity == nil {
		if len(diags.Warnings()) == 0 {
			diags.fail(q.Type, "Missing identity", "a result without an identity, and without a warning")
		}
		return Listed{}, false
	}
	listed := Listed{DisplayName: event.DisplayName}
	listed.Identity, _ = plain(*identity).(map[string]any)
	if q.IncludeResource && event.Resource != nil {
		schema, err := tf.resourceSchema(q.Type)
		if diags.crashed(q.Type, err) {
			return Listed{}, false
		}
		value, err := decode(schema.ValueType(), event.Resource)
		if diags.crashed(q.Type, err) {
			return Listed{}, false
		}
		listed.Resource, _ = plain(value).(map[string]any)
	}
	return listed, true
}
