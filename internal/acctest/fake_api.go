package acctest

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// Factories serve the provider to terraform-plugin-testing in this process, with
// short waits between retries and for a list that does not lag.
var Factories = map[string]func() (tfprotov6.ProviderServer, error){
	"d360": providerserver.NewProtocol6WithError(provider.New("test", provider.WithFirstBackoff(time.Millisecond), provider.WithLag(0))),
}

// IsLive reports whether the tests talk to a real account instead of a fake API.
func IsLive() bool { return os.Getenv("D360_TEST_LIVE") != "" }

// StartFakeAPI starts a fake API for one test and returns it with the provider
// block that reaches it. The test fails if the provider sends a request that
// breaks a rule of the API. Tests that need a fake API do not run live.
func StartFakeAPI(t *testing.T, opts fakeapi.Options) (service *fakeapi.Server, providerBlock string) {
	t.Helper()
	if IsLive() {
		t.Skip("needs the fake API, which D360_TEST_LIVE switches off")
	}
	service = fakeapi.New(opts)
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		for _, violation := range service.Violations() {
			t.Errorf("the fake API was sent: %s", violation)
		}
	})
	return service, ProviderBlock(baseURL, fakeapi.DefaultKey, fmt.Sprintf("max_unblocks = %d", d360.MaxUsersOnList))
}

// ProviderBlock is a provider block; more is added to it as it is.
func ProviderBlock(baseURL, key, more string) string {
	return fmt.Sprintf(`
provider "d360" {
  base_url = %q
  api_key  = %q
  %s
}
`, baseURL, key, more)
}

// CheckBlocked compares the users on the list with want.
func CheckBlocked(service *fakeapi.Server, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got := service.Blocked()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("blocked are %v, want %v", got, want)
		}
		return nil
	}
}

// CheckList compares the users on the list of the number that name stands for with
// want.
func CheckList(t *testing.T, number string, service *fakeapi.Server, want ...string) {
	t.Helper()
	blocked, want := slices.Sorted(slices.Values(service.Blocked())), slices.Sorted(slices.Values(want))
	if !slices.Equal(blocked, want) {
		t.Errorf("blocked on the %s number are %q, want %q", number, blocked, want)
	}
}
