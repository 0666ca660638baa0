package blocklist_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// A view is of the scan that serves everyone, also where it is incomplete or
// it saw no one: it takes no second one.
func TestView(t *testing.T) {
	t.Parallel()
	inEnv(t, setting{}, func(t *testing.T, w *env) {
		view, err := w.list.View(t.Context())
		if err != nil || view.Len() != 0 || view.Shows(named(number(0))) {
			t.Errorf("an empty list: %v, %v", view, err)
		}
		w.scans(1)
	})
	inEnv(t, setting{Options: fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 2}}}, func(t *testing.T, w *env) {
		w.server.Seed(numbers(4)...)
		cutShort(w.server)
		view, err := w.list.View(t.Context())
		if err != nil || view.Len() != 2 || !view.Shows(named(number(0))) {
			t.Errorf("an incomplete list: %v, %v", view, err)
		}
		w.scans(1)
	})
	inEnv(t, setting{}, func(t *testing.T, w *env) {
		w.server.Seed(number(0), number(1))
		if _, _, err := w.lookup(t.Context(), number(0)); err != nil {
			t.Fatal(err)
		}
		view, err := w.list.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if view.Len() != 2 || !view.Shows(named(number(1))) || view.Shows(named(number(2))) {
			t.Errorf("a view of %d users", view.Len())
		}
		w.scans(1)
	})
	inEnv(t, setting{noRetries: true}, func(t *testing.T, w *env) {
		w.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: http.StatusForbidden, Times: fakeapi.Forever})
		if view, err := w.list.View(t.Context()); !d360.IsKind(err, d360.Forbidden) {
			t.Errorf("a list that cannot be read: %v, %v", view, err)
		}
	})
}

// The last view reads nothing, and shows entries under alternate forms.
func TestLastView(t *testing.T) {
	t.Parallel()
	inEnv(t, slow, func(t *testing.T, w *env) {
		if view := w.list.LastView(); view != nil {
			t.Errorf("a view of %d users before any scan", view.Len())
		}
		w.shows(1, short+"/", german+"/")
		w.shows(1)
		if _, _, err := w.lookup(t.Context(), german); err != nil {
			t.Fatal(err)
		}
		view := w.list.LastView()
		if got := keys(view.Alternates(named(long))); !slices.Equal(got, []string{short}) || !view.ShowsBoth(named(short), named(german)) || !view.Shows(named(german)) {
			t.Errorf("alternate forms are %q", got)
		}
		if _, _, err := w.holds(t.Context(), stranger); err != nil {
			t.Fatal(err)
		}
		if view := w.list.LastView(); view.Len() != 0 {
			t.Errorf("a view of %d users, want the later scan", view.Len())
		}
		w.scans(2)
	})
}
