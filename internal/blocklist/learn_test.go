package blocklist_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Names are learned by a scan that comes after all writes, where there is one to
// learn.
func TestLearn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries     []string
		users, want []userid.User
		scans       int
	}{
		"nobody":               {},
		"all names are known":  {users: []userid.User{known(german, german, "DE.1")}, want: []userid.User{known(german, german, "DE.1")}},
		"a user ID":            {entries: []string{german + "/DE.1"}, users: []userid.User{known(german, german)}, want: []userid.User{known(german, german, "DE.1")}, scans: 1},
		"a number":             {entries: []string{german + "/DE.1"}, users: usersOf("DE.1"), want: []userid.User{known("DE.1", german, "DE.1")}, scans: 1},
		"a hidden number":      {entries: []string{"/DE.1"}, users: []userid.User{known(german, "DE.1")}, want: []userid.User{known(german, "DE.1")}, scans: 1},
		"somebody else's":      {entries: []string{"/DE.1"}, users: usersOf(german), want: usersOf(german), scans: 1},
		"one of two, in order": {entries: []string{stranger + "/DE.2"}, users: usersOf(german, stranger), want: []userid.User{named(german), known(stranger, stranger, "DE.2")}, scans: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEnv(t, setting{}, func(t *testing.T, e *env) {
				e.setList(fakeapi.Forever, test.entries...)
				if got := e.list.Learn(t.Context(), test.users); !slices.Equal(got, test.want) {
					t.Errorf("%v, want %v", got, test.want)
				}
				e.expectScans(test.scans)
			})
		})
	}
	t.Run("after a write", func(t *testing.T) {
		t.Parallel()
		inEnv(t, setting{}, func(t *testing.T, e *env) {
			e.setList(1)
			e.setList(fakeapi.Forever, german+"/DE.1")
			_, _, _ = e.lookup(t.Context(), german)
			expectSuccess(t, e.block(german))
			for range 2 {
				if got := e.list.Learn(t.Context(), usersOf(german))[0]; got.UserID != id("DE.1") {
					t.Errorf("learned %v", got)
				}
			}
			e.expectScans(2)
		})
	})
	t.Run("from a list that cannot be read", func(t *testing.T) {
		t.Parallel()
		inEnv(t, setting{}, func(t *testing.T, e *env) {
			e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultCode, Code: 190})
			if got := e.list.Learn(t.Context(), usersOf(german)); !slices.Equal(got, usersOf(german)) {
				t.Errorf("learned %v", got)
			}
		})
	})
}
