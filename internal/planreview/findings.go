package planreview

import "github.com/d360/terraform-provider-d360/internal/userid"

// Findings are what is wrong, or worth knowing, about a plan. Each is reported
// once.
type Findings struct {
	// Conflicts are users that one instance unblocks and another blocks or keeps.
	Conflicts []Conflict
	// Duplicates are users that two instances are going to create.
	Duplicates []userid.User
	// MaybeDuplicates are users that one instance holds and another one holds or is
	// going to create. The two may be one instance, if Terraform does not pass the
	// private state of a replacement's first half to the second. All known versions do.
	MaybeDuplicates []userid.User
	// Adopted are users to be blocked who are on the list.
	Adopted []userid.User
	// Replaced are pairs of alternate forms: the plan unblocks the first number, and
	// blocks or keeps the second. The two may be one user.
	Replaced []Pair
	// MaybeSame are pairs of alternate forms that are both to be on the list, and may be
	// one user.
	MaybeSame []Pair
	// NotAlone is set if an exclusive resource is not the only one that holds users.
	NotAlone *NotAlone
	// Overflow is set if the list has no room.
	Overflow *Overflow
	// ReadError is why the list could not be read. Adopted and Overflow are unknown then.
	ReadError error
	// Unchecked is set if a refresh could not tell whether users are blocked.
	Unchecked *Unchecked
}

// Conflict is a user that From unblocks, or may unblock, and To blocks or keeps.
type Conflict struct {
	User     userid.User
	From, To Source
	// Kept is set if To has the user in its state already.
	Kept bool
	// MayLeave is set if the users of From are not known yet.
	MayLeave bool
}

// Pair is two numbers that may be one user.
type Pair struct {
	A, B userid.User
}

// NotAlone are the resources of a plan in which an exclusive one is not alone.
type NotAlone struct {
	// Exclusive and Others count the instances of either kind.
	Exclusive, Others int
	// Types are the types of the others, each once.
	Types []string
}

// Overflow is a plan that ends with more users than a list can hold.
type Overflow struct {
	Listed, Added, Removed int
}

// Unchecked are users that a refresh could not find out about.
type Unchecked struct {
	Users []userid.User
	// Candidates counts the entries of the list that could be one of them under an
	// unknown name.
	Candidates int
	// Incomplete is why the list could not be read to its end, nil if it could.
	Incomplete error
}

// errors returns the findings that stop a plan whatever else is in it. Overflow is
// not one of them, because only a complete plan shows it.
func (f Findings) errors() Findings {
	return Findings{Conflicts: f.Conflicts, Duplicates: f.Duplicates, Replaced: f.Replaced, NotAlone: f.NotAlone}
}

// empty ignores Overflow, which report adds at the end.
func (f Findings) empty() bool {
	return len(f.Conflicts)+len(f.Duplicates)+len(f.MaybeDuplicates)+len(f.Adopted)+len(f.Replaced)+len(f.MaybeSame) == 0 &&
		f.NotAlone == nil && f.ReadError == nil && f.Unchecked == nil
}
