package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Every message passes through here on its way to Terraform, so that no message has to
// think of mask_users. State, plan and results of functions are not messages.

// masked masks the users in diagnostics where the provider is to.
func (s *Server) masked(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	if !s.masks.Load() {
		return diags
	}
	for _, d := range diags {
		if d == nil {
			continue
		}
		d.Summary, d.Detail = userid.Mask(d.Summary), userid.Mask(d.Detail)
		d.Attribute = withoutKey(d.Attribute)
	}
	return diags
}

// withoutKey is the path of a map in place of that of one of its elements, of which
// Terraform would quote the line with the user.
func withoutKey(at *tftypes.AttributePath) *tftypes.AttributePath {
	if _, isKey := at.LastStep().(tftypes.ElementKeyString); isKey {
		return at.WithoutLastStep()
	}
	return at
}

// ValidateProviderConfig implements [tfprotov6.ProviderServer].
func (s *Server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.protocolServer.ValidateProviderConfig(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ConfigureProvider implements [tfprotov6.ProviderServer].
func (s *Server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.protocolServer.ConfigureProvider(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ValidateResourceConfig implements [tfprotov6.ProviderServer].
func (s *Server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.protocolServer.ValidateResourceConfig(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ReadResource implements [tfprotov6.ProviderServer].
func (s *Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.protocolServer.ReadResource(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// PlanResourceChange implements [tfprotov6.ProviderServer].
func (s *Server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.protocolServer.PlanResourceChange(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ApplyResourceChange implements [tfprotov6.ProviderServer].
func (s *Server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.protocolServer.ApplyResourceChange(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ImportResourceState implements [tfprotov6.ProviderServer].
func (s *Server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.protocolServer.ImportResourceState(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// MoveResourceState implements [tfprotov6.ProviderServer].
func (s *Server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	resp, err := s.protocolServer.MoveResourceState(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ValidateDataResourceConfig implements [tfprotov6.ProviderServer].
func (s *Server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.protocolServer.ValidateDataResourceConfig(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
	}
	return resp, err
}

// ReadDataSource implements [tfprotov6.ProviderServer].
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := s.protocolServer.ReadDataSource(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
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
func (s *Server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	resp, err := s.protocolServer.ValidateListResourceConfig(ctx, req)
	if resp != nil {
		resp.Diagnostics = s.masked(resp.Diagnostics)
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
			result.Diagnostics = s.masked(result.Diagnostics)
			if !yield(result) {
				return
			}
		}
	}
}
