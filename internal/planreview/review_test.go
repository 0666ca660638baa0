package planreview_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// list is the list of a test: users by their canonical form.
type list map[string]bool

func (l list) Len() int                  { return len(l) }
func (l list) Shows(user userid.ID) bool { return l[user.String()] }

func (l list) look(context.Context) (planreview.View, error) { return l, nil }

const capacity = 10

// users are written as a number, with the WhatsApp ID behind a slash.
func users(t *testing.T, spelled ...string) []planreview.User {
	t.Helper()
	all := make([]planreview.User, len(spelled))
	for i, s := range spelled {
		number, waID, known := strings.Cut(s, "/")
		all[i] = planreview.User{ID: id(t, number), Spelled: number}
		if known {
			all[i].WaID = id(t, waID)
		}
	}
	return all
}

func id(t *testing.T, s string) userid.ID {
	t.Helper()
	id, err := userid.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// plan is a change in short.
type plan struct {
	action               planreview.Action
	block, keep, unblock []string
}

func (p plan) change(t *testing.T) planreview.Change {
	t.Helper()
	return planreview.Change{
		Source: planreview.Source{Type: "x", Action: p.action},
		Block:  users(t, p.block...), Keep: users(t, p.keep...), Unblock: users(t, p.unblock...),
	}
}

// summary is what was found, in short.
func summary(f planreview.Findings) []string {
	var all []string
	add := func(what string, user planreview.User) { all = append(all, what+" "+user.Spelled) }
	for _, c := range f.Conflicts {
		if c.Kept {
			add("conflict with kept", c.User)
		} else {
			add("conflict", c.User)
		}
	}
	for _, u := range f.Duplicates {
		add("duplicate", u)
	}
	for _, u := range f.MaybeDuplicates {
		add("maybe duplicate", u)
	}
	for _, u := range f.Adopted {
		add("adopted", u)
	}
	for _, p := range f.Kin {
		what := "kin"
		if p.Leaves {
			what = "kin leaves"
		}
		add(what+" "+p.A.Spelled, p.B)
	}
	if f.Overflow != nil {
		all = append(all, fmt.Sprintf("overflow %d+%d-%d", f.Overflow.Listed, f.Overflow.Added, f.Overflow.Removed))
	}
	if f.Unread != nil {
		all = append(all, "unread")
	}
	slices.Sort(all)
	return all
}

func TestReview(t *testing.T) {
	const (
		a, b         = "4915120000001", "4915120000002"
		long, short  = "5511987654321", "551187654321"
		longA, longB = long + "/" + long, short + "/" + short
	)
	full := list{}
	for i := range capacity {
		full[fmt.Sprintf("4915120000%03d", i)] = true
	}
	for name, test := range map[string]struct {
		list  list
		plans []plan
		want  []string
	}{
		"nothing to say":                {plans: []plan{{block: []string{a}}, {action: planreview.Update, keep: []string{b}}}},
		"replacement":                   {plans: []plan{{action: planreview.Replace, block: []string{b}, unblock: []string{a}}}},
		"conflict":                      {plans: []plan{{action: planreview.Remove, unblock: []string{a}}, {block: []string{a}}}, want: []string{"conflict " + a}},
		"conflict by WhatsApp ID":       {plans: []plan{{block: []string{short}}, {action: planreview.Remove, unblock: []string{long + "/" + short}}}, want: []string{"conflict " + short}},
		"conflict by both names":        {plans: []plan{{action: planreview.Update, keep: []string{long + "/" + short}}, {action: planreview.Remove, unblock: []string{long + "/" + short}}}, want: []string{"conflict with kept " + long}},
		"conflict after a replacement":  {plans: []plan{{action: planreview.Replace, block: []string{b}, unblock: []string{a}}, {block: []string{a}}}, want: []string{"conflict " + a}},
		"exchange":                      {plans: []plan{{action: planreview.Update, unblock: []string{a}, block: []string{b}}, {action: planreview.Update, unblock: []string{b}, block: []string{a}}}, want: []string{"conflict " + a, "conflict " + b}},
		"duplicate":                     {plans: []plan{{block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"triplicate":                    {plans: []plan{{block: []string{a}}, {block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate of a replacement":    {plans: []plan{{action: planreview.Replace, block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate of two replacements": {plans: []plan{{action: planreview.Replace, block: []string{a}}, {action: planreview.Replace, block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate of additions":        {plans: []plan{{action: planreview.Update, block: []string{a}}, {action: planreview.Update, block: []string{a}}}, want: []string{"duplicate " + a}},
		"addition and new resource":     {plans: []plan{{action: planreview.Update, block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"two hold one user":             {plans: []plan{{action: planreview.Update, keep: []string{a}}, {action: planreview.Update, keep: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"two hold one WhatsApp ID":      {plans: []plan{{action: planreview.Update, keep: []string{long + "/" + short}}, {action: planreview.Update, keep: []string{short}}}, want: []string{"maybe duplicate " + long}},
		"adopted":                       {list: list{a: true}, plans: []plan{{block: []string{a, b}}}, want: []string{"adopted " + a}},
		"adopted by a replacement":      {list: list{a: true, b: true}, plans: []plan{{action: planreview.Replace, block: []string{b}, unblock: []string{a}}}, want: []string{"adopted " + b}},
		"second resource":               {plans: []plan{{action: planreview.Update, keep: []string{a}}, {block: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"adopted, but worse":            {list: list{a: true}, plans: []plan{{block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"kin":                           {plans: []plan{{block: []string{long, short}}}, want: []string{"kin " + short + " " + long}},
		"kin of one who stays":          {plans: []plan{{action: planreview.Update, keep: []string{long}, block: []string{short}}}, want: []string{"kin " + short + " " + long}},
		"kin who stay":                  {plans: []plan{{action: planreview.Update, keep: []string{long, short}}}},
		"kin with WhatsApp IDs":         {plans: []plan{{action: planreview.Update, keep: []string{longA}, unblock: []string{longB}}}},
		"kin replaced":                  {plans: []plan{{action: planreview.Replace, block: []string{short}, unblock: []string{long}}}, want: []string{"kin leaves " + long + " " + short}},
		"overflow":                      {list: full, plans: []plan{{block: []string{a + "99", b + "99"}}}, want: []string{"overflow 10+2-0"}},
		"overflow, once":                {list: full, plans: []plan{{block: []string{a + "99"}}, {block: []string{b + "99"}}}, want: []string{"overflow 10+2-0"}},
		"room is made":                  {list: full, plans: []plan{{block: []string{a + "99"}}, {action: planreview.Remove, unblock: []string{a}}}},
		"room is not made by strangers": {list: full, plans: []plan{{action: planreview.Remove, unblock: []string{"16505550100"}}, {block: []string{a + "99"}}}, want: []string{"overflow 10+1-0"}},
		"adopted ones take no room":     {list: full, plans: []plan{{block: []string{a}}}, want: []string{"adopted " + a}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				review := planreview.New(test.list.look, capacity)
				var mu sync.Mutex
				var found []string
				var wg sync.WaitGroup
				for _, p := range test.plans {
					change := p.change(t)
					wg.Go(func() {
						f := review.Add(t.Context(), change)
						mu.Lock()
						defer mu.Unlock()
						found = append(found, summary(f)...)
					})
					synctest.Wait()
				}
				wg.Wait()
				if !reflect.DeepEqual(found, test.want) {
					t.Errorf("found %q, want %q", found, test.want)
				}
			})
		})
	}
}

// One instance reports for all that are planned beside it, however long they
// take.
func TestReview_gathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		listed := list{}
		for i := range n {
			listed[fmt.Sprintf("49151200%05d", i)] = true
		}
		review := planreview.New(listed.look, n)
		slow := review.Begin()
		var wg sync.WaitGroup
		var mu sync.Mutex
		var reports []int
		add := func(from, to int) {
			for i := from; i < to; i++ {
				change := plan{block: []string{fmt.Sprintf("49151200%05d", i)}}.change(t)
				wg.Go(func() {
					if f := review.Add(t.Context(), change); len(f.Adopted) > 0 {
						mu.Lock()
						defer mu.Unlock()
						reports = append(reports, len(f.Adopted))
					}
				})
			}
		}
		add(0, n/2)
		time.Sleep(time.Hour) //nolint:forbidigo // On the bubble's clock, while one is busy.
		add(n/2, n)
		slow()
		wg.Wait()
		if !slices.Equal(reports, []int{n}) {
			t.Errorf("reported were %v, want %d at once", reports, n)
		}
	})
}

// Where instances are planned one at a time, waiting for others is in vain, and
// given up.
func TestReview_oneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		listed := list{}
		for i := range n {
			listed[fmt.Sprintf("49151200%05d", i)] = true
		}
		review := planreview.New(listed.look, n)
		begin := time.Now()
		for user := range listed {
			if f := review.Add(t.Context(), plan{block: []string{user}}.change(t)); len(f.Adopted) != 1 {
				t.Fatalf("%d were reported, want 1", len(f.Adopted))
			}
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("a thousand instances waited for %s", took)
		}
	})
}

// Terraform plans anew just before it applies. Once it does, warnings are old
// news, and errors are not.
func TestReview_over(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{"4915120000001": true}.look, capacity)
		var found planreview.Findings
		var wg sync.WaitGroup
		wg.Go(func() {
			found = review.Add(t.Context(), plan{block: []string{"4915120000001", "4915120000002"}}.change(t))
		})
		synctest.Wait()
		review.Add(t.Context(), plan{action: planreview.Remove, unblock: []string{"4915120000002"}}.change(t))
		review.End()
		wg.Wait()
		if got, want := summary(found), []string{"conflict 4915120000002"}; !slices.Equal(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
		if got := summary(review.Add(t.Context(), plan{block: []string{"4915120000001"}}.change(t))); got != nil {
			t.Errorf("found %q after the plan", got)
		}
	})
}

// What is planned once more, just before it is applied, is not all of the plan:
// somebody else may be making room.
func TestReview_noRoomWhenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := list{}
		for i := range capacity {
			full[fmt.Sprintf("4915120000%03d", i)] = true
		}
		review := planreview.New(full.look, capacity)
		var found planreview.Findings
		var wg sync.WaitGroup
		wg.Go(func() { found = review.Add(t.Context(), plan{block: []string{"16505550100"}}.change(t)) })
		synctest.Wait()
		review.End()
		wg.Wait()
		if got := summary(found); got != nil {
			t.Errorf("found %q", got)
		}
	})
}

// A list that cannot be read is asked for once, and reported once.
func TestReview_unread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		review := planreview.New(func(context.Context) (planreview.View, error) {
			looks++
			return nil, errors.New("no")
		}, capacity)
		var found []string
		for range 3 {
			found = append(found, summary(review.Add(t.Context(), plan{block: []string{"4915120000001"}}.change(t)))...)
		}
		if want := []string{"unread", "duplicate 4915120000001"}; !slices.Equal(found, want) || looks != 1 {
			t.Errorf("found %q in %d looks, want %q in one", found, looks, want)
		}
	})
}

// A run that is cancelled waits for nobody, and has nothing to say of a list that
// was not read for that.
func TestReview_cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		review := planreview.New(func(ctx context.Context) (planreview.View, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, capacity)
		review.Begin()
		cancel()
		if got := summary(review.Add(ctx, plan{block: []string{"4915120000001"}}.change(t))); got != nil {
			t.Errorf("found %q", got)
		}
	})
}
