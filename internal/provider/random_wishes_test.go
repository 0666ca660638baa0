package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/prototest"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// randomWish is what a configuration says of one instance.
type randomWish struct {
	// users are by canonical form; a single resource has one.
	users        map[string]randomEntry
	allowPending bool
	createFirst  bool
}

// randomEntry is how a user is written.
type randomEntry struct{ spelled, note string }

// randomConfig is a configuration that changes at random.
type randomConfig struct {
	wishes map[string]*randomWish
	// The blocks stay until an apply has gone well.
	moved   []prototest.Move
	removed []string
	imports []prototest.Import
}

func newRandomConfig() *randomConfig { return &randomConfig{wishes: map[string]*randomWish{}} }

func isSingle(address string) bool { return strings.HasPrefix(address, blockedUserType+".") }

func isExclusive(address string) bool {
	return strings.HasPrefix(address, "d360_blocklist_exclusive.")
}

func (c *randomConfig) addresses() []string { return slices.Sorted(maps.Keys(c.wishes)) }

// ids are the users of a wish, in order.
func (w *randomWish) ids() []string { return slices.Sorted(maps.Keys(w.users)) }

// hasKin reports whether one of the users has the other form of a number.
func (w *randomWish) hasKin(id string) bool {
	base := func(id string) string {
		user, err := userid.Parse(id)
		if err != nil {
			panic(err)
		}
		base, _ := user.Kin()
		return base
	}
	return base(id) != "" && slices.ContainsFunc(w.ids(), func(other string) bool { return other != id && base(other) == base(id) })
}

// settled drops the blocks, as people do once they have served.
func (c *randomConfig) settled() { c.moved, c.removed, c.imports = nil, nil, nil }

// terraform is the configuration as Terraform gets it.
func (c *randomConfig) terraform() prototest.Configuration {
	config := prototest.Configuration{Resources: map[string]prototest.Resource{}, Moved: slices.Clone(c.moved), Removed: slices.Clone(c.removed)}
	for address, wish := range c.wishes {
		attributes := prototest.Attributes{}
		if wish.allowPending {
			attributes["allow_pending"] = true
		}
		users := map[string]any{}
		for _, entry := range wish.users {
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
		config.Resources[address] = prototest.Resource{Attributes: attributes, CreateBeforeDestroy: wish.createFirst}
	}
	for _, i := range c.imports {
		if c.wishes[i.To] != nil {
			config.Imports = append(config.Imports, i)
		}
	}
	return config
}

// String writes it in short.
func (c *randomConfig) String() string {
	var b strings.Builder
	for _, address := range c.addresses() {
		wish := c.wishes[address]
		fmt.Fprintf(&b, "  %s =", address)
		for _, id := range wish.ids() {
			fmt.Fprintf(&b, " %q", wish.users[id].spelled)
			if note := wish.users[id].note; note != "" {
				fmt.Fprintf(&b, "(%s)", note)
			}
		}
		if wish.allowPending {
			b.WriteString(" allow_pending")
		}
		if wish.createFirst {
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

// randomEdit is one change of a configuration. What it does depends on what is
// there, so that every edit is good for something.
type randomEdit struct {
	kind randomEditKind
	// from and to choose addresses, entry one of an instance's users.
	from, to, entry     int
	name, spelling, tag int
}

type randomEditKind int

const (
	editSet randomEditKind = iota
	editTake
	editDrop
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
	randomEditKinds
)

// apply carries out an edit. pool are the addresses there may be.
func (e randomEdit) apply(c *randomConfig, pool []string) {
	target := pool[e.to%len(pool)]
	name := randomNames[e.name%len(randomNames)]
	entry := randomEntry{spelled: name.spelled(e.spelling), note: []string{"", "ticket 1", "ticket 2"}[e.tag%3]}
	if e.kind == editSet || len(c.wishes) == 0 {
		c.put(target, name.id, entry)
		return
	}
	addresses := c.addresses()
	from := addresses[e.from%len(addresses)]
	wish := c.wishes[from]
	var id string
	if ids := wish.ids(); len(ids) > 0 {
		id = ids[e.entry%len(ids)]
	}
	switch e.kind {
	case editTake:
		if isSingle(from) {
			delete(c.wishes, from)
		} else {
			delete(wish.users, id)
		}
	case editDrop:
		delete(c.wishes, from)
	case editRespell, editNote:
		if id == "" {
			return
		}
		written := wish.users[id]
		if e.kind == editNote {
			written.note = entry.note
		} else {
			written.spelled = spellingOf(id, e.spelling)
		}
		wish.users[id] = written
	case editAllowPending:
		wish.allowPending = !wish.allowPending
	case editCreateFirst:
		wish.createFirst = !wish.createFirst
	case editRename, editMove:
		c.rename(from, target, e.kind == editMove)
	case editForget:
		delete(c.wishes, from)
		c.removed = append(c.removed, from)
	case editSwap:
		if isSingle(from) == isSingle(target) && c.wishes[target] != nil {
			c.wishes[from], c.wishes[target] = c.wishes[target], wish
		}
	case editImport:
		c.imports = append(c.imports, importOf(from, slices.Collect(spellings(wish)), e.tag))
	case editImportOther:
		c.imports = append(c.imports, importOf(from, []string{entry.spelled}, e.tag))
	}
}

// put writes a user, in place of the one who is there where only one can be.
func (c *randomConfig) put(address, id string, entry randomEntry) {
	wish := c.wishes[address]
	if wish == nil {
		wish = &randomWish{}
		c.wishes[address] = wish
		c.removed = slices.DeleteFunc(c.removed, func(a string) bool { return a == address })
	}
	if wish.users == nil || isSingle(address) {
		wish.users = map[string]randomEntry{}
	}
	wish.users[id] = entry
}

// rename gives an instance another address, and says so or does not.
func (c *randomConfig) rename(from, to string, say bool) {
	if from == to || c.wishes[to] != nil || isSingle(from) != isSingle(to) {
		return
	}
	c.wishes[to] = c.wishes[from]
	delete(c.wishes, from)
	c.removed = slices.DeleteFunc(c.removed, func(a string) bool { return a == to })
	if say {
		c.moved = append(c.moved, prototest.Move{From: from, To: to})
	}
}

func spellings(wish *randomWish) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, id := range wish.ids() {
			if !yield(wish.users[id].spelled) {
				return
			}
		}
	}
}

func spellingOf(id string, i int) string {
	for _, name := range randomNames {
		if name.id == id {
			return name.spelled(i)
		}
	}
	return id
}

// importOf is an import block that names users in one of the ways there are.
func importOf(address string, users []string, way int) prototest.Import {
	block := prototest.Import{To: address, ID: strings.Join(users, ",")}
	switch {
	case isExclusive(address):
		block.ID = exclusiveImportID
	case isSingle(address) && way%2 == 1:
		block.ID, block.Identity = "", prototest.Attributes{"user": users[0]}
	case !isSingle(address) && way%2 == 1:
		block.ID = allOnList
	}
	return block
}
