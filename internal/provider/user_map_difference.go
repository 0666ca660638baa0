package provider

import "github.com/d360/terraform-provider-d360/internal/userid"

// difference is what changes one user map into another.
type difference struct {
	// retry are the pending users to block again.
	add, retry, keep, remove []userid.User
}

// differenceOf compares the users of a state, some of them pending, with the planned ones.
// A user whose key is another name of the same user is kept.
func differenceOf(current, pending, planned userMap) difference {
	var d difference
	var stays userid.Index
	for _, u := range planned.all() {
		at, isHeld := 0, false
		if current.users != nil {
			at, isHeld = current.users.Match(u)
		}
		var held userid.User
		if isHeld {
			held = current.users.At(at)
			u = u.Learn(held)
		}
		stays.Add(u)
		switch {
		case isHeld && pending.has(held):
			d.retry = append(d.retry, u)
		case isHeld:
			d.keep = append(d.keep, u)
		default:
			d.add = append(d.add, u)
		}
	}
	for _, u := range current.all() {
		if !pending.has(u) && !stays.Has(u) {
			d.remove = append(d.remove, u)
		}
	}
	return d
}
