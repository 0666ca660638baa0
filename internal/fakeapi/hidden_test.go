package fakeapi_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestHiddenNumbers has anna on the list and berta not, and hides both.
func TestHiddenNumbers(t *testing.T) {
	const reason = `"errors":[{"code":131047,"message":"Re-engagement message","error_data":{"details":"The user has not written within 24 hours."}}]`
	list := func(c *client) reply { return c.get("") }
	block := func(c *client) reply { return c.post(anna) }
	blockByID := func(c *client) reply { return c.write("POST", byID(c.server.UserID(anna))) }
	fail := func(c *client) reply { return c.post(berta) }
	added := func(entry string) string {
		return `{"messaging_product":"whatsapp","block_users":{"added_users":[` + entry + `]}}`
	}
	failed := func(entry string) string {
		return `{"messaging_product":"whatsapp","block_users":{"failed_users":[` + entry + `]}}`
	}
	tests := []struct {
		format fakeapi.ResponseFormat
		call   func(*client) reply
		want   string
		// same marks a response that never shows the number.
		same bool
	}{
		{fakeapi.ResponseFormat{}, list, `{"data":[{"block_users":[{"user_id":"DE.13604915112345671"}]}]}`, false},
		{fakeapi.ResponseFormat{List: fakeapi.ListNestedGrouped, UserIDs: fakeapi.UserIDsAlways}, list, `{"data":[{"block_users":[{"user_id":"DE.13604915112345671"}]}]}`, false},
		{fakeapi.ResponseFormat{Input: fakeapi.ListInputWaID}, list, `{"data":[{"block_users":[{"user_id":"DE.13604915112345671"}]}]}`, false},
		{fakeapi.ResponseFormat{OmitWaID: true}, list, `{"data":[{"block_users":[{"user_id":"DE.13604915112345671"}]}]}`, false},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsInput}, list, `{"data":[{"block_users":[{"input":"DE.13604915112345671"}]}]}`, false},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsInput, UserIDs: fakeapi.UserIDsAlways}, list, `{"data":[{"block_users":[{"user_id":"DE.13604915112345671"}]}]}`, false},
		{fakeapi.ResponseFormat{List: fakeapi.ListFlat}, list, `{"data":[{"messaging_product":"whatsapp","user_id":"DE.13604915112345671"}]}`, false},
		{fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways}, list, `{"data":[{"messaging_product":"whatsapp","user_id":"DE.13604915112345671"}]}`, false},
		{fakeapi.ResponseFormat{List: fakeapi.ListFlat, ParentUserIDs: true}, list, `{"data":[{"messaging_product":"whatsapp","user_id":"DE.13604915112345671","parent_user_id":"DE.ENT.13604915112345671"}]}`, false},
		{fakeapi.ResponseFormat{}, block, added(`{"input":"+4915112345671"}`), false},
		{fakeapi.ResponseFormat{WriteUserIDs: true, Echo: fakeapi.EchoDigits}, block, added(`{"input":"4915112345671","user_id":"DE.13604915112345671"}`), false},
		{fakeapi.ResponseFormat{}, blockByID, added(`{"user_id":"DE.13604915112345671"}`), true},
		{fakeapi.ResponseFormat{FailedWaID: true, Rejection: fakeapi.Rejection200}, fail, failed(`{"input":"+4915112345672",` + reason + `}`), false},
	}
	for _, test := range tests {
		t.Run(test.format.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: test.format})
			c.server.Seed(anna)
			c.server.Silent(berta)
			before := test.call(c)
			c.server.Hide(anna, c.server.UserID(berta))
			if got := test.call(c); got.body != test.want {
				t.Errorf("response\n%s\nwant\n%s", got.body, test.want)
			}
			c.server.Show(c.server.UserID(anna), berta)
			after := test.call(c)
			if after.body != before.body {
				t.Errorf("response after Show\n%s\nwant\n%s", after.body, before.body)
			}
			if same := before.body == test.want; same != test.same {
				t.Errorf("response before Hide\n%s", before.body)
			}
			if got := c.server.Blocked(); !slices.Equal(got, []string{anna[1:]}) {
				t.Errorf("blocked %v", got)
			}
			c.noViolations()
		})
	}
}

// TestHidingKeepsCursors hides a user between two pages.
func TestHidingKeepsCursors(t *testing.T) {
	c := start(t, fakeapi.Options{})
	users := c.server.SeedN(4)
	after := cursorAt(t, c, 2)
	c.server.Hide(users[3])
	want := []string{users[2], c.server.UserID(users[3])}
	if got := parsePage(t, c.get("after="+after)).users(); !slices.Equal(got, want) {
		t.Errorf("users %v, want %v", got, want)
	}
}

func TestHiddenUnblock(t *testing.T) {
	tests := []struct {
		name  string
		rules fakeapi.Rules
		// byID unblocks by user ID, shown does not hide the number, absent first removes the user from the list.
		byID, shown, absent bool
		response            string
		blocked             bool
	}{
		{name: "works", response: "remove +4915112345671"},
		{name: "rejected", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockReject}, response: "fail +4915112345671=131047, error 139100", blocked: true},
		{name: "rejected, own code", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockReject, HiddenUnblockCode: 100}, response: "fail +4915112345671=100, error 139100", blocked: true},
		{name: "rejected, not blocked", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockReject}, absent: true, response: "fail +4915112345671=131047, error 139100"},
		{name: "rejected, shown", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockReject}, shown: true, response: "remove +4915112345671"},
		{name: "rejected, by user ID", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockReject}, byID: true, response: "remove DE.13604915112345671"},
		{name: "no effect", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockNoEffect}, response: "remove +4915112345671", blocked: true},
		{name: "no effect, shown", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockNoEffect}, shown: true, response: "remove +4915112345671"},
		{name: "no effect, by user ID", rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockNoEffect}, byID: true, response: "remove DE.13604915112345671"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeapi.Options{Rules: test.rules})
			c.server.Seed(anna)
			if test.absent {
				c.server.Remove(anna)
			}
			if !test.shown {
				c.server.Hide(anna)
			}
			item := byUser(anna)
			if test.byID {
				item = byID(c.server.UserID(anna))
			}
			if got := summary(t, c.write(http.MethodDelete, item)); got != test.response {
				t.Errorf("response %q, want %q", got, test.response)
			}
			if got := c.server.IsBlocked(anna); got != test.blocked {
				t.Errorf("blocked: %v, want %v", got, test.blocked)
			}
			c.noViolations()
		})
	}
}

// TestHiddenBlock blocks a hidden user by number, which no rule forbids.
func TestHiddenBlock(t *testing.T) {
	c := start(t, fakeapi.Options{Rules: fakeapi.Rules{HiddenUnblock: fakeapi.HiddenUnblockReject}})
	c.server.Hide(anna, dora)
	if got := summary(t, c.write("POST", byUser(anna), byID(dora))); got != "add +4915112345671, add US.13491208655302741918" {
		t.Errorf("response %q", got)
	}
	want := []string{c.server.UserID(anna), dora}
	if got := parsePage(t, c.get("")).users(); !slices.Equal(got, want) {
		t.Errorf("list %v, want %v", got, want)
	}
}
