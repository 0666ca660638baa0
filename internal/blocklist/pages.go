package blocklist

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// Pages lists everyone on the list, page by page, as the service shows them now.
// It asks for a page when that is wanted, and until the listing ends nothing else
// talks to the service. What ends it early is its last pair, with an error:
// [d360.ErrEndInDoubt] as in [d360.Client.Scan], or why a page could not be read.
//
// A list that changes on the way is read again from its start, and so is, once,
// one that seems empty or cut short. Nobody comes twice for that, nor where two
// entries are about one user.
func (l *List) Pages(ctx context.Context) iter.Seq2[[]d360.Entry, error] {
	return func(yield func([]d360.Entry, error) bool) {
		if err := l.turn.Acquire(ctx, 1); err != nil {
			yield(nil, err)
			return
		}
		defer l.turn.Release(1)

		known := acquaintance{}
		retry := l.client.NewRetry()
		doubted, doubt := false, error(nil)
		for {
			var err error
			empty := true
			for page, failure := range l.client.Pages(ctx) {
				if failure != nil {
					err = failure
					break
				}
				empty = false
				if fresh := known.meet(page); len(fresh) > 0 && !yield(fresh, nil) {
					return
				}
			}
			switch {
			case d360.IsKind(err, d360.Conflict) || d360.IsKind(err, d360.Looped):
				if err = retry.Wait(ctx, err); err == nil {
					continue
				}
			case errors.Is(err, d360.ErrEndInDoubt) || (err == nil && empty):
				// This is what a broken answer looks like; it takes two to say so.
				if !doubted {
					doubted, doubt = true, err
					continue
				}
				err = cmp.Or(err, doubt)
			}
			if err != nil {
				yield(nil, err)
			}
			return
		}
	}
}

// acquaintance is who has been listed, by all that tells a user again.
type acquaintance map[mark]struct{}

// mark is something that an entry shows of its user. A number and a WhatsApp ID
// of the same digits are different marks: what one user was blocked under may be
// the WhatsApp ID of another.
type mark struct {
	kind markKind
	text string
}

type markKind int

const (
	principalMark markKind = iota
	waIDMark
	scopedMark
)

// meet returns the entries of those who are new, in their order.
func (a acquaintance) meet(page []d360.Entry) []d360.Entry {
	fresh := make([]d360.Entry, 0, len(page))
	for _, entry := range page {
		met := false
		for _, m := range [...]mark{
			{principalMark, entry.Principal()},
			{waIDMark, entry.WaID.String()},
			{scopedMark, entry.Scoped.String()},
		} {
			if m.text != "" {
				_, had := a[m]
				met = met || had
				a[m] = struct{}{}
			}
		}
		if !met {
			fresh = append(fresh, entry)
		}
	}
	return fresh
}
