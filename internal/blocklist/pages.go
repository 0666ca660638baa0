package blocklist

import (
	"context"
	"errors"
	"iter"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Pages yields all users of the list, page by page, each user once. It requests a page when
// the caller asks for one. All other requests wait until it ends. If it ends early, the last
// value is an error: [d360.ErrIncomplete] as in [d360.Client.Scan], or the error of a page.
//
// If the list changes during the scan, Pages starts again from the first page. If the list
// seems empty or is incomplete, Pages scans it a second time.
func (l *List) Pages(ctx context.Context) iter.Seq2[[]userid.User, error] {
	return func(yield func([]userid.User, error) bool) {
		if err := l.apiLock.Acquire(ctx, 1); err != nil {
			yield(nil, err)
			return
		}
		defer l.apiLock.Release(1)

		seen := seenUsers{nameless: map[string]struct{}{}}
		retry := l.client.NewRetry()
		err := confirmEmpty(func(int) (isEmpty bool, err error) {
			for {
				isEmpty, err = true, nil
				for page, failure := range l.client.Pages(ctx) {
					if failure != nil {
						err = failure
						break
					}
					isEmpty = false
					if unseen := seen.filterNew(page); len(unseen) > 0 && !yield(unseen, nil) {
						return false, errStopped
					}
				}
				if !d360.IsKind(err, d360.Conflict) && !d360.IsKind(err, d360.PaginationLoop) {
					return isEmpty, err
				}
				if err = retry.Wait(ctx, err); err != nil {
					return isEmpty, err
				}
			}
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// errStopped ends the scan when the caller of Pages stops early.
var errStopped = errors.New("no more pages are wanted")

// seenUsers are the users of earlier pages.
type seenUsers struct {
	index userid.Index
	// nameless are the spellings of entries that name no user.
	nameless map[string]struct{}
}

// filterNew returns the entries of users who were on no earlier page.
func (s *seenUsers) filterNew(page []userid.User) []userid.User {
	unseen := make([]userid.User, 0, len(page))
	for _, entry := range page {
		var isSeen bool
		if entry.IsZero() {
			_, isSeen = s.nameless[entry.Spelling]
			s.nameless[entry.Spelling] = struct{}{}
		} else {
			isSeen = s.index.Has(entry)
			s.index.Add(entry)
		}
		if !isSeen {
			unseen = append(unseen, entry)
		}
	}
	return unseen
}
