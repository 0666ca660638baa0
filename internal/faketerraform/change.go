package faketerraform

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is what a plan does with an instance.
type Action int

const (
	// NoOp leaves it as it is.
	NoOp Action = iota
	// Create makes it.
	Create
	// Update changes it in place.
	Update
	// Delete destroys it.
	Delete
	// DeleteThenCreate replaces it.
	DeleteThenCreate
	// CreateThenDelete replaces it, with create_before_destroy.
	CreateThenDelete
	// Forget takes it out of the state and destroys nothing.
	Forget
)

// String is the name, as Terraform's JSON plans have it.
func (a Action) String() string {
	return []string{"no-op", "create", "update", "delete", "delete/create", "create/delete", "forget"}[a]
}

// IsReplace reports whether it is a replacement, in whichever order.
func (a Action) IsReplace() bool { return a == DeleteThenCreate || a == CreateThenDelete }

// Change is what a plan does with one object.
type Change struct {
	Address string
	// Deposed is set where it is about an object that a replacement has left.
	Deposed bool
	Action  Action
	// Importing is set where the object comes into the state by an import block.
	Importing bool

	// before is nil where there is no object yet.
	before   *Object
	after    tftypes.Value
	private  []byte
	identity *tftypes.Value
}

// Before are the attributes that the object has, nil where there is none.
func (c *Change) Before() map[string]any {
	if c.before == nil {
		return nil
	}
	return c.before.Attributes()
}

// After are the attributes that the object is going to have, with Unknown for
// those that are known only after apply; nil where there will be none.
func (c *Change) After() map[string]any {
	attributes, _ := plain(c.after).(map[string]any)
	return attributes
}

// Plan is what Plan makes and ApplyPlan does.
type Plan struct {
	Changes     []*Change
	Diagnostics Diagnostics
	// Data is what data sources gave, by address.
	Data map[string]map[string]any

	config Configuration
	// refreshed is the state after the refresh, with what was imported.
	refreshed State
	replace   []string
}

// Failed reports whether the plan has errors, and so cannot be applied.
func (p *Plan) Failed() bool { return p.Diagnostics.HasErrors() }

// IsEmpty reports whether the plan changes nothing: "No changes." A plan that
// failed is not empty.
func (p *Plan) IsEmpty() bool {
	return !p.Failed() && !slices.ContainsFunc(p.Changes, func(c *Change) bool { return c.Action != NoOp || c.Importing })
}

// Refreshed is the state as the refresh found it, which is what an apply begins
// with.
func (p *Plan) Refreshed() State { return p.refreshed }

// Settle is the plan for a configuration whose unknown values have become known,
// which Terraform learns in the middle of the apply. All else must be as planned.
func (p *Plan) Settle(config Configuration) *Plan {
	settled := *p
	settled.config = config
	return &settled
}

// Change is that of the current object at an address, nil if there is none.
func (p *Plan) Change(address string) *Change {
	for _, c := range p.Changes {
		if c.Address == address && !c.Deposed {
			return c
		}
	}
	return nil
}

// Count is how many changes have one of the actions.
func (p *Plan) Count(actions ...Action) int {
	n := 0
	for _, c := range p.Changes {
		if slices.Contains(actions, c.Action) {
			n++
		}
	}
	return n
}

// byAddress orders changes.
func byAddress(a, b *Change) int { return cmp.Compare(a.Address, b.Address) }
