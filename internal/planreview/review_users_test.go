package planreview_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/planreview"
)

func TestReview_users(t *testing.T) {
	const (
		a, b         = "4915120000001", "4915120000002"
		long, short  = "5511987654321", "551187654321"
		mexico, city = "525541637145", "5215541637145"
		remove       = planreview.Remove
		update       = planreview.Update
	)
	full := fullList(capacity)
	for name, test := range map[string]struct {
		list  list
		plans []plan
		want  []string
	}{
		"a name that was learned":              {plans: []plan{{block: []string{a}}, {block: []string{a + "/US.1"}}, {action: remove, unblock: []string{"US.1"}}}, want: []string{"conflict " + a, "duplicate " + a}},
		"a name that joins two, found before":  {plans: []plan{{block: []string{a}}, {block: []string{a}}, {block: []string{"US.1"}}, {action: update, keep: []string{a + "/US.1"}}}, want: []string{"duplicate " + a}},
		"joined: blocked by the first":         {plans: []plan{{block: []string{a}}, {action: remove, unblock: []string{"US.1"}}, {action: remove, unblock: []string{a + "/US.1"}}}, want: []string{"conflict " + a}},
		"joined: unblocked by the first":       {plans: []plan{{action: remove, unblock: []string{a}}, {action: update, keep: []string{"US.1"}}, {action: update, keep: []string{a + "/US.1"}}}, want: []string{"conflict with kept " + a}},
		"joined: may leave the first":          {plans: []plan{{action: update, mayLeave: []string{a}}, {block: []string{"US.1"}}, {block: []string{a + "/US.1"}}}, want: []string{"maybe conflict " + a}},
		"conflict, once":                       {plans: []plan{{action: remove, unblock: []string{a}}, {block: []string{a}}, {block: []string{a}}}, want: []string{"conflict " + a}},
		"conflict rather than maybe":           {plans: []plan{{action: remove, unblock: []string{a}}, {action: update, mayLeave: []string{a}}, {block: []string{a}}}, want: []string{"conflict " + a}},
		"maybe conflict, once":                 {plans: []plan{{action: update, mayLeave: []string{a}}, {block: []string{a}}, {block: []string{a}}}, want: []string{"maybe conflict " + a}},
		"maybe conflict after a duplicate":     {plans: []plan{{block: []string{a}}, {block: []string{a}}, {action: update, mayLeave: []string{a}}}, want: []string{"duplicate " + a, "maybe conflict " + a}},
		"maybe duplicate, once":                {plans: []plan{{action: update, keep: []string{a}}, {action: update, keep: []string{a}}, {action: update, keep: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"unblocked twice":                      {plans: []plan{{action: remove, unblock: []string{a}}, {action: remove, unblock: []string{a}}}},
		"may leave twice":                      {plans: []plan{{action: update, mayLeave: []string{a}}, {action: update, mayLeave: []string{a}}}},
		"adopted, but in conflict":             {list: list{a: true}, plans: []plan{{action: remove, unblock: []string{a}}, {block: []string{a}}}, want: []string{"conflict " + a}},
		"adopted, but held":                    {list: list{a: true}, plans: []plan{{action: update, keep: []string{a}}, {block: []string{a}}}, want: []string{"maybe duplicate " + a}},
		"two forms that both go":               {plans: []plan{{action: remove, unblock: []string{long}}, {action: remove, unblock: []string{short}}}},
		"a form that may leave, the other new": {plans: []plan{{action: update, mayLeave: []string{long}}, {block: []string{short}}}},
		"twofold, in the other order":          {plans: []plan{{block: []string{short, long}}}, want: []string{"twofold " + short + " " + long}},
		"twofold, the new one first":           {plans: []plan{{block: []string{short}}, {action: update, keep: []string{long}}}, want: []string{"twofold " + short + " " + long}},
		"replaced, in the other order":         {plans: []plan{{action: remove, unblock: []string{short}}, {block: []string{long}}}, want: []string{"replaced " + short + " " + long}},
		"replaced, and in conflict":            {plans: []plan{{block: []string{long}}, {action: remove, unblock: []string{long}}, {block: []string{short}}}, want: []string{"conflict " + long, "replaced " + long + " " + short}},
		"twofold, each pair once": {
			plans: []plan{{block: []string{long}}, {action: update, keep: []string{short}}, {block: []string{mexico}}, {action: update, keep: []string{city}}, {action: update, keep: []string{long}}},
			want:  []string{"maybe duplicate " + long, "twofold " + city + " " + mexico, "twofold " + short + " " + long},
		},
		"replaced, by WhatsApp ID":        {plans: []plan{{action: remove, unblock: []string{"BR.1/" + long}}, {block: []string{short}}}, want: []string{"replaced BR.1 " + short}},
		"replaced, but two WhatsApp IDs":  {plans: []plan{{action: remove, unblock: []string{long + "/" + long}}, {action: update, keep: []string{short + "/" + short}}}},
		"overflow, and one that stays":    {list: full, plans: []plan{{block: []string{a + "99"}}, {action: update, keep: []string{"4915120000003"}}}, want: []string{"overflow 10+1-0"}},
		"overflow, one blocked by two":    {list: full, plans: []plan{{block: []string{a + "99"}}, {block: []string{a + "99"}}}, want: []string{"duplicate " + a + "99", "overflow 10+1-0"}},
		"overflow, two users who are one": {list: full, plans: []plan{{block: []string{a + "99"}}, {action: update, keep: []string{"US.1"}}, {block: []string{a + "99/US.1"}}}, want: []string{"duplicate " + a + "99", "overflow 10+1-0"}},
		"room is made once":               {list: full, plans: []plan{{action: remove, unblock: []string{a}}, {action: remove, unblock: []string{a}}, {block: []string{a + "99", b + "99"}}}, want: []string{"overflow 10+2-1"}},
		"room for as many as are removed": {list: full, plans: []plan{{block: []string{a + "99", b + "99"}}, {action: remove, unblock: []string{a, b}}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if found := review(t, test.list.scan, test.plans); !slices.Equal(found, test.want) {
					t.Errorf("found %q, want %q", found, test.want)
				}
			})
		})
	}
}

// Pairs are found even if the list cannot be read.
func TestReview_pairsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scan := func(context.Context) (planreview.View, error) { return nil, errors.New("no") }
		found := review(t, scan, []plan{{block: []string{"5511987654321"}}, {block: []string{"551187654321"}}})
		if want := []string{"twofold 551187654321 5511987654321", "unread"}; !slices.Equal(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
	})
}

// A conflict names the resources, the one that blocks rather than the one that keeps.
func TestReview_conflictSources(t *testing.T) {
	const user = "4915120000001"
	change := func(kind string, action planreview.Action, p plan) planreview.Change {
		c := p.change(t)
		c.Source = planreview.Source{Type: kind, Action: action}
		return c
	}
	unblocks := change("unblocks", planreview.Remove, plan{unblock: []string{user}})
	blocks := change("blocks", planreview.Create, plan{block: []string{user}})
	keeps := change("keeps", planreview.Update, plan{keep: []string{user}})
	keepsToo := change("keeps too", planreview.Update, plan{keep: []string{user}})
	mayLeave := change("may leave", planreview.Update, plan{mayLeave: []string{user}})
	for name, test := range map[string]struct {
		changes  []planreview.Change
		from, to string
		kept     bool
	}{
		"blocks, then keeps":      {[]planreview.Change{blocks, keeps, unblocks}, "unblocks", "blocks", false},
		"keeps, then blocks":      {[]planreview.Change{keeps, blocks, unblocks}, "unblocks", "blocks", false},
		"keeps":                   {[]planreview.Change{keeps, unblocks}, "unblocks", "keeps", true},
		"kept twice":              {[]planreview.Change{keeps, keepsToo, unblocks}, "unblocks", "keeps", true},
		"may leave":               {[]planreview.Change{mayLeave, blocks}, "may leave", "blocks", false},
		"the unblock comes first": {[]planreview.Change{unblocks, keeps}, "unblocks", "keeps", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			review := planreview.New(list{}.scan, capacity)
			var found []planreview.Conflict
			done := make(chan planreview.Findings, len(test.changes))
			for _, c := range test.changes {
				go func() { done <- review.Add(t.Context(), c) }()
				synctest.Wait()
			}
			for range test.changes {
				found = append(found, (<-done).Conflicts...)
			}
			if len(found) != 1 || found[0].From.Type != test.from || found[0].To.Type != test.to || found[0].Kept != test.kept {
				t.Errorf("%s: %+v, want one from %q to %q", name, found, test.from, test.to)
			}
		})
	}
}

// An exclusive resource that is not alone is reported once.
func TestReview_notAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		review := planreview.New(list{}.scan, capacity)
		source := func(kind string, s planreview.Source) planreview.Change {
			s.Type = kind
			return planreview.Change{Source: s}
		}
		holds, exclusive := planreview.Source{Holds: true}, planreview.Source{Exclusive: true, Holds: true}
		for _, c := range []planreview.Change{source("b", holds), source("a", holds), source("b", holds), source("c", planreview.Source{}), source("d", planreview.Source{Holds: true, Action: planreview.Remove})} {
			if f := review.Add(t.Context(), c); f.NotAlone != nil {
				t.Errorf("found %+v without an exclusive resource", f.NotAlone)
			}
		}
		f := review.Add(t.Context(), source("exclusive", exclusive))
		if n := f.NotAlone; n == nil || n.Exclusive != 1 || n.Others != 3 || !slices.Equal(n.Types, []string{"a", "b"}) {
			t.Errorf("found %+v, want one exclusive and three others of types a and b", n)
		}
		if f := review.Add(t.Context(), source("e", holds)); f.NotAlone != nil {
			t.Errorf("found %+v once more", f.NotAlone)
		}
	})
}
