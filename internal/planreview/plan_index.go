package planreview

import (
	"slices"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// planIndex is what a plan does with each user, as far as it has been planned.
type planIndex struct {
	users userid.Index
	// plans has the plan of each user of the index, in the same order.
	plans []*userPlan
	// view is nil until the list has been read.
	view View
	// added counts users to be blocked who are not on the list.
	added int
	// unblocked are the users that the plan unblocks.
	unblocked userid.Index
	// overflowed and notAlone are set once the finding has been reported.
	overflowed, notAlone bool
	// exclusive and others count the instances that hold users after the plan.
	exclusive, others int
	otherTypes        []string
	pairs             map[[2]userid.ID]struct{}
}

// userPlan is what a plan does with one user.
type userPlan struct {
	user userid.User
	// creates counts the instances that take the user in, keeps those that hold the
	// user already.
	creates, keeps int
	// blockedBy and unblockedBy are one resource each that does so, nil if none does.
	// mayLeave is one that holds the user and whose planned users are not known yet.
	blockedBy, unblockedBy, mayLeave *Source
	// These are set once the finding has been reported.
	conflict, duplicate, maybeDuplicate bool
}

// plansOf returns the plans of a user. They are several if a name shows that users of
// the plan are one person.
func (x *planIndex) plansOf(u userid.User) []*userPlan {
	all := x.users.All(u)
	if len(all) == 0 {
		x.users.Add(u)
		x.plans = append(x.plans, &userPlan{user: u})
		return x.plans[len(x.plans)-1:]
	}
	x.users.Learn(all[0], u)
	plans := make([]*userPlan, len(all))
	for i, at := range all {
		plans[i] = x.plans[at]
	}
	return plans
}

// add adds a change to the plan, and to found what is wrong with it. view is nil if the
// list was not read for it.
func (x *planIndex) add(c Change, view View, found *Findings) {
	if view != nil {
		x.view = view
	}
	source := &c.Source
	x.count(*source, found)
	for _, u := range c.Unblock {
		if !x.unblocked.Has(u) {
			x.unblocked.Add(u)
		}
		plans := x.plansOf(u)
		for _, p := range plans {
			p.unblockedBy = source
		}
		check(plans, found)
		x.compare(u, found)
	}
	for _, u := range c.MayLeave {
		plans := x.plansOf(u)
		for _, p := range plans {
			p.mayLeave = source
		}
		check(plans, found)
	}
	for _, u := range c.Keep {
		plans := x.plansOf(u)
		for _, p := range plans {
			p.keeps++
			if p.blockedBy == nil {
				p.blockedBy = source
			}
		}
		check(plans, found)
		x.compare(u, found)
	}
	for _, u := range c.Block {
		plans := x.plansOf(u)
		isFirst := true
		for _, p := range plans {
			isFirst = isFirst && p.creates == 0
			p.user, p.blockedBy = u, source
			p.creates++
		}
		check(plans, found)
		x.compare(u, found)
		if x.view == nil {
			continue
		}
		switch {
		case x.view.Shows(u):
			found.Adopted = append(found.Adopted, u)
		case isFirst:
			x.added++
		}
	}
}

// check adds to found what the instances together do with one user, whose plans these
// are.
func check(plans []*userPlan, found *Findings) {
	// setAll sets a finding on all plans, and reports whether none had it.
	setAll := func(finding func(*userPlan) *bool) (isNew bool) {
		isNew = true
		for _, p := range plans {
			isNew = isNew && !*finding(p)
			*finding(p) = true
		}
		return isNew
	}
	all := userPlan{user: plans[0].user}
	for _, p := range plans {
		all.creates += p.creates
		all.keeps += p.keeps
		if p.blockedBy != nil {
			all.blockedBy = p.blockedBy
		}
		if p.unblockedBy != nil {
			all.unblockedBy = p.unblockedBy
		}
		if p.mayLeave != nil {
			all.mayLeave = p.mayLeave
		}
	}
	switch {
	case all.unblockedBy != nil && all.blockedBy != nil:
		if setAll(func(p *userPlan) *bool { return &p.conflict }) {
			found.Conflicts = append(found.Conflicts, Conflict{User: all.user, From: *all.unblockedBy, To: *all.blockedBy, Kept: all.creates == 0})
		}
	case all.mayLeave != nil && all.creates > 0:
		if setAll(func(p *userPlan) *bool { return &p.conflict }) {
			found.Conflicts = append(found.Conflicts, Conflict{User: all.user, From: *all.mayLeave, To: *all.blockedBy, MayLeave: true})
		}
	case all.creates > 1:
		if setAll(func(p *userPlan) *bool { return &p.duplicate }) {
			found.Duplicates = append(found.Duplicates, all.user)
		}
	case all.creates+all.keeps > 1 || (all.mayLeave != nil && all.keeps > 0):
		if setAll(func(p *userPlan) *bool { return &p.maybeDuplicate }) {
			found.MaybeDuplicates = append(found.MaybeDuplicates, all.user)
		}
	}
}

// count counts the instances that hold users after the plan, because an exclusive
// resource must be the only one.
func (x *planIndex) count(s Source, found *Findings) {
	switch {
	case s.Action == Remove:
		return
	case s.Exclusive:
		x.exclusive++
	case s.Holds:
		x.others++
		if !slices.Contains(x.otherTypes, s.Type) {
			x.otherTypes = append(x.otherTypes, s.Type)
		}
	}
	if !x.notAlone && (x.exclusive > 1 || (x.exclusive == 1 && x.others > 0)) {
		x.notAlone = true
		found.NotAlone = &NotAlone{}
	}
	if found.NotAlone != nil {
		*found.NotAlone = NotAlone{Exclusive: x.exclusive, Others: x.others, Types: slices.Sorted(slices.Values(x.otherTypes))}
	}
}

func (x *planIndex) hasConflict(u userid.User) bool {
	return slices.ContainsFunc(x.users.All(u), func(at int) bool { return x.plans[at].conflict })
}

// onlyAdopted leaves out users who have a worse finding.
func (x *planIndex) onlyAdopted(users []userid.User) []userid.User {
	return slices.DeleteFunc(users, func(u userid.User) bool {
		p := x.plansOf(u)[0]
		return p.conflict || p.duplicate || p.maybeDuplicate
	})
}

// compare looks for numbers in the plan that are the alternate form of u's. Two that
// both stay are left out: they were compared in the plan that added them.
func (x *planIndex) compare(u userid.User, found *Findings) {
	for _, at := range x.users.Alternates(u) {
		other := x.plans[at]
		for _, p := range x.plansOf(u) {
			switch {
			case p.unblockedBy != nil && other.blockedBy != nil:
				x.addPair(u, other.user, &found.Replaced)
			case p.blockedBy != nil && other.unblockedBy != nil:
				x.addPair(other.user, u, &found.Replaced)
			case p.blockedBy != nil && other.blockedBy != nil && p.creates+other.creates > 0:
				if other.user.Spelling < u.Spelling {
					x.addPair(other.user, u, &found.MaybeSame)
				} else {
					x.addPair(u, other.user, &found.MaybeSame)
				}
			}
		}
	}
}

// addPair adds a pair of numbers that may be one user, unless the list shows that they
// are two, or the pair was added before.
func (x *planIndex) addPair(a, b userid.User, to *[]Pair) {
	key := [2]userid.ID{a.Key(), b.Key()}
	if _, known := x.pairs[key]; known || (x.view != nil && x.view.ShowsBoth(a, b)) {
		return
	}
	if x.pairs == nil {
		x.pairs = map[[2]userid.ID]struct{}{}
	}
	x.pairs[key] = struct{}{}
	*to = append(*to, Pair{A: a, B: b})
}

// overflows reports whether the list would hold more than capacity and this has not
// been reported.
func (x *planIndex) overflows(capacity int) bool {
	if x.view == nil || x.overflowed || x.view.Len()+x.added <= capacity {
		return false
	}
	return x.view.Len()+x.added-x.removed() > capacity
}

// overflow returns the overflow to report, nil if there is none.
func (x *planIndex) overflow(capacity int) *Overflow {
	if !x.overflows(capacity) {
		return nil
	}
	x.overflowed = true
	return &Overflow{Listed: x.view.Len(), Added: x.added, Removed: x.removed()}
}

// removed counts the users that the plan takes off the list.
func (x *planIndex) removed() int {
	n := 0
	for i := range x.unblocked.Len() {
		if x.view.Shows(x.unblocked.At(i)) {
			n++
		}
	}
	return n
}
