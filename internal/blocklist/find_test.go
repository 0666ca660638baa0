package blocklist_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestFind_sharesOneScan(t *testing.T) {
	t.Parallel()
	inEnv(t, slow, func(t *testing.T, e *env) {
		listed := e.server.SeedN(2500)
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				user := listed[i*2]
				if found := e.expectPending("listed uncertain", user, phoneNumber(i)); found.Of[0].Shown.ID != id(user) {
					t.Errorf("the list shows %s as %v", user, found.Of[0].Shown)
				}
				e.expectPresence("listed", user)
			})
		}
		wg.Wait()
		e.expectAll(listed...)
		e.expectScans(1)
		if got := e.server.Stats().Requests(); got != 3 {
			t.Errorf("%d requests for a list of 3 pages", got)
		}
	})
}

func TestFind_sharesTheSecondScan(t *testing.T) {
	t.Parallel()
	inEnv(t, slow, func(_ *testing.T, e *env) {
		// The first scan does not show half of the users.
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultHook, DoAfter: func(s *fakeapi.Server) { s.Seed(phoneNumbers(500)...) }})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				if i < 500 {
					e.expectPresence("listed", phoneNumber(i))
				} else {
					e.expectPresence("absent", phoneNumber(i))
				}
			})
		}
		wg.Wait()
		e.expectScans(2)
	})
}

// A caller that is cancelled does not stop the scan for the others.
func TestFind_oneCallerCancelled(t *testing.T) {
	t.Parallel()
	for name, isFirst := range map[string]bool{"the first caller": true, "a later caller": false} {
		runInEnv(t, name, withDelay(time.Second), func(t *testing.T, e *env) {
			e.server.Seed(phoneNumber(1))
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			cancelled := func() {
				began := time.Now()
				if _, err := e.list.Find(ctx, pendingQuery(phoneNumber(1))); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("cancelled Find: %v", err)
				}
				if waited := time.Since(began); waited != 500*time.Millisecond {
					t.Errorf("Find returned after %s", waited)
				}
			}
			find := func() { e.expectPending("listed", phoneNumber(1)) }
			order := []func(){find, cancelled, find}
			if isFirst {
				order = []func(){cancelled, find, find}
			}
			var wg sync.WaitGroup
			for _, do := range order {
				wg.Go(do)
				synctest.Wait()
			}
			time.Sleep(750 * time.Millisecond)
			wg.Go(find)
			wg.Wait()
			e.expectScans(1)
		})
	}
}

func TestAll_allCallersCancelled(t *testing.T) {
	t.Parallel()
	inEnv(t, withDelay(time.Second), func(t *testing.T, e *env) {
		users := e.server.SeedN(5000)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := e.list.All(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled All: %v", err)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond)
		cancel()
		wg.Wait()
		time.Sleep(10 * time.Second)
		if got := e.server.Stats().Gets; got != 2 {
			t.Errorf("%d pages were requested, want 2, because no caller waited for more", got)
		}
		e.expectAll(users...)
		e.expectScans(2)
	})
}

// A caller gets a result even if it joins a scan while the last other caller is cancelled.
func TestFind_joinsAScanThatStops(t *testing.T) {
	t.Parallel()
	for range 100 {
		inEnv(t, withDelay(time.Second), func(t *testing.T, e *env) {
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 50 {
						_, _ = e.list.Find(cancelled, pendingQuery(phoneNumber(1)))
					}
				})
			}
			for range 8 {
				wg.Go(func() {
					runtime.Gosched()
					e.expectPending("uncertain", phoneNumber(1))
				})
			}
			wg.Wait()
		})
	}
}

func TestScan_errorIsNotKept(t *testing.T) {
	t.Parallel()
	find := func(q blocklist.Query) func(context.Context, *blocklist.List) error {
		return func(ctx context.Context, l *blocklist.List) error {
			q.LastWrite = time.Now().Add(time.Hour)
			_, err := l.Find(ctx, q)
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
		"Find, a pending user":  {read: find(pendingQuery(phoneNumber(1))), scans: 2},
		"Find":                  {read: find(query(phoneNumber(1))), scans: 3},
		"Find, the second scan": {read: find(query(phoneNumber(1))), skip: 1, scans: 3},
		"All":                   {read: all, scans: 2},
		"All, the second scan":  {read: all, empty: true, skip: 1, scans: 3},
	}
	for name, test := range tests {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			if !test.empty {
				e.server.Seed(phoneNumber(2))
			}
			e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultCode, Code: 190, Skip: test.skip})
			if err := test.read(t.Context(), e.list); !d360.IsKind(err, d360.Unauthorized) {
				t.Errorf("%v, want the error of the scan", err)
			}
			if err := test.read(t.Context(), e.list); err != nil {
				t.Errorf("the error was kept: %v", err)
			}
			e.expectScans(test.scans)
		})
	}
}

func TestAll_emptyList(t *testing.T) {
	t.Parallel()
	runInEnv(t, "confirmed", setting{}, func(_ *testing.T, e *env) {
		for range 3 {
			e.expectAll()
		}
		e.expectScans(2)
	})
	runInEnv(t, "not confirmed", setting{}, func(_ *testing.T, e *env) {
		e.server.Seed(phoneNumber(1))
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRawBody, Body: `{"data":[]}`, ContentType: "application/json"})
		e.expectAll(phoneNumber(1))
	})
}

func TestIncompleteScan(t *testing.T) {
	t.Parallel()
	users := phoneNumbers(4)
	shown, notShown := users[0], users[3]
	// run runs a test on a list of two pages. The first scan reads only one of them.
	run := func(name string, test func(t *testing.T, e *env)) {
		runInEnv(t, name, pagesOf(2), func(t *testing.T, e *env) {
			e.server.Seed(users...)
			makeNextScanIncomplete(e.server)
			test(t, e)
		})
	}
	expectAllFails := func(t *testing.T, e *env) {
		t.Helper()
		if all, err := e.list.All(t.Context()); all != nil || !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("All: %v, %v", all, err)
		}
	}
	run("finds a user that it shows", func(_ *testing.T, e *env) {
		for range 2 {
			e.expectPending("listed", shown)
			e.expectPresence("listed", shown)
		}
		e.expectScans(1)
	})
	run("then a complete scan", func(_ *testing.T, e *env) {
		e.expectPending("listed", notShown)
		// One complete scan does not confirm that a user is absent.
		e.expectPending("incomplete", "+1 650 555 1234")
		e.expectAll(users...)
		e.expectScans(2)
	})
	run("then an empty scan", func(t *testing.T, e *env) {
		e.expectPending("listed", shown)
		e.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRawBody, ContentType: "application/json", Body: `{"data":[]}`, Times: fakeapi.Forever})
		expectAllFails(t, e)
		e.expectPending("incomplete", notShown)
		e.expectPresence("incomplete", notShown)
	})
	run("then another incomplete scan", func(t *testing.T, e *env) {
		e.expectPending("listed", shown)
		makeNextScanIncomplete(e.server)
		e.expectPending("incomplete", notShown)
		e.expectPresence("incomplete", notShown)
		expectAllFails(t, e)
		e.expectPending("listed", shown)
		e.expectScans(2)
	})
}

func TestFind_afterWrites(t *testing.T) {
	t.Parallel()
	const other, userID = "4915112345678", "US.13491208655302741918"
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
			act:     func(e *env) { e.block(phoneNumber(2), phoneNumber(1), userID) },
			present: []string{other, phoneNumber(1), phoneNumber(2), userID},
			all:     []string{other, phoneNumber(2), phoneNumber(1), userID},
		},
		"adopted": {
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.block(mexicoNumber) },
			present: []string{mexicoNumber, mexicoWaID, other},
			all:     []string{mexicoNumber, other},
		},
		"removed": {
			seed:    []string{other, phoneNumber(1), userID},
			act:     func(e *env) { e.unblock(phoneNumber(1), userID) },
			present: []string{other},
			absent:  []string{phoneNumber(1), userID},
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
		"removed by a number, no response shows the WhatsApp ID": {
			format:  fakeapi.ResponseFormat{OmitWaID: true, List: fakeapi.ListFlat},
			seed:    []string{mexicoNumber, other},
			act:     func(e *env) { e.unblockUsers(e.t.Context(), userOf(mexicoNumber, mexicoWaID)) },
			present: []string{other},
			absent:  []string{mexicoNumber, mexicoWaID},
			all:     []string{other},
		},
		"removed by a request without a response": {
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
			scans := 1 + e.server.Stats().Scans - before
			for _, user := range test.present {
				e.expectPending("listed", user)
				e.expectPresence("listed", user)
			}
			e.expectAll(test.all...)
			e.expectScans(scans)
			for _, user := range test.absent {
				found, err := e.list.Find(t.Context(), pendingQuery(user))
				if err != nil || found.Of[0].Presence == blocklist.Listed || found.Incomplete != nil {
					t.Errorf("%s: %+v, %v", user, found, err)
				}
				e.expectPresence("absent", user)
			}
		})
	}
}

func TestFind_listShowsWhatsAppIDOnly(t *testing.T) {
	t.Parallel()
	s := setting{Options: fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat}, WaIDs: mexicoWaIDs}}
	runInEnv(t, "by both names", s, func(t *testing.T, e *env) {
		e.server.Seed(mexicoNumber)
		for _, q := range []blocklist.Query{query(mexicoNumber), pendingQuery(mexicoNumber)} {
			q.Users[0].WaID = id(mexicoWaID)
			if found := e.expectFind("listed", q); found.Of[0].Shown.WaID != id(mexicoWaID) {
				t.Errorf("shown as %v", found.Of[0].Shown)
			}
		}
		e.expectScans(1)
	})
	runInEnv(t, "by each name after a write", s, func(t *testing.T, e *env) {
		expectSuccess(t, e.block(mexicoNumber))
		for _, user := range []string{mexicoNumber, mexicoWaID} {
			if found := e.expectPending("listed", user); found.Of[0].Shown.WaID != id(mexicoWaID) {
				t.Errorf("%s is shown as %v", user, found.Of[0].Shown)
			}
		}
		e.expectScans(1)
	})
}

// If a number is one user's number and another user's WhatsApp ID, it names the first user.
func TestFind_numberIsAnotherUsersWhatsAppID(t *testing.T) {
	t.Parallel()
	page := func(entries ...string) string {
		return `{"data":[{"block_users":[` + strings.Join(entries, ",") + `]}]}`
	}
	own := `{"input":"+525541637145","wa_id":"5599999999999"}`
	alias := `{"input":"+5215541637145","wa_id":"525541637145"}`
	for name, body := range map[string]string{"own first": page(own, alias), "alias first": page(alias, own)} {
		runInEnv(t, name, setting{Options: fakeapi.Options{WaIDs: map[string]string{mexicoNumber: mexicoWaID, mexicoWaID: "5599999999999"}}}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultRawBody, Body: body, ContentType: "application/json"})
			if found := e.expectPending("listed", mexicoWaID); found.Of[0].Shown.ID != id(mexicoWaID) {
				t.Errorf("shown as %v", found.Of[0].Shown)
			}
			// The other user stays blocked.
			expectSuccess(t, e.unblock(mexicoWaID))
			e.expectPending("listed", mexicoNumber)
			e.expectAll(mexicoNumber)
		})
	}
}
