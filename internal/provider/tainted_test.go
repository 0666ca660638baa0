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

// A tainted resource loses its user to another one. Terraform plans it as if it
// were new, so that the review cannot know the users that it had; the destroy, which comes
// first here, does.
func TestTaintedResourceUnblocksNobody(t *testing.T) {
	t.Parallel()
	const ann, bob = "+4915120000001", "+4915120000002"
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
				service := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}})
				tf := acctest.InMemoryTerraform(t, service, nil)
				// The destroy is over before anything else begins.
				tf.Parallelism = 1
				config := func(a faketerraform.Resource, more map[string]faketerraform.Resource) faketerraform.Configuration {
					resources := map[string]faketerraform.Resource{test.address: a}
					maps.Copy(resources, more)
					return faketerraform.Configuration{Resources: resources}
				}
				run := tf.Apply(t.Context(), config(test.before, nil), faketerraform.State{})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}

				// No one could be blocked again.
				service.SetAllSilent(!test.same)
				after := config(test.after, nil)
				if !test.same {
					after = config(test.after, map[string]faketerraform.Resource{"d360_blocked_user.z": acctest.Single(ann)})
				}
				run = tf.Apply(t.Context(), after, run.State.Taint(test.address))
				if deleted := service.Deleted(); len(deleted) > 0 || !service.IsBlocked(ann) {
					t.Errorf("%v were unblocked", deleted)
				}
				if test.same {
					if run.All().HasErrors() {
						t.Error(run.All())
					}
				} else if text := run.Diagnostics.Errors().String(); !strings.Contains(text, "tainted") || !strings.Contains(text, "terraform untaint") || !strings.Contains(text, "1512") {
					t.Errorf("the apply says:\n%s", run.All())
				}

				// What the create or the failed destroy has left does not keep a later one
				// from unblocking.
				left := run.State[test.address].Current
				if left == nil {
					t.Fatal("the resource is not in the state any more")
				}
				untainted := *left
				untainted.Tainted = false
				run = tf.Apply(t.Context(), faketerraform.Configuration{}, faketerraform.State{test.address: {Current: &untainted}})
				if run.All().HasErrors() || service.IsBlocked(ann) || len(run.State) > 0 {
					t.Errorf("a destroy comes to %v, and leaves %v on the list: %s", run.State, service.Blocked(), run.All())
				}
			})
		})
	}
}

// A replacement whose destroy failed leaves its notes to no one: the resource may
// be tainted next, which has to be told from a replacement.
func TestTaintedAfterAFailedReplacement(t *testing.T) {
	t.Parallel()
	const ann, bob = "+4915120000001", "+4915120000002"
	for address, having := range map[string]func(user string) faketerraform.Attributes{
		"d360_blocked_user.a": func(user string) faketerraform.Attributes { return faketerraform.Attributes{"user": user} },
		"d360_blocked_users.a": func(user string) faketerraform.Attributes {
			return faketerraform.Attributes{"users": map[string]any{user: nil}}
		},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := fakeapi.New(fakeapi.Options{Rules: fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject}})
				tf := acctest.InMemoryTerraform(t, service, nil)
				tf.Parallelism = 1
				config := func(user string) faketerraform.Configuration {
					return faketerraform.Configuration{Resources: map[string]faketerraform.Resource{address: {Attributes: having(user)}}}
				}
				run := tf.Apply(t.Context(), config(ann), faketerraform.State{})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}
				service.Inject(fakeapi.Fault{Method: http.MethodDelete, Kind: fakeapi.FaultStatus, Status: http.StatusForbidden, Times: fakeapi.Forever})
				run = tf.ApplyWith(t.Context(), config(bob), run.State, faketerraform.PlanOptions{Replace: []string{address}})
				if !run.Diagnostics.HasErrors() || !service.IsBlocked("4915120000001") {
					t.Fatalf("the destroy did not fail: %s", run.All())
				}

				service.ClearFaults()
				service.SetAllSilent(true)
				service.Heard(bob)
				after := config(bob)
				after.Resources["d360_blocked_user.z"] = faketerraform.Resource{Attributes: faketerraform.Attributes{"user": ann}}
				run = tf.Apply(t.Context(), after, run.State.Taint(address))
				if !service.IsBlocked("4915120000001") {
					t.Errorf("a taint unblocked a user that another resource takes over: %s", run.All())
				}
			})
		})
	}
}
