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

// IsLive reports whether the tests use a real account instead of a fake API.
func IsLive() bool { return os.Getenv("D360_TEST_LIVE") != "" }

// StartFakeAPI starts a fake API for one test and returns it with a provider block for
// it. Tests that need a fake API do not run live.
func StartFakeAPI(t *testing.T, opts fakeapi.Options) (api *fakeapi.Server, providerBlock string) {
	t.Helper()
	api = fakeapi.New(opts)
	return api, ProviderBlock(Serve(t, api), fakeapi.DefaultKey, fmt.Sprintf("max_unblocks = %d", d360.MaxUsersOnList))
}

// server is a fake API of one channel or of several.
type server interface {
	Start() (baseURL string, stop func(), err error)
	Violations() []string
}

// Serve makes a fake API listen until the test ends. The test fails if the provider
// sends a request that breaks a rule of the API.
func Serve(t *testing.T, api server) (baseURL string) {
	t.Helper()
	if IsLive() {
		t.Skip("needs the fake API, which D360_TEST_LIVE switches off")
	}
	baseURL, stop, err := api.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		checkViolations(t, api)
	})
	return baseURL
}

func checkViolations(t *testing.T, api interface{ Violations() []string }) {
	t.Helper()
	for _, violation := range api.Violations() {
		t.Errorf("the fake API was sent: %s", violation)
	}
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
func CheckBlocked(api *fakeapi.Server, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, want := slices.Sorted(slices.Values(api.Blocked())), slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			return fmt.Errorf("%q are blocked, want %q", got, want)
		}
		return nil
	}
}

// CheckList is [CheckBlocked] for the channel of this name.
func CheckList(t *testing.T, channel string, api *fakeapi.Server, want ...string) {
	t.Helper()
	if err := CheckBlocked(api, want...)(nil); err != nil {
		t.Errorf("on %s, %v", channel, err)
	}
}
