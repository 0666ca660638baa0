package provider_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// csvOutput calls the function on a text, which may hold anything, and on more
// arguments.
func csvOutput(text string, more ...string) string {
	encoded := strings.ReplaceAll(fmt.Sprintf("%q", text), `\x00`, `\u0000`)
	return fmt.Sprintf(`
terraform {
  required_providers {
    d360 = {
      source = "hashicorp/d360"
    }
  }
}
output "users" {
  value = provider::d360::read_csv(%s)
}
`, strings.Join(append([]string{encoded}, more...), ", "))
}

func TestAccReadCSV(t *testing.T) {
	t.Parallel()
	needsOpenTofu(t, 11, "functions of providers that are not configured")
	note, none := knownvalue.StringExact("spam, ticket 4711"), knownvalue.Null()
	for name, test := range map[string]struct {
		text string
		more []string
		want map[string]knownvalue.Check
	}{
		"commas":              {"number,note\n+1 650 555 0100,\"spam, ticket 4711\"\n0044 7700/900123,\n", nil, map[string]knownvalue.Check{"16505550100": note, "447700900123": none}},
		"of a spreadsheet":    {"\ufeffPhone Number;Reason\r\n\r\n +1 650 555 0100 ; spam, ticket 4711\r\n;\r\nus.1;", nil, map[string]knownvalue.Check{"16505550100": note, "US.1": none}},
		"tabs":                {"note\tmsisdn\nspam, ticket 4711\t16505550100\n", nil, map[string]knownvalue.Check{"16505550100": note}},
		"header alone":        {"number,note\n", nil, map[string]knownvalue.Check{}},
		"until without time":  {"number,until\n16505550100,2020-01-01\n", nil, map[string]knownvalue.Check{"16505550100": none}},
		"until with time":     {"number,until\n16505550100,2020-01-01\n16505550101,2099-12-31\n16505550102,\n", []string{"plantimestamp()"}, map[string]knownvalue.Check{"16505550101": none, "16505550102": none}},
		"until with any time": {"number,until\n16505550100,2020-01-01\n", []string{`"2019-12-31T12:00:00Z"`}, map[string]knownvalue.Check{"16505550100": none}},
	} {
		t.Run(name, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps: []resource.TestStep{{
					Config:            csvOutput(test.text, test.more...),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("users", knownvalue.MapExact(test.want))},
				}},
			})
		})
	}
}

func TestAccReadCSV_rejected(t *testing.T) {
	t.Parallel()
	needsOpenTofu(t, 11, "functions of providers that are not configured")
	for config, want := range map[string]*regexp.Regexp{
		csvOutput(""):                          acctest.Wrapped("the file is empty"),
		csvOutput("nr;why\n"):                  acctest.Wrapped(`the file has no column for users. The columns are "nr", "why"`),
		csvOutput("+16505550100,spam\n"):       acctest.Wrapped("no header row"),
		csvOutput(utf16Text("number\n")):       acctest.Wrapped("the text is UTF-16", "CSV UTF-8", "textdecodebase64"),
		csvOutput("number\n0151 1\n\n49\n"):    acctest.Wrapped("2 rows are wrong:", "Row 2: it starts with 0", "Row 4: it has fewer than 7 digits"),
		csvOutput("number\n", "null"):          acctest.Wrapped("argument must not be null"),
		csvOutput("number\n", `"tomorrow"`):    acctest.Wrapped(`"tomorrow" is not a time`, "Use plantimestamp()."),
		csvOutput("number\n", `"2026"`, `"x"`): acctest.Wrapped("the function takes one time after the text, and there are 2."),
	} {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories,
			Steps:                    []resource.TestStep{{Config: config, ExpectError: want}},
		})
	}
}

// utf16Text is a text in the encoding that spreadsheets call Unicode, without the
// byte-order mark with which Terraform does not read the file at all.
func utf16Text(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// A file with a byte-order mark of UTF-16 is decoded as the error and the docs say.
func TestAccReadCSV_files(t *testing.T) {
	t.Parallel()
	needsOpenTofu(t, 11, "functions of providers that are not configured")
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	work := acctest.StartWorkspace(t)
	const text = "Nr;Number;Until;Reason\r\n1;+1 650 555 0100;;spam\r\n2;+44 7700 900123;2020-01-01;\r\n3;+49 151 12345678;2099-01-01;\"threats; reported\"\r\n"
	for file, content := range map[string]string{"utf16.csv": utf16Text("\ufeff" + text), "utf8.csv": "\ufeff" + text} {
		if err := work.Write(file, content); err != nil {
			t.Fatal(err)
		}
	}
	listed := func(read string) string {
		return acctest.RequiredProviders + config + "resource \"d360_blocked_users\" \"listed\" {\n  users = provider::d360::read_csv(" + read + ", plantimestamp())\n}\n"
	}

	if err := work.Write("main.tf", listed(`file("utf16.csv")`)); err != nil {
		t.Fatal(err)
	}
	if _, err := work.Run(t.Context(), "init"); err != nil {
		t.Fatal(err)
	}
	if _, err := work.Run(t.Context(), "plan", "-no-color"); err == nil || !acctest.Wrapped("not valid UTF-8").MatchString(err.Error()) {
		t.Errorf("a file in UTF-16: %v", err)
	}
	acctest.Run(t, work, listed(`textdecodebase64(filebase64("utf16.csv"), "UTF-16LE")`), "apply", "-auto-approve")
	if blocked := slices.Sorted(slices.Values(api.Blocked())); !slices.Equal(blocked, []string{"16505550100", "4915112345678"}) {
		t.Errorf("%v are blocked", blocked)
	}
	acctest.Run(t, work, listed(`file("utf8.csv")`), "plan", "-detailed-exitcode")

	// A row that expires is unblocked, and the plan shows it.
	if err := work.Write("utf8.csv", strings.Replace(text, "2099-01-01", "2020-01-01", 1)); err != nil {
		t.Fatal(err)
	}
	if plan := acctest.Run(t, work, listed(`file("utf8.csv")`), "plan", "-no-color"); !strings.Contains(plan, `- "4915112345678" = "threats; reported"`) {
		t.Errorf("the plan does not show who has expired: %s", plan)
	}
	acctest.Run(t, work, listed(`file("utf8.csv")`), "apply", "-auto-approve")
	if blocked := api.Blocked(); !slices.Equal(blocked, []string{"16505550100"}) {
		t.Errorf("%v are blocked after one has expired", blocked)
	}

	// The same map serves for_each.
	forEach := func(file string) string {
		return acctest.RequiredProviders + config + "removed {\n  from = d360_blocked_users.listed\n  lifecycle {\n    destroy = false\n  }\n}\n" +
			"resource \"d360_blocked_user\" \"listed\" {\n  for_each = provider::d360::read_csv(file(\"" + file + "\"), plantimestamp())\n  user     = each.key\n  note     = each.value\n}\n"
	}
	if err := work.Write("more.csv", "number,note,until\n0016505550100,,\n+44 7700 900123,spam,2099-12-31\n"); err != nil {
		t.Fatal(err)
	}
	acctest.Run(t, work, forEach("more.csv"), "apply", "-auto-approve")
	if blocked := slices.Sorted(slices.Values(api.Blocked())); !slices.Equal(blocked, []string{"16505550100", "447700900123"}) {
		t.Errorf("%v are blocked with for_each", blocked)
	}
	acctest.Run(t, work, forEach("more.csv"), "plan", "-detailed-exitcode")
}

func TestAccReadCSV_resources(t *testing.T) {
	t.Parallel()
	needsOpenTofu(t, 11, "functions of providers that are not configured")
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	api.Seed("16505550100", "4915112345678")
	listed := func(kind, text string) string {
		return fmt.Sprintf("%s\nresource %q \"abuse\" {\n  users = provider::d360::read_csv(%q)\n}\n", config, kind, text)
	}
	importing := func(kind, id string) string {
		return fmt.Sprintf("import {\n  to = %s.abuse\n  id = %q\n}\n", kind, id)
	}
	removedBlock := func(kind string) string {
		return fmt.Sprintf("%s\nremoved {\n  from = %s.abuse\n  lifecycle {\n    destroy = false\n  }\n}\n", config, kind)
	}
	const both, more = "number\n+1 650 555 0100\n0049 151 12345678\n", "number,note\n+1 (650) 555-0100,\n0049 151 12345678,\n+44 7700 900123,spam\n"
	importedAsListed := func(kind, id, text string, action plancheck.ResourceActionType) resource.TestStep {
		return resource.TestStep{Config: listed(kind, text) + importing(kind, id), ConfigPlanChecks: expectBulk(kind, action)}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories,
		Steps: []resource.TestStep{
			importedAsListed(acctest.BulkType, "*", both, plancheck.ResourceActionNoop),
			{Config: removedBlock(acctest.BulkType)},
			importedAsListed(acctest.BulkType, "+1 650 555 0100, +49 151 12345678", both, plancheck.ResourceActionNoop),
			{Config: removedBlock(acctest.BulkType)},
			importedAsListed(acctest.ExclusiveType, "blocklist", both, plancheck.ResourceActionNoop),
			{
				// Someone blocks another user by hand, which the file then has too.
				PreConfig:         func() { api.Seed("447700900123") },
				Config:            listed(acctest.ExclusiveType, more),
				ConfigStateChecks: expectUsers(acctest.ExclusiveType, []string{"16505550100", "4915112345678", "447700900123"}),
			},
		},
	})
	if stats := api.Stats(); stats.Posts != 0 {
		t.Errorf("%+v, want no POST, as everyone is on the list", stats)
	}
}

// BenchmarkReadCSV reads as many rows as a list can hold users, as Terraform asks for
// it.
func BenchmarkReadCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("number,reason\n")
	for i := range d360.MaxUsersOnList {
		fmt.Fprintf(&text, "+4477%08d,ticket %d\n", i, i)
	}
	server, err := acctest.Factories["d360"]()
	if err != nil {
		b.Fatal(err)
	}
	argument, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, text.String()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		result, err := server.CallFunction(b.Context(), &tfprotov6.CallFunctionRequest{Name: "read_csv", Arguments: []*tfprotov6.DynamicValue{&argument}})
		if err != nil || result.Error != nil {
			b.Fatal(err, result.Error)
		}
	}
}
