package blocklist_test

import (
	"net/http"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// A view is of the scan that serves everybody, also where its end is in doubt or
// it saw nobody: it takes no second one.
func TestView(t *testing.T) {
	t.Parallel()
	inWorld(t, setting{}, func(t *testing.T, w *world) {
		view, err := w.list.View(t.Context())
		if err != nil || view.Len() != 0 || view.Shows(id(number(0))) {
			t.Errorf("an empty list: %v, %v", view, err)
		}
		w.scans(1)
	})
	inWorld(t, setting{Options: sandbox.Options{Wire: sandbox.Wire{MaxLimit: 2}}}, func(t *testing.T, w *world) {
		w.server.Seed(numbers(4)...)
		cutShort(w.server)
		view, err := w.list.View(t.Context())
		if err != nil || view.Len() != 2 || !view.Shows(id(number(0))) {
			t.Errorf("a list that ends in doubt: %v, %v", view, err)
		}
		w.scans(1)
	})
	inWorld(t, setting{}, func(t *testing.T, w *world) {
		w.server.Seed(number(0), number(1))
		if _, _, err := w.list.Lookup(t.Context(), id(number(0)), nobody); err != nil {
			t.Fatal(err)
		}
		view, err := w.list.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if view.Len() != 2 || !view.Shows(id(number(1))) || view.Shows(id(number(2))) {
			t.Errorf("a view of %d users", view.Len())
		}
		w.scans(1)
	})
	inWorld(t, setting{noRetries: true}, func(t *testing.T, w *world) {
		w.server.Inject(sandbox.Fault{Method: http.MethodGet, Kind: sandbox.FaultStatus, Status: http.StatusForbidden, Times: sandbox.Forever})
		if view, err := w.list.View(t.Context()); !d360.IsKind(err, d360.Forbidden) {
			t.Errorf("a list that cannot be read: %v, %v", view, err)
		}
	})
}
