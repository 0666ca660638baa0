package provider

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// protocolServer is the framework's server. The protocol library still keeps list
// resources in an interface of their own.
type protocolServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// Server wraps the framework's server. It records whether Terraform told it to stop, which
// the framework does not expose, and masks users in messages.
type Server struct {
	protocolServer

	stopped atomic.Bool
	// masks is set if messages mask users.
	masks *atomic.Bool
}

// NewServer returns a server of the provider that [New] returns.
func NewServer(version string, options ...Option) (*Server, error) {
	// Terraform validates and calls functions before it configures the provider.
	masks := &atomic.Bool{}
	masks.Store(masksByEnvironment())
	configured := append(slices.Clip(options), func(p *d360Provider) { p.masks = masks })
	server, ok := providerserver.NewProtocol6(New(version, configured...))().(protocolServer)
	if !ok {
		return nil, errors.New("the framework serves no list resources")
	}
	return &Server{protocolServer: server, masks: masks}, nil
}

// StopProvider cancels the current calls. Terraform calls it when a run is interrupted.
func (s *Server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.stopped.Store(true)
	return s.protocolServer.StopProvider(ctx, req)
}

// Stopped reports whether the run was interrupted.
func (s *Server) Stopped() bool { return s.stopped.Load() }
