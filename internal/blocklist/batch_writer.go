package blocklist

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// batchWriter sends one batch. Every user gets a result, whatever the API responds. It
// verifies rejections and lost responses by the list, see verify.go.
type batchWriter struct {
	list *List
	kind kind

	// unknown is set after a request with an unknown outcome, until a scan that began later
	// has shown the list.
	unknown bool
	// late is set after a request without a response: the API may still carry it out after
	// the scan that verified it.
	late bool
	// unverified is set once the result of a user is an unknown outcome.
	unverified bool
	// rejected are users that the API rejected for good. They are verified together once
	// all others have been sent.
	rejected []rejection
}

// run sends users until each has a result.
func (w *batchWriter) run(ctx context.Context, todo []*item) {
	for len(todo) > 0 {
		w.sendAll(ctx, todo)
		todo = w.verifyRejected(ctx)
	}
}

// sendAll sends users in requests as large as the API accepts, and smaller ones to find
// the users that it rejects.
func (w *batchWriter) sendAll(ctx context.Context, todo []*item) {
	if err := w.list.generalRejection(w.kind); err != nil {
		w.reject(todo, err, true)
		return
	}
	retry := w.list.client.NewRetry()
	plan := requestPlan{batchWriter: w}
	var last *d360.Error
	for len(todo) > 0 {
		part, rest := plan.next(todo)
		var found *Findings
		if w.kind == unblock {
			var err error
			if found, err = w.list.findItems(ctx, part); err != nil {
				w.notAdmitted(todo, last, err)
				return
			}
		}
		planned := len(part)
		part, results, err := w.send(ctx, part, found)
		if len(part) == 0 {
			todo = rest
			plan.resolved(planned)
			continue
		}

		failure, isFailure := errors.AsType[*d360.Error](err)
		var again []*item
		if isFailure && failure.MayBePartlyDone() {
			w.unknown = true
		}
		switch {
		case err == nil:
			again, failure = w.takeResults(ctx, part, results)
			if len(again) < len(part) {
				retry = w.list.client.NewRetry()
			}
			plan.succeeded(len(part), planned)
		case !isFailure:
			w.withdraw(slices.Concat(part, rest), last, err)
			return
		case failure.OutcomeUnknown():
			w.unknown = true
			plan.timedOut(failure, len(part))
			again = w.verifyUnknown(ctx, part, failure)
			plan.resolved(planned - len(again))
		case failure.Retryable():
			// The API may have failed after it made the change.
			w.unknown = w.unknown || failure.Kind == d360.Temporary
			if plan.throttled(failure, len(part)) {
				todo, last = slices.Concat(part, rest), failure
				continue
			}
			again = part
		case failure.MayConcernOneUser() && len(part) > 1:
			todo = plan.rejected(failure, part, rest)
			continue
		case failure.MayConcernOneUser() && !plan.isGeneral(failure):
			w.reject(part, failure, false)
			plan.rejectedAlone()
		default:
			w.reject(slices.Concat(part, rest), failure, true)
			return
		}

		todo = slices.Concat(rest, again)
		if len(again) > 0 {
			last = failure
			if waitErr := retry.Wait(ctx, failure); waitErr != nil {
				w.giveUp(todo, failure, waitErr)
				return
			}
		}
	}
}

// send makes one request. All other requests wait until it ends. It returns the users that
// were sent: of unblocks, only those that the gate admits.
func (w *batchWriter) send(ctx context.Context, items []*item, found *Findings) ([]*item, []d360.UserResult, error) {
	if err := w.list.apiLock.Acquire(ctx, 1); err != nil {
		return items, nil, err
	}
	defer w.list.apiLock.Release(1)
	if w.kind == unblock {
		if items = w.list.admit(items, found); len(items) == 0 {
			return nil, nil, nil
		}
	}
	w.list.mu.Lock()
	w.list.writeSeq++
	w.list.mu.Unlock()
	users, request := usersOf(items), w.list.client.Block
	if w.kind == unblock {
		request = w.list.client.Unblock
		for i, it := range items {
			users[i].ID = it.name
		}
	}
	results, err := request(ctx, users)
	return items, results, err
}

// usersOf returns the users of items.
func usersOf(items []*item) []userid.User {
	users := make([]userid.User, len(items))
	for i, it := range items {
		users[i] = it.user
	}
	return users
}

// takeResults records the results of a request. It returns the users to retry, and why.
func (w *batchWriter) takeResults(ctx context.Context, items []*item, results []d360.UserResult) (again []*item, failure *d360.Error) {
	var missing []*item
	for i, r := range results {
		it := items[i]
		it.user = it.user.Learn(r.User)
		switch {
		case r.Done:
			w.done(it)
		case r.Err == nil:
			missing = append(missing, it)
		case r.Err.Retryable():
			again, failure = append(again, it), r.Err
			// The API may have failed after it made the change.
			w.unknown = w.unknown || r.Err.Kind == d360.Temporary
		default:
			w.reject([]*item{it}, r.Err, false)
		}
	}
	if len(missing) > 0 {
		w.unknown = true
		notNamed := &d360.Error{Kind: d360.NoResponse, Message: "the response does not name this user"}
		if left := w.verifyUnknown(ctx, missing, notNamed); len(left) > 0 {
			again, failure = append(again, left...), notNamed
		}
	}
	return again, failure
}

// reject records rejected users for verifyRejected. isGeneral is set if the rejection
// concerns no single user.
func (w *batchWriter) reject(items []*item, err *d360.Error, isGeneral bool) {
	for _, it := range items {
		w.rejected = append(w.rejected, rejection{item: it, err: err, isGeneral: isGeneral})
	}
}

// done records a success.
func (w *batchWriter) done(it *item) {
	w.list.record(it.user, w.kind == block)
	it.result = Result{User: it.user}
}

func fail(items []*item, err error) {
	for _, it := range items {
		it.result = Result{User: it.user, Err: err}
	}
}

// leavesUnknown reports whether a request may have changed the list although no result
// reports a success.
func (w *batchWriter) leavesUnknown(batch []*item) bool {
	anyFailed := slices.ContainsFunc(batch, func(it *item) bool { return it.result.Err != nil })
	return w.unverified || (w.unknown && anyFailed)
}

// giveUp ends the batch for users who are not retried. err is why, failure is the error of
// the last try.
func (w *batchWriter) giveUp(items []*item, failure *d360.Error, err error) {
	final, ok := errors.AsType[*d360.Error](err)
	if !ok {
		w.withdraw(items, failure, err)
		return
	}
	w.reject(items, final, true)
}

// notAdmitted ends the batch for unblocks because the list could not be read.
func (w *batchWriter) notAdmitted(items []*item, last *d360.Error, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		w.withdraw(items, last, err)
	case last != nil && w.unknown:
		for _, it := range items {
			w.failUnknown(it, last, err)
		}
	default:
		fail(items, err)
	}
}

// withdraw ends the batch for users who are not sent, or not again. last is the error of
// their last try, nil if there was none.
func (w *batchWriter) withdraw(items []*item, last *d360.Error, err error) {
	switch {
	case errors.Is(err, context.Canceled) && last == nil:
		err = ErrWithdrawn
	case errors.Is(err, context.Canceled):
		err = fmt.Errorf("%w; the last one ended with: %w", ErrNotRetried, last)
	}
	fail(items, err)
}
