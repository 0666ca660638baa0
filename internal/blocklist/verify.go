package blocklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// OutcomeUnknownError reports that it is not known whether a write took effect.
type OutcomeUnknownError struct {
	// Cause is the error of the request.
	Cause error
	// List is why the list could not tell.
	List error
}

// Error gives both reasons.
func (e *OutcomeUnknownError) Error() string {
	if errors.Is(e.List, context.Canceled) {
		return fmt.Sprintf("%s; and the run was cancelled before a scan of the list could tell whether the request took effect", e.Cause)
	}
	return fmt.Sprintf("%s; and the list could not tell whether the request took effect: %s", e.Cause, e.List)
}

// Unwrap returns both reasons.
func (e *OutcomeUnknownError) Unwrap() []error { return []error{e.Cause, e.List} }

// rejection is a user that the API rejected for good.
type rejection struct {
	*item
	err *d360.Error
	// isGeneral is set if the rejection concerns no single user.
	isGeneral bool
}

// confirmFor is how long a scan confirms later rejections. A scan from before the first
// write of the run confirms none, because it may be old.
const confirmFor = 30 * time.Second

// verifyUnknown compares the users of a request without a response with the list, and
// returns those to send again.
func (w *batchWriter) verifyUnknown(ctx context.Context, items []*item, cause *d360.Error) (again []*item) {
	w.late = true
	found, err := w.findNow(ctx, items)
	for i, it := range items {
		switch {
		case err != nil:
			w.failUnknown(it, cause, err)
		case w.isDone(found.Of[i].Presence):
			w.doneAsListed(it, found.Of[i])
		case w.kind == unblock && found.Of[i].Presence == Uncertain:
			w.failUnknown(it, cause, uncertainty(found))
		default:
			again = append(again, it)
		}
	}
	return again
}

// verifyRejected compares the rejected users of the batch with the list. A user who is
// blocked or unblocked as desired is a success, whatever the API responded. It returns the
// unblocks to send again under another name.
//
// A recent scan is enough to confirm a rejection. Otherwise a thousand rejected users
// would cost a hundred scans. Only a scan that began after the rejection makes it a
// success, because the list may have changed in between.
func (w *batchWriter) verifyRejected(ctx context.Context) (again []*item) {
	isUnknown := w.unknown || w.late
	var unconfirmed []rejection
	for _, r := range w.rejected {
		r.result = Result{User: r.user, Err: r.err}
		switch {
		case r.err.Kind == d360.Unauthorized && r.isGeneral && !w.unknown:
			// The API would reject a scan too.
		case isUnknown || !w.isConfirmed(r) || w.list.isKept(r.user):
			unconfirmed = append(unconfirmed, r)
		}
	}
	w.rejected = nil
	if len(unconfirmed) == 0 {
		return nil
	}
	items := make([]*item, len(unconfirmed))
	for i, r := range unconfirmed {
		items[i] = r.item
	}
	// A failed scan drops the last snapshot.
	w.list.mu.Lock()
	before := w.list.lastSnapshot()
	w.list.mu.Unlock()
	found, err := w.findNow(ctx, items)
	for i, r := range unconfirmed {
		// The API may reject a block because the user is already blocked. So if a scan has
		// shown the user, the rejection does not mean that the user is not blocked.
		mayBeDone := isUnknown || w.wasListed(r.user, before)
		switch {
		case w.kind == block && (err != nil || found.Of[i].Presence == Uncertain) && w.list.isKept(r.user):
			// The state holds the user as blocked, and the list does not contradict.
			w.done(r.item)
		case err != nil && mayBeDone:
			w.failUnknown(r.item, r.err, err)
		case err != nil:
		case w.isDone(found.Of[i].Presence):
			w.doneAsListed(r.item, found.Of[i])
		case w.mayRename(r, found.Of[i].Shown):
			r.rejectedNames = append(r.rejectedNames, r.name)
			again = append(again, r.item)
		case mayBeDone && found.Of[i].Presence == Uncertain && (w.kind == unblock || found.Incomplete != nil):
			w.failUnknown(r.item, r.err, uncertainty(found))
		}
	}
	return again
}

// isConfirmed reports whether a recent scan confirms a rejection, and no other name is
// left to try.
func (w *batchWriter) isConfirmed(r rejection) bool {
	w.list.mu.Lock()
	last := w.list.lastSnapshot()
	w.list.mu.Unlock()
	if last == nil || last.seq == 0 || time.Since(last.began) > confirmFor {
		return false
	}
	_, shown, listed := w.list.lookup(last, r.user)
	return (w.kind == unblock) == listed && !w.mayRename(r, shown)
}

// wasListed reports whether a scan shows the user of a block.
func (w *batchWriter) wasListed(u userid.User, s *snapshot) bool {
	if w.kind != block || s == nil {
		return false
	}
	_, _, listed := w.list.lookup(s, u)
	return listed
}

// mayRename reports whether a rejected unblock may succeed under another name that the
// list or a response has shown.
func (w *batchWriter) mayRename(r rejection, shown userid.User) bool {
	wasSent := !r.name.IsZero() && !slices.Contains(r.rejectedNames, r.name)
	if w.kind == block || !wasSent || !r.err.MayConcernOneUser() || shown.IsZero() {
		return false
	}
	renamed := *r.item
	renamed.rejectedNames = append(slices.Clip(r.rejectedNames), r.name)
	return nextName(&renamed, shown) != userid.ID{}
}

// findNow finds users by a scan that begins now. A second scan confirms that users to
// unblock are absent.
func (w *batchWriter) findNow(ctx context.Context, items []*item) (*Findings, error) {
	w.list.mu.Lock()
	w.list.writeSeq++ // No earlier scan is then fresh enough.
	fresh := freshness{seq: w.list.writeSeq}
	w.list.mu.Unlock()
	found, err := w.list.find(ctx, Query{Users: usersOf(items), Pending: func(int) bool { return w.kind == block }}, fresh)
	if err == nil {
		w.unknown = false
	}
	return found, err
}

func (w *batchWriter) isDone(p Presence) bool {
	if w.kind == block {
		return p == Listed
	}
	return p == Absent
}

// doneAsListed records a success that the list shows.
func (w *batchWriter) doneAsListed(it *item, f Finding) {
	it.user = it.user.Learn(f.Shown)
	w.done(it)
}

func (w *batchWriter) failUnknown(it *item, cause *d360.Error, listErr error) {
	w.unverified = true
	it.result = Result{User: it.user, Err: &OutcomeUnknownError{Cause: cause, List: listErr}}
}

// uncertainty returns why the list cannot tell whether a user is on it.
func uncertainty(found *Findings) error {
	if found.Incomplete != nil {
		return found.Incomplete
	}
	return ErrMayBeListed
}
