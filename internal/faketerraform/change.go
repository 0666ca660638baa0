package faketerraform

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is what a plan does with an instance.
type Action int

// The names of Terraform's plans.
const (
	NoOp Action = iota
	Create
	Update
	Delete
	DeleteThenCreate
	// CreateThenDelete is a replacement with create_before_destroy.
	CreateThenDelete
	// Forget removes it from the state and destroys nothing.
	Forget
)

// String is the name in Terraform's JSON plans.
func (a Action) String() string {
	return []string{"no-op", "create", "update", "delete", "delete/create", "create/delete", "forget"}[a]
}

// IsReplace reports whether it is a replacement in either order.
func (a Action) IsReplace() bool { return a == DeleteThenCreate || a == CreateThenDelete }

// Change is what a plan does with one object.
type Change struct {
	Address string
	// Deposed is set for an object that a replacement has left.
	Deposed bool
	Action  Action
	// Importing is set if an import block adds the object to the state.
	Importing bool

	// before is nil where there is no object yet.
	before   *Object
	after    tftypes.Value
	private  []byte
	identity *tftypes.Value
}

// Before has the prior attributes, nil where there is no object.
func (c *Change) Before() map[string]any {
	if c.before == nil {
		return nil
	}
	return c.before.Attributes()
}

// After has the planned attributes, with Unknown for those known only after apply; nil
// where there will be no object.
func (c *Change) After() map[string]any {
	attributes, _ := plain(c.after).(map[string]any)
	return attributes
}

// Plan is the result of Terraform.Plan.
type Plan struct {
	Changes     []*Change
	Diagnostics Diagnostics
	// Data has the attributes of data sources, by address.
	Data map[string]map[string]any

	config Configuration
	// refreshed includes imported objects.
	refreshed State
	replace   []string
}

// Failed reports whether the plan has errors; if so, it cannot be applied.
func (p *Plan) Failed() bool { return p.Diagnostics.HasErrors() }

// IsEmpty reports whether the plan changes nothing: "No changes." A plan that
// failed is not empty.
func (p *Plan) IsEmpty() bool {
	return !p.Failed() && !slices.ContainsFunc(p.Changes, func(c *Change) bool { return c.Action != NoOp || c.Importing })
}

// Refreshed is the state after the refresh, with which an apply begins.
func (p *Plan) Refreshed() State { return p.refreshed }

// Resolve returns the plan with a configuration whose unknown values have become known
// during the apply. Everything else in it must be as planned.
func (p *Plan) Resolve(config Configuration) *Plan {
	resolved := *p
	resolved.config = config
	return &resolved
}

// Change returns the change of the current object at an address, or nil.
func (p *Plan) Change(address string) *Change {
	for _, c := range p.Changes {
		if c.Address == address && !c.Deposed {
			return c
		}
	}
	return nil
}

// Count counts the changes with one of the actions.
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
