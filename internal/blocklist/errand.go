package blocklist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	// judgeFor is how long one look at the list serves to judge refusals, so that
	// a thousand refused users do not cost a thousand scans.
	judgeFor = 30 * time.Second
	// mostLoneRefusals is how many users may be refused one by one before the
	// reason is taken to lie in none of them, if nobody got through.
	mostLoneRefusals = 32
)

// UnsettledError is the result for a user of whom nobody knows whether the
// service did what it was asked to.
type UnsettledError struct {
	// Cause is what became of the request.
	Cause error
	// List is why the list could not tell.
	List error
}

// Error tells both reasons.
func (e *UnsettledError) Error() string {
	if errors.Is(e.List, context.Canceled) {
		return fmt.Sprintf("%s; and the run was cancelled before a look at the list, which would tell whether it was done all the same", e.Cause)
	}
	return fmt.Sprintf("%s; and the list, which would tell whether it was done all the same, could not be read: %s", e.Cause, e.List)
}

// Unwrap returns both reasons.
func (e *UnsettledError) Unwrap() []error { return []error{e.Cause, e.List} }

// errand carries out one batch. Whatever the service answers or fails to, every
// user of it ends with a result, and the list has the last word: somebody whose
// block was refused and who is on it is blocked, whatever the reason was.
type errand struct {
	list *List
	kind kind
	// waIDs are the WhatsApp IDs of users where they are known.
	waIDs   map[userid.ID]userid.ID
	results map[userid.ID]Result

	// unclear is set while a request may have been carried out without an answer
	// that says so: then only a new look at the list counts.
	unclear bool
	// late is set where a request without an answer may still be carried out, after
	// the look at the list that it had: then a refusal of the next one takes another.
	late bool
	// unsettled is set once a user has been given up on without knowing.
	unsettled bool
	// loneRefusals counts users who were refused alone, until gotThrough is set:
	// the service did something for somebody of this errand.
	loneRefusals int
	gotThrough   bool
}

// run sends users in requests as large as the service bears: half as large
// after one that was refused as a whole, until the culprit stands alone, or was
// throttled twice; twice as large after one that went through.
func (e *errand) run(ctx context.Context, todo []userid.ID) {
	size := len(todo)
	retry := e.list.client.NewRetry()
	throttled := false
	var last *d360.Error
	for len(todo) > 0 {
		size = min(size, len(todo))
		part, rest := todo[:size], todo[size:]
		answers, err := e.send(ctx, part)

		var failure *d360.Error
		var again []userid.ID
		if errors.As(err, &failure) && failure.MayBePartlyDone() {
			e.unclear = true
		}
		switch {
		case err == nil:
			again, failure = e.take(ctx, answers)
			if len(again) < len(part) {
				retry, throttled = e.list.client.NewRetry(), false
			}
			size *= 2
		case !errors.As(err, &failure):
			e.withdraw(todo, last, err)
			return
		case failure.Unclear():
			e.unclear = true
			again = e.settle(ctx, part, failure)
		case failure.Retryable():
			// The fault may have struck after the work was done.
			e.unclear = e.unclear || failure.Kind == d360.Temporary
			if failure.Kind == d360.Throttled {
				if throttled {
					size = max(1, size/2)
				}
				throttled = true
			}
			again = part
		case failure.MayConcernOneUser() && size > 1:
			size /= 2
			continue
		case failure.MayConcernOneUser() && e.concernsThisOne():
			e.refuse(ctx, all(part, failure))
			size *= 2
		default:
			e.refuse(ctx, all(todo, failure))
			return
		}

		todo = slices.Concat(rest, again)
		if len(again) > 0 {
			last = failure
			if err := retry.Wait(ctx, failure); err != nil {
				e.giveUp(ctx, todo, failure, err)
				return
			}
		}
	}
}

// concernsThisOne counts a user who was refused alone, and reports whether the
// reason may still lie in that user.
func (e *errand) concernsThisOne() bool {
	e.loneRefusals++
	return e.gotThrough || e.loneRefusals <= mostLoneRefusals
}

// send makes one request, while nothing else talks to the service.
func (e *errand) send(ctx context.Context, users []userid.ID) ([]d360.Answer, error) {
	if err := e.list.turn.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer e.list.turn.Release(1)
	if e.kind == block {
		return e.list.client.Block(ctx, users)
	}
	return e.list.client.Unblock(ctx, users)
}

// take books the answers of a request. It returns those who are worth another
// try, and why they need one.
func (e *errand) take(ctx context.Context, answers []d360.Answer) (again []userid.ID, failure *d360.Error) {
	var refused []refusal
	var silent []userid.ID
	for _, a := range answers {
		switch {
		case a.Done:
			e.gotThrough = true
			e.done(a.User, a.WaID)
		case a.Err == nil:
			silent = append(silent, a.User)
		case a.Err.Retryable():
			again, failure = append(again, a.User), a.Err
			// The fault may have struck after the work was done.
			e.unclear = e.unclear || a.Err.Kind == d360.Temporary
		default:
			refused = append(refused, refusal{user: a.User, waID: a.WaID, err: a.Err})
		}
	}
	if len(silent) > 0 {
		e.unclear = true
		unanswered := &d360.Error{Kind: d360.Lost, Message: "the service did not say what became of this user"}
		if left := e.settle(ctx, silent, unanswered); len(left) > 0 {
			again, failure = append(again, left...), unanswered
		}
	}
	if len(refused) > 0 {
		e.refuse(ctx, refused)
	}
	return again, failure
}

// done books a user who is as wanted. waID is what the service called the user
// just now, zero if nothing.
func (e *errand) done(user, waID userid.ID) {
	// The list may show by a WhatsApp ID alone whom this answer names without it.
	e.list.record(user, cmp.Or(waID, e.waIDs[user]), e.kind == block)
	e.results[user] = Result{WaID: waID}
}

func (e *errand) fail(users []userid.ID, err error) {
	for _, user := range users {
		e.results[user] = Result{Err: err}
	}
}

// endsOpen reports whether a request may have done something that no result
// tells of.
func (e *errand) endsOpen() bool {
	if e.unclear {
		for _, r := range e.results {
			if r.Err != nil {
				return true
			}
		}
	}
	return e.unsettled
}

func (e *errand) unsettle(user userid.ID, cause *d360.Error, list error) {
	e.unsettled = true
	e.results[user] = Result{Err: &UnsettledError{Cause: cause, List: list}}
}

// settle looks up on the list what became of users who have no answer, and
// returns those who are not as wanted yet. Where the list cannot be read, they
// are unsettled.
func (e *errand) settle(ctx context.Context, users []userid.ID, cause *d360.Error) []userid.ID {
	e.late = true
	s, err := e.look(ctx, true)
	if err != nil {
		for _, user := range users {
			e.unsettle(user, cause, err)
		}
		return nil
	}
	var left []userid.ID
	for _, user := range users {
		switch done, err := e.isDone(s, user, userid.ID{}); {
		case err != nil:
			e.unsettle(user, cause, err)
		case !done:
			left = append(left, user)
		}
	}
	return left
}

// refusal is a user whom the service refused for good.
type refusal struct {
	user userid.ID
	// waID is the WhatsApp ID that the refusal gave, zero if none.
	waID userid.ID
	err  *d360.Error
}

func all(users []userid.ID, err *d360.Error) []refusal {
	refused := make([]refusal, len(users))
	for i, user := range users {
		refused[i] = refusal{user: user, err: err}
	}
	return refused
}

// refuse books users whom the service refused, unless the list shows them as
// wanted.
func (e *errand) refuse(ctx context.Context, refused []refusal) {
	unclear := e.unclear || e.late
	var s *snapshot
	var err error
	if refused[0].err.Kind == d360.Unauthorized && !e.unclear {
		unclear = false
		err = refused[0].err // the list would be refused too
	} else {
		s, err = e.look(ctx, unclear)
		e.late = e.late && err != nil
	}
	for _, r := range refused {
		why := err
		if err == nil {
			var done bool
			if done, why = e.isDone(s, r.user, r.waID); done {
				continue
			}
		}
		if unclear && why != nil {
			e.unsettle(r.user, r.err, why)
			continue
		}
		e.results[r.user] = Result{Err: r.err}
	}
}

// giveUp books users for whom no try is left. err is why there is none, failure
// what the last one ended with.
func (e *errand) giveUp(ctx context.Context, users []userid.ID, failure *d360.Error, err error) {
	var final *d360.Error
	if !errors.As(err, &final) {
		e.withdraw(users, failure, err)
		return
	}
	e.refuse(ctx, all(users, final))
}

// withdraw books users who will not be sent, or not again. last is what their
// last try ended with, nil where there was none.
func (e *errand) withdraw(users []userid.ID, last *d360.Error, err error) {
	switch {
	case errors.Is(err, context.Canceled) && last == nil:
		err = ErrWithdrawn
	case errors.Is(err, context.Canceled):
		err = fmt.Errorf("%w; the last one ended with: %w", ErrNotRetried, last)
	}
	e.fail(users, err)
}

// look returns a snapshot to judge by: a new one, or the last if refusals were
// judged by it a moment ago.
func (e *errand) look(ctx context.Context, anew bool) (*snapshot, error) {
	l := e.list
	l.mu.Lock()
	judged, age := l.judged, time.Since(l.judgedAt)
	l.mu.Unlock()
	if !anew && judged != nil && age < judgeFor {
		return judged, nil
	}
	began := time.Now()
	s, err := l.scan(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.judged, l.judgedAt = s, began
	l.mu.Unlock()
	e.unclear = false
	return s, nil
}

// isDone reports, and books, whether the list shows a user as wanted. waID is
// what an answer called the user, zero if nothing. The error says that the list
// leaves it open.
func (e *errand) isDone(s *snapshot, user, waID userid.ID) (bool, error) {
	entry, listed := e.list.find(s, user, e.waIDs[user], waID)
	switch {
	case !listed && s.doubt != nil:
		return false, s.doubt
	case listed == (e.kind == block):
		e.done(user, entry.WaID)
		return true, nil
	default:
		return false, nil
	}
}
