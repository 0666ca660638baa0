package provider

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

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/d360/terraform-provider-d360/internal/address"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

func TestProvider_invalidSettings(t *testing.T) {
	const url = "http://127.0.0.1:9"
	for name, test := range map[string]struct {
		config string
		says   []string
	}{
		"key with a newline":     {providerConfig(url, "secret-123\n", ""), []string{"Invalid api_key", "white space", "trimspace()", "api_key", apiKeyVariable}},
		"key with a space":       {providerConfig(url, "secret 123", ""), []string{"Invalid api_key", "no API key does"}},
		"empty key":              {providerConfig(url, "", ""), []string{"Invalid api_key", "it is empty"}},
		"plain http":             {providerConfig("http://example.com", "k", ""), []string{"Invalid base_url", "unencrypted to example.com"}},
		"loopback in disguise":   {providerConfig("http://127.0.0.1.example.com", "k", ""), []string{"Invalid base_url", "unencrypted"}},
		"no URL":                 {providerConfig("waba-v2.360dialog.io", "k", ""), []string{"Invalid base_url", "https://"}},
		"password":               {providerConfig("https://u:secret-123@example.com", "k", ""), []string{"Invalid base_url", "user name or password"}},
		"query":                  {providerConfig("https://example.com/?a=b", "k", ""), []string{"Invalid base_url", "without ? or #"}},
		"negative retries":       {providerConfig(url, "k", "max_retries = -1"), []string{"Invalid max_retries", "from 0 to 100", maxRetriesVariable}},
		"timeout without a unit": {providerConfig(url, "k", `request_timeout = "30"`), []string{"Invalid request_timeout", "with a unit", requestTimeoutVariable}},
		"timeout of nothing":     {providerConfig(url, "k", `request_timeout = "0s"`), []string{"Invalid request_timeout", "longer than nothing"}},
		"timeout of an hour":     {providerConfig(url, "k", `request_timeout = "1h"`), []string{"Invalid request_timeout", "at most 10m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      test.config + blockedUserConfig("+4915112345678", ""),
					PlanOnly:    true,
					ExpectError: wraps(test.says...),
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

func TestProvider_environment(t *testing.T) {
	service, _ := startSandbox(t, sandbox.Options{})
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	t.Setenv(baseURLVariable, baseURL)

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: wraps("Missing api_key", "environment variable "+apiKeyVariable),
			},
			{
				PreConfig:   func() { t.Setenv(apiKeyVariable, "wrong-key") },
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: wraps("Cannot find out who is on the list", "The API key was taken from the environment variable "+apiKeyVariable),
			},
			{
				Config:      `provider "d360" { api_key = "wrong-too" }` + blockedUserConfig("+4915112345678", ""),
				ExpectError: wraps("The API key was taken from the provider's attribute api_key"),
			},
			{
				PreConfig: func() {
					t.Setenv(apiKeyVariable, sandbox.DefaultKey)
					t.Setenv(requestTimeoutVariable, "soon")
				},
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: wraps("Invalid request_timeout", "The value of the environment variable "+requestTimeoutVariable),
			},
			{
				PreConfig: func() {
					t.Setenv(requestTimeoutVariable, "20s")
					t.Setenv(maxRetriesVariable, "2")
					service.ResetStats()
					service.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultStatus, Status: 500, Times: sandbox.Forever})
				},
				Config:      blockedUserConfig("+4915112345678", ""),
				ExpectError: wraps("Cannot block +4915112345678", "The service answered:", "HTTP 500", "tried 3 times"),
			},
			{
				PreConfig: service.ClearFaults,
				Config:    blockedUserConfig("+4915112345678", ""),
				Check:     checkBlocked(service, "4915112345678"),
			},
		},
	})
}

// Settings that come from a resource that is not there yet cost no request
// before they are known.
func TestProvider_unknownSettings(t *testing.T) {
	service, _ := startSandbox(t, sandbox.Options{})
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
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
`, sandbox.DefaultKey, baseURL)
	all := "data \"d360_blocked_users\" \"all\" {}\n"

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + all,
				ExpectError: wraps("The provider's settings are not known yet", "api_key and base_url depends on something that is known only after apply"),
			},
			{
				Config: config + blockedUserConfig("+4915112345678", ""),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(spammer, plancheck.ResourceActionCreate),
				}},
				Check: checkBlocked(service, "4915112345678"),
			},
			{Config: config + all + blockedUserConfig("+4915112345678", ""), PlanOnly: true},
		},
	})
}

func TestProvider_userAgent(t *testing.T) {
	service, config := startSandbox(t, sandbox.Options{})
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{{Config: config + blockedUserConfig("+4915112345678", "")}},
	})
	for _, request := range service.Requests() {
		var terraform string
		if n, err := fmt.Sscanf(request.Header.Get("User-Agent"), "terraform-provider-d360/test Terraform/%s", &terraform); n != 1 || err != nil {
			t.Errorf("User-Agent is %q", request.Header.Get("User-Agent"))
		}
	}
}

// The key goes to the configured host and nowhere else, and phone numbers stay
// out of the logs. A real process, since its log is the whole log.
func TestProvider_secrecy(t *testing.T) {
	const key = "key-that-nobody-may-see"
	var trapped atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	t.Cleanup(trap.Close)

	service, _ := startSandbox(t, sandbox.Options{Key: key, NextURL: trap.URL + "/next", Wire: sandbox.Wire{MaxLimit: 2}})
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	service.SeedN(5)

	logFile := filepath.Join(t.TempDir(), "trace.log")
	work := startWorkspace(t, "D360_API_KEY="+key, "D360_BASE_URL="+baseURL, "D360_MAX_RETRIES=1", "TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	if err := work.Write("main.tf", requiredProviders+blockedUserConfig("+49 151 12345678", "")+`data "d360_blocked_users" "all" {
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
	service.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultStatus, Status: 400, Message: "the key " + key + " is \x1b[31mbad"})
	run("apply", "-auto-approve")
	service.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultRedirect, Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {trap.URL}}})
	run("apply", "-auto-approve")
	service.Inject(sandbox.Fault{Method: http.MethodPost, Kind: sandbox.FaultDropAfter})
	run("apply", "-auto-approve")
	service.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultRedirect, Status: http.StatusFound, Header: http.Header{"Location": {trap.URL}}})
	run("plan", "-out=plan")
	run("plan", "-out=plan")
	run("show", "-json", "plan")
	if service.FaultHits() != 4 || !service.IsBlocked("4915112345678") {
		t.Errorf("%d faults were hit, want 4; printed was:\n%s", service.FaultHits(), printed.String())
	}
	if n := trapped.Load(); n != 0 {
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
		t.Error("a control character of the service reached the terminal")
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

const requiredProviders = `
terraform {
  required_providers {
    d360 = {
      source = "` + address.Provider + `"
    }
  }
}
`

// startWorkspace builds the provider and runs it under a real CLI, in a process
// of its own.
func startWorkspace(t *testing.T, env ...string) *workspace.Workspace {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("runs a real Terraform, as TF_ACC=1 asks for")
	}
	work, err := workspace.New(t.Context(), "", env...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := work.Close(); err != nil {
			t.Error(err)
		}
	})
	return work
}
