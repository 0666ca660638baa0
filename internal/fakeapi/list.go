package fakeapi

import "slices"

// entry is one user on the list.
type entry struct {
	// key is the WhatsApp ID or, where there is none, the user ID.
	key string
	// sent is the user as the request named them.
	sent user
	gone bool
}

// list is the blocklist in the order of insertion. Adding and removing cost the same at any length: removed entries
// stay in the slice until someone looks at it.
type list struct {
	entries []*entry
	byKey   map[string]*entry
	// version counts the changes; cursors hold it.
	version int
}

func (l *list) has(key string) bool { return l.byKey[key] != nil }

func (l *list) len() int { return len(l.byKey) }

// add puts a user at the end, unless they are on the list.
func (l *list) add(e *entry) {
	if l.has(e.key) {
		return
	}
	l.entries = append(l.entries, e)
	l.byKey[e.key] = e
	l.version++
}

// remove takes a user off the list, if they are on it.
func (l *list) remove(key string) {
	e := l.byKey[key]
	if e == nil {
		return
	}
	e.gone = true
	delete(l.byKey, key)
	l.version++
}

// view is the list at one moment; later changes do not touch it.
type view struct {
	entries []*entry
	version int
}

func (l *list) view() view {
	if len(l.entries) != l.len() {
		kept := make([]*entry, 0, l.len())
		for _, e := range l.entries {
			if !e.gone {
				kept = append(kept, e)
			}
		}
		l.entries = kept
	}
	return view{entries: slices.Clip(l.entries), version: l.version}
}
