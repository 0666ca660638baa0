package blocklist_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// setList makes the API return these entries for the next scans, each written as
// "number/user ID", where one of the two may be empty. An entry without a slash names no
// user.
func (e *env) setList(times int, entries ...string) {
	items := make([]string, len(entries))
	for i, entry := range entries {
		number, userID, ok := strings.Cut(entry, "/")
		switch {
		case !ok:
			items[i] = fmt.Sprintf(`{"input":%q}`, entry)
		case number == "":
			items[i] = fmt.Sprintf(`{"user_id":%q}`, userID)
		case userID == "":
			items[i] = fmt.Sprintf(`{"wa_id":%q}`, number)
		default:
			items[i] = fmt.Sprintf(`{"wa_id":%q,"user_id":%q}`, number, userID)
		}
	}
	e.server.Inject(fakeapi.Fault{
		Method: http.MethodGet, Kind: fakeapi.FaultRawBody, Times: times,
		Body: `{"data":[` + strings.Join(items, ",") + `]}`, ContentType: "application/json",
	})
}

// presences formats the presence of each finding.
func presences(found *blocklist.Findings) string {
	all := make([]string, len(found.Of))
	for i, f := range found.Of {
		all[i] = f.Presence.String()
	}
	return strings.Join(all, " ")
}

// The presence of users by two equal scans.
func TestFindPresence(t *testing.T) {
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
		"no user":                                 {entries: []string{someNumber + "/"}, scans: 1},
		"an empty list":                           {users: usersOf(someNumber), want: "absent", scans: 2},
		"the number":                              {entries: []string{someNumber + "/"}, users: usersOf(someNumber), want: "listed", scans: 1},
		"another number":                          {entries: []string{otherNumber + "/"}, users: usersOf(someNumber), want: "absent", scans: 2},
		"a number, a hidden user":                 {entries: []string{"/DE.1"}, users: usersOf(someNumber), want: "uncertain", candidates: 1, scans: 2},
		"a number, another with a user ID":        {entries: []string{otherNumber + "/DE.1"}, users: usersOf(someNumber), want: "absent", scans: 2},
		"a number and a user ID, another hidden":  {entries: []string{"/DE.1"}, users: []userid.User{userOf(someNumber, "DE.2")}, want: "absent", scans: 2},
		"a number and a user ID, hidden":          {entries: []string{"/DE.2"}, users: []userid.User{userOf(someNumber, "DE.2")}, want: "listed", scans: 1},
		"a user ID, a number alone":               {entries: []string{someNumber + "/"}, users: usersOf("DE.1"), want: "uncertain", candidates: 1, scans: 2},
		"a user ID, another one":                  {entries: []string{"/DE.2"}, users: usersOf("DE.1"), want: "absent", scans: 2},
		"a user ID, another one with a number":    {entries: []string{someNumber + "/DE.2"}, users: usersOf("DE.1"), want: "absent", scans: 2},
		"a user ID with a number, a number":       {entries: []string{otherNumber + "/"}, users: []userid.User{userOf("DE.1", someNumber)}, want: "absent", scans: 2},
		"an entry that names no user":             {entries: []string{"a friend"}, users: []userid.User{userOf(someNumber, "DE.1")}, want: "uncertain", candidates: 1, scans: 2},
		"the alternate form":                      {entries: []string{brazilAlternate + "/"}, users: usersOf(brazilNumber), want: "uncertain", candidates: 1, scans: 2},
		"the alternate form, another WhatsApp ID": {entries: []string{brazilAlternate + "/"}, users: []userid.User{userOf(brazilNumber, brazilNumber)}, want: "absent", scans: 2},
		"the alternate form, another's entry":     {entries: []string{brazilAlternate + "/"}, users: usersOf(brazilAlternate, brazilNumber), want: "listed absent", scans: 2},
		"a hidden user, another's entry":          {entries: []string{"/DE.1"}, users: usersOf("DE.1", someNumber), want: "listed absent", scans: 2},
		"two hidden users, one is another's":      {entries: []string{"/DE.1", "/DE.2"}, users: usersOf("DE.1", someNumber), want: "listed uncertain", candidates: 1, scans: 2},
		"one entry of two users":                  {entries: []string{someNumber + "/DE.1", "/DE.2"}, users: usersOf(someNumber, "DE.1", otherNumber), want: "listed listed uncertain", candidates: 1, scans: 2},
		"one number of two users":                 {entries: []string{someNumber + "/", otherNumber + "/"}, users: []userid.User{userOf(someNumber), userOf("DE.1", someNumber), userOf("BR.9")}, want: "listed listed uncertain", candidates: 1, scans: 2},
		"the most candidates":                     {entries: []string{"/DE.1", "/DE.2", brazilAlternate + "/"}, users: usersOf(someNumber, brazilNumber, "BR.9"), want: "uncertain uncertain uncertain", candidates: 3, scans: 2},
		"pending, not on the list":                {entries: []string{otherNumber + "/"}, users: usersOf(someNumber), pending: []int{0}, want: "uncertain", scans: 1},
		"pending, a hidden user":                  {entries: []string{"/DE.1"}, users: usersOf(someNumber), pending: []int{0}, want: "uncertain", scans: 1},
		"pending, on the list":                    {entries: []string{someNumber + "/"}, users: usersOf(someNumber), pending: []int{0}, want: "listed", scans: 1},
		"pending beside one who is absent":        {entries: []string{"/DE.1"}, users: []userid.User{userOf(someNumber), userOf(otherNumber, "DE.2")}, pending: []int{0}, want: "uncertain absent", scans: 2},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.setList(fakeapi.Forever, test.entries...)
			found, err := e.list.Find(t.Context(), blocklist.Query{Users: test.users, Pending: func(i int) bool { return slices.Contains(test.pending, i) }})
			if err != nil {
				t.Fatal(err)
			}
			if got := presences(found); got != test.want || found.Candidates != test.candidates || found.Incomplete != nil {
				t.Errorf("%s, %d candidates, %v; want %s, %d", got, found.Candidates, found.Incomplete, test.want, test.candidates)
			}
			e.expectScans(test.scans)
		})
	}
}

// The presence of users by two different scans.
func TestFindTwoScans(t *testing.T) {
	t.Parallel()
	twoPages := pagesOf(2)
	runInEnv(t, "the second one finds the user", setting{}, func(t *testing.T, e *env) {
		e.setList(1, otherNumber+"/")
		e.setList(1, someNumber+"/DE.1")
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(someNumber)})
		if err != nil || presences(found) != "listed" || found.Of[0].User.UserID != id("DE.1") || found.Of[0].Shown.WaID != id(someNumber) {
			t.Errorf("%+v, %v", found, err)
		}
	})
	runInEnv(t, "the first one found the user, the second one does not", setting{}, func(t *testing.T, e *env) {
		e.setList(1, someNumber+"/DE.1")
		e.setList(1)
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(someNumber, otherNumber)})
		if err != nil || presences(found) != "listed absent" || found.Of[0].User.UserID != id("DE.1") {
			t.Errorf("%+v, %v", found, err)
		}
	})
	for name, entries := range map[string][2][]string{
		"a candidate in the first one":  {{"/DE.1"}, {}},
		"a candidate in the second one": {{}, {"/DE.1"}},
	} {
		runInEnv(t, name, setting{}, func(t *testing.T, e *env) {
			e.setList(1, entries[0]...)
			e.setList(1, entries[1]...)
			found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(someNumber)})
			if err != nil || presences(found) != "uncertain" || found.Candidates != 1 {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
	for name, skip := range map[string]int{"the first one incomplete": 1, "the second one incomplete": 3} {
		runInEnv(t, name, twoPages, func(t *testing.T, e *env) {
			seeded := e.server.SeedN(4)
			e.server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: skip})
			found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(someNumber, seeded[0])})
			if err != nil || presences(found) != "uncertain listed" || found.Candidates != 0 || !errors.Is(found.Incomplete, d360.ErrIncomplete) {
				t.Errorf("%+v, %v", found, err)
			}
			e.expectScans(2)
		})
	}
	runInEnv(t, "all are found, the first one incomplete", twoPages, func(t *testing.T, e *env) {
		seeded := e.server.SeedN(4)
		cutShort(e.server)
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(seeded[1])})
		if err != nil || presences(found) != "listed" || !errors.Is(found.Incomplete, d360.ErrIncomplete) {
			t.Errorf("%+v, %v", found, err)
		}
		e.expectScans(1)
	})
	runInEnv(t, "pending, the first one incomplete", twoPages, func(t *testing.T, e *env) {
		seeded := e.server.SeedN(4)
		cutShort(e.server)
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(seeded[3]), Pending: func(int) bool { return true }})
		if err != nil || presences(found) != "listed" {
			t.Errorf("%+v, %v", found, err)
		}
		e.expectScans(2)
	})
	runInEnv(t, "blocked in this run after the first one, which shows the user", setting{}, func(t *testing.T, e *env) {
		e.setList(fakeapi.Forever, someNumber+"/")
		_, _, _ = e.lookup(t.Context(), someNumber)
		expectSuccess(t, e.block(someNumber))
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(someNumber, "DE.1")})
		if err != nil || presences(found) != "listed absent" || !found.Of[0].Shown.ID.IsZero() {
			t.Errorf("%+v, %v", found, err)
		}
	})
	runInEnv(t, "unblocked in this run after the first one", setting{}, func(t *testing.T, e *env) {
		e.server.Seed(someNumber)
		_, _, _ = e.lookup(t.Context(), someNumber)
		expectSuccess(t, e.unblock(someNumber))
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(someNumber)})
		if err != nil || presences(found) != "absent" {
			t.Errorf("%+v, %v", found, err)
		}
		e.expectScans(1)
	})
}

// Others are the entries that are certainly none of the users.
func TestFindOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries, want []string
		users         []userid.User
	}{
		"no user":                           {entries: []string{someNumber + "/", "/DE.1"}, want: []string{someNumber, "DE.1"}},
		"none":                              {entries: []string{someNumber + "/DE.1"}, users: usersOf("DE.1")},
		"beside a user who is found":        {entries: []string{someNumber + "/", "/DE.1"}, want: []string{"DE.1"}, users: usersOf(someNumber)},
		"beside an absent one":              {entries: []string{otherNumber + "/", "/DE.1"}, want: []string{otherNumber, "DE.1"}, users: []userid.User{userOf(someNumber, "DE.2")}},
		"a hidden one may be a number":      {entries: []string{otherNumber + "/", "/DE.1"}, want: []string{otherNumber}, users: usersOf(someNumber)},
		"a number may be a user ID":         {entries: []string{otherNumber + "/", "/DE.1", brazilNumber + "/BR.1"}, want: []string{"DE.1", brazilNumber}, users: usersOf("DE.2")},
		"the alternate form may be":         {entries: []string{brazilAlternate + "/", otherNumber + "/"}, want: []string{otherNumber}, users: usersOf(brazilNumber)},
		"the alternate form, not missing":   {entries: []string{brazilAlternate + "/", brazilNumber + "/"}, want: []string{brazilAlternate}, users: usersOf(brazilNumber)},
		"an entry that names no user":       {entries: []string{"a friend", otherNumber + "/"}, want: []string{otherNumber}, users: usersOf(someNumber)},
		"one that names no user, all found": {entries: []string{"a friend", someNumber + "/"}, users: usersOf(someNumber)},
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
	runInEnv(t, "with what this run wrote", setting{}, func(t *testing.T, e *env) {
		e.server.Seed(phoneNumber(1), phoneNumber(2))
		_, _, _ = e.lookup(t.Context(), phoneNumber(1))
		expectSuccess(t, e.block(phoneNumber(3)))
		expectSuccess(t, e.unblock(phoneNumber(2)))
		found, err := e.list.Find(t.Context(), blocklist.Query{Users: usersOf(phoneNumber(1))})
		if err != nil || !slices.Equal(keys(found.Others()), []string{phoneNumber(3)}) {
			t.Errorf("%q, %v", keys(found.Others()), err)
		}
	})
}
