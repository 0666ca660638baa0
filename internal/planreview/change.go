package planreview

import "github.com/d360/terraform-provider-d360/internal/userid"

// Change is what a plan does with one instance of a resource. Terraform plans a
// replacement in two halves; the second one is not a change of its own.
type Change struct {
	Source Source
	// Block are users who were not in the state, Keep those who stay in it, and
	// Unblock those who leave it and were blocked.
	Block, Keep, Unblock []userid.User
	// MayLeave are the users of a state if the planned users are not known yet.
	MayLeave []userid.User
}

// Source is the resource of a change. Terraform does not tell the provider its address.
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

// Action is what the plan does with an instance as a whole.
type Action int

const (
	// Create is for a new instance. A tainted one looks the same.
	Create Action = iota
	// Update is for an instance that stays. The provider does not see if Terraform was
	// told to replace it.
	Update
	// Replace is for an instance that the provider has Terraform replace.
	Replace
	// Remove is for an instance that is destroyed.
	Remove
)
