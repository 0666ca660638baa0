package blocklist

import (
	"errors"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// snapshot is what one scan saw. It does not change.
type snapshot struct {
	// generation is that of the last write before the scan; later ones lie over
	// what it saw.
	generation uint64
	entries    []d360.Entry
	index      map[userid.ID]int
	// doubt is set where the scan may have been cut short: who is in it is on the
	// list, and nobody can be called absent by it.
	doubt error
}

func newSnapshot(generation uint64, entries []d360.Entry, err error) (*snapshot, error) {
	if err != nil && !errors.Is(err, d360.ErrEndInDoubt) {
		return nil, err
	}
	s := &snapshot{generation: generation, entries: entries, doubt: err, index: make(map[userid.ID]int, len(entries))}
	for i, e := range entries {
		for _, id := range e.IDs() {
			// Somebody blocked under a number has a better right to it than
			// somebody whose WhatsApp ID it is.
			if at, taken := s.index[id]; !taken || entries[at].User != id {
				s.index[id] = i
			}
		}
	}
	return s, nil
}

// doubtAfter returns why nobody can be called absent by a second scan, nil if
// they can. One that saw nobody does not settle a first that saw some users of a
// list and was cut short.
func (s *snapshot) doubtAfter(first *snapshot) error {
	if len(s.entries) == 0 && s.doubt == nil {
		return first.doubt
	}
	return s.doubt
}

// names returns what the user of an entry is called, without what is another
// entry's own: an ID leads to the entry that has the better right to it.
func (s *snapshot) names(e d360.Entry) []userid.ID {
	return slices.DeleteFunc(e.IDs(), func(id userid.ID) bool {
		return id != e.User && s.entries[s.index[id]].User == id
	})
}

// find looks for a user by all they are called, in what the scan saw and in
// what this run wrote since, maybe under another of the user's names.
func (l *List) find(s *snapshot, ids ...userid.ID) (d360.Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		// A list read after a write may show by a WhatsApp ID alone whom the
		// answer named by both.
		if w, ok := l.writes[id]; ok {
			ids = slices.Concat(ids, w.entry.IDs())
		}
		if waID, ok := l.waIDs[id]; ok {
			ids = append(slices.Clip(ids), waID)
		}
	}
	var entry d360.Entry
	listed := false
	for _, id := range ids {
		if i, ok := s.index[id]; ok {
			entry, listed = s.entries[i], true
			ids = slices.Concat(ids, s.names(entry))
			break
		}
	}
	if w, ok := l.lastWrite(s.generation, ids); ok {
		return w.entry, w.blocked
	}
	return entry, listed
}
