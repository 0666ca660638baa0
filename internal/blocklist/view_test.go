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
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		view, err := e.list.View(t.Context())
		if err != nil || view.Len() != 0 || view.Shows(userOf(phoneNumber(0))) {
			t.Errorf("an empty list: %v, %v", view, err)
		}
		e.expectScans(1)
	})
	inEnv(t, pagesOf(2), func(t *testing.T, e *env) {
		e.server.Seed(phoneNumbers(4)...)
		cutShort(e.server)
		view, err := e.list.View(t.Context())
		if err != nil || view.Len() != 2 || !view.Shows(userOf(phoneNumber(0))) {
			t.Errorf("an incomplete list: %v, %v", view, err)
		}
		e.expectScans(1)
	})
	inEnv(t, setting{}, func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(0), phoneNumber(1))
		e.expectPending("listed", phoneNumber(0))
		view, err := e.list.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if view.Len() != 2 || !view.Shows(userOf(phoneNumber(1))) || view.Shows(userOf(phoneNumber(2))) {
			t.Errorf("a view of %d users", view.Len())
		}
		e.expectScans(1)
	})
	inEnv(t, setting{tries: 1}, func(t *testing.T, e *env) {
		e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: http.StatusForbidden, Times: fakeapi.Forever})
		if view, err := e.list.View(t.Context()); !d360.IsKind(err, d360.Forbidden) {
			t.Errorf("a list that cannot be read: %v, %v", view, err)
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
		view := e.list.LastView()
		if got := keys(view.Alternates(userOf(brazilNumber))); !slices.Equal(got, []string{brazilAlternate}) || !view.ShowsBoth(userOf(brazilAlternate), userOf(someNumber)) || !view.Shows(userOf(someNumber)) {
			t.Errorf("alternate forms are %q", got)
		}
		e.expectPresence("absent", otherNumber)
		if view := e.list.LastView(); view.Len() != 0 {
			t.Errorf("a view of %d users, want the later scan", view.Len())
		}
		e.expectScans(2)
	})
}
