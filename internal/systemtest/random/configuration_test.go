package random_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// desired is one instance of a configuration.
type desired struct {
	// users has the users by canonical form. A single resource has one.
	users        map[string]desiredUser
	allowPending bool
	createFirst  bool
}

type desiredUser struct{ spelled, note string }

// configuration is a configuration that edits change.
type configuration struct {
	resources map[string]*desired
	// These blocks stay until an apply succeeds.
	moved   []faketerraform.Move
	removed []string
	imports []faketerraform.Import
}

func newConfiguration() *configuration { return &configuration{resources: map[string]*desired{}} }

func isSingle(address string) bool { return strings.HasPrefix(address, acctest.SingleType+".") }

func isExclusive(address string) bool { return strings.HasPrefix(address, acctest.ExclusiveType+".") }

func (c *configuration) addresses() []string { return slices.Sorted(maps.Keys(c.resources)) }

// ids returns the users of an instance in order.
func (d *desired) ids() []string { return slices.Sorted(maps.Keys(d.users)) }

// dropBlocks removes the moved, removed and import blocks, as the team does after an apply.
func (c *configuration) dropBlocks() { c.moved, c.removed, c.imports = nil, nil, nil }

// terraform returns the configuration for Terraform.
func (c *configuration) terraform() faketerraform.Configuration {
	config := faketerraform.Configuration{Resources: map[string]faketerraform.Resource{}, Moved: slices.Clone(c.moved), Removed: slices.Clone(c.removed)}
	for address, want := range c.resources {
		attributes := faketerraform.Attributes{}
		if want.allowPending {
			attributes["allow_pending"] = true
		}
		users := map[string]any{}
		for _, entry := range want.users {
			var note any
			if entry.note != "" {
				note = entry.note
			}
			users[entry.spelled] = note
			if isSingle(address) {
				attributes["user"], attributes["note"] = entry.spelled, note
			}
		}
		if !isSingle(address) {
			attributes["users"] = users
		}
		config.Resources[address] = faketerraform.Resource{Attributes: attributes, CreateBeforeDestroy: want.createFirst}
	}
	for _, i := range c.imports {
		if c.resources[i.To] != nil {
			config.Imports = append(config.Imports, i)
		}
	}
	return config
}

func (c *configuration) String() string {
	var b strings.Builder
	for _, address := range c.addresses() {
		want := c.resources[address]
		fmt.Fprintf(&b, "  %s =", address)
		for _, id := range want.ids() {
			fmt.Fprintf(&b, " %q", want.users[id].spelled)
			if note := want.users[id].note; note != "" {
				fmt.Fprintf(&b, "(%s)", note)
			}
		}
		if want.allowPending {
			b.WriteString(" allow_pending")
		}
		if want.createFirst {
			b.WriteString(" create_before_destroy")
		}
		b.WriteString("\n")
	}
	for _, m := range c.moved {
		fmt.Fprintf(&b, "  moved %s -> %s\n", m.From, m.To)
	}
	for _, address := range c.removed {
		fmt.Fprintf(&b, "  removed %s, destroy = false\n", address)
	}
	for _, i := range c.imports {
		fmt.Fprintf(&b, "  import %s id=%q identity=%v\n", i.To, i.ID, i.Identity)
	}
	return b.String()
}

// edit is one change of a configuration. Its indexes wrap around, so that each one is valid.
type edit struct {
	kind editKind
	// from and to are indexes of addresses, entry is the index of a user in an instance.
	from, to, entry     int
	name, spelling, tag int
}

type editKind int

const (
	editSet editKind = iota
	editRemoveUser
	editRemoveResource
	editRespell
	editNote
	editAllowPending
	editCreateFirst
	editRename
	editMove
	editForget
	editSwap
	editImport
	editImportOther
	editKinds
)

// apply makes the edit. pool has the possible addresses.
func (e edit) apply(c *configuration, pool []string, p knownUsers) {
	target := pool[e.to%len(pool)]
	name := p.name(e.name)
	entry := desiredUser{spelled: name.spelled(e.spelling), note: []string{"", "ticket 1", "ticket 2"}[e.tag%3]}
	if e.kind == editSet || len(c.resources) == 0 {
		c.put(target, name.id, entry)
		return
	}
	addresses := c.addresses()
	from := addresses[e.from%len(addresses)]
	want := c.resources[from]
	var id string
	if ids := want.ids(); len(ids) > 0 {
		id = ids[e.entry%len(ids)]
	}
	switch e.kind {
	case editRemoveUser:
		if isSingle(from) {
			delete(c.resources, from)
		} else {
			delete(want.users, id)
		}
	case editRemoveResource:
		delete(c.resources, from)
	case editRespell, editNote:
		if id == "" {
			return
		}
		written := want.users[id]
		if e.kind == editNote {
			written.note = entry.note
		} else {
			written.spelled = p.spelling(id, e.spelling)
		}
		want.users[id] = written
	case editAllowPending:
		want.allowPending = !want.allowPending
	case editCreateFirst:
		want.createFirst = !want.createFirst
	case editRename, editMove:
		c.rename(from, target, e.kind == editMove)
	case editForget:
		delete(c.resources, from)
		c.removed = append(c.removed, from)
	case editSwap:
		if isSingle(from) == isSingle(target) && c.resources[target] != nil {
			c.resources[from], c.resources[target] = c.resources[target], want
		}
	case editImport:
		var spellings []string
		for _, id := range want.ids() {
			spellings = append(spellings, want.users[id].spelled)
		}
		c.imports = append(c.imports, importOf(from, spellings, e.tag))
	case editImportOther:
		c.imports = append(c.imports, importOf(from, []string{entry.spelled}, e.tag))
	}
}

// put adds a user. It replaces the user of a single resource.
func (c *configuration) put(address, id string, entry desiredUser) {
	want := c.resources[address]
	if want == nil {
		want = &desired{}
		c.resources[address] = want
		c.removed = slices.DeleteFunc(c.removed, func(a string) bool { return a == address })
	}
	if want.users == nil || isSingle(address) {
		want.users = map[string]desiredUser{}
	}
	want.users[id] = entry
}

// rename changes the address of an instance, unless the new one is taken.
func (c *configuration) rename(from, to string, withMoved bool) {
	if from == to || c.resources[to] != nil || isSingle(from) != isSingle(to) {
		return
	}
	c.resources[to] = c.resources[from]
	delete(c.resources, from)
	c.removed = slices.DeleteFunc(c.removed, func(a string) bool { return a == to })
	if withMoved {
		c.moved = append(c.moved, faketerraform.Move{From: from, To: to})
	}
}

// importOf returns an import block for users. form selects one of the IDs that the resource
// accepts.
func importOf(address string, users []string, form int) faketerraform.Import {
	block := faketerraform.Import{To: address, ID: strings.Join(users, ",")}
	switch {
	case isExclusive(address):
		block.ID = "blocklist"
	case isSingle(address) && form%2 == 1:
		block.ID, block.Identity = "", faketerraform.Attributes{"user": users[0]}
	case !isSingle(address) && form%2 == 1:
		block.ID = "*"
	}
	return block
}
