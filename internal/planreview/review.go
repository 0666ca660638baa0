// Package planreview finds what no resource of a plan can see alone: one resource
// unblocks the users that another blocks, two hold the same user, or the list has no
// room.
//
// DESIGN.md explains why a review waits before it reports.
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
	*debouncer

	readList func(context.Context) (View, error)
	capacity int

	mu    sync.Mutex
	plan  planIndex
	found Findings
	// readErr is why the list could not be read. The review does not retry.
	readErr error
	// uncheckedReported is set once unchecked users have been reported. A run gives one
	// such warning.
	uncheckedReported bool
}

// New returns the review of a run. readList must be cheap to call for each instance.
// capacity is how many users the list can hold.
func New(readList func(context.Context) (View, error), capacity int) *Review {
	return &Review{
		debouncer: newDebouncer(),
		readList:  readList,
		capacity:  capacity,
	}
}

// Add adds a change, and returns what its caller has to report. For most callers that
// is nothing, because one caller reports for all.
func (r *Review) Add(ctx context.Context, c Change) Findings {
	if r.IsOver() {
		return Findings{}
	}
	end := r.Begin()
	var view View
	var err error
	if c.needsList() {
		view, err = r.view(ctx)
	}
	r.mu.Lock()
	// A cancelled run is no reason to report that the list could not be read.
	if err != nil && r.readErr == nil && ctx.Err() == nil {
		r.readErr, r.found.ReadError = err, err
	}
	r.plan.add(c, view, &r.found)
	r.mu.Unlock()
	r.arrive()
	end()
	return r.report(ctx)
}

// needsList reports whether the review of a change needs the list: for users who may be
// adopted, and for removed numbers that have an alternate form.
func (c Change) needsList() bool {
	return len(c.Block) > 0 || slices.ContainsFunc(c.Unblock, func(u userid.User) bool {
		other, _ := u.Number().AlternateForm()
		return !other.IsZero()
	})
}

// AddUnchecked adds users if a refresh could not tell whether they are blocked, and
// returns what its caller has to report. Call it after the end function of
// [Review.Begin]: it waits for active instances.
func (r *Review) AddUnchecked(ctx context.Context, u Unchecked) Findings {
	if len(u.Users) == 0 {
		return Findings{}
	}
	r.mu.Lock()
	if r.uncheckedReported {
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

// view reads the list. After one failure it does not try again, so that a hundred
// instances do not each wait for an API that does not respond.
func (r *Review) view(ctx context.Context) (View, error) {
	r.mu.Lock()
	err := r.readErr
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return r.readList(ctx)
}

// report returns what was found once all instances have been planned, or nothing if
// another caller waits to report.
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
	r.uncheckedReported = r.uncheckedReported || found.Unchecked != nil
	if r.IsOver() {
		return found.errors()
	}
	found.Adopted = r.plan.onlyAdopted(found.Adopted)
	found.Overflow = r.plan.overflow(r.capacity)
	return found
}

// withoutConflicts leaves out users with a conflict.
func (r *Review) withoutConflicts(users []userid.User) []userid.User {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(users, r.plan.hasConflict)
}
