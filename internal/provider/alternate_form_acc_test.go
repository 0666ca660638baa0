package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// A number as people write it, and its alternate form, which may be all that the list shows.
const (
	typedForm   = "+55 11 98765-4321"
	typedDigits = "5511987654321"
	listedForm  = "551187654321"
)

// alternateFormOptions are for a fake API whose list shows typedForm as listedForm.
func alternateFormOptions(noOp fakeapi.NoOp) fakeapi.Options {
	return fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat},
		Rules:          fakeapi.Rules{AlreadyBlocked: noOp},
		WaIDs:          map[string]string{typedDigits: listedForm},
	}
}

// alternatePair is the error about a plan that unblocks one form and blocks the other.
func alternatePair(pairs string) []string {
	return []string{
		"Error: " + pairs + " may be one user, and the plan unblocks one of the two",
		"+" + listedForm + " and +" + typedDigits + " (Brazil's ninth digit)",
		"Keep the number as it was. If they are two people, remove the old number in one apply, and add the new one in the next",
	}
}

// A plan that unblocks one form of a number and blocks the other is an error, whatever
// the API's response to a second block is.
func TestAccAlternateForm_planIsAnError(t *testing.T) {
	t.Parallel()
	for _, noOp := range []fakeapi.NoOp{fakeapi.NoOpReject, fakeapi.NoOpIgnore, fakeapi.NoOpAccept} {
		for kind, shape := range acctest.Shapes {
			t.Run(noOp.String()+"/"+kind, func(t *testing.T) {
				api, config := acctest.StartFakeAPI(t, alternateFormOptions(noOp))
				api.Seed(listedForm)
				if kind == acctest.ExclusiveType {
					api.Remove(listedForm)
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: acctest.Factories,
					Steps: []resource.TestStep{
						{Config: config + shape([]string{listedForm, "16505550100"})},
						{
							Config:      config + shape([]string{typedDigits, "16505550101"}),
							ExpectError: acctest.Wrapped(alternatePair("1 pair of numbers")...),
						},
						{
							PreConfig: func() { checkUnblocked(t, api) },
							Config:    config + shape([]string{listedForm, "16505550101"}),
							Check:     acctest.CheckBlocked(api, listedForm, "16505550101"),
						},
						// One after the other is the remedy for two people.
						{Config: config + shape([]string{"16505550101"})},
						{
							Config: config + shape([]string{typedDigits, "16505550101"}),
							Check:  acctest.CheckBlocked(api, listedForm, "16505550101"),
						},
					},
				})
			})
		}
	}
}

// A message about a user who is not found names the alternate form that the list shows.
func TestAccAlternateForm_isMentioned(t *testing.T) {
	t.Parallel()
	hint := []string{"The list has the alternate form of these numbers, which may be the same users", "+" + listedForm, "(Brazil's ninth digit)", "write the number in the form that the list has"}
	says := func(texts ...string) []string { return append(texts, hint...) }
	for name, test := range map[string]struct {
		config string
		says   []string
	}{
		"block":          {blockedUserConfig(typedForm, ""), says("Cannot block " + typedForm)},
		"bulk block":     {acctest.Bulk(acctest.BulkType, map[string]string{typedForm: ""}), says("Cannot block 1 of 1 user")},
		"import":         {blockedUserConfig(typedForm, "") + "import {\n  to = " + spammer + "\n  id = \"5511987654321\"\n}\n", says("Cannot import 5511987654321: not found on the list")},
		"import of some": {acctest.Bulk(acctest.BulkType, map[string]string{typedForm: ""}) + "import {\n  to = " + acctest.BulkType + ".abuse\n  id = \"5511987654321\"\n}\n", says("Cannot import 1 user: not found on the list")},
	} {
		t.Run(name, func(t *testing.T) {
			api, config := acctest.StartFakeAPI(t, alternateFormOptions(fakeapi.NoOpReject))
			api.Seed(listedForm)
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories,
				Steps:                    []resource.TestStep{{Config: config + test.config, ExpectError: acctest.Wrapped(test.says...)}},
			})
		})
	}
}

func TestAccBlockedUserDataSource_alternateForm(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, alternateFormOptions(fakeapi.NoOpAccept))
	api.Seed(listedForm)
	tf.plan("data \"d360_blocked_user\" \"one\" {\n  user = \""+typedForm+"\"\n}\n",
		"Warning: Cannot tell whether "+typedForm+" (5511987654321) is blocked", "The list has the alternate form of these numbers", "+"+listedForm+", for +5511987654321")
}
