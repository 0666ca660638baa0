package planreview_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// The list is read only for new users, and for removed numbers with an alternate form.
func TestReview_readsTheList(t *testing.T) {
	for name, test := range map[string]struct {
		plan plan
		want int
	}{
		"block":                      {plan{block: []string{"4915120000001"}}, 1},
		"keep":                       {plan{action: planreview.Update, keep: []string{"5511987654321"}}, 0},
		"may leave":                  {plan{action: planreview.Update, mayLeave: []string{"5511987654321"}}, 0},
		"unblock":                    {plan{action: planreview.Remove, unblock: []string{"4915120000001", "US.1"}}, 0},
		"unblock, an alternate form": {plan{action: planreview.Remove, unblock: []string{"4915120000001", "5511987654321"}}, 1},
		"unblock, an alternate WhatsApp ID of a user ID": {plan{action: planreview.Remove, unblock: []string{"BR.1/5511987654321"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				scans := 0
				review := planreview.New(func(context.Context) (planreview.View, error) {
					scans++
					return list{}, nil
				}, capacity)
				review.Add(t.Context(), test.plan.change(t))
				if scans != test.want {
					t.Errorf("the list was read %d times, want %d", scans, test.want)
				}
			})
		})
	}
}

// In each of several groups of instances, one instance reports for all.
func TestReview_gathersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rounds, each = 6, 4
		listed := list{}
		review := planreview.New(listed.scan, rounds*each)
		for round := range rounds {
			var mu sync.Mutex
			var reports []int
			var wg sync.WaitGroup
			for i := range each {
				user := fmt.Sprintf("49151200%05d", round*each+i)
				listed[user] = true
				change := plan{block: []string{user}}.change(t)
				wg.Go(func() {
					if f := review.Add(t.Context(), change); len(f.Adopted) > 0 {
						mu.Lock()
						defer mu.Unlock()
						reports = append(reports, len(f.Adopted))
					}
				})
				synctest.Wait()
			}
			wg.Wait()
			if !slices.Equal(reports, []int{each}) {
				t.Errorf("round %d: the reports count %v users, want one report of %d", round, reports, each)
			}
		}
	})
}

// The review waits while instances keep arriving within its window.
func TestReview_uncheckedOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{}.scan, capacity)
		var mu sync.Mutex
		var found []string
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 200 * time.Millisecond) //nolint:forbidigo // On the bubble's clock.
				unchecked := planreview.Unchecked{Users: users(t, fmt.Sprintf("4915120000%03d", i)), Candidates: 5 - i}
				if i == 2 {
					unchecked.Incomplete = errors.New("cut short")
				}
				f := review.AddUnchecked(t.Context(), unchecked)
				mu.Lock()
				defer mu.Unlock()
				found = append(found, summary(f)...)
			})
		}
		wg.Wait()
		if want := []string{"unchecked 5, 5 candidates, cut short"}; !slices.Equal(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
		for range 2 {
			if got := summary(review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, "US.1")})); got != nil {
				t.Errorf("found %q after the warning", got)
			}
		}
	})
}

// The review does not wait without users to report, or after the plan.
func TestReview_uncheckedNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{}.scan, capacity)
		review.Begin()
		if got := summary(review.AddUnchecked(t.Context(), planreview.Unchecked{Candidates: 1})); got != nil {
			t.Errorf("found %q, and no user is unchecked", got)
		}
		review.End()
		if got := summary(review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, "US.1")})); got != nil {
			t.Errorf("found %q when the plan was over", got)
		}
	})
}

// The warning has the first reason.
func TestReview_uncheckedReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{}.scan, capacity)
		var found []string
		var wg sync.WaitGroup
		first, second := errors.New("first"), errors.New("second")
		wg.Go(func() {
			found = summary(review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, "US.1"), Incomplete: first}))
		})
		synctest.Wait()
		review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, "US.2"), Incomplete: second})
		wg.Wait()
		if want := []string{"unchecked 2, 0 candidates, first"}; !slices.Equal(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
	})
}

func TestReview_nothingToReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{}.scan, capacity)
		review.Begin()
		if got := summary(review.Add(t.Context(), plan{block: []string{"4915120000001"}}.change(t))); got != nil {
			t.Errorf("found %q", got)
		}
	})
}

// Each kind of finding about the list as a whole is reported once.
func TestReview_onceInARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := fullList(capacity)
		review := planreview.New(full.scan, capacity)
		block := func(user string) []string {
			return summary(review.Add(t.Context(), plan{block: []string{user}}.change(t)))
		}
		unchecked := func(user string) []string {
			return summary(review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, user)}))
		}
		for i, step := range []struct {
			found []string
			want  string
		}{
			{unchecked("US.1"), "unchecked 1, 0 candidates, <nil>"},
			{block("16505550100"), "overflow 10+1-0"},
			{block("16505550101"), ""},
			{unchecked("US.2"), ""},
			{block("4915120000001"), "adopted 4915120000001"},
		} {
			if got := fmt.Sprintf("%s", step.found); got != "["+step.want+"]" {
				t.Errorf("step %d: found %s, want %q", i, got, step.want)
			}
		}
	})
}
