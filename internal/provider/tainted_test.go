package provider_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// Another resource takes over the user of a tainted one. Terraform plans a tainted resource
// as if it were new, so the review does not know its users. Only the destroy knows them.
func TestTainted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address       string
		before, after faketerraform.Resource
		// same is set where no one leaves the resource, so that nothing is wrong.
		same bool
	}{
		"another user":            {"d360_blocked_user.a", acctest.Single(ann), acctest.Single(bob), false},
		"the same user":           {"d360_blocked_user.a", acctest.Single(ann), acctest.Single(ann), true},
		"another map":             {"d360_blocked_users.a", acctest.Many(ann), acctest.Many(bob), false},
		"an empty map":            {"d360_blocked_users.a", acctest.Many(ann), acctest.Many(), false},
		"a map with more in it":   {"d360_blocked_users.a", acctest.Many(ann), acctest.Many(ann, bob), true},
		"a map spelled otherwise": {"d360_blocked_users.a", acctest.Many(ann), acctest.Many("0049 1512 0000001"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}})
				tf := acctest.InMemoryTerraform(t, api, nil)
				tf.Parallelism = 1 // the destroy comes first
				config := func(a faketerraform.Resource, more map[string]faketerraform.Resource) faketerraform.Configuration {
					resources := map[string]faketerraform.Resource{test.address: a}
					maps.Copy(resources, more)
					return faketerraform.Configuration{Resources: resources}
				}
				run := tf.Apply(t.Context(), config(test.before, nil), faketerraform.State{})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}

				api.SetAllSilent(!test.same)
				after := config(test.after, nil)
				if !test.same {
					after = config(test.after, map[string]faketerraform.Resource{"d360_blocked_user.z": acctest.Single(ann)})
				}
				run = tf.Apply(t.Context(), after, run.State.Taint(test.address))
				if deleted := api.Deleted(); len(deleted) > 0 || !api.IsBlocked(ann) {
					t.Errorf("%v were unblocked", deleted)
				}
				if test.same {
					if run.All().HasErrors() {
						t.Error(run.All())
					}
				} else if text := run.Diagnostics.Errors().String(); !strings.Contains(text, "tainted") || !strings.Contains(text, "terraform untaint") || !strings.Contains(text, "1512") {
					t.Errorf("the apply says:\n%s", run.All())
				}

				// A later destroy unblocks the user.
				left := run.State[test.address].Current
				if left == nil {
					t.Fatal("the resource is not in the state any more")
				}
				untainted := *left
				untainted.Tainted = false
				run = tf.Apply(t.Context(), faketerraform.Configuration{}, faketerraform.State{test.address: {Current: &untainted}})
				if run.All().HasErrors() || api.IsBlocked(ann) || len(run.State) > 0 {
					t.Errorf("after a destroy, the state holds %v, and the list %v: %s", run.State, api.Blocked(), run.All())
				}
			})
		})
	}
}

// A replacement whose destroy failed leaves no record of its plan, because the resource
// may be tainted next, and the provider has to tell that from a replacement.
func TestTainted_afterFailedReplacement(t *testing.T) {
	t.Parallel()
	for address, attributes := range map[string]func(user string) faketerraform.Attributes{
		"d360_blocked_user.a": func(user string) faketerraform.Attributes { return faketerraform.Attributes{"user": user} },
		"d360_blocked_users.a": func(user string) faketerraform.Attributes {
			return faketerraform.Attributes{"users": map[string]any{user: nil}}
		},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}})
				tf := acctest.InMemoryTerraform(t, api, nil)
				tf.Parallelism = 1
				config := func(user string) faketerraform.Configuration {
					return faketerraform.Configuration{Resources: map[string]faketerraform.Resource{address: {Attributes: attributes(user)}}}
				}
				run := tf.Apply(t.Context(), config(ann), faketerraform.State{})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}
				api.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultStatus, Status: http.StatusForbidden, Times: fakeapi.Forever})
				run = tf.ApplyWith(t.Context(), config(bob), run.State, faketerraform.PlanOptions{Replace: []string{address}})
				if !run.Diagnostics.HasErrors() || !api.IsBlocked("4915120000001") {
					t.Fatalf("the destroy did not fail: %s", run.All())
				}

				api.ClearFaults()
				api.SetAllSilent(true)
				api.Heard(bob)
				after := config(bob)
				after.Resources["d360_blocked_user.z"] = faketerraform.Resource{Attributes: faketerraform.Attributes{"user": ann}}
				run = tf.Apply(t.Context(), after, run.State.Taint(address))
				if !api.IsBlocked("4915120000001") {
					t.Errorf("a taint unblocked a user that another resource takes over: %s", run.All())
				}
			})
		})
	}
}
