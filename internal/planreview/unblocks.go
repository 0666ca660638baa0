package planreview

import (
	"context"
	"slices"
	"sync"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Unblocks counts the users that the plan of a provider configuration unblocks, over
// all of its channels. It is safe for concurrent use.
type Unblocks struct {
	*gathering
	limit int

	mu sync.Mutex
	// seen are the users of each channel: Terraform plans some instances twice.
	seen  map[string]*userid.Index
	total Unblocked
	// told counts the users of the reports so far, exceeded is set once one of them
	// was about the limit.
	told     int
	exceeded bool
}

// Unblocked is what there is to report of the users that a plan unblocks.
type Unblocked struct {
	// Users are all so far.
	Users []userid.User
	// Channels are the channels that they are unblocked on, by the names that Add got.
	Channels []string
	// IsMore is set where an earlier report was about some of them.
	IsMore bool
	// Exceeds is set where they are more than the limit.
	Exceeds bool
}

// NewUnblocks returns the count for a plan that may unblock so many users.
func NewUnblocks(limit int) *Unblocks {
	return &Unblocks{gathering: newGathering(), limit: limit, seen: map[string]*userid.Index{}}
}

// Add counts users that one instance unblocks on a channel. [Unblocks.Report] reports
// them.
func (u *Unblocks) Add(channel string, users []userid.User) {
	if len(users) == 0 || u.IsOver() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	seen := u.seen[channel]
	if seen == nil {
		seen = &userid.Index{}
		u.seen[channel] = seen
	}
	for _, user := range users {
		if seen.Has(user) {
			continue
		}
		seen.Add(user)
		u.total.Users = append(u.total.Users, user)
		if !slices.Contains(u.total.Channels, channel) {
			u.total.Channels = append(u.total.Channels, channel)
		}
	}
	u.arrive()
}

// Report returns what there is to report after the others have added their users,
// nil where there is nothing, or someone else reports it.
func (u *Unblocks) Report(ctx context.Context) *Unblocked {
	u.mu.Lock()
	isNews := u.isNews()
	u.mu.Unlock()
	if !isNews || !u.await(ctx) {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.isNews() || u.IsOver() {
		return nil
	}
	found := u.total
	found.Users, found.Channels = slices.Clone(found.Users), slices.Clone(found.Channels)
	found.IsMore = u.told > 0
	found.Exceeds = len(found.Users) > u.limit
	u.told, u.exceeded = len(found.Users), found.Exceeds
	return &found
}

// isNews reports whether there is anything that was not reported. Of a plan that
// exceeds the limit there is nothing more to say. The caller holds mu.
func (u *Unblocks) isNews() bool { return len(u.total.Users) > u.told && !u.exceeded }
