package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Every message to Terraform passes through this file, so that other code can ignore
// mask_users. State, plan and results of functions are not messages.

// mask masks the users in diagnostics if mask_users is set.
func (s *Server) mask(diags []*tfprotov6.Diagnostic) {
	if !s.masks.Load() {
		return
	}
	for _, d := range diags {
		if d == nil {
			continue
		}
		d.Summary, d.Detail = userid.Mask(d.Summary), userid.Mask(d.Detail)
		d.Attribute = withoutKey(d.Attribute)
	}
}

// withoutKey returns the path of a map in place of that of its element, because
// Terraform quotes the line of an element, which has the user.
func withoutKey(at *tftypes.AttributePath) *tftypes.AttributePath {
	if _, isKey := at.LastStep().(tftypes.ElementKeyString); isKey {
		return at.WithoutLastStep()
	}
	return at
}

// ValidateProviderConfig implements [tfprotov6.ProviderServer].
func (s *Server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (resp *tfprotov6.ValidateProviderConfigResponse, err error) {
	if resp, err = s.protocolServer.ValidateProviderConfig(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ConfigureProvider implements [tfprotov6.ProviderServer].
func (s *Server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (resp *tfprotov6.ConfigureProviderResponse, err error) {
	if resp, err = s.protocolServer.ConfigureProvider(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ValidateResourceConfig implements [tfprotov6.ProviderServer].
func (s *Server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (resp *tfprotov6.ValidateResourceConfigResponse, err error) {
	if resp, err = s.protocolServer.ValidateResourceConfig(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ReadResource implements [tfprotov6.ProviderServer].
func (s *Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (resp *tfprotov6.ReadResourceResponse, err error) {
	if resp, err = s.protocolServer.ReadResource(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// PlanResourceChange implements [tfprotov6.ProviderServer].
func (s *Server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (resp *tfprotov6.PlanResourceChangeResponse, err error) {
	if resp, err = s.protocolServer.PlanResourceChange(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ApplyResourceChange implements [tfprotov6.ProviderServer].
func (s *Server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (resp *tfprotov6.ApplyResourceChangeResponse, err error) {
	if resp, err = s.protocolServer.ApplyResourceChange(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ImportResourceState implements [tfprotov6.ProviderServer].
func (s *Server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (resp *tfprotov6.ImportResourceStateResponse, err error) {
	if resp, err = s.protocolServer.ImportResourceState(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// MoveResourceState implements [tfprotov6.ProviderServer].
func (s *Server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (resp *tfprotov6.MoveResourceStateResponse, err error) {
	if resp, err = s.protocolServer.MoveResourceState(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ValidateDataResourceConfig implements [tfprotov6.ProviderServer].
func (s *Server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (resp *tfprotov6.ValidateDataResourceConfigResponse, err error) {
	if resp, err = s.protocolServer.ValidateDataResourceConfig(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ReadDataSource implements [tfprotov6.ProviderServer].
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (resp *tfprotov6.ReadDataSourceResponse, err error) {
	if resp, err = s.protocolServer.ReadDataSource(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// CallFunction implements [tfprotov6.ProviderServer].
func (s *Server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	resp, err := s.protocolServer.CallFunction(ctx, req)
	if resp != nil && resp.Error != nil && s.masks.Load() {
		resp.Error.Text = userid.Mask(resp.Error.Text)
	}
	return resp, err
}

// ValidateListResourceConfig implements [tfprotov6.ListResourceServer].
func (s *Server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (resp *tfprotov6.ValidateListResourceConfigResponse, err error) {
	if resp, err = s.protocolServer.ValidateListResourceConfig(ctx, req); resp != nil {
		s.mask(resp.Diagnostics)
	}
	return resp, err
}

// ListResource implements [tfprotov6.ListResourceServer].
func (s *Server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.protocolServer.ListResource(ctx, req)
	if stream != nil {
		stream.Results = s.maskedResults(stream.Results)
	}
	return stream, err
}

func (s *Server) maskedResults(results iter.Seq[tfprotov6.ListResourceResult]) iter.Seq[tfprotov6.ListResourceResult] {
	return func(yield func(tfprotov6.ListResourceResult) bool) {
		for result := range results {
			s.mask(result.Diagnostics)
			if !yield(result) {
				return
			}
		}
	}
}
