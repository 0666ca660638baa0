package blocklist_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// The presence of users by two equal scans.
func TestFind_presence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []string
		users   []userid.User
		// pending are the users who are not expected to be on the list.
		pending    []int
		want       string
		candidates int
		scans      int
	}{
		"no user":                                            {entries: []string{someNumber + "/"}, scans: 1},
		"an empty list":                                      {users: usersOf(someNumber), want: "absent", scans: 2},
		"the number":                                         {entries: []string{someNumber + "/"}, users: usersOf(someNumber), want: "listed", scans: 1},
		"another number":                                     {entries: []string{otherNumber + "/"}, users: usersOf(someNumber), want: "absent", scans: 2},
		"a number, a hidden user":                            {entries: []string{"/DE.1"}, users: usersOf(someNumber), want: "uncertain", candidates: 1, scans: 2},
		"a number, another with a user ID":                   {entries: []string{otherNumber + "/DE.1"}, users: usersOf(someNumber), want: "absent", scans: 2},
		"a number and a user ID, another hidden":             {entries: []string{"/DE.1"}, users: []userid.User{userOf(someNumber, "DE.2")}, want: "absent", scans: 2},
		"a number and a user ID, hidden":                     {entries: []string{"/DE.2"}, users: []userid.User{userOf(someNumber, "DE.2")}, want: "listed", scans: 1},
		"a user ID, a number alone":                          {entries: []string{someNumber + "/"}, users: usersOf("DE.1"), want: "uncertain", candidates: 1, scans: 2},
		"a user ID, another one":                             {entries: []string{"/DE.2"}, users: usersOf("DE.1"), want: "absent", scans: 2},
		"a user ID, another one with a number":               {entries: []string{someNumber + "/DE.2"}, users: usersOf("DE.1"), want: "absent", scans: 2},
		"a user ID with a number, a number":                  {entries: []string{otherNumber + "/"}, users: []userid.User{userOf("DE.1", someNumber)}, want: "absent", scans: 2},
		"an entry that names no user":                        {entries: []string{"no number"}, users: []userid.User{userOf(someNumber, "DE.1")}, want: "uncertain", candidates: 1, scans: 2},
		"the alternate form":                                 {entries: []string{brazilAlternate + "/"}, users: usersOf(brazilNumber), want: "uncertain", candidates: 1, scans: 2},
		"the alternate form, another WhatsApp ID":            {entries: []string{brazilAlternate + "/"}, users: []userid.User{userOf(brazilNumber, brazilNumber)}, want: "absent", scans: 2},
		"the alternate form, the entry of another user":      {entries: []string{brazilAlternate + "/"}, users: usersOf(brazilAlternate, brazilNumber), want: "listed absent", scans: 2},
		"a hidden user, the entry of another user":           {entries: []string{"/DE.1"}, users: usersOf("DE.1", someNumber), want: "listed absent", scans: 2},
		"two hidden users, one is another user of the query": {entries: []string{"/DE.1", "/DE.2"}, users: usersOf("DE.1", someNumber), want: "listed uncertain", candidates: 1, scans: 2},
		"one entry of two users":                             {entries: []string{someNumber + "/DE.1", "/DE.2"}, users: usersOf(someNumber, "DE.1", otherNumber), want: "listed listed uncertain", candidates: 1, scans: 2},
		"one number of two users":                            {entries: []string{someNumber + "/", otherNumber + "/"}, users: []userid.User{userOf(someNumber), userOf("DE.1", someNumber), userOf("BR.9")}, want: "listed listed uncertain", candidates: 1, scans: 2},
		"the most candidates":                                {entries: []string{"/DE.1", "/DE.2", brazilAlternate + "/"}, users: usersOf(someNumber, brazilNumber, "BR.9"), want: "uncertain uncertain uncertain", candidates: 3, scans: 2},
		"pending, not on the list":                           {entries: []string{otherNumber + "/"}, users: usersOf(someNumber), pending: []int{0}, want: "uncertain", scans: 1},
		"pending, a hidden user":                             {entries: []string{"/DE.1"}, users: usersOf(someNumber), pending: []int{0}, want: "uncertain", scans: 1},
		"pending, on the list":                               {entries: []string{someNumber + "/"}, users: usersOf(someNumber), pending: []int{0}, want: "listed", scans: 1},
		"pending beside one who is absent":                   {entries: []string{"/DE.1"}, users: []userid.User{userOf(someNumber), userOf(otherNumber, "DE.2")}, pending: []int{0}, want: "uncertain absent", scans: 2},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.setList(fakeapi.Forever, test.entries...)
			found := e.expectFind(test.want, blocklist.Query{Users: test.users, Pending: func(i int) bool { return slices.Contains(test.pending, i) }})
			if found.Candidates != test.candidates || found.Incomplete != nil {
				t.Errorf("%d candidates, %v; want %d", found.Candidates, found.Incomplete, test.candidates)
			}
			e.expectScans(test.scans)
		})
	}
}

// The presence of users by two different scans.
func TestFind_twoScans(t *testing.T) {
	t.Parallel()
	runInEnv(t, "only the second one shows the user", setting{}, func(t *testing.T, e *env) {
		e.setList(1, otherNumber+"/")
		e.setList(1, someNumber+"/DE.1")
		f := e.expectPresence("listed", someNumber).Of[0]
		if f.User.UserID != id("DE.1") || f.Shown.WaID != id(someNumber) {
			t.Errorf("%+v", f)
		}
	})
	runInEnv(t, "only the first one shows the user", setting{}, func(t *testing.T, e *env) {
		e.setList(1, someNumber+"/DE.1")
		e.setList(1)
		if f := e.expectPresence("listed absent", someNumber, otherNumber).Of[0]; f.User.UserID != id("DE.1") {
			t.Errorf("%+v", f)
		}
	})
	for name, entries := range map[string][2][]string{
		"a candidate in the first one":  {{"/DE.1"}, {}},
		"a candidate in the second one": {{}, {"/DE.1"}},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.setList(1, entries[0]...)
			e.setList(1, entries[1]...)
			if n := e.expectPresence("uncertain", someNumber).Candidates; n != 1 {
				t.Errorf("%d candidates, want 1", n)
			}
		})
	}
	for name, skip := range map[string]int{"the first one incomplete": 1, "the second one incomplete": 3} {
		runInEnv(t, name, pagesOf(2), func(t *testing.T, e *env) {
			seeded := e.server.SeedN(4)
			e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: skip})
			if n := e.expectPresence("incomplete listed", someNumber, seeded[0]).Candidates; n != 0 {
				t.Errorf("%d candidates, want none", n)
			}
			e.expectScans(2)
		})
	}
	runInEnv(t, "all are found, the first one incomplete", pagesOf(2), func(t *testing.T, e *env) {
		seeded := e.server.SeedN(4)
		makeNextScanIncomplete(e.server)
		if err := e.expectPresence("listed", seeded[1]).Incomplete; !errors.Is(err, d360.ErrIncomplete) {
			t.Errorf("%v, want the scan to be incomplete", err)
		}
		e.expectScans(1)
	})
	runInEnv(t, "pending, the first one incomplete", pagesOf(2), func(_ *testing.T, e *env) {
		seeded := e.server.SeedN(4)
		makeNextScanIncomplete(e.server)
		e.expectPending("listed", seeded[3])
		e.expectScans(2)
	})
	runInEnv(t, "blocked in this run after the first one, which shows the user", setting{}, func(t *testing.T, e *env) {
		e.setList(fakeapi.Forever, someNumber+"/")
		e.expectPending("listed", someNumber)
		expectSuccess(t, e.block(someNumber))
		if f := e.expectPresence("listed absent", someNumber, "DE.1").Of[0]; !f.Shown.ID.IsZero() {
			t.Errorf("%+v", f)
		}
	})
	runInEnv(t, "unblocked in this run after the first one", setting{}, func(t *testing.T, e *env) {
		e.server.Seed(someNumber)
		e.expectPending("listed", someNumber)
		expectSuccess(t, e.unblock(someNumber))
		e.expectPresence("absent", someNumber)
		e.expectScans(1)
	})
}

// Others are the entries that are certainly none of the users.
func TestFindings_Others(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries, want []string
		users         []userid.User
	}{
		"no user":                           {entries: []string{someNumber + "/", "/DE.1"}, want: []string{someNumber, "DE.1"}},
		"an entry of the user":              {entries: []string{someNumber + "/DE.1"}, users: usersOf("DE.1")},
		"another entry than that of a user": {entries: []string{someNumber + "/", "/DE.1"}, want: []string{"DE.1"}, users: usersOf(someNumber)},
		"the user is absent":                {entries: []string{otherNumber + "/", "/DE.1"}, want: []string{otherNumber, "DE.1"}, users: []userid.User{userOf(someNumber, "DE.2")}},
		"a hidden one may be a number":      {entries: []string{otherNumber + "/", "/DE.1"}, want: []string{otherNumber}, users: usersOf(someNumber)},
		"a number may be a user ID":         {entries: []string{otherNumber + "/", "/DE.1", brazilNumber + "/BR.1"}, want: []string{"DE.1", brazilNumber}, users: usersOf("DE.2")},
		"the alternate form may be":         {entries: []string{brazilAlternate + "/", otherNumber + "/"}, want: []string{otherNumber}, users: usersOf(brazilNumber)},
		"the alternate form, not missing":   {entries: []string{brazilAlternate + "/", brazilNumber + "/"}, want: []string{brazilAlternate}, users: usersOf(brazilNumber)},
		"an entry that names no user":       {entries: []string{"no number", otherNumber + "/"}, want: []string{otherNumber}, users: usersOf(someNumber)},
		"one that names no user, all found": {entries: []string{"no number", someNumber + "/"}, users: usersOf(someNumber)},
		"two entries of one user":           {entries: []string{someNumber + "/", "/DE.1"}, users: []userid.User{userOf(someNumber, "DE.1")}},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.setList(fakeapi.Forever, test.entries...)
			found, err := e.list.Find(t.Context(), blocklist.Query{Users: test.users})
			if err != nil {
				t.Fatal(err)
			}
			if got := keys(found.Others()); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	runInEnv(t, "after writes", setting{}, func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1), phoneNumber(2))
		e.expectPending("listed", phoneNumber(1))
		expectSuccess(t, e.block(phoneNumber(3)))
		expectSuccess(t, e.unblock(phoneNumber(2)))
		if got := keys(e.expectPresence("listed", phoneNumber(1)).Others()); !slices.Equal(got, []string{phoneNumber(3)}) {
			t.Errorf("%q", got)
		}
	})
}
