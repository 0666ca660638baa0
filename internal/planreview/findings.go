package planreview

// Findings are what is wrong, or worth knowing, about a plan. Each is reported
// once.
type Findings struct {
	// Conflicts are users whom one instance unblocks and another blocks or keeps.
	Conflicts []Conflict
	// Duplicates are users whom two instances are going to create.
	Duplicates []User
	// MaybeDuplicates are users whom one instance holds and another one holds or is
	// going to create. The two may be one, where a Terraform did not hand the private
	// state of a replacement's first half to the second; none is known that does not.
	MaybeDuplicates []User
	// Adopted are users to be blocked who are on the list.
	Adopted []User
	// Kin are pairs of numbers that may be one user.
	Kin []Pair
	// Overflow is set where the list has no room.
	Overflow *Overflow
	// Unread is why the list could not be read, which would tell of those to be
	// adopted and of the room.
	Unread error
}

// Conflict is a user whom From unblocks and To blocks or keeps.
type Conflict struct {
	User     User
	From, To Source
	// Kept is set where To has the user in its state already.
	Kept bool
}

// Pair is two numbers that may be one user.
type Pair struct {
	A, B User
	// Trait is in what they differ.
	Trait string
	// Leaves is set where A is unblocked and B is not.
	Leaves bool
}

// Overflow is a plan that ends with more users than a list can hold.
type Overflow struct {
	Listed, Added, Removed int
}

// errors returns the findings that stop a plan whatever else is in it. That there
// is no room only the whole of it can tell.
func (f Findings) errors() Findings {
	return Findings{Conflicts: f.Conflicts, Duplicates: f.Duplicates}
}

// empty reports whether there is nothing about users, and nothing unread.
func (f Findings) empty() bool {
	return len(f.Conflicts)+len(f.Duplicates)+len(f.MaybeDuplicates)+len(f.Adopted)+len(f.Kin) == 0 && f.Unread == nil
}
