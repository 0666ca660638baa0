package provider

import (
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// InMemory makes servers of the provider whose requests are carried by transport,
// for the tests in package provider_test: in a testing/synctest bubble none may
// go to a network.
func InMemory(transport http.RoundTripper) func() (tfprotov6.ProviderServer, error) {
	return providerserver.NewProtocol6WithError(&d360Provider{version: "test", transport: transport})
}
