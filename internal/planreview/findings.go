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
	// going to create. The two may be one, where a Terraform did not hand the private
	// state of a replacement's first half to the second; none is known that does not.
	MaybeDuplicates []userid.User
	// Adopted are users to be blocked who are on the list.
	Adopted []userid.User
	// Replaced are pairs of alternate forms of which the first number is unblocked and
	// the second is blocked or kept. The two may be one user.
	Replaced []Pair
	// Twofold are pairs of alternate forms that are both to be on the list, and may be
	// one user.
	Twofold []Pair
	// NotAlone is set where an exclusive resource is not the only one that holds users.
	NotAlone *NotAlone
	// Overflow is set where the list has no room.
	Overflow *Overflow
	// Unread is why the list could not be read, which would tell of those to be
	// adopted and of the room.
	Unread error
	// Unchecked is set where a refresh could not tell whether users are blocked.
	Unchecked *Unchecked
}

// Conflict is a user that From unblocks, or may unblock, and To blocks or keeps.
type Conflict struct {
	User     userid.User
	From, To Source
	// Kept is set where To has the user in its state already.
	Kept bool
	// MayLeave is set where the users of From are not known yet.
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
	// Candidates counts the entries of the list that could be one of them under a name
	// that no one knows.
	Candidates int
	// Incomplete is why the list could not be read to its end, nil if it could.
	Incomplete error
}

// errors returns the findings that stop a plan whatever else is in it. That there
// is no room only the whole of it can tell.
func (f Findings) errors() Findings {
	return Findings{Conflicts: f.Conflicts, Duplicates: f.Duplicates, Replaced: f.Replaced, NotAlone: f.NotAlone}
}

// empty reports whether there is nothing to report.
func (f Findings) empty() bool {
	return len(f.Conflicts)+len(f.Duplicates)+len(f.MaybeDuplicates)+len(f.Adopted)+len(f.Replaced)+len(f.Twofold) == 0 &&
		f.NotAlone == nil && f.Unread == nil && f.Unchecked == nil
}
