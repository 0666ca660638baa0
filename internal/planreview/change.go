package planreview

import "github.com/d360/terraform-provider-d360/internal/userid"

// Change is what a plan does with one instance of a resource. Terraform plans an
// instance to be replaced in two halves, of which the second says nothing new, and
// is no change.
type Change struct {
	Source Source
	// Block are users who were not in the state, Keep those who stay in it, and
	// Unblock those who leave it and were blocked.
	Block, Keep, Unblock []User
}

// Source is the resource that a change is of, as far as a provider learns it:
// Terraform does not tell its address.
type Source struct {
	// Type is the resource's type.
	Type   string
	Action Action
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

// User is somebody a plan is about.
type User struct {
	ID userid.ID
	// WaID is the user's WhatsApp ID, zero where it is not known.
	WaID userid.ID
	// Spelled is how the configuration or the state writes the user.
	Spelled string
}

// names returns what the user is called.
func (u User) names() []userid.ID {
	if u.WaID.IsZero() || u.WaID == u.ID {
		return []userid.ID{u.ID}
	}
	return []userid.ID{u.ID, u.WaID}
}
