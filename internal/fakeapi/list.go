package fakeapi

import "slices"

// entry is one user on the list.
type entry struct {
	// key is the WhatsApp ID or, where there is none, the user ID.
	key     string
	sent    user
	removed bool
}

// list is the blocklist in the order of insertion. Removed entries stay in the slice until the next view, so that
// adding and removing take constant time.
type list struct {
	entries []*entry
	byKey   map[string]*entry
	// version counts the changes, for cursors.
	version int
}

func (l *list) has(key string) bool { return l.byKey[key] != nil }

func (l *list) len() int { return len(l.byKey) }

func (l *list) add(e *entry) {
	if l.has(e.key) {
		return
	}
	l.entries = append(l.entries, e)
	l.byKey[e.key] = e
	l.version++
}

func (l *list) remove(key string) {
	e := l.byKey[key]
	if e == nil {
		return
	}
	e.removed = true
	delete(l.byKey, key)
	l.version++
}

// view is the list at one point in time. Later changes do not affect it.
type view struct {
	entries []*entry
	version int
}

func (l *list) view() view {
	if len(l.entries) != l.len() {
		// A new slice, because older views share the current one.
		l.entries = slices.DeleteFunc(slices.Clone(l.entries), func(e *entry) bool { return e.removed })
	}
	return view{entries: slices.Clip(l.entries), version: l.version}
}
