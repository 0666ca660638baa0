// Package quiet waits for work that arrives in pieces, when it is not known which piece is
// the last.
package quiet

import (
	"context"
	"time"
)

// UntilNext is a window that only the next arrival ends.
const UntilNext time.Duration = -1

// Wait returns once nothing arrives for as long as window says, or once ctx is done.
// It calls window at the start and after each arrival. A window of zero ends the wait.
// arrived needs a buffer of one, so that an arrival between two waits is not lost.
func Wait(ctx context.Context, arrived <-chan struct{}, window func() time.Duration) {
	for {
		var windowEnd <-chan time.Time
		switch w := window(); {
		case w == 0:
			return
		case w > 0:
			windowEnd = time.After(w)
		}
		select {
		case <-arrived:
		case <-windowEnd:
			return
		case <-ctx.Done():
			return
		}
	}
}
