package provider_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// A tainted resource loses its user to another one. Terraform plans it as if it
// were new, so that the review cannot know whom it had; the destroy, which comes
// first here, does.
func TestTaintedResourceUnblocksNobody(t *testing.T) {
	t.Parallel()
	const ann, bob = "+4915120000001", "+4915120000002"
	single := func(user string) prototest.Resource {
		return prototest.Resource{Attributes: prototest.Attributes{"user": user}}
	}
	bulk := func(users ...string) prototest.Resource {
		notes := map[string]any{}
		for _, user := range users {
			notes[user] = nil
		}
		return prototest.Resource{Attributes: prototest.Attributes{"users": notes}}
	}
	for name, test := range map[string]struct {
		address       string
		before, after prototest.Resource
		// same is set where nobody leaves the resource, so that nothing is wrong.
		same bool
	}{
		"another user":            {"d360_blocked_user.a", single(ann), single(bob), false},
		"the same user":           {"d360_blocked_user.a", single(ann), single(ann), true},
		"another map":             {"d360_blocked_users.a", bulk(ann), bulk(bob), false},
		"an empty map":            {"d360_blocked_users.a", bulk(ann), bulk(), false},
		"a map with more in it":   {"d360_blocked_users.a", bulk(ann), bulk(ann, bob), true},
		"a map spelled otherwise": {"d360_blocked_users.a", bulk(ann), bulk("0049 1512 0000001"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := sandbox.New(sandbox.Options{Rules: sandbox.Rules{AlreadyBlocked: sandbox.NoOpRefuse}})
				tf := terraformInMemory(t, service, nil)
				// The destroy is over before anything else begins.
				tf.Parallelism = 1
				config := func(a prototest.Resource, more map[string]prototest.Resource) prototest.Configuration {
					resources := map[string]prototest.Resource{test.address: a}
					maps.Copy(resources, more)
					return prototest.Configuration{Resources: resources}
				}
				run := tf.Apply(t.Context(), config(test.before, nil), prototest.State{})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}

				// Nobody could be blocked again.
				service.SetAllSilent(!test.same)
				after := config(test.after, nil)
				if !test.same {
					after = config(test.after, map[string]prototest.Resource{"d360_blocked_user.z": single(ann)})
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
				run = tf.Apply(t.Context(), prototest.Configuration{}, prototest.State{test.address: {Current: &untainted}})
				if run.All().HasErrors() || service.IsBlocked(ann) || len(run.State) > 0 {
					t.Errorf("a destroy comes to %v, and leaves %v on the list: %s", run.State, service.Blocked(), run.All())
				}
			})
		})
	}
}

// A replacement whose destroy failed leaves its notes to nobody: the resource may
// be tainted next, which has to be told from a replacement.
func TestTaintedAfterAFailedReplacement(t *testing.T) {
	t.Parallel()
	const ann, bob = "+4915120000001", "+4915120000002"
	for address, having := range map[string]func(user string) prototest.Attributes{
		"d360_blocked_user.a": func(user string) prototest.Attributes { return prototest.Attributes{"user": user} },
		"d360_blocked_users.a": func(user string) prototest.Attributes {
			return prototest.Attributes{"users": map[string]any{user: nil}}
		},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := sandbox.New(sandbox.Options{Rules: sandbox.Rules{AlreadyBlocked: sandbox.NoOpRefuse}})
				tf := terraformInMemory(t, service, nil)
				tf.Parallelism = 1
				config := func(user string) prototest.Configuration {
					return prototest.Configuration{Resources: map[string]prototest.Resource{address: {Attributes: having(user)}}}
				}
				run := tf.Apply(t.Context(), config(ann), prototest.State{})
				if run.All().HasErrors() {
					t.Fatal(run.All())
				}
				service.Inject(sandbox.Fault{Method: http.MethodDelete, Kind: sandbox.FaultStatus, Status: http.StatusForbidden, Times: sandbox.Forever})
				run = tf.ApplyWith(t.Context(), config(bob), run.State, prototest.PlanOptions{Replace: []string{address}})
				if !run.Diagnostics.HasErrors() || !service.IsBlocked("4915120000001") {
					t.Fatalf("the destroy did not fail: %s", run.All())
				}

				service.ClearFaults()
				service.SetAllSilent(true)
				service.Heard(bob)
				after := config(bob)
				after.Resources["d360_blocked_user.z"] = prototest.Resource{Attributes: prototest.Attributes{"user": ann}}
				run = tf.Apply(t.Context(), after, run.State.Taint(address))
				if !service.IsBlocked("4915120000001") {
					t.Errorf("a taint unblocked somebody whom another resource takes over: %s", run.All())
				}
			})
		})
	}
}
