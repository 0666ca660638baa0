package blocklist_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// View uses the first shared scan, even if that is incomplete or empty.
func TestView(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		setting
		// users are on the list, and the first ones are in the view.
		users, shown int
		prepare      func(e *env)
	}{
		"an empty list":      {},
		"an incomplete list": {setting: pagesOf(2), users: 4, shown: 2, prepare: func(e *env) { makeNextScanIncomplete(e.server) }},
		"after a scan":       {users: 2, shown: 2, prepare: func(e *env) { e.expectPending("listed", phoneNumber(0)) }},
	} {
		runInEnv(t, name, test.setting, func(t *testing.T, e *env) {
			e.server.Seed(phoneNumbers(test.users)...)
			if test.prepare != nil {
				test.prepare(e)
			}
			view, err := e.list.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if view.Len() != test.shown {
				t.Errorf("a view of %d users, want %d", view.Len(), test.shown)
			}
			for i := range 4 {
				if got := view.Shows(userOf(phoneNumber(i))); got != (i < test.shown) {
					t.Errorf("user %d is shown: %t", i, got)
				}
			}
			e.expectScans(1)
		})
	}
	runInEnv(t, "a list that cannot be read", setting{tries: 1}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: http.StatusForbidden, Times: fakeapi.Forever})
		if view, err := e.list.View(t.Context()); !d360.IsKind(err, d360.Forbidden) {
			t.Errorf("%v, %v", view, err)
		}
	})
}

// LastView makes no request, and shows entries under alternate forms.
func TestLastView(t *testing.T) {
	t.Parallel()
	inEnv(t, slow, func(t *testing.T, e *env) {
		if view := e.list.LastView(); view != nil {
			t.Errorf("a view of %d users before any scan", view.Len())
		}
		e.setList(1, brazilAlternate+"/", someNumber+"/")
		e.setList(1)
		e.expectPending("listed", someNumber)
		first := e.list.LastView()
		if got := keys(first.Alternates(userOf(brazilNumber))); !slices.Equal(got, []string{brazilAlternate}) {
			t.Errorf("alternate forms are %q", got)
		}
		if !first.ShowsBoth(userOf(brazilAlternate), userOf(someNumber)) || !first.Shows(userOf(someNumber)) {
			t.Error("the view does not show both users")
		}
		e.expectPresence("absent", otherNumber)
		if view := e.list.LastView(); view.Len() != 0 {
			t.Errorf("a view of %d users, want the later scan", view.Len())
		}
		e.expectScans(2)
	})
}
