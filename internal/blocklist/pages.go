package blocklist

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Pages lists everyone on the list, page by page, as the API shows them now. It
// asks for a page when that is wanted, and until the listing ends nothing else talks
// to the API. What ends it early is its last pair, with an error:
// [d360.ErrIncomplete] as in [d360.Client.Scan], or why a page could not be read.
//
// A list that changes on the way is read again from its start, and so is, once,
// one that seems empty or cut short. No one comes twice for that, nor where two
// entries are about one user.
func (l *List) Pages(ctx context.Context) iter.Seq2[[]userid.User, error] {
	return func(yield func([]userid.User, error) bool) {
		if err := l.apiLock.Acquire(ctx, 1); err != nil {
			yield(nil, err)
			return
		}
		defer l.apiLock.Release(1)

		seen := seenUsers{shown: map[string]struct{}{}}
		retry := l.client.NewRetry()
		again, incomplete := false, error(nil)
		for {
			var err error
			empty := true
			for page, failure := range l.client.Pages(ctx) {
				if failure != nil {
					err = failure
					break
				}
				empty = false
				if fresh := seen.filterNew(page); len(fresh) > 0 && !yield(fresh, nil) {
					return
				}
			}
			switch {
			case d360.IsKind(err, d360.Conflict) || d360.IsKind(err, d360.PaginationLoop):
				if err = retry.Wait(ctx, err); err == nil {
					continue
				}
			case errors.Is(err, d360.ErrIncomplete) || (err == nil && empty):
				// This is what a broken response looks like: it takes two to say so.
				if !again {
					again, incomplete = true, err
					continue
				}
				err = cmp.Or(err, incomplete)
			}
			if err != nil {
				yield(nil, err)
			}
			return
		}
	}
}

// seenUsers are the users who have been listed.
type seenUsers struct {
	index userid.Index
	// shown are entries that name no user.
	shown map[string]struct{}
}

// filterNew returns the entries of users who were not listed before, in their order.
func (s *seenUsers) filterNew(page []userid.User) []userid.User {
	fresh := make([]userid.User, 0, len(page))
	for _, entry := range page {
		_, seen := s.shown[entry.Spelling]
		if !entry.IsZero() {
			seen = s.index.Has(entry)
			s.index.Add(entry)
		}
		if seen {
			continue
		}
		if entry.IsZero() {
			s.shown[entry.Spelling] = struct{}{}
		}
		fresh = append(fresh, entry)
	}
	return fresh
}
