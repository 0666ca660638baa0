package provider_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// After a failed replacement, the state holds who is blocked and is not tainted.
func TestAccReplacement_fails(t *testing.T) {
	t.Parallel()
	const kept, other, more = "+16505550100", "+16505550101", "+16505550102"
	for name, test := range map[string]struct {
		before, after []string
		fault         func(*fakeapi.Server)
		says          string
		// asked were sent in a DELETE, and left are on the list after the failure.
		asked, left []string
		// next is what the next plan shows.
		next []string
	}{
		"unblock rejected": {
			before: []string{kept, other}, after: []string{kept},
			fault: func(s *fakeapi.Server) { s.RejectUnblock(other, 100, "", "") }, says: "Error: Cannot unblock 1 of 1 user",
			asked: []string{other}, left: []string{kept, other}, next: []string{"~ unblocked = 0 -> 1", `- "` + other + `"`, "1 unchanged element"},
		},
		"block rejected": {
			before: []string{kept}, after: []string{kept, other, more},
			fault: func(s *fakeapi.Server) { s.Silent(other) }, says: "Error: Cannot block 1 of 2 users",
			left: []string{kept, more}, next: []string{`+ "` + other + `"`, "2 unchanged elements"},
		},
		"block rejected, a user leaves": {
			before: []string{kept, more}, after: []string{kept, other},
			fault: func(s *fakeapi.Server) { s.Silent(other) }, says: "Error: Cannot block 1 of 1 user",
			left: []string{kept, more}, next: []string{"~ unblocked = 0 -> 1", `+ "` + other + `"`, `- "` + more + `"`, "1 unchanged element"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, tf := startTerraform(t, fakeapi.Options{})
			tf.apply(bulk("a", test.before...))
			test.fault(api)
			tf.applyFails(bulk("a", test.after...), []string{"-replace=d360_blocked_users.a"}, "d360_blocked_users.a will be replaced", test.says)
			checkUnblocked(t, api, canonical(test.asked)...)
			expectBlocked(t, api, canonical(test.left)...)

			api.Allow(other)
			api.Heard(other)
			tf.apply(bulk("a", test.after...), append([]string{"d360_blocked_users.a will be updated in-place"}, test.next...)...)
			expectBlocked(t, api, canonical(test.after)...)
		})
	}
}

// A replacement blocks the new users first, and stops if one is rejected and may not be pending.
func TestReplacement(t *testing.T) {
	t.Parallel()
	const kept, other, more = "16505550100", "16505550101", "16505550102"
	pending := faketerraform.Attributes{"allow_pending": true}
	for name, test := range map[string]struct {
		kind          string
		before, after faketerraform.Resource
		silent        []string
		fails         bool
		// left are on the list then, held are in the state.
		left, held []string
		unblocked  []string
	}{
		"a map, block rejected": {
			kind: acctest.BulkType, before: acctest.Many("+"+kept, "+"+more), after: acctest.Many("+"+kept, "+"+other), silent: []string{other}, fails: true,
			left: []string{kept, more}, held: []string{"+" + kept, "+" + more},
		},
		"a map, block pending": {
			kind: acctest.BulkType, before: acctest.Many("+"+kept, "+"+more), after: with(acctest.Many("+"+kept, "+"+other), pending), silent: []string{other},
			left: []string{kept}, held: []string{"+" + kept, "+" + other}, unblocked: []string{more},
		},
		"a map that was pending is blocked": {
			kind: acctest.BulkType, before: with(acctest.Many("+"+kept, "+"+more), pending), after: acctest.Many("+" + kept), silent: []string{more},
			left: []string{kept}, held: []string{"+" + kept},
		},
		"the whole list, block rejected": {
			kind: acctest.ExclusiveType, before: acctest.Many("+" + kept), after: acctest.Many("+"+kept, "+"+other), silent: []string{other}, fails: true,
			left: []string{kept}, held: []string{"+" + kept},
		},
		"the whole list": {
			kind: acctest.ExclusiveType, before: acctest.Many("+" + kept), after: acctest.Many("+"+kept, "+"+other),
			left: []string{kept, other}, held: []string{"+" + kept, "+" + other},
		},
		"one user, block rejected": {
			kind: acctest.SingleType, before: acctest.Single("+" + kept), after: acctest.Single("+" + other), silent: []string{other}, fails: true,
			left: []string{kept}, held: []string{"+" + kept},
		},
		"one user, block pending": {
			kind: acctest.SingleType, before: acctest.Single("+" + kept), after: acctest.Single("+"+other, pending), silent: []string{other},
			held: []string{"+" + other}, unblocked: []string{kept},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				api.Silent(test.silent...)
				address := test.kind + ".a"
				state := apply(t, tf, acctest.Resources(acctest.At(address, test.before)), nil)
				after := acctest.Resources(acctest.At(address, test.after))
				run := tf.ApplyWith(t.Context(), after, state, faketerraform.PlanOptions{Replace: []string{address}})
				if run.All().HasErrors() != test.fails || !run.Applied {
					t.Errorf("the apply says:\n%s", run.All())
				}
				expectBlocked(t, api, test.left...)
				checkUnblocked(t, api, test.unblocked...)
				object := run.State[address].Current
				if object == nil {
					t.Fatal("the resource has left the state")
				}
				blocked, waiting := acctest.UsersIn(object.Attributes())
				if held := append(blocked, waiting...); object.Tainted || !sameStrings(held, test.held) {
					t.Errorf("the state holds %q, tainted: %t; want %q", held, object.Tainted, test.held)
				}

				if private := object.Private(); bytes.Contains(private, []byte(`"plan"`)) {
					t.Errorf("the mark of the plan stays in the private state: %s", private)
				}

				// The next apply finishes.
				api.Heard(kept, other, more)
				state = apply(t, tf, after, run.State)
				expectNoChanges(t, tf, after, state)
			})
		})
	}
}

// with is a resource with more attributes.
func with(r faketerraform.Resource, more faketerraform.Attributes) faketerraform.Resource {
	attributes := maps.Clone(r.Attributes)
	maps.Copy(attributes, more)
	r.Attributes = attributes
	return r
}

// sameStrings compares two lists without their order.
func sameStrings(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
