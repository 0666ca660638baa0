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
	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestThousandLookupsShareOneScan(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{Options: sandbox.Options{Delay: 30 * time.Millisecond}}, func(t *testing.T, w *world) {
		listed := w.server.SeedN(2500)
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				present, absent := listed[i*2], number(i)
				if entry, ok, err := w.list.Lookup(t.Context(), id(present), nobody); err != nil || !ok || entry.User != id(present) {
					t.Errorf("%s: %v, %t, %v", present, entry, ok, err)
				}
				if entry, ok, err := w.list.Lookup(t.Context(), id(absent), nobody); err != nil || ok {
					t.Errorf("%s: %v, %t, %v", absent, entry, ok, err)
				}
				if _, ok, err := w.list.Holds(t.Context(), id(present), nobody); err != nil || !ok {
					t.Errorf("%s: %t, %v", present, ok, err)
				}
			})
		}
		wg.Wait()
		all, err := w.list.All(t.Context())
		if err != nil || len(all) != len(listed) {
			t.Errorf("%d users, %v; want %d", len(all), err, len(listed))
		}
		w.scans(1)
		if got := w.server.Stats().Requests(); got != 3 {
			t.Errorf("%d requests for a list of 3 pages", got)
		}
	})
}

func TestConfirmingScanIsSharedAndDecides(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{Options: sandbox.Options{Delay: 30 * time.Millisecond}}, func(t *testing.T, w *world) {
		// The first scan overlooks half of them.
		w.server.Inject(sandbox.Fault{Kind: sandbox.FaultHook, DoAfter: func(s *sandbox.Server) { s.Seed(numbers(500)...) }})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				_, ok, err := w.list.Holds(t.Context(), id(number(i)), nobody)
				if err != nil || ok != (i < 500) {
					t.Errorf("user %d: %t, %v", i, ok, err)
				}
			})
		}
		wg.Wait()
		w.scans(2)
	})
}

func TestCancelledReaderDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"who began the scan": true, "who joined it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{Options: sandbox.Options{Delay: time.Second}}, func(t *testing.T, w *world) {
				w.server.Seed(number(1))
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				impatient := func() {
					began := time.Now()
					if _, _, err := w.list.Lookup(ctx, id(number(1)), nobody); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("cancelled lookup: %v", err)
					}
					if waited := time.Since(began); waited != 500*time.Millisecond {
						t.Errorf("a cancelled lookup went on for %s", waited)
					}
				}
				patient := func() {
					if _, ok, err := w.list.Lookup(t.Context(), id(number(1)), nobody); !ok || err != nil {
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
				w.scans(1)
			})
		})
	}
}

func TestScanStopsWhenAllReadersAreCancelled(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{Options: sandbox.Options{Delay: time.Second}}, func(t *testing.T, w *world) {
		w.server.SeedN(5000)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := w.list.All(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled read: %v", err)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond)
		cancel()
		wg.Wait()
		time.Sleep(10 * time.Second)
		if got := w.server.Stats().Gets; got != 2 {
			t.Errorf("%d pages were asked for, though nobody waited after the second", got)
		}
		if all, err := w.list.All(t.Context()); err != nil || len(all) != 5000 {
			t.Errorf("%d users, %v", len(all), err)
		}
		w.scans(2)
	})
}

// A reader who comes just as the last of the others leaves must not be told
// that it was cancelled itself.
func TestReaderWhoComesAsTheLastOneLeaves(t *testing.T) {
	t.Parallel()
	for range 100 {
		inWorld(t, setting{Options: sandbox.Options{Delay: time.Second}}, func(t *testing.T, w *world) {
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 50 {
						_, _, _ = w.list.Lookup(gone, id(number(1)), nobody)
					}
				})
			}
			for range 8 {
				wg.Go(func() {
					runtime.Gosched()
					if _, _, err := w.list.Lookup(t.Context(), id(number(1)), nobody); err != nil {
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
	lookup := func(ctx context.Context, l *blocklist.List) error {
		_, _, err := l.Lookup(ctx, id(number(1)), nobody)
		return err
	}
	holds := func(ctx context.Context, l *blocklist.List) error {
		_, _, err := l.Holds(ctx, id(number(1)), nobody)
		return err
	}
	all := func(ctx context.Context, l *blocklist.List) error {
		_, err := l.All(ctx)
		return err
	}
	tests := map[string]struct {
		read  func(context.Context, *blocklist.List) error
		skip  int
		scans int
	}{
		"Lookup":                     {read: lookup, scans: 2},
		"Holds":                      {read: holds, scans: 3},
		"Holds, the confirming scan": {read: holds, skip: 1, scans: 3},
		"All":                        {read: all, scans: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Seed(number(2))
				w.server.Inject(sandbox.Fault{Kind: sandbox.FaultCode, Code: 190, Skip: test.skip})
				if err := test.read(t.Context(), w.list); !d360.IsKind(err, d360.Unauthorized) {
					t.Errorf("the scan was refused, and the read said: %v", err)
				}
				if err := test.read(t.Context(), w.list); err != nil {
					t.Errorf("the error was kept: %v", err)
				}
				w.scans(test.scans)
			})
		})
	}
}

func TestEmptyListIsConfirmed(t *testing.T) {
	t.Parallel()
	t.Run("and is empty", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			for range 3 {
				if all, err := w.list.All(t.Context()); err != nil || len(all) != 0 {
					t.Errorf("%v, %v", all, err)
				}
			}
			w.scans(2)
		})
	})
	t.Run("and is not", func(t *testing.T) {
		t.Parallel()
		inWorld(t, setting{}, func(t *testing.T, w *world) {
			w.server.Seed(number(1))
			w.server.Inject(sandbox.Fault{Kind: sandbox.FaultRawBody, Body: `{"data":[]}`, ContentType: "application/json"})
			if all, err := w.list.All(t.Context()); err != nil || len(all) != 1 {
				t.Errorf("%v, %v", all, err)
			}
		})
	})
}

// cutShort makes a scan end in doubt after its first page. It hits the second
// page of the next scan.
func cutShort(s *sandbox.Server) {
	s.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultEmptyPage, NoNext: true, Skip: 1})
}

func TestListThatEndsInDoubt(t *testing.T) {
	t.Parallel()
	twoPages := setting{Options: sandbox.Options{Wire: sandbox.Wire{MaxLimit: 2}}}
	seeded := numbers(4)
	shown, hidden := seeded[0], seeded[3]

	t.Run("whom it shows is found", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(seeded...)
			cutShort(w.server)
			for range 2 {
				if _, ok, err := w.list.Lookup(t.Context(), id(shown), nobody); !ok || err != nil {
					t.Errorf("Lookup: %t, %v", ok, err)
				}
				if _, ok, err := w.list.Holds(t.Context(), id(shown), nobody); !ok || err != nil {
					t.Errorf("Holds: %t, %v", ok, err)
				}
			}
			w.scans(1)
		})
	})
	t.Run("a whole second scan decides", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(seeded...)
			cutShort(w.server)
			if _, ok, err := w.list.Lookup(t.Context(), id(hidden), nobody); !ok || err != nil {
				t.Errorf("hidden: %t, %v", ok, err)
			}
			if _, ok, err := w.list.Lookup(t.Context(), id("+1 650 555 1234"), nobody); ok || err != nil {
				t.Errorf("absent: %t, %v", ok, err)
			}
			if all, err := w.list.All(t.Context()); err != nil || len(all) != len(seeded) {
				t.Errorf("%d users, %v", len(all), err)
			}
			w.scans(2)
		})
	})
	t.Run("an empty second scan does not decide", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(seeded...)
			cutShort(w.server)
			_, _, _ = w.list.Lookup(t.Context(), id(shown), nobody)
			w.server.Inject(sandbox.Fault{Kind: sandbox.FaultRawBody, ContentType: "application/json", Body: `{"data":[]}`, Times: sandbox.Forever})
			if all, err := w.list.All(t.Context()); all != nil || !errors.Is(err, d360.ErrEndInDoubt) {
				t.Errorf("All: %v, %v", all, err)
			}
			if _, ok, err := w.list.Lookup(t.Context(), id(hidden), nobody); ok || !errors.Is(err, d360.ErrEndInDoubt) {
				t.Errorf("Lookup: %t, %v", ok, err)
			}
			if _, ok, err := w.list.Holds(t.Context(), id(hidden), nobody); ok || !errors.Is(err, d360.ErrEndInDoubt) {
				t.Errorf("Holds: %t, %v", ok, err)
			}
		})
	})
	t.Run("two such scans call nobody absent", func(t *testing.T) {
		t.Parallel()
		inWorld(t, twoPages, func(t *testing.T, w *world) {
			w.server.Seed(seeded...)
			cutShort(w.server)
			_, _, _ = w.list.Lookup(t.Context(), id(shown), nobody)
			cutShort(w.server)
			if _, ok, err := w.list.Lookup(t.Context(), id(hidden), nobody); ok || !errors.Is(err, d360.ErrEndInDoubt) {
				t.Errorf("Lookup: %t, %v", ok, err)
			}
			if _, ok, err := w.list.Holds(t.Context(), id(hidden), nobody); ok || !errors.Is(err, d360.ErrEndInDoubt) {
				t.Errorf("Holds: %t, %v", ok, err)
			}
			if all, err := w.list.All(t.Context()); all != nil || !errors.Is(err, d360.ErrEndInDoubt) {
				t.Errorf("All: %v, %v", all, err)
			}
			if _, ok, err := w.list.Lookup(t.Context(), id(shown), nobody); !ok || err != nil {
				t.Errorf("shown: %t, %v", ok, err)
			}
			w.scans(2)
		})
	})
}

// principals gives who is in entries, in their order.
func principals(entries []d360.Entry) []string {
	users := make([]string, len(entries))
	for i, e := range entries {
		users[i] = e.Principal()
	}
	return users
}

func TestWritesLieOverTheSnapshot(t *testing.T) {
	t.Parallel()
	const (
		typed, waID = "5215541637145", "525541637145"
		other       = "4915112345678"
		scoped      = "US.13491208655302741918"
	)
	flat := sandbox.Wire{List: sandbox.ListFlat}
	tests := map[string]struct {
		wire sandbox.Wire
		seed []string
		// act writes after the first scan.
		act func(w *world)
		// present and absent are looked up by every read; all is what All shows.
		present, absent, all []string
	}{
		"added": {
			seed:    []string{other},
			act:     func(w *world) { w.block(number(2), number(1), scoped) },
			present: []string{other, number(1), number(2), scoped},
			absent:  []string{number(3)},
			all:     []string{other, number(2), number(1), scoped},
		},
		"adopted": {
			seed:    []string{typed, other},
			act:     func(w *world) { w.block(typed) },
			present: []string{typed, waID, other},
			all:     []string{typed, other},
		},
		"removed": {
			seed:    []string{other, number(1), scoped},
			act:     func(w *world) { w.unblock(number(1), scoped) },
			present: []string{other},
			absent:  []string{number(1), scoped},
			all:     []string{other},
		},
		"removed and added again": {
			seed:    []string{number(1), other},
			act:     func(w *world) { w.unblock(number(1)); w.block(number(1)) },
			present: []string{number(1), other},
			all:     []string{number(1), other},
		},
		"added by a number that the list shows by its WhatsApp ID": {
			wire:    flat,
			seed:    []string{other},
			act:     func(w *world) { w.block(typed) },
			present: []string{typed, waID},
			all:     []string{other, typed},
		},
		"adopted by a number that the list shows by its WhatsApp ID": {
			wire:    flat,
			seed:    []string{typed, other},
			act:     func(w *world) { w.block(typed) },
			present: []string{typed, waID},
			all:     []string{waID, other},
		},
		"removed by a number that the list shows by its WhatsApp ID": {
			wire:    flat,
			seed:    []string{typed, other},
			act:     func(w *world) { w.unblock(typed) },
			present: []string{other},
			absent:  []string{typed, waID},
			all:     []string{other},
		},
		"removed by a number whose WhatsApp ID no answer gave": {
			wire:    sandbox.Wire{OmitWaID: true, List: sandbox.ListFlat},
			seed:    []string{typed, other},
			act:     func(w *world) { w.unblockMembers(w.t.Context(), blocklist.Member{User: id(typed), WaID: id(waID)}) },
			present: []string{other},
			absent:  []string{typed, waID},
			all:     []string{other},
		},
		"removed after a lost answer, as the list says": {
			wire: flat,
			seed: []string{typed, other},
			act: func(w *world) {
				w.server.Inject(sandbox.Fault{Kind: sandbox.FaultDropAfter})
				w.unblockMembers(w.t.Context(), blocklist.Member{User: id(typed), WaID: id(waID)})
			},
			present: []string{other},
			absent:  []string{typed, waID},
			all:     []string{other},
		},
		"removed by the WhatsApp ID": {
			seed:    []string{typed, other},
			act:     func(w *world) { w.unblock(waID) },
			present: []string{other},
			absent:  []string{typed, waID},
			all:     []string{other},
		},
		"removed by the number, added again by the WhatsApp ID": {
			seed:    []string{typed, other},
			act:     func(w *world) { w.unblock(typed); w.block(waID) },
			present: []string{typed, waID, other},
			all:     []string{typed, other},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{Options: sandbox.Options{Wire: test.wire, WaIDs: map[string]string{typed: waID}}}, func(t *testing.T, w *world) {
				w.server.Seed(test.seed...)
				if _, err := w.list.All(t.Context()); err != nil {
					t.Fatal(err)
				}
				before := w.server.Stats().Scans
				test.act(w)
				act := w.server.Stats().Scans - before

				check := func(user string, want bool) {
					if entry, ok, err := w.list.Lookup(t.Context(), id(user), nobody); err != nil || ok != want {
						t.Errorf("Lookup %s: %v, %t, %v", user, entry, ok, err)
					}
					if entry, ok, err := w.list.Holds(t.Context(), id(user), nobody); err != nil || ok != want {
						t.Errorf("Holds %s: %v, %t, %v", user, entry, ok, err)
					}
				}
				for _, user := range test.present {
					check(user, true)
				}
				all, err := w.list.All(t.Context())
				if got := principals(all); err != nil || !slices.Equal(got, test.all) {
					t.Errorf("All: %v, %v; want %v", got, err, test.all)
				}
				w.scans(1 + act) // none of these reads needs another
				for _, user := range test.absent {
					check(user, false)
				}
			})
		})
	}
}

// A user whom the list shows by the WhatsApp ID alone is found by it.
func TestReadByWhatsAppID(t *testing.T) {
	t.Parallel()
	const typed, waID = "5215541637145", "525541637145"
	options := sandbox.Options{Wire: sandbox.Wire{List: sandbox.ListFlat}, WaIDs: map[string]string{typed: waID}}
	inWorld(t, setting{Options: options}, func(t *testing.T, w *world) {
		w.server.Seed(typed)
		for name, look := range map[string]func(context.Context, userid.ID, userid.ID) (d360.Entry, bool, error){
			"Lookup": w.list.Lookup, "Holds": w.list.Holds,
		} {
			if entry, ok, err := look(t.Context(), id(typed), id(waID)); err != nil || !ok || entry.WaID != id(waID) {
				t.Errorf("%s: %v, %t, %v", name, entry, ok, err)
			}
		}
		w.scans(1)
	})
}

// Whoever wrote a user finds them in a list read later, by the number as well.
func TestListReadAfterTheWrite(t *testing.T) {
	t.Parallel()
	const typed, waID = "5215541637145", "525541637145"
	options := sandbox.Options{Wire: sandbox.Wire{List: sandbox.ListFlat}, WaIDs: map[string]string{typed: waID}}
	inWorld(t, setting{Options: options}, func(t *testing.T, w *world) {
		allDone(t, w.block(typed))
		for _, user := range []string{typed, waID} {
			if entry, ok, err := w.list.Lookup(t.Context(), id(user), nobody); err != nil || !ok || entry.WaID != id(waID) {
				t.Errorf("%s: %v, %t, %v", user, entry, ok, err)
			}
		}
		w.scans(1)
	})
}

// A number that is one user's own and another's WhatsApp ID belongs to the one
// who was blocked under it.
func TestNumberThatIsAlsoAWhatsAppIDOfAnother(t *testing.T) {
	t.Parallel()
	page := func(entries ...string) string {
		return `{"data":[{"block_users":[` + strings.Join(entries, ",") + `]}]}`
	}
	own := `{"input":"+525541637145","wa_id":"5599999999999"}`
	alias := `{"input":"+5215541637145","wa_id":"525541637145"}`
	for name, body := range map[string]string{"own first": page(own, alias), "alias first": page(alias, own)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, setting{}, func(t *testing.T, w *world) {
				w.server.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultRawBody, Body: body, ContentType: "application/json"})
				entry, ok, err := w.list.Lookup(t.Context(), id("525541637145"), nobody)
				if err != nil || !ok || entry.User != id("525541637145") {
					t.Fatalf("%v, %t, %v", entry, ok, err)
				}
				// The one is unblocked, and the other stays.
				allDone(t, w.unblock("525541637145"))
				if entry, ok, err := w.list.Lookup(t.Context(), id("5215541637145"), nobody); err != nil || !ok {
					t.Errorf("%v, %t, %v", entry, ok, err)
				}
				if all, err := w.list.All(t.Context()); err != nil || !slices.Equal(principals(all), []string{"5215541637145"}) {
					t.Errorf("%v, %v", principals(all), err)
				}
			})
		})
	}
}

// Whoever looks for a user by the number alone finds them where somebody else has
// told the WhatsApp ID, which is all that the list shows.
func TestLookupsShareWhatsAppIDs(t *testing.T) {
	t.Parallel()
	const typed, waID = "5511987654321", "551187654321"
	inWorld(t, setting{Options: sandbox.Options{Wire: sandbox.Wire{List: sandbox.ListFlat}, WaIDs: map[string]string{typed: waID}}}, func(t *testing.T, w *world) {
		w.server.Seed(typed)
		for _, known := range []userid.ID{id(waID), {}} {
			if _, blocked, err := w.list.Holds(t.Context(), id(typed), known); err != nil || !blocked {
				t.Errorf("with the WhatsApp ID %q: blocked %v, error %v", known, blocked, err)
			}
		}
		w.scans(1)
	})
}

// A twin is somebody who may be the user, and is looked for where the list was
// read already.
func TestTwin(t *testing.T) {
	t.Parallel()
	const long, short = "5511987654321", "551187654321"
	inWorld(t, setting{}, func(t *testing.T, w *world) {
		w.server.Seed(short)
		if twin, ok := w.list.Twin(id(long)); ok {
			t.Errorf("%s is known before the list was read", twin)
		}
		w.scans(0)
		if _, blocked, err := w.list.Lookup(t.Context(), id(long), userid.ID{}); err != nil || blocked {
			t.Fatalf("blocked %v, error %v", blocked, err)
		}
		if twin, ok := w.list.Twin(id(long)); !ok || twin != id(short) {
			t.Errorf("the twin is %q, %v", twin, ok)
		}
		for _, alone := range []string{short, number(1)} {
			if twin, ok := w.list.Twin(id(alone)); ok {
				t.Errorf("%s has the twin %s", alone, twin)
			}
		}
	})
}
