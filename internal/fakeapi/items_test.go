package fakeapi_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestItems sends one write for each form of an item. At the start, anna is on the list.
func TestItems(t *testing.T) {
	const (
		parent    = "US.ENT.11815799212886844830"
		forwarded = fakeapi.UserIDsForwarded
		dropped   = fakeapi.UserIDsDropped
		rejected  = fakeapi.UserIDsRejected
	)
	var (
		both   = fakeapi.Item{User: berta, UserID: dora}
		strict = fakeapi.Rules{StrictUserIDs: true}
	)
	tests := []struct {
		name  string
		rules fakeapi.Rules
		items []fakeapi.Item
		// method is POST where it is empty.
		method   string
		response string
		blocked  []string
		// violation is part of the only violation; empty means none.
		violation string
		// asUser is how many user IDs were sent in the field user.
		asUser int
	}{
		{name: "user ID", items: []fakeapi.Item{byID(dora), byUser(berta)}, response: "add " + dora + ", add " + berta, blocked: []string{anna, dora, berta}},
		{name: "user ID, unblock", method: "DELETE", items: []fakeapi.Item{byID("DE.13604915112345671")}, response: "remove DE.13604915112345671"},
		{name: "user ID as user", items: []fakeapi.Item{byUser(dora)}, response: "add " + dora, blocked: []string{anna, dora}, asUser: 1},
		{name: "user ID as user, unblock", method: "DELETE", items: []fakeapi.Item{byUser(dora), byUser("DE.13604915112345671")}, response: "remove " + dora + ", remove DE.13604915112345671", asUser: 2},
		{name: "user ID as user, strict", rules: strict, items: []fakeapi.Item{byUser(dora), byUser(berta)}, response: "error 100", blocked: []string{anna}, violation: `user ID "US.13491208655302741918" in the field user`, asUser: 1},
		{name: "user ID, strict", rules: strict, items: []fakeapi.Item{byID(dora), byUser(berta)}, response: "add " + dora + ", add " + berta, blocked: []string{anna, dora, berta}},
		{name: "both", items: []fakeapi.Item{both}, response: "add " + berta, blocked: []string{anna, berta}},
		{name: "both, strict", rules: strict, items: []fakeapi.Item{both}, response: "add " + berta, blocked: []string{anna, berta}},

		{name: "dropped", rules: fakeapi.Rules{UserIDs: dropped}, items: []fakeapi.Item{byID(dora), byUser(berta)}, response: "add " + berta, blocked: []string{anna, berta}},
		{name: "dropped, unblock", rules: fakeapi.Rules{UserIDs: dropped}, method: "DELETE", items: []fakeapi.Item{byID("DE.13604915112345671"), byUser(berta)}, response: "remove " + berta, blocked: []string{anna}},
		{name: "all dropped", rules: fakeapi.Rules{UserIDs: dropped}, items: []fakeapi.Item{byID(dora)}, blocked: []string{anna}},
		{name: "dropped, as user", rules: fakeapi.Rules{UserIDs: dropped}, items: []fakeapi.Item{byUser(dora)}, response: "add " + dora, blocked: []string{anna, dora}, asUser: 1},
		{name: "dropped, both", rules: fakeapi.Rules{UserIDs: dropped}, items: []fakeapi.Item{both}, response: "add " + berta, blocked: []string{anna, berta}},

		{name: "rejected", rules: fakeapi.Rules{UserIDs: rejected}, items: []fakeapi.Item{byUser(berta), byID(dora)}, response: "error 100", blocked: []string{anna}},
		{name: "rejected, unblock", rules: fakeapi.Rules{UserIDs: rejected}, method: "DELETE", items: []fakeapi.Item{byUser(anna), byID(dora)}, response: "error 100", blocked: []string{anna}},
		{name: "rejected, as user", rules: fakeapi.Rules{UserIDs: rejected}, items: []fakeapi.Item{byUser(dora)}, response: "add " + dora, blocked: []string{anna, dora}, asUser: 1},
		{name: "rejected, both", rules: fakeapi.Rules{UserIDs: rejected}, items: []fakeapi.Item{both}, response: "error 100", blocked: []string{anna}},

		{name: "parent", items: []fakeapi.Item{byUser(berta), byID(parent)}, response: "error 100", blocked: []string{anna}},
		{name: "parent, unblock", method: "DELETE", items: []fakeapi.Item{byUser(anna), byID(parent)}, response: "error 100", blocked: []string{anna}},
		{name: "parent as user", items: []fakeapi.Item{byUser(parent), byUser(berta)}, response: "error 100", blocked: []string{anna}, asUser: 1},
		{name: "parent as user, dropped", rules: fakeapi.Rules{UserIDs: dropped}, items: []fakeapi.Item{byUser(parent)}, response: "error 100", blocked: []string{anna}, asUser: 1},
		{name: "parent, strict", rules: strict, items: []fakeapi.Item{byID(parent)}, response: "error 100", blocked: []string{anna}, violation: `parent user ID "` + parent + `"`},
		{name: "parent beside user", items: []fakeapi.Item{{User: berta, UserID: parent}}, response: "error 100", blocked: []string{anna}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeapi.Options{Rules: test.rules})
			c.server.Seed(anna)
			got := c.write(cmp.Or(test.method, "POST"), test.items...)
			if response := summary(t, got); response != test.response {
				t.Errorf("response %q, want %q", response, test.response)
			}
			status := 200
			if strings.HasPrefix(test.response, "error") {
				status = 400
			}
			if got.status != status {
				t.Errorf("status %d, want %d", got.status, status)
			}
			var blocked []string
			for _, user := range test.blocked {
				blocked = append(blocked, strings.TrimPrefix(user, "+"))
			}
			if got := c.server.Blocked(); !slices.Equal(got, blocked) {
				t.Errorf("blocked %v, want %v", got, blocked)
			}
			violations := c.server.Violations()
			if test.violation == "" && len(violations) > 0 || test.violation != "" && (len(violations) != 1 || !strings.Contains(violations[0], test.violation)) {
				t.Errorf("violations %q, want %q", violations, test.violation)
			}
			stats := c.server.Stats()
			if stats.UserIDsAsUser != test.asUser {
				t.Errorf("%d user IDs in the field user, want %d", stats.UserIDsAsUser, test.asUser)
			}
			if n := stats.UsersPosted + stats.UsersDeleted; n != len(test.items) {
				t.Errorf("%d users counted, want %d", n, len(test.items))
			}
			if got := c.server.Requests()[0].Items; !slices.Equal(got, test.items) {
				t.Errorf("items %v, want %v", got, test.items)
			}
		})
	}
}

// TestParentThatIsDropped uses raw because the document forbids the request.
func TestParentThatIsDropped(t *testing.T) {
	for _, strict := range []bool{false, true} {
		c := start(t, fakeapi.Options{Rules: fakeapi.Rules{UserIDs: fakeapi.UserIDsDropped, StrictUserIDs: strict}})
		got := c.raw(c.request("POST", "", writeItems(byID("US.ENT.1"), byUser(berta))))
		if response := summary(t, got); response != "add "+berta {
			t.Errorf("response %q", response)
		}
		if violations := c.server.Violations(); len(violations) > 0 != strict {
			t.Errorf("strict: %v, violations %q", strict, violations)
		}
	}
}

// TestItemsAreRecorded sends three items; the second one names no one.
func TestItemsAreRecorded(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.raw(c.request("DELETE", "", `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345672","user_id":"US.2"},{"user":null},{"user_id":"DE.13604915112345671"}]}`))
	got := c.server.Requests()[0]
	if want := []fakeapi.Item{{User: berta, UserID: "US.2"}, {}, byID("DE.13604915112345671")}; !slices.Equal(got.Items, want) {
		t.Errorf("items %v, want %v", got.Items, want)
	}
	if want := []string{berta, "DE.13604915112345671"}; !slices.Equal(got.Users, want) {
		t.Errorf("users %v, want %v", got.Users, want)
	}
	if want := []string{berta[1:], anna[1:]}; !slices.Equal(c.server.Deleted(), want) {
		t.Errorf("deleted %v, want %v", c.server.Deleted(), want)
	}
	got.Items[0].User = "changed"
	if c.server.Requests()[0].Items[0].User != berta {
		t.Error("Requests does not return a copy")
	}
}
