package provider_test

import (
	"maps"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/provider"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// terraformInMemory is a Terraform in this process, for a testing/synctest bubble,
// whose provider has settings and reaches service without a network.
func terraformInMemory(t *testing.T, service *sandbox.Server, settings prototest.Attributes) *prototest.Terraform {
	t.Helper()
	baseURL, client, stop := service.StartInMemory()
	t.Cleanup(stop)
	all := prototest.Attributes{"base_url": baseURL, "api_key": sandbox.DefaultKey}
	maps.Copy(all, settings)
	tf, err := prototest.New(t.Context(), provider.InMemory(client.Transport), all)
	if err != nil {
		t.Fatal(err)
	}
	return tf
}
