package provider

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// protocolServer is what the framework serves, with what the protocol library
// still keeps apart.
type protocolServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// Server is the provider as Terraform talks to it. It remembers whether it was
// told to stop, which the framework keeps to itself, and masks users in messages.
type Server struct {
	protocolServer

	stopped atomic.Bool
	// masks is set where messages mask users.
	masks *atomic.Bool
}

// NewServer returns a server of the provider that [New] returns. It fails where
// the framework that the provider is built with is too old.
func NewServer(version string, options ...Option) (*Server, error) {
	// Validation and functions come before the provider is configured.
	masks := &atomic.Bool{}
	masks.Store(masksByEnvironment())
	configured := append(slices.Clip(options), func(p *d360Provider) { p.masks = masks })
	server, ok := providerserver.NewProtocol6(New(version, configured...))().(protocolServer)
	if !ok {
		return nil, errors.New("the framework serves no list resources")
	}
	return &Server{protocolServer: server, masks: masks}, nil
}

// StopProvider is what Terraform calls when a run is interrupted. It cancels the
// calls under way.
func (s *Server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.stopped.Store(true)
	return s.protocolServer.StopProvider(ctx, req)
}

// Stopped reports whether the run was interrupted.
func (s *Server) Stopped() bool { return s.stopped.Load() }
