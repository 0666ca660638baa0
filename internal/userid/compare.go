package userid

// Relation is what the names of two users say about whether they are one person.
type Relation int

const (
	// Neither: the names do not tell; the two may be one person.
	Neither Relation = iota
	// Matches: a name agrees; the two are one person.
	Matches
	// Excludes: both have a name of a common kind and none agrees; the two are
	// different people.
	Excludes
)

// String returns a name for tests.
func (r Relation) String() string { return [...]string{"neither", "matches", "excludes"}[r] }

// Compare tells whether two users are one person.
//
// An equal user ID does not count where both users have a number and the numbers
// differ by more than the alternate form: a user ID changes with the phone number.
// An alternate form is no name. Two users that only share an alternate form are
// Neither, until both WhatsApp IDs are known and differ.
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
// number of the other, and no name tells whether they are one person.
func (u User) IsAlternate(other User) bool {
	return u.Compare(other) == Neither && isAlternate(u, other)
}

// compareNumbers compares phone numbers and WhatsApp IDs only.
func compareNumbers(a, b User) Relation {
	switch {
	case !a.HasNumber() || !b.HasNumber():
		return Neither
	case a.ID.IsNumber() && a.ID == b.ID, !a.WaID.IsZero() && a.WaID == b.WaID:
		return Matches
	case !a.WaID.IsZero() && !b.WaID.IsZero():
		// Different people, even if one was blocked under a number that is the other's
		// WhatsApp ID.
		return Excludes
	case haveCommonName(a.numbers(), b.numbers()):
		return Matches
	case isAlternate(a, b):
		return Neither
	default:
		return Excludes
	}
}

func compareUserIDs(a, b User) Relation {
	switch {
	case !a.HasUserID() || !b.HasUserID():
		return Neither
	case haveCommonName(a.userIDs(), b.userIDs()):
		return Matches
	default:
		return Excludes
	}
}

func haveCommonName(a, b [2]ID) bool {
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
