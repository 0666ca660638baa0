package faketerraform

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// State is what Terraform keeps between runs, by address. It is never changed:
// a run returns another one.
type State map[string]Instance

// Instance is what the state has at an address.
type Instance struct {
	// Current is nil where there are deposed objects alone.
	Current *Object
	// Deposed are objects that a replacement with create_before_destroy has left.
	Deposed []*Object
}

// Object is one object of a resource. It is never changed.
type Object struct {
	value    tftypes.Value
	private  []byte
	identity *tftypes.Value
	// Tainted is set where Terraform is going to replace it.
	Tainted bool
}

// Attributes are the object's values: nil, string, bool, float64, map[string]any
// or []any.
func (o *Object) Attributes() map[string]any {
	attributes, _ := plain(o.value).(map[string]any)
	return attributes
}

// Identity is the object's identity, nil if it has none.
func (o *Object) Identity() map[string]any {
	if o.identity == nil {
		return nil
	}
	identity, _ := plain(*o.identity).(map[string]any)
	return identity
}

// Private is the private state, as the provider made it.
func (o *Object) Private() []byte { return slices.Clone(o.private) }

// exists reports whether there is an object. One that a refresh found to be gone
// may have left its private state, and is none.
func (o *Object) exists() bool { return o != nil && !o.value.IsNull() }

func (o *Object) isTainted() bool { return o.exists() && o.Tainted }

// orNil is the object, or nil where there is none.
func (o *Object) orNil() *Object {
	if o.exists() {
		return o
	}
	return nil
}

// Addresses are those of all instances, in order.
func (s State) Addresses() []string { return slices.Sorted(maps.Keys(s)) }

// Objects are all that the state has at any address, deposed ones too, in order.
func (s State) Objects() []*Object {
	var objects []*Object
	for _, address := range s.Addresses() {
		if current := s[address].Current; current != nil {
			objects = append(objects, current)
		}
		objects = append(objects, s[address].Deposed...)
	}
	return objects
}

// Taint is a state in which an instance is tainted, as by "terraform taint".
func (s State) Taint(address string) State {
	tainted := maps.Clone(s)
	if current := s[address].Current; current != nil {
		object := *current
		object.Tainted = true
		tainted[address] = Instance{Current: &object, Deposed: s[address].Deposed}
	}
	return tainted
}

// with is the state with another object at an address, or none.
func (s State) with(address string, current *Object) State {
	return s.withInstance(address, Instance{Current: current, Deposed: s[address].Deposed})
}

func (s State) withInstance(address string, instance Instance) State {
	changed := maps.Clone(s)
	if changed == nil {
		changed = State{}
	}
	if instance.Current == nil && len(instance.Deposed) == 0 {
		delete(changed, address)
	} else {
		changed[address] = instance
	}
	return changed
}
