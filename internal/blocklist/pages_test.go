package blocklist_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// readPages returns the users of all pages, and the error at the end.
func (e *env) readPages() ([]string, error) {
	e.t.Helper()
	var users []string
	for page, err := range e.list.Pages(e.t.Context()) {
		if err != nil {
			return users, err
		}
		if len(page) == 0 {
			e.t.Error("a page is empty")
		}
		users = append(users, keys(page)...)
	}
	return users, nil
}

func TestPages_onDemand(t *testing.T) {
	t.Parallel()
	inEnv(t, pagesOf(100), func(t *testing.T, e *env) {
		seeded := e.server.SeedN(250)
		e.list.Pages(t.Context())
		pages := 0
		for page, err := range e.list.Pages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(keys(page), seeded[pages*100:(pages+1)*100]) {
				t.Errorf("page %d lists %v", pages, keys(page))
			}
			pages++
			if gets := e.server.Stats().Gets; gets != pages {
				t.Errorf("%d requests for %d pages", gets, pages)
			}
			if pages == 2 {
				break
			}
		}
		// Pages has released the API lock.
		if users, err := e.readPages(); err != nil || !slices.Equal(users, seeded) {
			t.Errorf("%d users, %v; want %d", len(users), err, len(seeded))
		}
		if gets := e.server.Stats().Gets; gets != 5 {
			t.Errorf("%d requests for 2 pages and then 3", gets)
		}
	})
}

// A write makes cursors invalid, so it waits until Pages ends.
func TestPages_holdTheLock(t *testing.T) {
	t.Parallel()
	inEnv(t, pagesOf(2), func(t *testing.T, e *env) {
		e.server.SeedN(4)
		var wg sync.WaitGroup
		pages := 0
		for _, err := range e.list.Pages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if pages == 0 {
				wg.Go(func() { expectSuccess(t, e.block(phoneNumber(1))) })
				time.Sleep(time.Minute)
			}
			pages++
			e.expectWrites()
		}
		wg.Wait()
		e.expectWrites("POST " + phoneNumber(1))
		e.expectScans(1)
	})
}

func TestPages_cancelledAtTheLock(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, err := range e.list.Pages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				for page, err := range e.list.Pages(ctx) {
					if page != nil || !errors.Is(err, context.Canceled) {
						t.Errorf("%v, %v", page, err)
					}
				}
			})
			synctest.Wait()
			cancel()
			wg.Wait()
		}
		if gets := e.server.Stats().Gets; gets != 1 {
			t.Errorf("%d requests", gets)
		}
	})
}

// If the list changes, Pages starts again, and yields no user twice.
func TestPages_listChanges(t *testing.T) {
	t.Parallel()
	inEnv(t, pagesOf(2), func(t *testing.T, e *env) {
		seeded := e.server.SeedN(6)
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, Skip: 2, Do: func(s *fakeapi.Server) {
			s.Remove(seeded[1])
			s.Seed(phoneNumber(1))
		}})
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, Skip: 3, Do: func(s *fakeapi.Server) { s.Seed(phoneNumber(2)) }})
		want := append(slices.Clone(seeded), phoneNumber(1), phoneNumber(2))
		if users, err := e.readPages(); err != nil || !slices.Equal(users, want) {
			t.Errorf("%v, %v; want %v", users, err, want)
		}
		e.expectScans(3)
		if hits := e.server.FaultHits(); hits != 2 {
			t.Errorf("%d changes, want 2", hits)
		}
	})
}

func TestPages_faults(t *testing.T) {
	t.Parallel()
	// Each fault is for one request, in their order.
	var (
		good     = fakeapi.Fault{Kind: fakeapi.FaultHook}
		changed  = fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 139102}
		rejected = fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 190}
		lastPage = fakeapi.Fault{Kind: fakeapi.FaultEmptyPage, NoNext: true}
		empty    = fakeapi.Fault{Kind: fakeapi.FaultRawBody, Body: `{"data":[]}`, ContentType: "application/json"}
		loop     = fakeapi.Fault{Kind: fakeapi.FaultCursorLoop, Times: fakeapi.Forever}

		fine = func(err error) bool { return err == nil }
		is   = func(kind d360.Kind) func(error) bool {
			return func(err error) bool { return d360.IsKind(err, kind) }
		}
		incomplete = func(err error) bool { return errors.Is(err, d360.ErrIncomplete) }
	)
	const tries = d360.DefaultMaxRetries + 1
	for name, test := range map[string]struct {
		faults []fakeapi.Fault
		ends   func(error) bool
		// shown is how many of the four users Pages yields.
		shown, scans int
	}{
		"changes at each try":    {slices.Repeat([]fakeapi.Fault{good, changed}, tries), is(d360.Conflict), 2, tries},
		"pages in a loop":        {[]fakeapi.Fault{loop}, is(d360.PaginationLoop), 4, tries},
		"rejected":               {[]fakeapi.Fault{good, rejected}, is(d360.Unauthorized), 2, 1},
		"incomplete once":        {[]fakeapi.Fault{good, lastPage}, fine, 4, 2},
		"incomplete twice":       {[]fakeapi.Fault{good, lastPage, good, lastPage}, incomplete, 2, 2},
		"empty once":             {[]fakeapi.Fault{empty}, fine, 4, 2},
		"empty twice":            {[]fakeapi.Fault{empty, empty}, fine, 0, 2},
		"incomplete, then empty": {[]fakeapi.Fault{good, lastPage, empty}, incomplete, 2, 2},
		"empty, then incomplete": {[]fakeapi.Fault{empty, good, lastPage}, incomplete, 2, 2},
		"changed, then empty":    {[]fakeapi.Fault{good, changed, empty, empty}, fine, 2, 3},
	} {
		runInEnv(t, name, pagesOf(2), func(t *testing.T, e *env) {
			seeded := e.server.SeedN(4)
			for _, fault := range test.faults {
				e.server.Inject(fault)
			}
			users, err := e.readPages()
			if !test.ends(err) {
				t.Errorf("ended with %v", err)
			}
			if !slices.Equal(users, seeded[:test.shown]) {
				t.Errorf("lists %v, want %v", users, seeded[:test.shown])
			}
			e.expectScans(test.scans)
		})
	}
}

// Pages yields a user with two entries once, and two users with similar names both.
func TestPages_eachUserOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries string
		want    []string
	}{
		"two spellings":                            {`{"input":"+49 151 12345678"},{"input":"004915112345678"}`, []string{"4915112345678"}},
		"two numbers, one WhatsApp ID":             {`{"input":"+5215541637145","wa_id":"525541637145"},{"input":"+525541637145","wa_id":"525541637145"}`, []string{"5215541637145"}},
		"with and without a number":                {`{"input":"+5215541637145","wa_id":"525541637145"},{"wa_id":"525541637145"}`, []string{"5215541637145"}},
		"one user ID":                              {`{"input":"+4915112345678","user_id":"US.1"},{"user_id":"US.1"}`, []string{"4915112345678"}},
		"one input that names no user":             {`{"input":"no number"},{"input":"no number"}`, []string{"no number"}},
		"the number is another user's WhatsApp ID": {`{"input":"+5215541637145","wa_id":"525541637145"},{"input":"+525541637145","wa_id":"5599999999999"}`, []string{"5215541637145", "525541637145"}},
		"the same in reverse order":                {`{"input":"+525541637145","wa_id":"5599999999999"},{"input":"+5215541637145","wa_id":"525541637145"}`, []string{"525541637145", "5215541637145"}},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{
				Method: http.MethodGet, Kind: fakeapi.FaultRawBody,
				Body: `{"data":[{"block_users":[` + test.entries + `]}]}`, ContentType: "application/json",
			})
			if users, err := e.readPages(); err != nil || !slices.Equal(users, test.want) {
				t.Errorf("%v, %v; want %v", users, err, test.want)
			}
		})
	}
}
