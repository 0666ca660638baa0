package blocklist_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestThousandLookupsShareOneScan(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(30*time.Millisecond), func(t *testing.T, e *env) {
		listed := e.server.SeedN(2500)
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				present, absent := listed[i*2], phoneNumber(i)
				if entry, ok, err := e.lookup(t.Context(), present); err != nil || !ok || entry.ID != id(present) {
					t.Errorf("%s: %v, %t, %v", present, entry, ok, err)
				}
				if entry, ok, err := e.lookup(t.Context(), absent); err != nil || ok {
					t.Errorf("%s: %v, %t, %v", absent, entry, ok, err)
				}
				if _, ok, err := e.isListed(t.Context(), present); err != nil || !ok {
					t.Errorf("%s: %t, %v", present, ok, err)
				}
			})
		}
		wg.Wait()
		all, err := e.list.All(t.Context())
		if err != nil || len(all) != len(listed) {
			t.Errorf("%d users, %v; want %d", len(all), err, len(listed))
		}
		e.expectScans(1)
		if got := e.server.Stats().Requests(); got != 3 {
			t.Errorf("%d requests for a list of 3 pages", got)
		}
	})
}

func TestConfirmingScanIsSharedAndDecides(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(30*time.Millisecond), func(t *testing.T, e *env) {
		// The first scan misses half of them.
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, DoAfter: func(s *fakeapi.Server) { s.Seed(phoneNumbers(500)...) }})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				_, ok, err := e.isListed(t.Context(), phoneNumber(i))
				if err != nil || ok != (i < 500) {
					t.Errorf("user %d: %t, %v", i, ok, err)
				}
			})
		}
		wg.Wait()
		e.expectScans(2)
	})
}

func TestCancelledReaderDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"who began the scan": true, "who joined it": false} {
		runInEnv(t, name, withDelay(time.Second), func(t *testing.T, e *env) {
			e.server.Seed(phoneNumber(1))
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			impatient := func() {
				began := time.Now()
				if _, _, err := e.lookup(ctx, phoneNumber(1)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("cancelled lookup: %v", err)
				}
				if waited := time.Since(began); waited != 500*time.Millisecond {
					t.Errorf("a cancelled lookup went on for %s", waited)
				}
			}
			patient := func() {
				if _, ok, err := e.lookup(t.Context(), phoneNumber(1)); !ok || err != nil {
					t.Errorf("%t, %v", ok, err)
				}
			}
			order := []func(){patient, impatient, patient}
			if first {
				order = []func(){impatient, patient, patient}
			}
			var wg sync.WaitGroup
			for _, lookup := range order {
				wg.Go(lookup)
				synctest.Wait()
			}
			wg.Wait()
			e.expectScans(1)
		})
	}
}

func TestScanStopsWhenAllReadersAreCancelled(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(time.Second), func(t *testing.T, e *env) {
		e.server.SeedN(5000)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := e.list.All(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled read: %v", err)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond)
		cancel()
		wg.Wait()
		time.Sleep(10 * time.Second)
		if got := e.server.Stats().Gets; got != 2 {
			t.Errorf("%d pages were requested, though no one waited after the second", got)
		}
		if all, err := e.list.All(t.Context()); err != nil || len(all) != 5000 {
			t.Errorf("%d users, %v", len(all), err)
		}
		e.expectScans(2)
	})
}

// A caller that arrives just as the last other one is cancelled gets a result.
func TestCallerThatJoinsAScanAsTheLastOneLeaves(t *testing.T) {
	t.Parallel()
	for range 100 {
		inEnv(t, withDelay(time.Second), func(t *testing.T, e *env) {
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 50 {
						_, _, _ = e.lookup(cancelled, phoneNumber(1))
					}
				})
			}
			for range 8 {
				wg.Go(func() {
					runtime.Gosched()
					if _, _, err := e.lookup(t.Context(), phoneNumber(1)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestReadErrorIsNotKept(t *testing.T) {
	t.Parallel()
	find := func(pending bool) func(context.Context, *blocklist.List) error {
		return func(ctx context.Context, l *blocklist.List) error {
			_, err := l.Find(ctx, blocklist.Query{Users: usersOf(phoneNumber(1)), Pending: func(int) bool { return pending }, LastWrite: time.Now().Add(time.Hour)})
			return err
		}
	}
	all := func(ctx context.Context, l *blocklist.List) error {
		_, err := l.All(ctx)
		return err
	}
	tests := map[string]struct {
		read  func(context.Context, *blocklist.List) error
		empty bool
		skip  int
		scans int
	}{
		"Find, of a pending user":   {read: find(true), scans: 2},
		"Find":                      {read: find(false), scans: 3},
		"Find, the confirming scan": {read: find(false), skip: 1, scans: 3},
		"All":                       {read: all, scans: 2},
		"All, the confirming scan":  {read: all, empty: true, skip: 1, scans: 3},
	}
	for name, test := range tests {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			if !test.empty {
				e.server.Seed(phoneNumber(2))
			}
			e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 190, Skip: test.skip})
			if err := test.read(t.Context(), e.list); !d360.IsKind(err, d360.Unauthorized) {
				t.Errorf("the scan was rejected, and the read said: %v", err)
			}
			if err := test.read(t.Context(), e.list); err != nil {
				t.Errorf("the error was kept: %v", err)
			}
			e.expectScans(test.scans)
		})
	}
}

func TestEmptyListIsConfirmed(t *testing.T) {
	t.Parallel()
	runInEnv(t, "and is empty", setting{}, func(t *testing.T, e *env) {
		for range 3 {
			if all, err := e.list.All(t.Context()); err != nil || len(all) != 0 {
				t.Errorf("%v, %v", all, err)
			}
		}
		e.expectScans(2)
	})
	runInEnv(t, "and is not", setting{}, func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1))
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRawBody, Body: `{"data":[]}`, ContentType: "application/json"})
		if all, err := e.list.All(t.Context()); err != nil || len(all) != 1 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// cutShort makes the next scan incomplete after its first page.
func cutShort(s *fakeapi.Server) {
	s.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 1})
}

func TestIncompleteScan(t *testing.T) {
	t.Parallel()
	twoPages := pagesOf(2)
	seeded := phoneNumbers(4)
	shown, hidden := seeded[0], seeded[3]

	runInEnv(t, "a user it shows is found", twoPages, func(t *testing.T, e *env) {
		e.server.Seed(seeded...)
		cutShort(e.server)
		for range 2 {
			if _, ok, err := e.lookup(t.Context(), shown); !ok || err != nil {
				t.Errorf("Lookup: %t, %v", ok, err)
			}
			if _, ok, err := e.isListed(t.Context(), shown); !ok || err != nil {
				t.Errorf("Holds: %t, %v", ok, err)
			}
		}
		e.expectScans(1)
	})
	runInEnv(t, "a whole second scan decides", twoPages, func(t *testing.T, e *env) {
		e.server.Seed(seeded...)
		cutShort(e.server)
		if _, ok, err := e.lookup(t.Context(), hidden); !ok || err != nil {
			t.Errorf("hidden: %t, %v", ok, err)
		}
		// One complete scan does not confirm that a user is absent.
		if _, ok, err := e.lookup(t.Context(), "+1 650 555 1234"); ok || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("absent: %t, %v", ok, err)
		}
		if all, err := e.list.All(t.Context()); err != nil || len(all) != len(seeded) {
			t.Errorf("%d users, %v", len(all), err)
		}
		e.expectScans(2)
	})
	runInEnv(t, "an empty second scan does not decide", twoPages, func(t *testing.T, e *env) {
		e.server.Seed(seeded...)
		cutShort(e.server)
		_, _, _ = e.lookup(t.Context(), shown)
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRawBody, ContentType: "application/json", Body: `{"data":[]}`, Times: fakeapi.Forever})
		if all, err := e.list.All(t.Context()); all != nil || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("All: %v, %v", all, err)
		}
		if _, ok, err := e.lookup(t.Context(), hidden); ok || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("Lookup: %t, %v", ok, err)
		}
		if _, ok, err := e.isListed(t.Context(), hidden); ok || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("Holds: %t, %v", ok, err)
		}
	})
	runInEnv(t, "two incomplete scans confirm no absence", twoPages, func(t *testing.T, e *env) {
		e.server.Seed(seeded...)
		cutShort(e.server)
		_, _, _ = e.lookup(t.Context(), shown)
		cutShort(e.server)
		if _, ok, err := e.lookup(t.Context(), hidden); ok || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("Lookup: %t, %v", ok, err)
		}
		if _, ok, err := e.isListed(t.Context(), hidden); ok || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("Holds: %t, %v", ok, err)
		}
		if all, err := e.list.All(t.Context()); all != nil || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("All: %v, %v", all, err)
		}
		if _, ok, err := e.lookup(t.Context(), shown); !ok || err != nil {
			t.Errorf("shown: %t, %v", ok, err)
		}
		e.expectScans(2)
	})
}

func TestWritesOverrideTheSnapshot(t *testing.T) {
	t.Parallel()
	const (
		other  = "4915112345678"
		scoped = "US.13491208655302741918"
	)
	flat := fakeapi.ResponseFormat{List: fakeapi.ListFlat}
	tests := map[string]struct {
		format fakeapi.ResponseFormat
		seed   []string
		// act runs after the first scan.
		act func(e *env)
		// present and absent are the results of every read, all is the result of All.
		present, absent, all []string
	}{
		"added": {
			seed:    []string{other},
			act:     func(e *env) { e.block(phoneNumber(2), phoneNumber(1), scoped) },
			present: []string{other, phoneNumber(1), phoneNumber(2), scoped},
			all:     []string{other, phoneNumber(2), phoneNumber(1), scoped},
		},
		"adopted": {
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.block(mexicoNumber) },
			present: []string{mexicoNumber, mexicoWaID, other},
			all:     []string{mexicoNumber, other},
		},
		"removed": {
			seed:    []string{other, phoneNumber(1), scoped},
			act:     func(e *env) { e.unblock(phoneNumber(1), scoped) },
			present: []string{other},
			absent:  []string{phoneNumber(1), scoped},
			all:     []string{other},
		},
		"removed and added again": {
			seed:    []string{phoneNumber(1), other},
			act:     func(e *env) { e.unblock(phoneNumber(1)); e.block(phoneNumber(1)) },
			present: []string{phoneNumber(1), other},
			all:     []string{phoneNumber(1), other},
		},
		"added by a number that the list shows by its WhatsApp ID": {
			format:  flat,
			seed:    []string{other},
			act:     func(e *env) { e.block(mexicoNumber) },
			present: []string{mexicoNumber, mexicoWaID},
			all:     []string{other, mexicoNumber},
		},
		"adopted by a number that the list shows by its WhatsApp ID": {
			format:  flat,
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.block(mexicoNumber) },
			present: []string{mexicoNumber, mexicoWaID},
			all:     []string{mexicoWaID, other},
		},
		"removed by a number that the list shows by its WhatsApp ID": {
			format:  flat,
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.unblockUsers(e.t.Context(), userOf(mexicoNumber, mexicoWaID)) },
			present: []string{other},
			absent:  []string{mexicoNumber, mexicoWaID},
			all:     []string{other},
		},
		"removed by a number whose WhatsApp ID no response had": {
			format:  fakeapi.ResponseFormat{OmitWaID: true, List: fakeapi.ListFlat},
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.unblockUsers(e.t.Context(), userOf(mexicoNumber, mexicoWaID)) },
			present: []string{other},
			absent:  []string{mexicoNumber, mexicoWaID},
			all:     []string{other},
		},
		"removed after a lost response, as the list says": {
			format: flat,
			seed:   []string{mexicoNumber, other},
			act: func(e *env) {
				e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultDropAfter})
				e.unblockUsers(e.t.Context(), userOf(mexicoNumber, mexicoWaID))
			},
			present: []string{other},
			absent:  []string{mexicoNumber, mexicoWaID},
			all:     []string{other},
		},
		"removed by the WhatsApp ID": {
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.unblock(mexicoWaID) },
			present: []string{other},
			absent:  []string{mexicoNumber, mexicoWaID},
			all:     []string{other},
		},
		"removed by the number, added again by the WhatsApp ID": {
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.unblock(mexicoNumber); e.block(mexicoWaID) },
			present: []string{mexicoNumber, mexicoWaID, other},
			all:     []string{mexicoNumber, other},
		},
	}
	for name, test := range tests {
		runInEnv(t, name, setting{Options: fakeapi.Options{ResponseFormat: test.format, WaIDs: mexicoWaIDs}}, func(t *testing.T, e *env) {
			e.server.Seed(test.seed...)
			if _, err := e.list.All(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := e.server.Stats().Scans
			test.act(e)
			act := e.server.Stats().Scans - before

			check := func(user string, want bool) {
				if entry, ok, err := e.lookup(t.Context(), user); err != nil || ok != want {
					t.Errorf("Lookup %s: %v, %t, %v", user, entry, ok, err)
				}
				if entry, ok, err := e.isListed(t.Context(), user); err != nil || ok != want {
					t.Errorf("Holds %s: %v, %t, %v", user, entry, ok, err)
				}
			}
			for _, user := range test.present {
				check(user, true)
			}
			all, err := e.list.All(t.Context())
			if got := keys(all); err != nil || !slices.Equal(got, test.all) {
				t.Errorf("All: %v, %v; want %v", got, err, test.all)
			}
			e.expectScans(1 + act) // none of these reads needs another
			for _, user := range test.absent {
				check(user, false)
			}
		})
	}
}

// A user is found if the list shows only the WhatsApp ID.
func TestReadByWhatsAppID(t *testing.T) {
	t.Parallel()
	options := fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, WaIDs: mexicoWaIDs}
	inEnv(t, setting{Options: options}, func(t *testing.T, e *env) {
		e.server.Seed(mexicoNumber)
		for _, pending := range []bool{false, true} {
			if shown, ok, err := e.findOne(t.Context(), userOf(mexicoNumber, mexicoWaID), pending); err != nil || !ok || shown.WaID != id(mexicoWaID) {
				t.Errorf("%v, %t, %v", shown, ok, err)
			}
		}
		e.expectScans(1)
	})
}

// After a write, a later scan finds the user by number, too.
func TestListReadAfterTheWrite(t *testing.T) {
	t.Parallel()
	options := fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, WaIDs: mexicoWaIDs}
	inEnv(t, setting{Options: options}, func(t *testing.T, e *env) {
		expectSuccess(t, e.block(mexicoNumber))
		for _, user := range []string{mexicoNumber, mexicoWaID} {
			if entry, ok, err := e.lookup(t.Context(), user); err != nil || !ok || entry.WaID != id(mexicoWaID) {
				t.Errorf("%s: %v, %t, %v", user, entry, ok, err)
			}
		}
		e.expectScans(1)
	})
}

// A number that is one user's number and another user's WhatsApp ID means the user who was
// blocked by it.
func TestNumberThatIsAlsoAWhatsAppIDOfAnother(t *testing.T) {
	t.Parallel()
	page := func(entries ...string) string {
		return `{"data":[{"block_users":[` + strings.Join(entries, ",") + `]}]}`
	}
	own := `{"input":"+525541637145","wa_id":"5599999999999"}`
	alias := `{"input":"+5215541637145","wa_id":"525541637145"}`
	for name, body := range map[string]string{"own first": page(own, alias), "alias first": page(alias, own)} {
		runInEnv(t, name, setting{Options: fakeapi.Options{WaIDs: map[string]string{"5215541637145": "525541637145", "525541637145": "5599999999999"}}}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultRawBody, Body: body, ContentType: "application/json"})
			entry, ok, err := e.lookup(t.Context(), "525541637145")
			if err != nil || !ok || entry.ID != id("525541637145") {
				t.Fatalf("%v, %t, %v", entry, ok, err)
			}
			// The one is unblocked, and the other stays.
			expectSuccess(t, e.unblock("525541637145"))
			if entry, ok, err := e.lookup(t.Context(), "5215541637145"); err != nil || !ok {
				t.Errorf("%v, %t, %v", entry, ok, err)
			}
			if all, err := e.list.All(t.Context()); err != nil || !slices.Equal(keys(all), []string{"5215541637145"}) {
				t.Errorf("%v, %v", keys(all), err)
			}
		})
	}
}
