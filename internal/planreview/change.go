package planreview

import "github.com/d360/terraform-provider-d360/internal/userid"

// Change is what a plan does with one instance of a resource. Terraform plans an
// instance that is to be replaced in two halves. The second one says nothing new,
// and is no change.
type Change struct {
	Source Source
	// Block are users who were not in the state, Keep those who stay in it, and
	// Unblock those who leave it and were blocked.
	Block, Keep, Unblock []userid.User
	// MayLeave are users of a state whose new users are not known yet.
	MayLeave []userid.User
}

// Source is the resource that a change is of, as far as a provider learns it:
// Terraform does not tell its address.
type Source struct {
	// Type is the resource's type.
	Type   string
	Action Action
	// Exclusive is set for a resource that is the whole list.
	Exclusive bool
	// Holds is set for a resource that blocks or holds users after the plan, or may
	// do so.
	Holds bool
}

// Action is what happens to an instance as a whole.
type Action int

const (
	// Create is of a new instance, or of one that is tainted, which looks the same.
	Create Action = iota
	// Update is of an instance that stays, as far as a provider learns it: Terraform
	// may have been told to replace it.
	Update
	// Replace is of an instance that cannot stay.
	Replace
	// Remove is of an instance that goes.
	Remove
)
