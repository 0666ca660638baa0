package d360_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// waits returns the times between requests.
func waits(requests []sentRequest) []time.Duration {
	var all []time.Duration
	for i := 1; i < len(requests); i++ {
		all = append(all, requests[i].at.Sub(requests[i-1].at))
	}
	return all
}

func TestRetry_exponentialWithJitter(t *testing.T) {
	t.Parallel()

	const tries = 9
	for first, firstMean := range map[time.Duration]time.Duration{0: 500 * time.Millisecond, 50 * time.Millisecond: 50 * time.Millisecond} {
		t.Run(first.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				jitter := false
				for range 10 {
					s := always(response{status: 503})
					client := clientOf(t, s, retries(tries), func(o *d360.Options) { o.FirstBackoff = first })
					_, err := client.Scan(t.Context())
					if got, want := renderError(t, err), "temporary: service unavailable (HTTP 503, tried 10 times)"; got != want {
						t.Errorf("got %s, want %s", got, want)
					}
					all := waits(s.received())
					if len(all) != tries {
						t.Fatalf("waits %v, want %d", all, tries)
					}
					mean := firstMean
					for i, wait := range all {
						if i > 0 {
							mean = min(2*mean, 30*time.Second)
						}
						// The sixth mean, 16 s, is above half of the longest, and the next is the longest.
						if wait < mean/2 || wait > mean*3/2+1 {
							t.Errorf("wait %d is %s, the mean %s", i+1, wait, mean)
						}
						jitter = jitter || wait != mean
					}
				}
				if !jitter {
					t.Error("no jitter")
				}
			})
		})
	}
}

func TestRetry_count(t *testing.T) {
	t.Parallel()

	for _, n := range []int{0, 1, 3} {
		for name, failure := range map[string]response{
			"temporary": {status: 500}, "throttled": {status: 429}, "invalid response": {body: "null"}, "lost": {err: errors.New("reset")},
			"broken off": {body: `{"da`, broken: errors.New("reset")}, "conflict": {status: 400, body: `{"error":{"code":139102}}`},
		} {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := always(failure)
					_, err := clientOf(t, s, retries(n)).Scan(t.Context())
					if got := len(s.received()); got != n+1 {
						t.Errorf("%d requests, want %d", got, n+1)
					}
					want := ""
					if n > 0 {
						want = fmt.Sprintf("tried %d times", n+1)
					}
					if text := renderError(t, err); !strings.Contains(text, want) || n == 0 && strings.Contains(text, "tried") {
						t.Errorf("%q after %d tries", text, n+1)
					}
				})
			})
		}
	}
}

func TestRetry_notForFinalErrors(t *testing.T) {
	t.Parallel()

	for _, code := range []int{139101, 131021, 131047, 33, 0, 190, 10, 200, 368, 130497, 131031} {
		synctest.Test(t, func(t *testing.T) {
			// HTTP 404 is not a rejection of the page size.
			s := inTurn(t, response{status: 404, body: fmt.Sprintf(`{"error":{"code":%d,"message":"no"}}`, code)})
			within(t, 0, func() {
				_, err := clientOf(t, s, retries(5)).Scan(t.Context())
				if text := renderError(t, err); strings.Contains(text, "tried") {
					t.Errorf("code %d: %s", code, text)
				}
			})
		})
	}
}

func TestRetry_after(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			value string
			// tooLong: more than the maximum. ignored: the usual wait instead.
			wait             time.Duration
			tooLong, ignored bool
		}{
			"seconds":         {value: "7", wait: 7 * time.Second},
			"none":            {value: "0"},
			"two minutes":     {value: "120", wait: 2 * time.Minute},
			"more":            {value: "121", tooLong: true},
			"a year":          {value: "31536000", tooLong: true},
			"beyond reason":   {value: "9223372036854775807", tooLong: true},
			"beyond numbers":  {value: strings.Repeat("9", 400), tooLong: true},
			"a date":          {value: time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat), wait: 90 * time.Second},
			"a date far off":  {value: time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat), tooLong: true},
			"a date gone by":  {value: time.Now().AddDate(-1, 0, 0).UTC().Format(http.TimeFormat)},
			"negative":        {value: "-5", ignored: true},
			"a word":          {value: "soon", ignored: true},
			"empty":           {value: "", ignored: true},
			"no whole number": {value: "1.5", ignored: true},
			"far below zero":  {value: "-" + strings.Repeat("9", 400), ignored: true},
			"an exponent":     {value: "1e1", ignored: true},
			"another base":    {value: "0x10", ignored: true},
			"two numbers":     {value: "5, 6", ignored: true},
			"a unit":          {value: "5s", ignored: true},
			"zeros ahead":     {value: "00007", wait: 7 * time.Second},
			"a plus":          {value: "+7", wait: 7 * time.Second},
			"digits of India": {value: "१२", ignored: true},
			"a date at last":  {value: "Fri, 31 Dec 9999 23:59:59 GMT", tooLong: true},
			"a date at first": {value: "Mon, 01 Jan 0001 00:00:00 GMT"},
			"an older date":   {value: time.Now().AddDate(-1, 0, 0).UTC().Format(time.RFC850)},
			"a date of C":     {value: time.Now().AddDate(1, 0, 0).UTC().Format(time.ANSIC), tooLong: true},
			"no such date":    {value: "Mon, 99 Foo 2026 25:61:61 GMT", ignored: true},
			"a date of JSON":  {value: time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339), ignored: true},
		} {
			for _, status := range []int{429, 503} {
				s := &stubAPI{respond: func(n int, _ *http.Request) response {
					if n == 0 {
						return response{status: status, header: http.Header{"Retry-After": {test.value}}}
					}
					return response{body: `{}`}
				}}
				now := time.Now()
				_, err := clientOf(t, s, retries(1)).Scan(t.Context())
				took := time.Since(now)
				switch {
				case test.tooLong:
					e, ok := errors.AsType[*d360.Error](err)
					if !ok || e.Status != status || !strings.Contains(e.Error(), "longer than a run should wait") || took != 0 || len(s.received()) != 1 {
						t.Errorf("%s: %v after %s and %d requests", name, err, took, len(s.received()))
					}
				case err != nil:
					t.Errorf("%s: %v", name, err)
				case test.ignored:
					if took < 250*time.Millisecond || took > 751*time.Millisecond {
						t.Errorf("%s: waited %s", name, took)
					}
				// Dates are relative to the start of the bubble.
				case !strings.Contains(test.value, "GMT") && took != test.wait, took > test.wait:
					t.Errorf("%s: waited %s, want %s", name, took, test.wait)
				}
			}
		}
	})
}

func TestRetry_afterDate(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		date := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
		s := inTurn(t, response{status: 429, header: http.Header{"Retry-After": {date}}}, response{body: `{}`})
		within(t, 90*time.Second, func() {
			if err := scan(t.Context(), clientOf(t, s, retries(1))); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestRetry_afterIsInTheError(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		for value, want := range map[string]time.Duration{
			"7": 7 * time.Second, "0": 0, time.Now().AddDate(-1, 0, 0).UTC().Format(http.TimeFormat): 0, "": -1,
		} {
			client := clientOf(t, always(response{status: 429, header: http.Header{"Retry-After": {value}}}))
			_, err := client.Block(t.Context(), users("+4915112345678"))
			e, ok := errors.AsType[*d360.Error](err)
			if !ok || e.HasRetryAfter != (want >= 0) || e.RetryAfter != max(0, want) {
				t.Errorf("%q: %+v, want %s", value, e, want)
			}
		}
	})
}

func TestRetry_endsWithTheContext(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := always(response{status: 429, header: http.Header{"Retry-After": {"60"}}})
		client := clientOf(t, s, retries(5))

		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		within(t, 90*time.Second, func() {
			if err := scan(ctx, client); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
		if n := len(s.received()); n != 2 {
			t.Errorf("%d requests, want 2", n)
		}

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		within(t, time.Second, func() {
			if err := scan(ctx, client); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		within(t, 0, func() {
			if err := scan(ctx, client); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		if n := len(s.received()); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
	})
}

// After a request used up its retries, the next ones get one, until one succeeds.
func TestRetry_onceAfterExhaustion(t *testing.T) {
	t.Parallel()

	for name, succeed := range map[string]func(*d360.Client) error{
		"a listing": func(c *d360.Client) error { return scan(context.Background(), c) },
		"a write": func(c *d360.Client) error {
			_, err := c.Block(context.Background(), users("+4915112345678"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broken := true
				s := &stubAPI{respond: func(int, *http.Request) response {
					if broken {
						return response{status: 503}
					}
					return response{body: `{}`}
				}}
				client := clientOf(t, s, retries(4))
				requests := func() int {
					before := len(s.received())
					if err := scan(t.Context(), client); err == nil {
						t.Error("no error")
					}
					return len(s.received()) - before
				}
				for i, want := range []int{5, 2, 2} {
					if got := requests(); got != want {
						t.Errorf("scan %d made %d requests, want %d", i+1, got, want)
					}
				}
				broken = false
				if err := succeed(client); err != nil {
					t.Fatal(err)
				}
				broken = true
				if got := requests(); got != 5 {
					t.Errorf("%d requests after a success, want 5", got)
				}
			})
		})
	}
}

func TestRetry_wait(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		client := clientOf(t, always(response{}), retries(1))
		foreign := errors.New("not of the API")
		if err := client.NewRetry().Wait(t.Context(), foreign); !errors.Is(err, foreign) {
			t.Errorf("a foreign error became %v", err)
		}
		retry, failure := client.NewRetry(), &d360.Error{Kind: d360.Temporary, Message: "m"}
		if err := retry.Wait(t.Context(), failure); err != nil {
			t.Errorf("first wait: %v", err)
		}
		if got, want := renderError(t, retry.Wait(t.Context(), failure)), "temporary: m (tried 2 times)"; got != want {
			t.Errorf("second wait: %s, want %s", got, want)
		}
		if failure.Tries != 0 {
			t.Error("the error that was passed in has changed")
		}
	})
}
