package d360

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// maxBackoff is the longest mean wait between two tries.
	maxBackoff = 30 * time.Second
	// MaxRetryAfter is the longest Retry-After that the client waits for. Instead of a
	// longer wait it returns an error.
	MaxRetryAfter = 2 * time.Minute
)

// Retry counts the tries of one request and waits between them: with exponential
// backoff and jitter, or as long as the API asks.
type Retry struct {
	client *Client
	left   int
	tries  int
	delays *backoff.ExponentialBackOff
}

// NewRetry returns the retries of a new request. After a request used up its retries,
// each one gets a single retry, until one succeeds.
func (c *Client) NewRetry() *Retry {
	left := c.maxRetries
	if c.exhausted.Load() {
		left = min(left, 1)
	}
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval = c.firstBackoff
	delays.Multiplier = 2
	delays.MaxInterval = maxBackoff
	return &Retry{client: c, left: left, delays: delays}
}

// Wait is called after a try failed with err. It returns nil when it is time for the
// next try. It returns err if a retry is useless or none is left, and the context's
// error if the context ended.
func (r *Retry) Wait(ctx context.Context, err error) error {
	r.tries++
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.Retryable() {
		return err
	}
	final := *e
	final.Tries = r.tries
	wait := r.delays.NextBackOff()
	switch {
	case r.left <= 0:
		r.client.exhausted.Store(true)
		return &final
	case e.HasRetryAfter && e.RetryAfter > MaxRetryAfter:
		final.Details = "the API asks to wait for " + e.RetryAfter.String() + ", which is longer than a run should wait"
		return &final
	case e.HasRetryAfter:
		wait = e.RetryAfter
	}
	r.left--

	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
