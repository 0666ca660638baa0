// Package blocklist is one number's blocklist as a run sees it: a snapshot that
// serves all reads, and a queue that gathers writes into few requests, one at a
// time.
package blocklist

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// List is the blocklist of one number. It is safe for concurrent use, and lives
// as long as one configured provider: for one plan, or one apply.
type List struct {
	client *d360.Client

	// turn is held by whoever talks to the service: a write voids the cursors
	// of a scan, and two writes at once collide.
	turn *semaphore.Weighted

	mu sync.Mutex
	// first is the scan that serves all reads, second the one that confirms that
	// somebody is absent. Nil until one is wanted, and again after it failed or
	// was outdated.
	first, second *flight
	// generation counts the users written so far.
	generation uint64
	// writes are the users that this run wrote, by everything they are called.
	writes map[userid.ID]written
	// wanted are those whom this run was asked to block, whatever came of it.
	wanted map[userid.ID]struct{}
	// waIDs are the WhatsApp IDs by which users were looked for. They hold for
	// whoever looks for the same users without knowing.
	waIDs map[userid.ID]userid.ID
	// judged is the snapshot by which refusals were judged last, and when it began.
	judged   *snapshot
	judgedAt time.Time

	queue   []*op
	writing bool
	// calls counts those who wait for the queue, peak the most there ever were.
	calls, peak int
	// arrived tells the writer, while it gathers, that the queue has changed.
	arrived chan struct{}
}

// written is what this run did to a user.
type written struct {
	generation uint64
	blocked    bool
	entry      d360.Entry
}

// New returns the blocklist that client reaches. Nothing is sent yet.
func New(client *d360.Client) *List {
	return &List{
		client:  client,
		turn:    semaphore.NewWeighted(1),
		writes:  map[userid.ID]written{},
		wanted:  map[userid.ID]struct{}{},
		waIDs:   map[userid.ID]userid.ID{},
		arrived: make(chan struct{}, 1),
	}
}

// record notes that the service, or the list itself, says that user is blocked
// or unblocked now.
func (l *List) record(user, waID userid.ID, blocked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation++
	w := written{
		generation: l.generation,
		blocked:    blocked,
		entry:      d360.Entry{Input: user.Wire(), User: user, WaID: waID},
	}
	for _, id := range w.entry.IDs() {
		l.writes[id] = w
	}
}

// outdate forgets what was read, since a write of which nobody knows what
// became came after it. The caller holds mu.
func (l *List) outdate() {
	l.first, l.second, l.judged = nil, nil, nil
}

// lastWrite returns the last write after generation to somebody called by any
// of ids. The caller holds mu.
func (l *List) lastWrite(generation uint64, ids []userid.ID) (last written, ok bool) {
	for _, id := range ids {
		if w, written := l.writes[id]; written && w.generation > generation {
			generation, last, ok = w.generation, w, true
		}
	}
	return last, ok
}

// scan reads the whole list, while nothing else talks to the service.
func (l *List) scan(ctx context.Context) (*snapshot, error) {
	if err := l.turn.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer l.turn.Release(1)
	l.mu.Lock()
	generation := l.generation
	l.mu.Unlock()
	entries, err := l.client.Scan(ctx)
	return newSnapshot(generation, entries, err)
}
