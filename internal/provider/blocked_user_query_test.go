package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// skipWithoutQuery skips a test that runs terraform query.
func skipWithoutQuery(t *testing.T) {
	t.Helper()
	if !knowsQuery(t) {
		t.Skip("needs Terraform 1.14, the first with the command query")
	}
}

// listBlock lists blocked users with settings of the block, and with attributes
// of its config.
func listBlock(settings, config string) string {
	return fmt.Sprintf(`
list "d360_blocked_user" "all" {
  provider = d360
  %s
  config {
    %s
  }
}
`, settings, config)
}

func TestAccBlockedUser_query(t *testing.T) {
	skipWithoutQuery(t)
	const all = "d360_blocked_user.all"
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 2},
		WaIDs:          map[string]string{"5511987654321": "551187654321"},
	})
	api.Seed("4915112345678", "5511987654321", "US.13491208655302741918", "4915122222222", "16505550123")
	identity := func(user string) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{"user": knownvalue.StringExact(user)}
	}
	brazilian := queryfilter.ByResourceIdentity(identity("5511987654321"))

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			{
				Query:  true,
				Config: config + listBlock("", ""),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 5),
					querycheck.ExpectIdentity(all, identity("4915112345678")),
					querycheck.ExpectIdentity(all, identity("US.13491208655302741918")),
					querycheck.ExpectResourceDisplayName(all, brazilian, knownvalue.StringExact("+5511987654321 (WhatsApp ID 551187654321)")),
				},
			},
			{
				Query:  true,
				Config: config + listBlock("include_resource = true", ""),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 5),
					querycheck.ExpectResourceKnownValues(all, brazilian, []querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("user"), KnownValue: knownvalue.StringExact("+5511987654321")},
						{Path: tfjsonpath.New("wa_id"), KnownValue: knownvalue.StringExact("551187654321")},
						{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("blocked")},
						{Path: tfjsonpath.New("note"), KnownValue: knownvalue.Null()},
						{Path: tfjsonpath.New("allow_pending"), KnownValue: knownvalue.Null()},
					}),
				},
			},
			{
				Query:  true,
				Config: config + listBlock("", `prefix = "+49 (151)"`),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 2),
					querycheck.ExpectIdentity(all, identity("4915112345678")),
					querycheck.ExpectIdentity(all, identity("4915122222222")),
				},
			},
			{
				PreConfig: api.ResetStats,
				Query:     true,
				Config:    config + listBlock("limit = 2", ""),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 2),
					querycheck.ExpectIdentity(all, identity("4915112345678")),
					querycheck.ExpectIdentity(all, identity("5511987654321")),
				},
			},
			{
				PreConfig: func() {
					if gets := api.Stats().Gets; gets != 1 {
						t.Errorf("%d requests for the two users of the first page", gets)
					}
				},
				Query:       true,
				Config:      config + listBlock("", `prefix = "0151"`),
				ExpectError: acctest.Wrapped("Not the beginning of a WhatsApp user", "starts with 0, and no country calling code does"),
			},
			{
				PreConfig: func() {
					api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultCode, Code: 190, Skip: 1})
				},
				Query:       true,
				Config:      config + listBlock("", ""),
				ExpectError: acctest.Wrapped("Cannot read the list of blocked users", "code 190"),
			},
			{
				PreConfig: func() {
					api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultHook, Skip: 1, Do: func(s *fakeapi.Server) {
						s.Seed("447700900123")
					}})
				},
				Query:  true,
				Config: config + listBlock("", ""),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 6),
					querycheck.ExpectIdentity(all, identity("447700900123")),
				},
			},
		},
	})
	if hits := api.FaultHits(); hits != 2 {
		t.Errorf("%d faults were hit, want 2", hits)
	}
}

// TestAccExamples_query runs the example of the list resource, with the provider
// configured by its environment variables.
func TestAccExamples_query(t *testing.T) {
	t.Parallel()
	skipWithoutQuery(t)
	api := fakeapi.New(fakeapi.Options{})
	api.Seed("4915112345678", "16505550123", "US.13491208655302741918")
	example, err := os.ReadFile("../../examples/list-resources/d360_blocked_user/list-resource.tfquery.hcl")
	if err != nil {
		t.Fatal(err)
	}
	tf := startTerraformWith(t, api)
	tf.write("example.tfquery.hcl", string(example))
	tf.run("", "init")
	output := tf.command("query")
	got := map[string]int{}
	for line := range strings.Lines(output) {
		if fields := strings.Fields(line); len(fields) > 0 {
			got[fields[0]]++
		}
	}
	want := map[string]int{"list.d360_blocked_user.all": 3, "list.d360_blocked_user.german": 1, "list.d360_blocked_user.user_ids": 1}
	if !maps.Equal(got, want) {
		t.Errorf("the blocks list %v users, want %v:\n%s", got, want, output)
	}
}
