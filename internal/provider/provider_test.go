package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

func TestAccProvider_invalidSettings(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:9"
	for name, test := range map[string]struct {
		config string
		says   []string
	}{
		"key with a newline":     {acctest.ProviderBlock(url, "secret-123\n", ""), []string{"Invalid api_key", "The value of api_key", "white space", "trimspace()"}},
		"key with a space":       {acctest.ProviderBlock(url, "secret 123", ""), []string{"Invalid api_key", "no API key does"}},
		"empty key":              {acctest.ProviderBlock(url, "", ""), []string{"Invalid api_key", "it is empty"}},
		"plain http":             {acctest.ProviderBlock("http://example.com", "k", ""), []string{"Invalid base_url", "unencrypted to example.com"}},
		"loopback in disguise":   {acctest.ProviderBlock("http://127.0.0.1.example.com", "k", ""), []string{"Invalid base_url", "unencrypted"}},
		"no URL":                 {acctest.ProviderBlock("waba-v2.360dialog.io", "k", ""), []string{"Invalid base_url", "https://"}},
		"password":               {acctest.ProviderBlock("https://u:secret-123@example.com", "k", ""), []string{"Invalid base_url", "user name or password"}},
		"query":                  {acctest.ProviderBlock("https://example.com/?a=b", "k", ""), []string{"Invalid base_url", "without ? or #"}},
		"negative retries":       {acctest.ProviderBlock(url, "k", "max_retries = -1"), []string{"Attribute max_retries value must be between 0 and 100, got: -1"}},
		"timeout without a unit": {acctest.ProviderBlock(url, "k", `request_timeout = "30"`), []string{"Invalid request_timeout", "with a unit"}},
		"timeout of nothing":     {acctest.ProviderBlock(url, "k", `request_timeout = "0s"`), []string{"Invalid request_timeout", "greater than zero"}},
		"timeout of an hour":     {acctest.ProviderBlock(url, "k", `request_timeout = "1h"`), []string{"Invalid request_timeout", "at most 10m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{{
					Config:      test.config + blockedUserConfig("+4915112345678", ""),
					PlanOnly:    true,
					ExpectError: acctest.Wrapped(test.says...),
				}},
				ErrorCheck: func(err error) error {
					if strings.Contains(err.Error(), "secret") {
						t.Errorf("a secret is shown: %s", err)
					}
					return err
				},
			})
		})
	}
}

func TestEnvironment_invalid(t *testing.T) {
	for variable, test := range map[string]struct {
		value string
		says  []string
	}{
		"D360_API_KEY":         {"secret 123", []string{"Invalid api_key", "no API key does"}},
		"D360_BASE_URL":        {"http://example.com", []string{"Invalid base_url", "unencrypted"}},
		"D360_MAX_RETRIES":     {"101", []string{"max_retries value must be between 0 and 100"}},
		"D360_MAX_UNBLOCKS":    {"many", []string{"Invalid max_unblocks", "a whole number"}},
		"D360_MASK_USERS":      {"perhaps", []string{"Invalid mask_users", "true or false"}},
		"D360_REQUEST_TIMEOUT": {"1h", []string{"Invalid request_timeout", "at most 10m0s"}},
	} {
		t.Run(variable, func(t *testing.T) {
			settings := faketerraform.Attributes{strings.ToLower(strings.TrimPrefix(variable, "D360_")): nil}
			t.Setenv(variable, test.value)
			onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
				tf := acctest.InMemoryTerraform(t, c.hub, settings)
				plan := tf.Plan(t.Context(), kinds[acctest.BulkType](phoneNumbers(1)...), nil)
				expectDiagnostic(t, plan.Diagnostics, true, append(test.says, variable)...)
				if strings.Contains(plan.Diagnostics.String(), "secret") {
					t.Errorf("a secret is shown: %s", plan.Diagnostics)
				}
			})
		})
	}
}

// Terraform validates the number before it configures the provider. An invalid one must
// not turn off the check of the key where a caller does not validate.
func TestBusinessNumber_notValidated(t *testing.T) {
	t.Parallel()
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"api_key": tftypes.String, "business_number": tftypes.String}}
	channel := tftypes.NewValue(kind, map[string]tftypes.Value{
		"api_key": tftypes.NewValue(tftypes.String, "k"), "business_number": tftypes.NewValue(tftypes.String, "sales"),
	})
	for name, settings := range map[string]map[string]any{
		"of the provider block": {"api_key": "k", "business_number": "sales"},
		"of a channel":          {"channels": map[string]tftypes.Value{"sales": channel}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, found := configure(t, settings); len(found) != 1 || found[0].Summary != "Invalid business_number" {
				t.Errorf("configuring says %v", found)
			}
		})
	}
}

func TestAccProvider_environment(t *testing.T) {
	api := fakeapi.New(fakeapi.Options{})
	baseURL := acctest.Serve(t, api)
	t.Setenv("D360_BASE_URL", baseURL)

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: acctest.Wrapped("Missing api_key", "environment variable "+"D360_API_KEY"),
			},
			{
				PreConfig:   func() { t.Setenv("D360_API_KEY", "wrong-key") },
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: acctest.Wrapped("Cannot find out who is on the list", "The API key was taken from the environment variable "+"D360_API_KEY"),
			},
			{
				Config:      `provider "d360" { api_key = "wrong-too" }` + blockedUserConfig("+4915112345678", ""),
				ExpectError: acctest.Wrapped("The API key was taken from the provider's attribute api_key"),
			},
			{
				PreConfig: func() {
					t.Setenv("D360_API_KEY", fakeapi.DefaultKey)
					t.Setenv("D360_REQUEST_TIMEOUT", "soon")
				},
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: acctest.Wrapped("Invalid request_timeout", "with a unit", "The value comes from the environment variable D360_REQUEST_TIMEOUT"),
			},
			{
				PreConfig: func() {
					t.Setenv("D360_REQUEST_TIMEOUT", "20s")
					t.Setenv("D360_MAX_RETRIES", "2")
					api.ResetStats()
					api.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultStatus, Status: 500, Times: fakeapi.Forever})
				},
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: acctest.Wrapped("Cannot block +4915112345678", "The API responded:", "HTTP 500", "tried 3 times"),
			},
			{
				PreConfig: api.ClearFaults,
				Config:    blockedUserConfig("+4915112345678", ""),
				Check:     acctest.CheckBlocked(api, "4915112345678"),
			},
		},
	})
}

// Unknown settings cause no request.
func TestAccProvider_unknownSettings(t *testing.T) {
	api := fakeapi.New(fakeapi.Options{})
	baseURL := acctest.Serve(t, api)
	config := fmt.Sprintf(`
resource "terraform_data" "key" {
  input = %q
}
resource "terraform_data" "url" {
  input = %q
}
provider "d360" {
  api_key  = terraform_data.key.output
  base_url = terraform_data.url.output
}
`, fakeapi.DefaultKey, baseURL)
	all := "data \"d360_blocked_users\" \"all\" {}\n"

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Config:      config + all,
				ExpectError: acctest.Wrapped("The provider's settings are not known yet", "api_key and base_url depends on something that is known only after apply"),
			},
			{
				Config: config + blockedUserConfig("+4915112345678", ""),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(spammer, plancheck.ResourceActionCreate),
				}},
				Check: acctest.CheckBlocked(api, "4915112345678"),
			},
			{Config: config + all + blockedUserConfig("+4915112345678", ""), PlanOnly: true},
		},
	})
}

func TestAccProvider_userAgent(t *testing.T) {
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps:                    []resource.TestStep{{Config: config + blockedUserConfig("+4915112345678", "")}},
	})
	for _, request := range api.Requests() {
		var terraform string
		if n, err := fmt.Sscanf(request.Header.Get("User-Agent"), "terraform-provider-d360/test Terraform/%s", &terraform); n != 1 || err != nil {
			t.Errorf("User-Agent is %q", request.Header.Get("User-Agent"))
		}
	}
}

// The key goes to the configured host only, and phone numbers stay out of the logs. Only
// a real process writes the whole log.
func TestAccProvider_secrecy(t *testing.T) {
	t.Parallel()
	const key = "key-that-nobody-may-see"
	var leaked atomic.Int32
	otherHost := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Add(1) }))
	t.Cleanup(otherHost.Close)

	api := fakeapi.New(fakeapi.Options{Key: key, NextURL: otherHost.URL + "/next", ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 2}})
	baseURL := acctest.Serve(t, api)
	api.SeedN(5)

	logFile := filepath.Join(t.TempDir(), "trace.log")
	work := acctest.StartWorkspace(t, "D360_API_KEY="+key, "D360_BASE_URL="+baseURL, "D360_MAX_RETRIES=1", "TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	if err := work.Write("main.tf", acctest.RequiredProviders+blockedUserConfig("+49 151 12345678", "")+`data "d360_blocked_users" "all" {
  depends_on = [d360_blocked_user.spammer]
}`); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	run := func(args ...string) {
		output, err := work.Run(context.Background(), args...)
		printed.WriteString(output)
		if err != nil {
			printed.WriteString(err.Error())
		}
	}
	run("init")
	api.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultStatus, Status: 400, Message: "the key " + key + " is \x1b[31mbad"})
	run("apply", "-auto-approve")
	api.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultRedirect, Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {otherHost.URL}}})
	run("apply", "-auto-approve")
	api.Inject(fakeapi.Fault{Method: http.MethodPost, Kind: fakeapi.FaultDropAfter})
	run("apply", "-auto-approve")
	api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultRedirect, Status: http.StatusFound, Header: http.Header{"Location": {otherHost.URL}}})
	run("plan", "-out=plan")
	run("plan", "-out=plan")
	run("show", "-json", "plan")
	if api.FaultHits() != 4 || !api.IsBlocked("4915112345678") {
		t.Errorf("%d faults were hit, want 4; printed was:\n%s", api.FaultHits(), printed.String())
	}
	if n := leaked.Load(); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}

	written := map[string][]byte{"the terminal": []byte(printed.String())}
	for _, name := range []string{logFile, filepath.Join(work.Dir, "terraform.tfstate"), filepath.Join(work.Dir, "plan")} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		written[filepath.Base(name)] = content
	}
	for name, content := range written {
		if bytes.Contains(content, []byte(key)) {
			t.Errorf("the key is in %s", name)
		}
	}
	if strings.Contains(printed.String(), "\x1b[31mbad") {
		t.Error("a control character of the response reached the terminal")
	}
	requests := 0
	for line := range strings.Lines(string(written["trace.log"])) {
		if strings.Contains(line, "Block Users API request") {
			requests++
			if strings.Contains(line, "4915112345678") {
				t.Errorf("a phone number is logged: %s", line)
			}
		}
	}
	if requests == 0 {
		t.Error("no request was logged")
	}
}
