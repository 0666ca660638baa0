package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// inMemory runs a test in a bubble of its own with a fake API and an in-process Terraform.
func inMemory(t *testing.T, opts fakeapi.Options, test func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform)) {
	t.Helper()
	inMemoryWith(t, opts, nil, test)
}

// inMemoryWith is inMemory with settings of the provider block.
func inMemoryWith(t *testing.T, opts fakeapi.Options, settings faketerraform.Attributes, test func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform), options ...provider.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(opts)
		test(t, api, acctest.InMemoryTerraform(t, api, settings, options...))
	})
}

// apply has to succeed.
func apply(t *testing.T, tf *faketerraform.Terraform, config faketerraform.Configuration, state faketerraform.State) faketerraform.State {
	t.Helper()
	run := tf.Apply(t.Context(), config, state)
	if run.All().HasErrors() {
		t.Fatalf("the apply fails:\n%s", run.All())
	}
	return run.State
}

func expectNoChanges(t *testing.T, tf *faketerraform.Terraform, config faketerraform.Configuration, state faketerraform.State) {
	t.Helper()
	plan := tf.Plan(t.Context(), config, state)
	if plan.Failed() || !plan.IsEmpty() {
		t.Errorf("the plan is not empty:\n%s", plan.Diagnostics)
	}
}

func expectBlocked(t *testing.T, api *fakeapi.Server, want ...string) {
	t.Helper()
	if err := acctest.CheckBlocked(api, want...)(nil); err != nil {
		t.Error(err)
	}
}

func TestBlockedUser_variants(t *testing.T) {
	t.Parallel()
	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{"5511912345678": "551112345678"}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				others := api.SeedN(250)
				config := acctest.Resources(
					acctest.At("d360_blocked_user.spammer", acctest.Single("+55 11 91234-5678")),
					acctest.At("d360_blocked_user.byUserID", acctest.Single("US.13491208655302741918")),
				)
				state := apply(t, tf, config, nil)
				expectBlocked(t, api, append(slices.Clip(others), "551112345678", "US.13491208655302741918")...)
				expectNoChanges(t, tf, config, state)
				apply(t, tf, faketerraform.Configuration{}, state)
				expectBlocked(t, api, others...)
			})
		})
	}
}

// A failed write ends in success or in an error. The next apply finishes the work, and no
// one is unblocked in between.
func TestBlockedUser_writeFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeapi.Fault{
		"unavailable once":              {Kind: fakeapi.FaultStatus, Status: 503},
		"unavailable for ever":          {Kind: fakeapi.FaultStatus, Status: 503, Times: fakeapi.Forever},
		"gateway gives up afterwards":   {Kind: fakeapi.FaultStatusAfter, Status: 504, Times: fakeapi.Forever},
		"internal error for ever":       {Kind: fakeapi.FaultCode, Code: 131000, Times: fakeapi.Forever},
		"version mismatch":              {Kind: fakeapi.FaultCode, Code: 139102},
		"rate limit":                    {Kind: fakeapi.FaultCode, Code: 130429, Times: 2},
		"lost before":                   {Kind: fakeapi.FaultDropBefore},
		"lost before, for ever":         {Kind: fakeapi.FaultDropBefore, Times: fakeapi.Forever},
		"lost after":                    {Kind: fakeapi.FaultDropAfter, Times: fakeapi.Forever},
		"truncated":                     {Kind: fakeapi.FaultTruncate, Times: fakeapi.Forever},
		"invalid response":              {Kind: fakeapi.FaultRawBody, Body: "[]", Times: fakeapi.Forever},
		"invalid response, work done":   {Kind: fakeapi.FaultRawBodyAfter, Body: "<html>", Times: fakeapi.Forever},
		"a response without users":      {Kind: fakeapi.FaultRawBody, Body: `{"messaging_product":"whatsapp"}`, Times: fakeapi.Forever},
		"key revoked":                   {Kind: fakeapi.FaultCode, Code: 190, Times: fakeapi.Forever},
		"redirect":                      {Kind: fakeapi.FaultRedirect, Header: http.Header{"Location": {"https://example.invalid/"}}, Times: fakeapi.Forever},
		"account restricted, then fine": {Kind: fakeapi.FaultStatus, Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				fault := fault
				fault.Method = http.MethodPost
				api.Inject(fault)
				config := acctest.Resources(acctest.At("d360_blocked_user.spammer", acctest.Single("+4915112345678")))
				succeeds := strings.Contains(name, "done") || strings.Contains(name, "after") || name == "truncated" ||
					(fault.Times != fakeapi.Forever && fault.Status != 403)
				first := tf.Apply(t.Context(), config, nil)
				if succeeds == first.All().HasErrors() || (!succeeds && !strings.HasPrefix(first.All().Errors()[0].Summary, "Cannot block")) {
					t.Errorf("with the fault, the apply says:\n%s", first.All())
				}
				api.ClearFaults()
				state := apply(t, tf, config, first.State)
				expectBlocked(t, api, "4915112345678")
				expectNoChanges(t, tf, config, state)
				apply(t, tf, faketerraform.Configuration{}, state)
				expectBlocked(t, api)
				checkUnblocked(t, api, "4915112345678")
				if api.FaultHits() == 0 {
					t.Error("the fault was not hit")
				}
			})
		})
	}
}

// A scan with a fault is an error, or gives the same plan as one without.
func TestBlockedUser_readFaults(t *testing.T) {
	t.Parallel()
	faults := map[string]fakeapi.Fault{
		"unavailable":      {Kind: fakeapi.FaultStatus, Status: 500},
		"rate limit":       {Kind: fakeapi.FaultStatus, Status: 429, Header: http.Header{"Retry-After": {"0"}}},
		"forbidden":        {Kind: fakeapi.FaultStatus, Status: 403},
		"version mismatch": {Kind: fakeapi.FaultCode, Code: 139102},
		"lost":             {Kind: fakeapi.FaultDropBefore},
		"truncated":        {Kind: fakeapi.FaultTruncate},
		"web page":         {Kind: fakeapi.FaultRawBody, Body: "<html>bad gateway</html>", ContentType: "text/html"},
		"null":             {Kind: fakeapi.FaultRawBody, Body: "null"},
		"empty object":     {Kind: fakeapi.FaultRawBody, Body: "{}"},
		"empty list":       {Kind: fakeapi.FaultRawBody, Body: `{"data":[]}`},
		"other object":     {Kind: fakeapi.FaultRawBody, Body: `{"success":true}`},
		"error with 200":   {Kind: fakeapi.FaultRawBody, Body: `{"error":{"code":131000,"message":"x"}}`},
		"loop":             {Kind: fakeapi.FaultCursorLoop},
		"restart":          {Kind: fakeapi.FaultCursorRestart},
		"repeat":           {Kind: fakeapi.FaultRepeatPage},
		"skip":             {Kind: fakeapi.FaultSkipPage},
		"empty page":       {Kind: fakeapi.FaultEmptyPage},
		"empty, no next":   {Kind: fakeapi.FaultEmptyPage, NoNext: true},
		"unnamed entry":    {Kind: fakeapi.FaultUnnamedEntry},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, page := range []int{0, 1, 2} {
				t.Run(fmt.Sprintf("page %d", page+1), func(t *testing.T) {
					t.Parallel()
					inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						users := api.SeedN(25)
						config := acctest.Resources(
							acctest.At("d360_blocked_user.first", acctest.Single("+"+users[0])),
							acctest.At("d360_blocked_user.middle", acctest.Single("+"+users[12])),
							acctest.At("d360_blocked_user.last", acctest.Single("+"+users[24])),
						)
						config.Data = map[string]faketerraform.Attributes{"d360_blocked_user.last": {"user": users[24]}}
						state := apply(t, tf, config, nil)
						atPage := fault
						atPage.Method, atPage.Skip = http.MethodGet, page
						api.Inject(atPage)
						// Some faults wait for a page that only the second plan asks for.
						for i := range 2 {
							plan := tf.Plan(t.Context(), config, state)
							isBlocked, _ := plan.Data["d360_blocked_user.last"]["blocked"].(bool)
							switch {
							case name == "forbidden" && i == 0:
								if !plan.Failed() || !strings.HasPrefix(plan.Diagnostics.Errors()[0].Summary, "Cannot find out whether") {
									t.Errorf("the plan says:\n%s", plan.Diagnostics)
								}
							case plan.Failed() || !plan.IsEmpty() || !isBlocked:
								t.Errorf("the plan is not empty, or says that a blocked user is not: %v\n%s", plan.Data, plan.Diagnostics)
							}
						}
						if api.FaultHits() == 0 && (page < 2 || name != "skip") {
							t.Error("the fault was not hit")
						}
					})
				})
			}
		})
	}
}
