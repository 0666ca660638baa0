package acctest

import (
	"maps"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// inMemoryAPI is a fake API of one channel or of several.
type inMemoryAPI interface {
	StartInMemory() (baseURL string, client *http.Client, stop func())
	Violations() []string
}

// InMemoryTerraform returns a Terraform in this process whose provider has these
// settings and reaches a fake API without a network, so that it can run in a
// testing/synctest bubble. The list does not lag unless an option says so. The test
// fails if the provider sends a request that breaks a rule of the API.
func InMemoryTerraform(t *testing.T, api inMemoryAPI, settings faketerraform.Attributes, options ...provider.Option) *faketerraform.Terraform {
	t.Helper()
	baseURL, client, stop := api.StartInMemory()
	t.Cleanup(func() {
		stop()
		checkViolations(t, api)
	})
	all := faketerraform.Attributes{"base_url": baseURL, "api_key": fakeapi.DefaultKey, "max_unblocks": d360.MaxUsersOnList}
	maps.Copy(all, settings)
	options = append([]provider.Option{provider.WithTransport(client.Transport), provider.WithLag(0)}, options...)
	server := func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test", options...) }
	tf, err := faketerraform.New(t.Context(), server, all)
	if err != nil {
		t.Fatal(err)
	}
	return tf
}
