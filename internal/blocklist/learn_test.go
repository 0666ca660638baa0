package blocklist_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Learn scans the list after all writes, and only if a name is missing.
func TestLearn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries     []string
		users, want []userid.User
		scans       int
	}{
		"no one is wanted":     {},
		"all names are known":  {users: []userid.User{known(someNumber, someNumber, "DE.1")}, want: []userid.User{known(someNumber, someNumber, "DE.1")}},
		"a user ID":            {entries: []string{someNumber + "/DE.1"}, users: []userid.User{known(someNumber, someNumber)}, want: []userid.User{known(someNumber, someNumber, "DE.1")}, scans: 1},
		"a number":             {entries: []string{someNumber + "/DE.1"}, users: usersOf("DE.1"), want: []userid.User{known("DE.1", someNumber, "DE.1")}, scans: 1},
		"a hidden number":      {entries: []string{"/DE.1"}, users: []userid.User{known(someNumber, "DE.1")}, want: []userid.User{known(someNumber, "DE.1")}, scans: 1},
		"of another user":      {entries: []string{"/DE.1"}, users: usersOf(someNumber), want: usersOf(someNumber), scans: 1},
		"one of two, in order": {entries: []string{otherNumber + "/DE.2"}, users: usersOf(someNumber, otherNumber), want: []userid.User{named(someNumber), known(otherNumber, otherNumber, "DE.2")}, scans: 1},
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
			e.setList(fakeapi.Forever, someNumber+"/DE.1")
			_, _, _ = e.lookup(t.Context(), someNumber)
			expectSuccess(t, e.block(someNumber))
			for range 2 {
				if got := e.list.Learn(t.Context(), usersOf(someNumber))[0]; got.UserID != id("DE.1") {
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
			if got := e.list.Learn(t.Context(), usersOf(someNumber)); !slices.Equal(got, usersOf(someNumber)) {
				t.Errorf("learned %v", got)
			}
		})
	})
}
