// Package blocklist is the blocklist of one channel during a run: shared scans serve all
// reads, and a queue gathers writes into few requests, one at a time.
package blocklist

import (
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// DefaultLag is how long the list may show the state before a write. It is not known
// whether the API lags at all.
const DefaultLag = 10 * time.Second

// List is the blocklist of one channel. It is safe for concurrent use, and lives
// as long as one configured provider: for one plan, or one apply.
type List struct {
	client *d360.Client
	// created is when the run began. lag is how long the list may show the state before
	// a write.
	created time.Time
	lag     time.Duration

	// apiLock lets one caller at a time make requests: a write makes the cursors of a scan
	// invalid, and two writes at once collide.
	apiLock *semaphore.Weighted

	mu sync.Mutex
	// scans serve all reads. The first shows who is listed, and both together confirm that a
	// user is absent. A scan is nil until a caller needs it, and again after it failed or was
	// invalidated.
	scans [2]*sharedScan
	// lagEnd is when the list shows all writes that Find has waited for.
	lagEnd time.Time
	// writeSeq counts write requests.
	writeSeq uint64
	// written are the users that this run blocked or unblocked. writes has the last write of
	// each, at the same index.
	written userid.Index
	writes  []write
	// notBlocked are the users that this run failed to block, unless the list was full.
	notBlocked []userid.User
	// wanted are the users that resources of this run block or keep blocked, even if the
	// block failed.
	wanted userid.Index
	// kept are the wanted users that a state holds as blocked, with all known names.
	kept userid.Index

	// unblocks counts users that the API unblocked.
	unblocks int
	// size is the largest number of users for the next request.
	size requestSize
	// general counts rejections that may concern no single user, by kind of write.
	general [2]generalRejection

	queue   []*op
	writing bool
	// calls counts the calls that wait for the queue, peak is its highest value.
	calls, peak int
	// lastCall is when the last call arrived.
	lastCall time.Time
	// arrived tells the writer that the queue has changed.
	arrived chan struct{}
}

// write is the last write of this run for a user.
type write struct {
	seq       uint64
	isBlocked bool
}

// New returns the list of a client's channel. lag is how long the list may show the
// state before a write, see [DefaultLag]. New makes no request.
func New(client *d360.Client, lag time.Duration) *List {
	return &List{
		client:  client,
		created: time.Now(),
		lag:     lag,
		apiLock: semaphore.NewWeighted(1),
		arrived: make(chan struct{}, 1),
	}
}

// record records that a user is now blocked or unblocked, as a response or the list says.
func (l *List) record(u userid.User, isBlocked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := write{seq: l.writeSeq, isBlocked: isBlocked}
	if !isBlocked {
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

// writeAfter returns the last write for a user, if it came after the write seq. The
// caller holds mu.
func (l *List) writeAfter(seq uint64, u userid.User) (written userid.User, isBlocked, ok bool) {
	i, ok := l.written.Match(u)
	if !ok || l.writes[i].seq <= seq {
		return userid.User{}, false, false
	}
	return l.written.At(i), l.writes[i].isBlocked, true
}

// Keep records that a resource of this run keeps users blocked. The gate then admits no
// unblock for them. A later block of them, as in the second half of a replacement, uses
// the same names.
func (l *List) Keep(users ...userid.User) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range users {
		l.want(u)
		l.kept.Add(u)
	}
}

// isKept reports whether Keep was called for a user.
func (l *List) isKept(u userid.User) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Has(u)
}

// want records that a resource of this run blocks or keeps a user. The caller holds mu.
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
