package fakeapi_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// brazil is a user whose number and WhatsApp ID differ; carla has a user ID that Options.UserIDs gives.
const (
	brazil, brazilWaID = "+5531996883193", "553196883193"
	carla, carlaID     = "+447700900123", "GB.7421"
)

func withNames() fakeapi.Options {
	return fakeapi.Options{
		WaIDs:   map[string]string{brazil[1:]: brazilWaID},
		UserIDs: map[string]string{carla[1:]: carlaID},
	}
}

// everyName returns all names of each user of withNames, by key.
func everyName(s *fakeapi.Server) map[string][]string {
	return map[string][]string{
		anna[1:]:   {anna, "0049 (151) 12345671", s.UserID(anna)},
		brazilWaID: {brazil, "+" + brazilWaID, s.UserID(brazil)},
		carla[1:]:  {carla, carlaID},
		dora:       {dora},
	}
}

func TestNamesOfOneUser(t *testing.T) {
	for key, names := range everyName(fakeapi.New(withNames())) {
		for _, first := range names {
			for _, second := range names {
				t.Run(first+" and "+second, func(t *testing.T) {
					s := fakeapi.New(withNames())
					s.Seed(first, second)
					if got := s.Blocked(); !slices.Equal(got, []string{key}) {
						t.Errorf("blocked %v, want %s alone", got, key)
					}
					if !s.IsBlocked(second) || s.IsBlocked(berta) {
						t.Error("IsBlocked is wrong")
					}
					if s.UserID(first) != s.UserID(second) {
						t.Errorf("user IDs %s and %s", s.UserID(first), s.UserID(second))
					}
					s.Remove(second)
					if got := s.Blocked(); len(got) != 0 {
						t.Errorf("blocked %v after Remove", got)
					}
				})
			}
		}
	}
}

// TestRulesByAnyName sets a rule for one name of a user, and sends a write with another one.
func TestRulesByAnyName(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(s *fakeapi.Server, user string)
		method  string
		code    string
	}{
		{"own number", func(s *fakeapi.Server, user string) { s.SetRules(fakeapi.Rules{OwnNumber: user}) }, "POST", "131021"},
		{"seeded", func(s *fakeapi.Server, user string) {
			s.Seed(user)
			s.SetRules(fakeapi.Rules{AlreadyBlocked: fakeapi.NoOpReject, AlreadyBlockedCode: 131000})
		}, "POST", "131000"},
		{"silent", func(s *fakeapi.Server, user string) { s.Silent(user) }, "POST", "131047"},
		{"heard", func(s *fakeapi.Server, user string) { s.SetAllSilent(true); s.Heard(user) }, "POST", ""},
		{"rejected", func(s *fakeapi.Server, user string) { s.Reject(user, 368, "", "") }, "POST", "368"},
		{"unblock rejected", func(s *fakeapi.Server, user string) { s.RejectUnblock(user, 368, "", "") }, "DELETE", "368"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, names := range everyName(fakeapi.New(withNames())) {
				for _, name := range names {
					for _, item := range []fakeapi.Item{byUser(names[0]), byID(names[len(names)-1])} {
						c := start(t, withNames())
						test.prepare(c.server, name)
						want := item.User + item.UserID
						if test.code == "" {
							want = "add " + want
						} else {
							want = "fail " + want + "=" + test.code + ", error 139100"
						}
						if got := summary(t, c.write(test.method, item)); got != want {
							t.Errorf("rule for %s: response %q, want %q", name, got, want)
						}
						c.server.Allow(name)
						if got := summary(t, c.write("DELETE", item)); got != "remove "+item.User+item.UserID {
							t.Errorf("rule for %s: response after Allow %q", name, got)
						}
						c.noViolations()
					}
				}
			}
		})
	}
}

// TestWritesByAnyName blocks a user by one name and unblocks by another.
func TestWritesByAnyName(t *testing.T) {
	c := start(t, withNames())
	for key, names := range everyName(c.server) {
		number, id := byUser("+"+key), byID(c.server.UserID(key))
		if key == dora {
			number = byUser(dora)
		}
		for _, pair := range [][2]fakeapi.Item{{number, id}, {id, number}, {number, byUser(id.UserID)}} {
			c.write("POST", pair[0])
			if got := c.server.Blocked(); !slices.Equal(got, []string{key}) {
				t.Errorf("blocked %v, want %s alone", got, key)
			}
			c.write("POST", pair[1])
			if got := c.server.Blocked(); !slices.Equal(got, []string{key}) {
				t.Errorf("blocked %v, want %s once", got, key)
			}
			c.write("DELETE", pair[1])
			for _, name := range names {
				if c.server.IsBlocked(name) {
					t.Errorf("%s is blocked", name)
				}
			}
			if deleted := c.server.Deleted(); deleted[len(deleted)-1] != key {
				t.Errorf("deleted %v, want %s", deleted, key)
			}
		}
	}
	c.noViolations()
}

// TestFullListCountsUsers has a request name a user twice, by number and by user ID, with room for one.
func TestFullListCountsUsers(t *testing.T) {
	c := start(t, fakeapi.Options{Rules: fakeapi.Rules{Capacity: 1, Full: fakeapi.FullWholeRequest}})
	if got := summary(t, c.write("POST", byUser(anna), byID(c.server.UserID(anna)))); got != "add +4915112345671, add DE.13604915112345671" {
		t.Errorf("response %q", got)
	}
}

func TestUserID(t *testing.T) {
	valid := regexp.MustCompile(`^[A-Z]{2}\.[A-Za-z0-9]{1,128}$`)
	s := fakeapi.New(withNames())
	users := append(s.SeedN(1000), anna, brazil, carla, dora, "+1650555", "+999999999999999")
	owners := map[string]string{}
	for _, user := range users {
		id := s.UserID(user)
		if !valid.MatchString(id) {
			t.Errorf("%s has the user ID %q", user, id)
		}
		if other, ok := owners[id]; ok {
			t.Errorf("%s and %s have the user ID %s", user, other, id)
		}
		owners[id] = user
		// A server that has not seen the number makes up the same ID.
		other := fakeapi.New(withNames())
		other.Seed(id)
		if !other.IsBlocked(user) || other.UserID(user) != id {
			t.Errorf("on another server, %s is not the user ID of %s", id, user)
		}
	}
	if s.UserID(carla) != carlaID || s.UserID(dora) != dora {
		t.Errorf("user IDs %s and %s", s.UserID(carla), s.UserID(dora))
	}
}

// TestUserIDsWithoutNumber has user IDs that look made-up but are not.
func TestUserIDsWithoutNumber(t *testing.T) {
	s := fakeapi.New(withNames())
	prefix := s.UserID(anna)[:len(s.UserID(anna))-len(anna[1:])]
	for name, id := range map[string]string{
		"number that is not the WhatsApp ID": prefix + brazil[1:],
		"number with another user ID":        prefix + carla[1:],
		"too short for a number":             prefix + "123456",
		"leading zero":                       prefix + "04915112345671",
		"other country":                      "US" + prefix[2:] + anna[1:],
	} {
		s := fakeapi.New(withNames())
		s.Seed(id)
		if got := s.Blocked(); !slices.Equal(got, []string{id}) {
			t.Errorf("%s: blocked %v", name, got)
		}
	}
}

func TestNewRejectsUserIDs(t *testing.T) {
	for name, opts := range map[string]fakeapi.Options{
		"number with plus":     {UserIDs: map[string]string{anna: "DE.1"}},
		"user ID as number":    {UserIDs: map[string]string{dora: "DE.1"}},
		"number as user ID":    {UserIDs: map[string]string{"4915112345671": "4915112345672"}},
		"parent user ID":       {UserIDs: map[string]string{"4915112345671": "DE.ENT.1"}},
		"made-up user ID":      {UserIDs: map[string]string{"4915112345671": fakeapi.New(fakeapi.Options{}).UserID(berta)}},
		"one ID for two users": {UserIDs: map[string]string{"4915112345671": "DE.1", "4915112345672": "DE.1"}},
		"two IDs for one user": {
			WaIDs:   map[string]string{brazil[1:]: brazilWaID},
			UserIDs: map[string]string{brazil[1:]: "BR.1", brazilWaID: "BR.2"},
		},
	} {
		wantPanic(t, name, func() { fakeapi.New(opts) })
	}
	both := fakeapi.New(fakeapi.Options{
		WaIDs:   map[string]string{brazil[1:]: brazilWaID},
		UserIDs: map[string]string{brazil[1:]: "BR.1", brazilWaID: "BR.1"},
	})
	if got := both.UserID(brazil); got != "BR.1" {
		t.Errorf("user ID %s", got)
	}
}
