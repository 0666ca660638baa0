// Package planreview looks at a plan as a whole, for what no resource can see of
// itself: that one unblocks the users that another blocks, that two hold one user, that
// the list has no room.
//
// Terraform plans instances one by one, several at a time, and tells neither how
// many there are nor which is the last. A review therefore lets the first
// instance with something to report wait until the others are quiet, and report
// for all: a thousand findings make one message.
package planreview

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// View is what is known of the list.
type View interface {
	// Len returns how many users are on the list.
	Len() int
	// Shows reports whether a user is on the list.
	Shows(u userid.User) bool
	// ShowsBoth reports whether two users are two entries of the list.
	ShowsBoth(a, b userid.User) bool
}

// Review looks at the plan of one run. It is safe for concurrent use.
type Review struct {
	*gathering

	// look reads the list, once for all.
	look     func(context.Context) (View, error)
	capacity int

	mu    sync.Mutex
	plan  planIndex
	found Findings
	// unread is why the list could not be read; it is not tried again.
	unread error
	// uncheckedTold is set once users were reported who could not be checked: one
	// warning serves a run.
	uncheckedTold bool
}

// New returns the review of a run. look reads the list, capacity is how many
// users it can hold.
func New(look func(context.Context) (View, error), capacity int) *Review {
	return &Review{
		gathering: newGathering(),
		look:      look,
		capacity:  capacity,
	}
}

// Add takes in a change, and returns what there is to report, which is mostly
// nothing: someone else reports it, or no one has to.
func (r *Review) Add(ctx context.Context, c Change) Findings {
	if r.IsOver() {
		return Findings{}
	}
	end := r.Begin()
	var view View
	var unread error
	if c.needsList() {
		view, unread = r.view(ctx)
	}
	r.mu.Lock()
	// Of a list that was not read since the run was cancelled there is nothing to say.
	if unread != nil && r.unread == nil && ctx.Err() == nil {
		r.unread, r.found.Unread = unread, unread
	}
	r.plan.enter(c, view, &r.found)
	r.mu.Unlock()
	r.arrive()
	end()
	return r.report(ctx)
}

// needsList reports whether the review of a change takes a look at the list: for
// users who may be adopted, and for numbers that may be removed under one form and
// kept under another.
func (c Change) needsList() bool {
	return len(c.Block) > 0 || slices.ContainsFunc(c.Unblock, func(u userid.User) bool {
		other, _ := u.Number().AlternateForm()
		return !other.IsZero()
	})
}

// AddUnchecked takes in users of which a refresh could not tell whether they are
// blocked, and returns what there is to report. The instance must not count as busy
// any more.
func (r *Review) AddUnchecked(ctx context.Context, u Unchecked) Findings {
	if len(u.Users) == 0 {
		return Findings{}
	}
	r.mu.Lock()
	if r.uncheckedTold {
		r.mu.Unlock()
		return Findings{}
	}
	all := r.found.Unchecked
	if all == nil {
		all = &Unchecked{}
		r.found.Unchecked = all
	}
	all.Users = append(all.Users, u.Users...)
	all.Candidates = max(all.Candidates, u.Candidates)
	all.Incomplete = cmp.Or(all.Incomplete, u.Incomplete)
	r.mu.Unlock()
	r.arrive()
	return r.report(ctx)
}

// view reads the list, unless that has failed before: a hundred instances need
// not all wait for an API that does not answer.
func (r *Review) view(ctx context.Context) (View, error) {
	r.mu.Lock()
	unread := r.unread
	r.mu.Unlock()
	if unread != nil {
		return nil, unread
	}
	return r.look(ctx)
}

// report returns what was found, after the others are done. It returns nothing
// where someone else waits to report.
func (r *Review) report(ctx context.Context) Findings {
	r.mu.Lock()
	isEmpty := r.found.empty() && !r.plan.overflows(r.capacity)
	r.mu.Unlock()
	if isEmpty || !r.await(ctx) {
		return Findings{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.found
	r.found = Findings{}
	r.uncheckedTold = r.uncheckedTold || found.Unchecked != nil
	if r.IsOver() {
		return found.errors()
	}
	found.Adopted = r.plan.onlyAdopted(found.Adopted)
	found.Overflow = r.plan.overflow(r.capacity)
	return found
}
