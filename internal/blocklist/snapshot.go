package blocklist

import (
	"errors"

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

// find looks for a user by all they are called, in what the scan saw and in
// what this run wrote since.
func (l *List) find(s *snapshot, ids ...userid.ID) (d360.Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if w, ok := l.writes[id]; ok && w.generation > s.generation {
			return w.entry, w.blocked
		}
	}
	for _, id := range ids {
		if i, ok := s.index[id]; ok {
			return s.entries[i], true
		}
	}
	return d360.Entry{}, false
}
