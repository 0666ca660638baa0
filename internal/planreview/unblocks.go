package planreview

import (
	"context"
	"sync"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Unblocks counts the users that the plan of a provider configuration unblocks, on all
// of its channels. It is safe for concurrent use.
type Unblocks struct {
	*debouncer
	limit int

	mu sync.Mutex
	// channels has the users of each channel by its name.
	channels map[string]*channelUnblocks
	// hasNew is set while users wait to be reported, isReported once any were. exceeded
	// is set once a report was about the limit; nothing more is reported then.
	hasNew, isReported, exceeded bool
}

// channelUnblocks are the users that the plan unblocks on one channel.
type channelUnblocks struct {
	review *Review
	// seen are the users so far: Terraform plans some instances twice.
	seen userid.Index
}

// Unblocked are the users that a plan unblocks, for one report.
type Unblocked struct {
	// Users are all of them so far.
	Users []userid.User
	// Channels are the channels that they are unblocked on, as named in Add.
	Channels []string
	// IsMore is set if an earlier report was about some of them.
	IsMore bool
	// Exceeds is set if they are more than the limit.
	Exceeds bool
}

// NewUnblocks returns the count for a plan that may unblock at most limit users.
func NewUnblocks(limit int) *Unblocks {
	return &Unblocks{debouncer: newDebouncer(), limit: limit, channels: map[string]*channelUnblocks{}}
}

// Add counts users that one instance unblocks on a channel, whose plan review is review.
func (u *Unblocks) Add(channel string, review *Review, users []userid.User) {
	if len(users) == 0 || u.IsOver() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	on := u.channels[channel]
	if on == nil {
		on = &channelUnblocks{review: review}
		u.channels[channel] = on
	}
	for _, user := range users {
		if !on.seen.Has(user) {
			on.seen.Add(user)
			u.hasNew = true
		}
	}
	u.arrive()
}

// Report returns what its caller has to report once all instances have been planned,
// nil if there is nothing or another caller reports it. It leaves out users with a
// conflict, because the review stops their plan with an error that says what to do.
func (u *Unblocks) Report(ctx context.Context) *Unblocked {
	u.mu.Lock()
	isDue := u.isDue()
	u.mu.Unlock()
	if !isDue || !u.await(ctx) {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.isDue() || u.IsOver() {
		return nil
	}
	u.hasNew = false
	found := Unblocked{IsMore: u.isReported}
	for name, on := range u.channels {
		users := on.review.withoutConflicts(on.seen.Users())
		if len(users) > 0 {
			found.Users = append(found.Users, users...)
			found.Channels = append(found.Channels, name)
		}
	}
	if len(found.Users) == 0 {
		return nil
	}
	found.Exceeds = len(found.Users) > u.limit
	u.isReported, u.exceeded = true, found.Exceeds
	return &found
}

// isDue reports whether there are users to report. The caller holds mu.
func (u *Unblocks) isDue() bool { return u.hasNew && !u.exceeded }
