package planreview

import (
	"slices"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// ledger is what a plan does with each user, as far as it is known.
type ledger struct {
	users map[userid.ID]*account
	kin   map[string][]relative
	// view is nil until the list was read.
	view View
	// added counts users to be blocked who are not on the list.
	added int
	// leaving are users to be unblocked.
	leaving []User
	// overflowed is set once it was reported.
	overflowed bool
}

func newLedger() ledger {
	return ledger{users: map[userid.ID]*account{}, kin: map[string][]relative{}}
}

// account is what a plan does with one user.
type account struct {
	// These count instances: those that take the user in, and those that have the
	// user already.
	takes, keeps int
	// blockedBy and unblockedBy are one resource each that does it, nil if none.
	blockedBy, unblockedBy *Source
	user                   User
	// What was found about the user.
	conflict, duplicate, maybeDuplicate, adopted bool
}

// blocks reports whether anybody takes the user in.
func (a *account) blocks() bool { return a.takes > 0 }

// accounts returns those of a user, one for each name.
func (l *ledger) accounts(user User) []*account {
	names := user.names()
	accounts := make([]*account, len(names))
	for i, id := range names {
		a, ok := l.users[id]
		if !ok {
			a = &account{user: user}
			l.users[id] = a
		}
		accounts[i] = a
	}
	return accounts
}

// enter takes in a change and notes what is wrong with it. view is nil where the
// list was not read for it.
func (l *ledger) enter(c Change, view View, found *Findings) {
	if view != nil {
		l.view = view
	}
	source := &c.Source
	for _, user := range c.Unblock {
		l.leaving = append(l.leaving, user)
		accounts := l.accounts(user)
		for _, a := range accounts {
			a.unblockedBy = source
		}
		check(accounts, found)
		l.compare(relative{User: user, role: leaves}, found)
	}
	for _, user := range c.Keep {
		accounts := l.accounts(user)
		for _, a := range accounts {
			a.keeps++
			if a.blockedBy == nil {
				a.blockedBy = source
			}
		}
		check(accounts, found)
		l.compare(relative{User: user, role: stays}, found)
	}
	for _, user := range c.Block {
		accounts := l.accounts(user)
		first := true
		for _, a := range accounts {
			first = first && !a.blocks()
			a.user, a.blockedBy = user, source
			a.takes++
		}
		check(accounts, found)
		l.compare(relative{User: user, role: enters}, found)
		if l.view == nil {
			continue
		}
		switch shown := l.view.Shows(user.ID); {
		case !shown && first:
			l.added++
		case shown && !accounts[0].adopted:
			accounts[0].adopted = true
			found.Adopted = append(found.Adopted, user)
		}
	}
}

// check notes what the instances together do with a user, whom accounts are of.
func check(accounts []*account, found *Findings) {
	// What is found about one name goes for all.
	mark := func(finding func(*account) *bool) (isNew bool) {
		isNew = true
		for _, a := range accounts {
			isNew = isNew && !*finding(a)
			*finding(a) = true
		}
		return isNew
	}
	for _, a := range accounts {
		switch {
		case a.unblockedBy != nil && a.blockedBy != nil:
			if mark(func(a *account) *bool { return &a.conflict }) {
				found.Conflicts = append(found.Conflicts, Conflict{User: a.user, From: *a.unblockedBy, To: *a.blockedBy, Kept: !a.blocks()})
			}
		case a.takes > 1:
			if mark(func(a *account) *bool { return &a.duplicate }) {
				found.Duplicates = append(found.Duplicates, a.user)
			}
		case a.takes+a.keeps > 1:
			if mark(func(a *account) *bool { return &a.maybeDuplicate }) {
				found.MaybeDuplicates = append(found.MaybeDuplicates, a.user)
			}
		}
	}
}

// onlyAdopted leaves out users about whom there is something worse to say.
func (l *ledger) onlyAdopted(users []User) []User {
	return slices.DeleteFunc(users, func(user User) bool {
		a := l.users[user.ID]
		return a.conflict || a.duplicate || a.maybeDuplicate
	})
}

// role is what a plan does with a number that has another form.
type role int

const (
	enters role = iota
	stays
	leaves
)

// relative is a user whose number has another form.
type relative struct {
	User
	role role
}

// compare looks for numbers in the plan that may be the same user as this one.
// Where WhatsApp IDs are known they tell, and there is nothing to guess. Two who
// stay were compared when they came.
func (l *ledger) compare(user relative, found *Findings) {
	base, trait := user.ID.Kin()
	if base == "" {
		return
	}
	relatives := l.kin[base]
	for _, other := range relatives {
		if other.ID == user.ID && other.role == user.role {
			return
		}
	}
	for _, other := range relatives {
		known := (!user.WaID.IsZero() && !other.WaID.IsZero()) || user.WaID == other.ID || other.WaID == user.ID
		if other.ID == user.ID || known || (user.role == other.role && user.role != enters) {
			continue
		}
		a, b := other, user
		if b.role == leaves || (a.role != leaves && b.Spelled < a.Spelled) {
			a, b = b, a
		}
		found.Kin = append(found.Kin, Pair{A: a.User, B: b.User, Trait: trait, Leaves: a.role == leaves})
	}
	l.kin[base] = append(relatives, user)
}

// overflows reports whether the list would hold more than capacity, which has
// not been reported.
func (l *ledger) overflows(capacity int) bool {
	if l.view == nil || l.overflowed || l.view.Len()+l.added <= capacity {
		return false
	}
	return l.view.Len()+l.added-l.removed() > capacity
}

// overflow reports it.
func (l *ledger) overflow(capacity int) *Overflow {
	if !l.overflows(capacity) {
		return nil
	}
	l.overflowed = true
	return &Overflow{Listed: l.view.Len(), Added: l.added, Removed: l.removed()}
}

// removed counts whom the plan takes off the list.
func (l *ledger) removed() int {
	counted := map[userid.ID]struct{}{}
	for _, user := range l.leaving {
		if l.view.Shows(user.ID) || (!user.WaID.IsZero() && l.view.Shows(user.WaID)) {
			counted[user.ID] = struct{}{}
		}
	}
	return len(counted)
}
