package userid

// Relation is what the names of two users say about whether they are one person.
type Relation int

const (
	// Neither: the names do not tell. The two may be one person.
	Neither Relation = iota
	// Matches: a name agrees, so the two are one person.
	Matches
	// Excludes: both have a name of a common kind and none agrees, so the two are
	// different people.
	Excludes
)

// String returns a name for tests.
func (r Relation) String() string { return [...]string{"neither", "matches", "excludes"}[r] }

// Compare tells whether two users are one person.
//
// A user ID agrees unless both users have a number and these differ by more than
// the alternate form: a user ID changes with the phone number. An alternate form is
// no name: a pair that agrees by it alone may or may not be one person, until both
// WhatsApp IDs are known and differ.
func (u User) Compare(other User) Relation {
	number, userID := compareNumbers(u, other), compareUserIDs(u, other)
	switch {
	case number == Matches:
		return Matches
	case userID == Matches && (number != Excludes || isAlternate(u, other)):
		return Matches
	case number == Excludes || userID == Excludes:
		return Excludes
	default:
		return Neither
	}
}

// IsAlternate reports whether a number of one user is the alternate form of a
// number of the other, and nothing else tells whether they are one person.
func (u User) IsAlternate(other User) bool {
	return u.Compare(other) == Neither && isAlternate(u, other)
}

// compareNumbers is Compare for the names of the first kind alone.
func compareNumbers(a, b User) Relation {
	switch {
	case !a.HasNumber() || !b.HasNumber():
		return Neither
	case a.ID.IsNumber() && a.ID == b.ID, !a.WaID.IsZero() && a.WaID == b.WaID:
		return Matches
	case !a.WaID.IsZero() && !b.WaID.IsZero():
		// Two accounts, also where one was blocked under a number that is the other's
		// WhatsApp ID.
		return Excludes
	case agree(a.numbers(), b.numbers()):
		return Matches
	case isAlternate(a, b):
		return Neither
	default:
		return Excludes
	}
}

// compareUserIDs is Compare for the names of the second kind alone.
func compareUserIDs(a, b User) Relation {
	switch {
	case !a.HasUserID() || !b.HasUserID():
		return Neither
	case agree(a.userIDs(), b.userIDs()):
		return Matches
	default:
		return Excludes
	}
}

// agree reports whether two sets of names have one in common.
func agree(a, b [2]ID) bool {
	for _, id := range a {
		if !id.IsZero() && (id == b[0] || id == b[1]) {
			return true
		}
	}
	return false
}

func isAlternate(a, b User) bool {
	for _, id := range a.numbers() {
		other, _ := id.AlternateForm()
		if numbers := b.numbers(); !other.IsZero() && (other == numbers[0] || other == numbers[1]) {
			return true
		}
	}
	return false
}
