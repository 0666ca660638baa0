// Package blocklist is one channel's blocklist as a run sees it: a shared scan that
// serves all reads, and a queue that gathers writes into few requests, one at a
// time.
package blocklist

import (
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// DefaultLag is how long after a write a list may still show what was before it.
// No one knows whether the API lags at all.
const DefaultLag = 10 * time.Second

// List is the blocklist of one channel. It is safe for concurrent use, and lives
// as long as one configured provider: for one plan, or one apply.
type List struct {
	client *d360.Client
	// created is when the run began, and lag how long after a write the list may
	// still show what was before it.
	created time.Time
	lag     time.Duration

	// apiLock is held by the one who talks to the API: a write voids the cursors of a
	// scan, and two writes at once collide.
	apiLock *semaphore.Weighted

	mu sync.Mutex
	// scans serve all reads: the first one alone where it shows a user, both where a
	// user is confirmed absent. Nil until one is wanted, and again after it failed or
	// was invalidated.
	scans [2]*sharedScan
	// lagEnd is when the list shows all writes that a find has waited for.
	lagEnd time.Time
	// writeSeq counts the requests that write.
	writeSeq uint64
	// written are the users that this run wrote, and writes what became of each.
	written userid.Index
	writes  []write
	// notBlocked are the users that this run could not block, for want of room apart.
	notBlocked []userid.User
	// wanted are the users that this run was asked to block or to keep blocked,
	// whatever came of it.
	wanted userid.Index
	// kept are those of them that a state holds as blocked, with all names that are
	// known.
	kept userid.Index

	// unblocks counts users that the API unblocked.
	unblocks int
	// size is the largest request that is worth trying.
	size requestSize
	// general is a rejection that concerned no one in particular, by kind of write.
	general [2]generalRejection

	queue   []*op
	writing bool
	// calls counts the calls that wait for the queue, peak the most there ever were.
	calls, peak int
	// lastCall is when the last call arrived.
	lastCall time.Time
	// arrived tells the writer, while it gathers, that the queue has changed.
	arrived chan struct{}
}

// write is what this run last did to a user.
type write struct {
	seq     uint64
	blocked bool
}

// New returns the list that client reaches. lag is how long after a write the list
// may still show what was before it, see [DefaultLag]. Nothing is sent yet.
func New(client *d360.Client, lag time.Duration) *List {
	return &List{
		client:  client,
		created: time.Now(),
		lag:     lag,
		apiLock: semaphore.NewWeighted(1),
		arrived: make(chan struct{}, 1),
	}
}

// record keeps that the API, or the list itself, says that a user is blocked or
// unblocked now.
func (l *List) record(u userid.User, blocked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := write{seq: l.writeSeq, blocked: blocked}
	if !blocked {
		l.unblocks++
	}
	if i, ok := l.written.Match(u); ok {
		l.written.Learn(i, u)
		l.writes[i] = now
	} else {
		l.written.Add(u)
		l.writes = append(l.writes, now)
	}
	if i, ok := l.wanted.Match(u); ok {
		l.wanted.Learn(i, u)
	}
}

// writeAfter returns what this run did to a user after the request seq. The caller
// holds mu.
func (l *List) writeAfter(seq uint64, u userid.User) (done userid.User, blocked, ok bool) {
	i, ok := l.written.Match(u)
	if !ok || l.writes[i].seq <= seq {
		return userid.User{}, false, false
	}
	return l.written.At(i), l.writes[i].blocked, true
}

// Keep says that a resource of this run wants users on the list who are blocked
// already. No unblock is sent for them, whichever resource asks for one. A block of
// them, as in the second half of a replacement, knows them by the same names.
func (l *List) Keep(users ...userid.User) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range users {
		l.want(u)
		l.kept.Add(u)
	}
}

// isKept reports whether a state holds a user as blocked that this run is to keep.
func (l *List) isKept(u userid.User) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Has(u)
}

// want is Keep for one user. The caller holds mu.
func (l *List) want(u userid.User) {
	if i, ok := l.wanted.Match(u); ok {
		l.wanted.Learn(i, u)
	} else {
		l.wanted.Add(u)
	}
}

// invalidate drops the snapshots after a write with an unknown outcome. The caller
// holds mu.
func (l *List) invalidate() { l.scans = [2]*sharedScan{} }
