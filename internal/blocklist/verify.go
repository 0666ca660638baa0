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

// OutcomeUnknownError reports that no one knows whether a write took effect.
type OutcomeUnknownError struct {
	// Cause is what became of the request.
	Cause error
	// List is why the list could not tell.
	List error
}

// Error tells both reasons.
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
	// isGeneral is set where the reason lies in no user.
	isGeneral bool
}

// supportFor is how long a scan supports rejections that come after it. One from
// before the first write of the run does not: it serves to plan, and may be old.
const supportFor = 30 * time.Second

// verifyUnknown compares requests without a response with the list, and returns the
// users who are to be sent again.
func (w *batchWriter) verifyUnknown(ctx context.Context, items []*item, cause *d360.Error) (again []*item) {
	w.late = true
	found, err := w.look(ctx, items)
	for n, i := range items {
		switch {
		case err != nil:
			w.giveUnknown(i, cause, err)
		case w.isDone(found.Of[n].Presence):
			w.doneAs(i, found.Of[n])
		case w.kind == unblock && found.Of[n].Presence == Uncertain:
			w.giveUnknown(i, cause, uncertainty(found))
		default:
			again = append(again, i)
		}
	}
	return again
}

// judge lets the list decide about the rejections of the batch: a user who is as
// desired is done, whatever the reason was. It returns the users who are to be sent
// again by another name.
//
// A rejection stands if a recent scan supports it: a thousand rejected users would
// cost a hundred scans otherwise. It counts as done only by a scan that began after
// it, because the list may have changed in between.
func (w *batchWriter) judge(ctx context.Context) (again []*item) {
	rejected := w.rejected
	w.rejected = nil
	isUnknown := w.unknown || w.late
	var open []rejection
	for _, r := range rejected {
		r.result = Result{User: r.user, Err: r.err}
		switch {
		case r.err.Kind == d360.Unauthorized && r.isGeneral && !w.unknown:
			// The list would be rejected too.
		case isUnknown || !w.isSupported(r) || w.list.isKept(r.user):
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		return nil
	}
	items := make([]*item, len(open))
	for n, r := range open {
		items[n] = r.item
	}
	// A scan that fails leaves none behind.
	w.list.mu.Lock()
	before := w.list.lastSnapshot()
	w.list.mu.Unlock()
	found, err := w.look(ctx, items)
	for n, r := range open {
		// The API may reject a block because the user is blocked already, so a rejection
		// tells nothing about a user that a scan has shown.
		isOpen := isUnknown || w.wasListed(r.user, before)
		switch {
		case w.kind == block && (err != nil || found.Of[n].Presence == Uncertain) && w.list.isKept(r.user):
			// The state holds the user as blocked, and the list says nothing else.
			w.done(r.item)
		case err != nil && isOpen:
			w.giveUnknown(r.item, r.err, err)
		case err != nil:
		case w.isDone(found.Of[n].Presence):
			w.doneAs(r.item, found.Of[n])
		case w.mayRename(r, found.Of[n].Shown):
			r.rejectedBy = append(r.rejectedBy, r.name)
			again = append(again, r.item)
		case isOpen && found.Of[n].Presence == Uncertain && (w.kind == unblock || found.Incomplete != nil):
			w.giveUnknown(r.item, r.err, uncertainty(found))
		}
	}
	return again
}

// isSupported reports whether a recent scan says that a rejected user is not as
// desired, and no other name is left to try.
func (w *batchWriter) isSupported(r rejection) bool {
	w.list.mu.Lock()
	last := w.list.lastSnapshot()
	w.list.mu.Unlock()
	if last == nil || last.seq == 0 || time.Since(last.began) > supportFor {
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

// mayRename reports whether an unblock that was sent by one name and rejected may go
// through by another one, which the list or an earlier response has shown.
func (w *batchWriter) mayRename(r rejection, shown userid.User) bool {
	isSent := !r.name.IsZero() && !slices.Contains(r.rejectedBy, r.name)
	if w.kind == block || !isSent || !r.err.MayConcernOneUser() || shown.IsZero() {
		return false
	}
	renamed := *r.item
	renamed.rejectedBy = append(slices.Clip(r.rejectedBy), r.name)
	return nextName(&renamed, shown) != userid.ID{}
}

// look finds out by a scan that begins now who is on the list. A user is called
// absent by two scans, and for a block that takes only one.
func (w *batchWriter) look(ctx context.Context, items []*item) (*Findings, error) {
	w.list.mu.Lock()
	w.list.writeSeq++ // no scan has come after this
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

// doneAs records a user that the list shows as desired.
func (w *batchWriter) doneAs(i *item, f Finding) {
	i.user = i.user.Learn(f.Shown)
	w.done(i)
}

func (w *batchWriter) giveUnknown(i *item, cause *d360.Error, list error) {
	w.unverified = true
	i.result = Result{User: i.user, Err: &OutcomeUnknownError{Cause: cause, List: list}}
}

// uncertainty is why the list could not tell of a user.
func uncertainty(found *Findings) error {
	if found.Incomplete != nil {
		return found.Incomplete
	}
	return ErrMayBeListed
}
