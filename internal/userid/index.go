package userid

import "slices"

// Index finds users by any of their names. The zero Index is empty. Users are
// numbered in the order in which they are added.
type Index struct {
	users []User
	// first holds the first user with a name, more all others.
	first map[ID]int
	more  map[ID][]int
}

// NewIndex returns an index of users.
func NewIndex(users ...User) *Index {
	x := &Index{users: make([]User, 0, len(users)), first: make(map[ID]int, 2*len(users))}
	for _, u := range users {
		x.Add(u)
	}
	return x
}

// Add adds a user and returns its number. It does not look for duplicates.
func (x *Index) Add(u User) int {
	i := len(x.users)
	x.users = append(x.users, u)
	x.enter(i)
	return i
}

// Learn adds the names of other to user i, as [User.Learn] does.
func (x *Index) Learn(i int, other User) {
	x.users[i] = x.users[i].Learn(other)
	x.enter(i)
}

// enter records all names of user i. Old names stay in the maps: every lookup
// compares the users as well, so old names do not count.
func (x *Index) enter(i int) {
	if x.first == nil {
		x.first = map[ID]int{}
	}
	u := x.users[i]
	for _, name := range [...]ID{u.ID, u.WaID, u.UserID} {
		switch at, taken := x.first[name]; {
		case name.IsZero() || (taken && at == i):
		case !taken:
			x.first[name] = i
		default:
			if x.more == nil {
				x.more = map[ID][]int{}
			}
			x.more[name] = append(x.more[name], i)
		}
	}
}

// Len returns the number of users.
func (x *Index) Len() int { return len(x.users) }

// At returns a user by number.
func (x *Index) At(i int) User { return x.users[i] }

// Users returns all users in the order of their numbers.
func (x *Index) Users() []User { return slices.Clone(x.users) }

// Match returns the user of the index who is the same person as u. Of several, it
// returns the one with the strongest match: equal WhatsApp IDs, then equal numbers
// as written, then equal user IDs, then a number that is the other's WhatsApp ID.
func (x *Index) Match(u User) (i int, ok bool) {
	best := 0
	x.candidates(u, func(at int) {
		if strength := matchStrength(x.users[at], u); strength > best && x.users[at].Compare(u) == Matches {
			i, ok, best = at, true, strength
		}
	})
	return i, ok
}

// Has reports whether a user of the index is the same person as u.
func (x *Index) Has(u User) bool {
	_, ok := x.Match(u)
	return ok
}

// All returns the numbers of all users who are the same person as u.
func (x *Index) All(u User) []int {
	var all []int
	x.candidates(u, func(at int) {
		if x.users[at].Compare(u) == Matches {
			all = append(all, at)
		}
	})
	return all
}

// Alternates is like All, for users whose phone number is the alternate form of u's.
func (x *Index) Alternates(u User) []int {
	var all []int
	for _, id := range u.numbers() {
		other, _ := id.AlternateForm()
		x.candidates(User{ID: other}, func(at int) {
			if !slices.Contains(all, at) && x.users[at].IsAlternate(u) {
				all = append(all, at)
			}
		})
	}
	return all
}

// candidates calls found once for each user who shares a name with u.
func (x *Index) candidates(u User, found func(i int)) {
	var few [4]int
	seen := few[:0]
	visit := func(i int) {
		if !slices.Contains(seen, i) {
			seen = append(seen, i)
			found(i)
		}
	}
	for _, name := range [...]ID{u.WaID, u.ID, u.UserID} {
		if i, ok := x.first[name]; ok {
			visit(i)
		}
		for _, i := range x.more[name] {
			visit(i)
		}
	}
}

// matchStrength ranks the name that two matching users have in common.
func matchStrength(a, b User) int {
	switch {
	case !a.WaID.IsZero() && a.WaID == b.WaID:
		return 4
	case a.ID.IsNumber() && a.ID == b.ID:
		return 3
	case haveCommonName(a.userIDs(), b.userIDs()):
		return 2
	default:
		return 1
	}
}
