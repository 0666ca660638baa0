package planreview_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// unblockStep is what one instance does, or a question for what there is to report.
type unblockStep struct {
	plan plan
	// want is the report, "" for none.
	want string
}

func formatUnblocked(u *planreview.Unblocked) string {
	if u == nil {
		return ""
	}
	var names []string
	for _, user := range u.Users {
		names = append(names, user.Spelling)
	}
	slices.Sort(names)
	return fmt.Sprintf("%v on %v, more: %t, exceeds: %t", names, u.Channels, u.IsMore, u.Exceeds)
}

// Each step is an instance that is planned after the one before.
func TestUnblocks(t *testing.T) {
	t.Parallel()
	const ann, bob, cleo = "4915120000001", "4915120000002", "4915120000003"
	remove := func(users ...string) plan { return plan{action: planreview.Remove, unblock: users} }
	for name, steps := range map[string][]unblockStep{
		"nothing":             {{plan{block: []string{ann}}, ""}},
		"within the limit":    {{remove(ann), "[" + ann + "] on [sales], more: false, exceeds: false"}, {plan{}, ""}},
		"one after the other": {{remove(ann), "[" + ann + "] on [sales], more: false, exceeds: false"}, {remove(bob), "[" + ann + " " + bob + "] on [sales], more: true, exceeds: false"}},
		"planned twice":       {{remove(ann), "[" + ann + "] on [sales], more: false, exceeds: false"}, {remove(ann), ""}},
		"beyond the limit":    {{remove(ann, bob, cleo), "[" + ann + " " + bob + " " + cleo + "] on [sales], more: false, exceeds: true"}, {remove("4915120000004"), ""}},
		"a conflict":          {{plan{block: []string{ann}}, ""}, {remove(ann), ""}},
		"a conflict and more": {{plan{block: []string{ann}}, ""}, {remove(ann, bob), "[" + bob + "] on [sales], more: false, exceeds: false"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				review := planreview.New(list{}.scan, capacity)
				unblocks := planreview.NewUnblocks(2)
				for i, step := range steps {
					change := step.plan.change(t)
					unblocks.Add("sales", review, change.Unblock)
					review.Add(t.Context(), change)
					if got := formatUnblocked(unblocks.Report(t.Context())); got != step.want {
						t.Errorf("step %d: %q, want %q", i+1, got, step.want)
					}
				}
				unblocks.End()
				unblocks.Add("sales", review, users(t, "4915120000009"))
				if got := unblocks.Report(t.Context()); got != nil {
					t.Errorf("a report in the apply: %s", formatUnblocked(got))
				}
			})
		})
	}
}

// A report waits for an instance whose review reads the list, because it may find a
// conflict.
func TestUnblocks_waitsForReviews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(func(context.Context) (planreview.View, error) {
			time.Sleep(time.Minute) //nolint:forbidigo // On the bubble's clock.
			return list{}, nil
		}, capacity)
		unblocks := planreview.NewUnblocks(2)
		var wg sync.WaitGroup
		for _, p := range []plan{{action: planreview.Remove, unblock: []string{"4915120000001"}}, {block: []string{"4915120000001"}}} {
			wg.Go(func() {
				end := unblocks.Begin()
				change := p.change(t)
				unblocks.Add("sales", review, change.Unblock)
				review.Add(t.Context(), change)
				end()
				if got := unblocks.Report(t.Context()); got != nil {
					t.Errorf("a report about a conflict: %s", formatUnblocked(got))
				}
			})
			synctest.Wait() // The second instance begins while the first one waits.
		}
		wg.Wait()
	})
}
