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

// list is a list of users in canonical form.
type list map[string]bool

func (l list) Len() int                        { return len(l) }
func (l list) Shows(u userid.User) bool        { return l[u.ID.String()] }
func (l list) ShowsBoth(a, b userid.User) bool { return l.Shows(a) && l.Shows(b) }

func (l list) scan(context.Context) (planreview.View, error) { return l, nil }

const capacity = 10

// fullList has n users: 4915120000000 and the numbers after it.
func fullList(n int) list {
	l := list{}
	for i := range n {
		l[fmt.Sprintf("49151200%05d", i)] = true
	}
	return l
}

// users are spelled as in a configuration. A WhatsApp ID or a user ID may follow a slash.
func users(t *testing.T, spelled ...string) []userid.User {
	t.Helper()
	all := make([]userid.User, len(spelled))
	for i, s := range spelled {
		name, more, known := strings.Cut(s, "/")
		all[i] = named(t, name)
		if known {
			other := named(t, more)
			if other.ID.IsNumber() {
				all[i].WaID = other.ID
			} else {
				all[i].UserID = other.ID
			}
		}
	}
	return all
}

func named(t *testing.T, s string) userid.User {
	t.Helper()
	u, err := userid.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// plan is short for a planreview.Change.
type plan struct {
	action               planreview.Action
	block, keep, unblock []string
	mayLeave             []string
	exclusive            bool
}

func (p plan) change(t *testing.T) planreview.Change {
	t.Helper()
	return planreview.Change{
		Source: planreview.Source{Type: "x", Action: p.action, Exclusive: p.exclusive, Holds: len(p.block)+len(p.keep)+len(p.mayLeave) > 0},
		Block:  users(t, p.block...), Keep: users(t, p.keep...), Unblock: users(t, p.unblock...), MayLeave: users(t, p.mayLeave...),
	}
}

// summary is the findings in short, sorted.
func summary(f planreview.Findings) []string {
	var all []string
	add := func(what string, u userid.User) { all = append(all, what+" "+u.Spelling) }
	for _, c := range f.Conflicts {
		switch {
		case c.MayLeave:
			add("maybe conflict", c.User)
		case c.Kept:
			add("conflict with kept", c.User)
		default:
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
	for _, p := range f.Replaced {
		add("replaced "+p.A.Spelling, p.B)
	}
	for _, p := range f.MaybeSame {
		add("twofold "+p.A.Spelling, p.B)
	}
	if f.NotAlone != nil {
		all = append(all, fmt.Sprintf("not alone: %d exclusive, %d others", f.NotAlone.Exclusive, f.NotAlone.Others))
	}
	if f.Unchecked != nil {
		all = append(all, fmt.Sprintf("unchecked %d, %d candidates, %v", len(f.Unchecked.Users), f.Unchecked.Candidates, f.Unchecked.Incomplete))
	}
	if f.Overflow != nil {
		all = append(all, fmt.Sprintf("overflow %d+%d-%d", f.Overflow.Listed, f.Overflow.Added, f.Overflow.Removed))
	}
	if f.ReadError != nil {
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
	full := fullList(capacity)
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
		"two maps swap users":           {plans: []plan{{action: planreview.Update, unblock: []string{a}, block: []string{b}}, {action: planreview.Update, unblock: []string{b}, block: []string{a}}}, want: []string{"conflict " + a, "conflict " + b}},
		"duplicate":                     {plans: []plan{{block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate in three":            {plans: []plan{{block: []string{a}}, {block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate of a replacement":    {plans: []plan{{action: planreview.Replace, block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate of two replacements": {plans: []plan{{action: planreview.Replace, block: []string{a}}, {action: planreview.Replace, block: []string{a}}}, want: []string{"duplicate " + a}},
		"duplicate of additions":        {plans: []plan{{action: planreview.Update, block: []string{a}}, {action: planreview.Update, block: []string{a}}}, want: []string{"duplicate " + a}},
		"addition and new resource":     {plans: []plan{{action: planreview.Update, block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"two hold one user":             {plans: []plan{{action: planreview.Update, keep: []string{a}}, {action: planreview.Update, keep: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"two hold one WhatsApp ID":      {plans: []plan{{action: planreview.Update, keep: []string{long + "/" + short}}, {action: planreview.Update, keep: []string{short}}}, want: []string{"maybe duplicate " + long}},
		"adopted":                       {list: list{a: true}, plans: []plan{{block: []string{a, b}}}, want: []string{"adopted " + a}},
		"adopted by a replacement":      {list: list{a: true, b: true}, plans: []plan{{action: planreview.Replace, block: []string{b}, unblock: []string{a}}}, want: []string{"adopted " + b}},
		"second resource":               {plans: []plan{{action: planreview.Update, keep: []string{a}}, {block: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"adopted, but a duplicate":      {list: list{a: true}, plans: []plan{{block: []string{a}}, {block: []string{a}}}, want: []string{"duplicate " + a}},
		"twofold":                       {plans: []plan{{block: []string{long, short}}}, want: []string{"twofold " + short + " " + long}},
		"twofold, one stays":            {plans: []plan{{action: planreview.Update, keep: []string{long}, block: []string{short}}}, want: []string{"twofold " + short + " " + long}},
		"twofold, both stay":            {plans: []plan{{action: planreview.Update, keep: []string{long, short}}}},
		"twofold, but two on the list":  {list: list{long: true, short: true}, plans: []plan{{block: []string{long, short}}}, want: []string{"adopted " + short, "adopted " + long}},
		"two WhatsApp IDs":              {plans: []plan{{action: planreview.Update, keep: []string{longA}, unblock: []string{longB}}}},
		"replaced form":                 {plans: []plan{{action: planreview.Replace, block: []string{short}, unblock: []string{long}}}, want: []string{"replaced " + long + " " + short}},
		"replaced form, two resources":  {plans: []plan{{block: []string{short}}, {action: planreview.Remove, unblock: []string{long}}}, want: []string{"replaced " + long + " " + short}},
		"replaced form, kept elsewhere": {plans: []plan{{action: planreview.Remove, unblock: []string{long}}, {action: planreview.Update, keep: []string{short}}}, want: []string{"replaced " + long + " " + short}},
		"replaced form, two on list":    {list: list{long: true, short: true}, plans: []plan{{action: planreview.Replace, block: []string{short}, unblock: []string{long}}}, want: []string{"adopted " + short}},
		"conflict by user ID":           {plans: []plan{{action: planreview.Remove, unblock: []string{a + "/US.1"}}, {block: []string{"US.1"}}}, want: []string{"conflict US.1"}},
		"number and user ID":            {plans: []plan{{block: []string{a}}, {block: []string{"US.1"}}}},
		"a name that joins two":         {plans: []plan{{block: []string{a}}, {block: []string{"US.1"}}, {action: planreview.Update, keep: []string{a + "/US.1"}}}, want: []string{"duplicate " + a}},
		"maps that are not known yet":   {plans: []plan{{action: planreview.Update, mayLeave: []string{a, b}}, {block: []string{a}}}, want: []string{"maybe conflict " + a}},
		"the same, held twice":          {plans: []plan{{action: planreview.Update, keep: []string{a}}, {action: planreview.Update, mayLeave: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"exclusive alone":               {plans: []plan{{exclusive: true, block: []string{a}}, {action: planreview.Remove, unblock: []string{b}}, {action: planreview.Update}}},
		"exclusive and a new resource":  {plans: []plan{{exclusive: true, block: []string{a}}, {block: []string{b}}}, want: []string{"not alone: 1 exclusive, 1 others"}},
		"exclusive and one that stays":  {plans: []plan{{action: planreview.Update, keep: []string{b}}, {action: planreview.Update, exclusive: true}}, want: []string{"not alone: 1 exclusive, 1 others"}},
		"two exclusive":                 {plans: []plan{{exclusive: true, block: []string{a}}, {exclusive: true, block: []string{b}}}, want: []string{"not alone: 2 exclusive, 0 others"}},
		"exclusive that goes":           {plans: []plan{{exclusive: true, action: planreview.Remove, unblock: []string{a}}, {block: []string{b}}}},
		"overflow":                      {list: full, plans: []plan{{block: []string{a + "99", b + "99"}}}, want: []string{"overflow 10+2-0"}},
		"overflow, once":                {list: full, plans: []plan{{block: []string{a + "99"}}, {block: []string{b + "99"}}}, want: []string{"overflow 10+2-0"}},
		"room is made":                  {list: full, plans: []plan{{block: []string{a + "99"}}, {action: planreview.Remove, unblock: []string{a}}}},
		"no room by users not listed":   {list: full, plans: []plan{{action: planreview.Remove, unblock: []string{"16505550100"}}, {block: []string{a + "99"}}}, want: []string{"overflow 10+1-0"}},
		"adopted ones take no room":     {list: full, plans: []plan{{block: []string{a}}}, want: []string{"adopted " + a}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if found := review(t, test.list.scan, test.plans); !reflect.DeepEqual(found, test.want) {
					t.Errorf("found %q, want %q", found, test.want)
				}
			})
		})
	}
}

// review reviews plans that Terraform makes at the same time, and returns the findings in
// short.
func review(t *testing.T, scan func(context.Context) (planreview.View, error), plans []plan) []string {
	t.Helper()
	review := planreview.New(scan, capacity)
	var mu sync.Mutex
	var found []string
	var wg sync.WaitGroup
	for _, p := range plans {
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
	return found
}

// One instance reports for all that are planned at the same time, even if they take long.
func TestReview_gathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		listed := fullList(n)
		review := planreview.New(listed.scan, n)
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
		synctest.Wait()
		slow()
		last := time.Now()
		wg.Wait()
		if waited := time.Since(last); waited != time.Second {
			t.Errorf("the report came %s after the last instance, want a second", waited)
		}
		if !slices.Equal(reports, []int{n}) {
			t.Errorf("the reports count %v users, want one report of %d", reports, n)
		}
	})
}

// Where instances are planned one at a time, the review stops waiting for others.
func TestReview_oneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		listed := fullList(n)
		review := planreview.New(listed.scan, n)
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

// In an apply, Terraform plans each instance again. Then warnings are not repeated, and
// errors are.
func TestReview_over(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{"4915120000001": true}.scan, capacity)
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

// In an apply the review does not see all instances, and another one may make room.
func TestReview_noRoomWhenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := fullList(capacity)
		review := planreview.New(full.scan, capacity)
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

// The review tries only once to read the list.
func TestReview_unread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scans := 0
		review := planreview.New(func(context.Context) (planreview.View, error) {
			scans++
			return nil, errors.New("no")
		}, capacity)
		var found []string
		for range 3 {
			found = append(found, summary(review.Add(t.Context(), plan{block: []string{"4915120000001"}}.change(t)))...)
		}
		if want := []string{"unread", "duplicate 4915120000001"}; !slices.Equal(found, want) || scans != 1 {
			t.Errorf("found %q in %d scans, want %q in one scan", found, scans, want)
		}
	})
}

// A cancelled run does not wait, and does not report that the list was not read.
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

// Users who cannot be checked make one warning in a run.
func TestReview_unchecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{}.scan, capacity)
		var mu sync.Mutex
		var found []string
		var wg sync.WaitGroup
		for i := range 5 {
			end := review.Begin()
			wg.Go(func() {
				time.Sleep(time.Minute) //nolint:forbidigo // On the bubble's clock, while all are being read.
				end()
				f := review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, fmt.Sprintf("4915120000%03d", i)), Candidates: i})
				mu.Lock()
				defer mu.Unlock()
				found = append(found, summary(f)...)
			})
		}
		wg.Wait()
		found = append(found, summary(review.AddUnchecked(t.Context(), planreview.Unchecked{Users: users(t, "US.1")}))...)
		if want := []string{"unchecked 5, 4 candidates, <nil>"}; !slices.Equal(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
		if got := summary(review.AddUnchecked(t.Context(), planreview.Unchecked{})); got != nil {
			t.Errorf("found %q, and no user is unchecked", got)
		}
	})
}
