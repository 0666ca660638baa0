package planreview

import (
	"context"
	"slices"
	"sync"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Unblocks counts the users that the plan of a provider configuration unblocks, on all
// of its channels. It is safe for concurrent use.
type Unblocks struct {
	*debouncer
	limit int

	mu sync.Mutex
	// seen are the users of each channel: Terraform plans some instances twice.
	seen  map[string]*userid.Index
	total Unblocked
	// reported counts the users reported so far. exceeded is set once a report was about
	// the limit; nothing more is reported then.
	reported int
	exceeded bool
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
	return &Unblocks{debouncer: newDebouncer(), limit: limit, seen: map[string]*userid.Index{}}
}

// Add counts users that one instance unblocks on a channel.
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

// Report returns what its caller has to report once all instances have been planned,
// nil if there is nothing or another caller reports it.
func (u *Unblocks) Report(ctx context.Context) *Unblocked {
	u.mu.Lock()
	hasNew := u.hasNew()
	u.mu.Unlock()
	if !hasNew || !u.await(ctx) {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.hasNew() || u.IsOver() {
		return nil
	}
	found := u.total
	found.Users, found.Channels = slices.Clone(found.Users), slices.Clone(found.Channels)
	found.IsMore = u.reported > 0
	found.Exceeds = len(found.Users) > u.limit
	u.reported, u.exceeded = len(found.Users), found.Exceeds
	return &found
}

// hasNew reports whether there are users to report. The caller holds mu.
func (u *Unblocks) hasNew() bool { return len(u.total.Users) > u.reported && !u.exceeded }
