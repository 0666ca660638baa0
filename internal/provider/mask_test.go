package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// unmasked matches more digits than a mask leaves, except in the ID of a channel.
var unmasked = regexp.MustCompile(`(?:[^D\d] |[^ \d])\d{7,}|US\.1`)

// With mask_users, no message of any kind shows a whole number or user ID.
func TestMaskUsers(t *testing.T) {
	t.Parallel()
	const anna, berta, brazil = "+4915112345671", "+4915112345672", "+55 11 98765-4321"
	one := func(user string) faketerraform.Configuration {
		return acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(user)))
	}
	for name, test := range map[string]struct {
		opts   fakeapi.Options
		before faketerraform.Configuration
		change func(*fakeapi.Server)
		after  faketerraform.Configuration
		opt    faketerraform.PlanOptions
		// says is the beginning of a message, who is in it.
		says, who string
	}{
		"rejected": {
			change: func(s *fakeapi.Server) { s.Silent(anna) }, after: one(anna),
			says: "Cannot block +49…671", who: "+49…671",
		},
		"the API quotes the number": {
			change: func(s *fakeapi.Server) { s.Reject(anna, 100, "Invalid parameter", "The number "+anna+" is invalid") }, after: one(anna),
			says: "Cannot block", who: "The number +49…671 is invalid",
		},
		"rejected in a map": {
			change: func(s *fakeapi.Server) { s.Silent(anna) }, after: kinds[acctest.BulkType](anna, berta),
			says: "Cannot block 1 of 2 users", who: "+49…671",
		},
		"adopted": {change: func(s *fakeapi.Server) { s.Seed(anna) }, after: one(anna), says: "1 user is blocked already", who: "+49…671"},
		"unblocked": {
			before: kinds[acctest.BulkType](anna, berta), after: kinds[acctest.BulkType](anna), says: "This plan unblocks users", who: "+49…672",
		},
		"renamed": {
			before: one(anna), after: acctest.Resources(acctest.At("d360_blocked_user.b", acctest.Single(anna))),
			says: "1 user is unblocked and blocked in one plan", who: "+49…671",
		},
		"alternate form": {
			before: one(brazil), after: one("+55 11 8765-4321"), says: "1 pair of numbers may be one user", who: "+55…321 and +55…321",
		},
		"hidden": {
			before: one(anna), change: func(s *fakeapi.Server) { s.Hide(anna) }, after: one(anna), says: "Cannot tell whether 1 user is still blocked", who: "+49…671",
		},
		"import": {
			after: faketerraform.Configuration{
				Resources: acctest.At("d360_blocked_user.a", acctest.Single(anna)),
				Imports:   []faketerraform.Import{{To: "d360_blocked_user.a", ID: anna}},
			},
			says: "Cannot import +49…671: not blocked", who: "",
		},
		"exclusive": {
			change: func(s *fakeapi.Server) { s.Seed(berta, "US.1349") }, after: kinds[acctest.ExclusiveType](anna),
			says: "The list holds 2 users that the configuration does not", who: "US.…349",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(test.opts)
				tf := acctest.InMemoryTerraform(t, api, faketerraform.Attributes{"mask_users": true})
				var state faketerraform.State
				if test.before.Resources != nil {
					state = apply(t, tf, test.before, nil)
				}
				if test.change != nil {
					test.change(api)
				}
				run := tf.ApplyWith(t.Context(), test.after, state, test.opt)
				found := false
				for _, d := range run.All() {
					message := d.Summary + "\n" + d.Detail
					found = found || (strings.HasPrefix(d.Summary, test.says) && strings.Contains(message, test.who))
					if shown := unmasked.FindString(message); shown != "" {
						t.Errorf("a message shows %q:\n%s", shown, message)
					}
				}
				if !found {
					t.Errorf("no message says %q of %q:\n%s", test.says, test.who, run.All())
				}
			})
		})
	}
}

// Validation and functions run before the provider is configured, so only the environment
// variable applies to them.
func TestMaskUsers_environment(t *testing.T) {
	const wrong = "+49 151 12345678 90123"
	for value, shown := range map[string]bool{"": true, "false": true, "1": false, "yes": false} {
		t.Setenv("D360_MASK_USERS", value)
		server, err := provider.NewServer("test")
		if err != nil {
			t.Fatal(err)
		}
		argument, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, wrong))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: "normalize_user", Arguments: []*tfprotov6.DynamicValue{&argument}})
		if err != nil || resp.Error == nil {
			t.Fatalf("%v, %v; want an error of the function", resp, err)
		}
		if got := strings.Contains(resp.Error.Text, wrong); got != shown {
			t.Errorf("D360_MASK_USERS=%q: the function says %q", value, resp.Error.Text)
		}
		tf := acctest.InMemoryTerraform(t, fakeapi.New(fakeapi.Options{}), nil)
		plan := tf.Plan(t.Context(), kinds[acctest.BulkType](wrong), nil)
		if got := strings.Contains(fmt.Sprint(plan.Diagnostics), wrong); !plan.Failed() || got != shown {
			t.Errorf("D360_MASK_USERS=%q: the plan says %s", value, plan.Diagnostics)
		}
	}
}

// Messages are masked while mask_users is not known yet.
func TestMaskUsers_unknown(t *testing.T) {
	t.Parallel()
	inMemoryWith(t, fakeapi.Options{}, faketerraform.Attributes{"mask_users": faketerraform.Unknown}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		users := phoneNumbers(1)
		api.Seed(users...)
		plan := tf.Plan(t.Context(), kinds[acctest.BulkType](users...), nil)
		expectDiagnostic(t, plan.Diagnostics, false, "1 user is blocked already", "+49…001")
		if text := plan.Diagnostics.Warnings()[0].Detail; unmasked.MatchString(text) {
			t.Errorf("the message shows a number: %s", text)
		}
	})
}
