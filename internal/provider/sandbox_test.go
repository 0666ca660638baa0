package provider

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// factories serve the provider to tests in this process, with short waits
// between retries.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"d360": providerserver.NewProtocol6WithError(&d360Provider{version: "test", firstBackoff: time.Millisecond}),
}

// live reports whether the tests talk to a real account instead of a sandbox.
func live() bool { return os.Getenv("D360_TEST_LIVE") != "" }

// startSandbox starts a service for one test, which fails if the provider sent
// anything that it should not have. Tests that need it do not run live.
func startSandbox(t *testing.T, opts sandbox.Options) (service *sandbox.Server, providerBlock string) {
	t.Helper()
	if live() {
		t.Skip("needs the sandbox, which D360_TEST_LIVE switches off")
	}
	service = sandbox.New(opts)
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		for _, violation := range service.Violations() {
			t.Errorf("sent to the service: %s", violation)
		}
	})
	return service, providerConfig(baseURL, sandbox.DefaultKey, "")
}

func providerConfig(baseURL, key, more string) string {
	return fmt.Sprintf(`
provider "d360" {
  base_url = %q
  api_key  = %q
  %s
}
`, baseURL, key, more)
}
