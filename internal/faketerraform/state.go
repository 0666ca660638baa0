package faketerraform

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// State is by address. No run changes one; a run returns another one.
type State map[string]Instance

// Instance is what the state has at an address.
type Instance struct {
	// Current is nil where there are only deposed objects.
	Current *Object
	// Deposed are objects that a replacement with create_before_destroy has left.
	Deposed []*Object
}

// Object is one object of a resource. It is never changed.
type Object struct {
	value    tftypes.Value
	private  []byte
	identity *tftypes.Value
	Tainted  bool
}

// Attributes are nil, string, bool, float64, map[string]any or []any.
func (o *Object) Attributes() map[string]any {
	attributes, _ := plain(o.value).(map[string]any)
	return attributes
}

// Identity is nil if the object has none.
func (o *Object) Identity() map[string]any {
	if o.identity == nil {
		return nil
	}
	identity, _ := plain(*o.identity).(map[string]any)
	return identity
}

// Private is the private state, as the provider made it.
func (o *Object) Private() []byte { return slices.Clone(o.private) }

// exists is false also for an object that no longer exists but has a private state.
func (o *Object) exists() bool { return o != nil && !o.value.IsNull() }

func (o *Object) isTainted() bool { return o.exists() && o.Tainted }

// orNil is nil for an object that does not exist.
func (o *Object) orNil() *Object {
	if o.exists() {
		return o
	}
	return nil
}

// Addresses returns the addresses of all instances, in order.
func (s State) Addresses() []string { return slices.Sorted(maps.Keys(s)) }

// Objects returns all objects, in order of their addresses, deposed ones too.
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

// Taint is "terraform taint".
func (s State) Taint(address string) State {
	tainted := maps.Clone(s)
	if current := s[address].Current; current != nil {
		object := *current
		object.Tainted = true
		tainted[address] = Instance{Current: &object, Deposed: s[address].Deposed}
	}
	return tainted
}

// with returns the state with another object at an address, or without one.
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
