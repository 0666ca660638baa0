package fakeapi_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// TestVariantsCoverEverything uses reflection so that a new field or value cannot be forgotten.
func TestVariantsCoverEverything(t *testing.T) {
	names := map[string]bool{}
	values := map[string]map[string]bool{}
	variants := slices.Concat(allVariants(), fakeapi.HealthVariants()[1:], []fakeapi.ResponseFormat{
		{OverLimit: fakeapi.OverLimitError}, {OverLimit: fakeapi.OverLimitHang},
	})
	for _, format := range variants {
		if names[format.String()] {
			t.Errorf("two variants %q", format)
		}
		names[format.String()] = true
		fields := reflect.ValueOf(format)
		for i := range fields.NumField() {
			name := fields.Type().Field(i).Name
			if values[name] == nil {
				values[name] = map[string]bool{}
			}
			value := fields.Field(i)
			if _, ok := reflect.TypeAssert[fmt.Stringer](value); ok {
				// The values of an enum are consecutive; the first one without a name ends them.
				for next := reflect.New(value.Type()).Elem(); ; next.SetInt(next.Int() + 1) {
					text := fmt.Sprint(next)
					if strings.HasPrefix(text, "unknown") {
						break
					}
					values[name][text] = values[name][text] || next.Equal(value)
				}
			} else {
				values[name]["zero"] = values[name]["zero"] || value.IsZero()
				values[name]["other"] = values[name]["other"] || !value.IsZero()
			}
		}
	}
	for field, seen := range values {
		for value, ok := range seen {
			if !ok || len(seen) < 2 {
				t.Errorf("%s is never %s", field, value)
			}
		}
	}
	for _, name := range []string{
		"default",
		"list=flat,last=after-only,echo=digits,failed-wa-id=true,max-limit=100",
		"list=flat,last=after-only,echo=digits,user-id-as=both,user-ids=always,max-limit=100",
		"list=flat,last=after-only,past-end=first-page,echo=digits,user-id-as=both,user-ids=always,max-limit=100",
		"last=after-only,ignore-after=true",
		"health=entities-no-id",
		"over-limit=hang",
	} {
		if !names[name] {
			t.Errorf("no variant %q among %v", name, names)
		}
	}
}

// TestResponses has a number and a user ID on the list.
func TestResponses(t *testing.T) {
	const (
		number = `{"input":"+4915112345671","wa_id":"4915112345671"}`
		id     = `{"user_id":"US.13491208655302741918"}`
		all    = `{"input":"+4915112345671","wa_id":"4915112345671","user_id":"DE.13604915112345671"}`
		reason = `"errors":[{"code":131047,"message":"Re-engagement message","error_data":{"details":"The user has not written within 24 hours."}}]`
	)
	list := func(c *client) reply { return c.get("") }
	empty := func(c *client) reply {
		c.server.Remove(anna, dora)
		return c.get("")
	}
	block := func(c *client) reply { return c.post(anna, dora) }
	unblock := func(c *client) reply { return c.delete(anna, dora) }
	reject := func(c *client) reply {
		c.server.Silent(berta)
		return c.post(anna, berta)
	}
	blockByID := func(c *client) reply { return c.write("POST", byID(c.server.UserID(anna)), byID(dora)) }
	rejectByID := func(c *client) reply {
		c.server.Silent(berta)
		return c.write("POST", byID(c.server.UserID(berta)))
	}
	listByID := func(c *client) reply {
		c.server.Remove(anna, dora)
		c.write("POST", byID(c.server.UserID(anna)))
		return c.get("")
	}
	listParent := func(c *client) reply {
		c.server.Remove(anna, dora)
		c.server.Seed("US.ENT.118")
		return c.get("")
	}
	fail := func(c *client) reply { return c.get("limit=1&after=x") }
	tests := []struct {
		format fakeapi.ResponseFormat
		call   func(*client) reply
		want   string
	}{
		{fakeapi.ResponseFormat{}, list, `{"data":[{"block_users":[` + number + `]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{List: fakeapi.ListNestedGrouped}, list, `{"data":[{"block_users":[` + number + `,` + id + `]}]}`},
		{fakeapi.ResponseFormat{List: fakeapi.ListFlat}, list, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671"},{"messaging_product":"whatsapp","user_id":"US.13491208655302741918"}]}`},
		{fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDAs: fakeapi.UserIDAsInput}, list, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671"},{"messaging_product":"whatsapp","input":"US.13491208655302741918"}]}`},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsInput}, list, `{"data":[{"block_users":[` + number + `]},{"block_users":[{"input":"US.13491208655302741918"}]}]}`},
		{fakeapi.ResponseFormat{Input: fakeapi.ListInputWaID}, list, `{"data":[{"block_users":[{"input":"4915112345671","wa_id":"4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{Input: fakeapi.ListInputOmitted}, list, `{"data":[{"block_users":[{"wa_id":"4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{OmitWaID: true}, list, `{"data":[{"block_users":[{"input":"+4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{Echo: fakeapi.EchoDigits}, list, `{"data":[{"block_users":[{"input":"4915112345671","wa_id":"4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{}, empty, `{"data":[]}`},
		{fakeapi.ResponseFormat{Empty: fakeapi.EmptyOmitted}, empty, `{}`},
		{fakeapi.ResponseFormat{Empty: fakeapi.EmptyNull}, empty, `{"data":null}`},
		{fakeapi.ResponseFormat{}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `]}}`},
		{fakeapi.ResponseFormat{Echo: fakeapi.EchoDigits}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"4915112345671","wa_id":"4915112345671"},` + id + `]}}`},
		{fakeapi.ResponseFormat{Echo: fakeapi.EchoPlus}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `]}}`},
		{fakeapi.ResponseFormat{Echo: fakeapi.EchoSpaced}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"+49 151 123 456 71","wa_id":"4915112345671"},` + id + `]}}`},
		{fakeapi.ResponseFormat{OmitWaID: true}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"+4915112345671"},` + id + `]}}`},
		{fakeapi.ResponseFormat{}, unblock, `{"messaging_product":"whatsapp","block_users":{"removed_users":[` + number + `,` + id + `]}}`},
		{fakeapi.ResponseFormat{Removed: fakeapi.RemovedAsAdded}, unblock, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `]}}`},
		{fakeapi.ResponseFormat{}, reject, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `],"failed_users":[{"input":"+4915112345672",` + reason + `}]},"error":{"message":"(#139100) Failed to block/unblock users","type":"OAuthException","code":139100,"error_data":{"details":"Some users failed; see block_users."},"fbtrace_id":"AsAndB0xTrAcE"}}`},
		{fakeapi.ResponseFormat{Rejection: fakeapi.Rejection200, FailedWaID: true}, reject, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `],"failed_users":[{"input":"+4915112345672","wa_id":"4915112345672",` + reason + `}]}}`},
		{fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways}, list, `{"data":[{"block_users":[` + all + `]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways, List: fakeapi.ListFlat}, list, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671","user_id":"DE.13604915112345671"},{"messaging_product":"whatsapp","user_id":"US.13491208655302741918"}]}`},
		{fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways, UserIDAs: fakeapi.UserIDAsInput, Input: fakeapi.ListInputOmitted}, list, `{"data":[{"block_users":[{"wa_id":"4915112345671","user_id":"DE.13604915112345671"}]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways, OmitWaID: true}, list, `{"data":[{"block_users":[{"input":"+4915112345671","user_id":"DE.13604915112345671"}]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways, List: fakeapi.ListFlat, ParentUserIDs: true}, list, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671","user_id":"DE.13604915112345671","parent_user_id":"DE.ENT.13604915112345671"},{"messaging_product":"whatsapp","user_id":"US.13491208655302741918","parent_user_id":"US.ENT.13491208655302741918"}]}`},
		{fakeapi.ResponseFormat{ParentUserIDs: true}, list, `{"data":[{"block_users":[` + number + `]},{"block_users":[{"user_id":"US.13491208655302741918","parent_user_id":"US.ENT.13491208655302741918"}]}]}`},
		{fakeapi.ResponseFormat{ParentUserIDs: true, List: fakeapi.ListFlat}, listParent, `{"data":[{"messaging_product":"whatsapp","user_id":"US.ENT.118"}]}`},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsBoth}, list, `{"data":[{"block_users":[` + number + `]},{"block_users":[` + id + `]}]}`},
		{fakeapi.ResponseFormat{}, listByID, `{"data":[{"block_users":[{"input":"DE.13604915112345671","wa_id":"4915112345671"}]}]}`},
		{fakeapi.ResponseFormat{OmitWaID: true, Echo: fakeapi.EchoSpaced}, listByID, `{"data":[{"block_users":[{"input":"DE.13604915112345671"}]}]}`},
		{fakeapi.ResponseFormat{List: fakeapi.ListFlat}, listByID, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671"}]}`},
		{fakeapi.ResponseFormat{Input: fakeapi.ListInputWaID, UserIDs: fakeapi.UserIDsAlways}, listByID, `{"data":[{"block_users":[{"input":"4915112345671","wa_id":"4915112345671","user_id":"DE.13604915112345671"}]}]}`},
		{fakeapi.ResponseFormat{WriteUserIDs: true}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + all + `,` + id + `]}}`},
		{fakeapi.ResponseFormat{WriteUserIDs: true, OmitWaID: true}, unblock, `{"messaging_product":"whatsapp","block_users":{"removed_users":[{"input":"+4915112345671","user_id":"DE.13604915112345671"},` + id + `]}}`},
		{fakeapi.ResponseFormat{WriteUserIDs: true, Rejection: fakeapi.Rejection200}, reject, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + all + `],"failed_users":[{"input":"+4915112345672","user_id":"DE.13604915112345672",` + reason + `}]}}`},
		{fakeapi.ResponseFormat{EmptyFailed: true}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `],"failed_users":[]}}`},
		{fakeapi.ResponseFormat{EmptyFailed: true}, unblock, `{"messaging_product":"whatsapp","block_users":{"removed_users":[` + number + `,` + id + `],"failed_users":[]}}`},
		{fakeapi.ResponseFormat{EmptyFailed: true, Rejection: fakeapi.Rejection200}, reject, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `],"failed_users":[{"input":"+4915112345672",` + reason + `}]}}`},
		{fakeapi.ResponseFormat{WriteUserIDs: true}, blockByID, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"user_id":"DE.13604915112345671"},` + id + `]}}`},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsInput}, blockByID, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"DE.13604915112345671"},{"input":"US.13491208655302741918"}]}}`},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsBoth}, blockByID, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"DE.13604915112345671","user_id":"DE.13604915112345671"},{"input":"US.13491208655302741918","user_id":"US.13491208655302741918"}]}}`},
		{fakeapi.ResponseFormat{UserIDAs: fakeapi.UserIDAsBoth, FailedWaID: true, Rejection: fakeapi.Rejection200}, rejectByID, `{"messaging_product":"whatsapp","block_users":{"failed_users":[{"input":"DE.13604915112345672","user_id":"DE.13604915112345672",` + reason + `}]}}`},
		{fakeapi.ResponseFormat{Error: fakeapi.ErrorText}, fail, `{"error":"(#100) Invalid parameter"}`},
		{fakeapi.ResponseFormat{Error: fakeapi.ErrorObject}, fail, `{"error":{"message":"(#100) Invalid parameter","type":"OAuthException","code":100,"error_data":{"details":"after is not a cursor of this API"},"fbtrace_id":"AsAndB0xTrAcE"}}`},
		{fakeapi.ResponseFormat{Error: fakeapi.ErrorMetaCamel}, fail, `{"meta":{"developerMessage":"(#100) Invalid parameter","httpCode":400,"success":false}}`},
		{fakeapi.ResponseFormat{Error: fakeapi.ErrorMetaSnake}, fail, `{"meta":{"developer_message":"(#100) Invalid parameter","http_code":400,"success":false}}`},
		{fakeapi.ResponseFormat{Error: fakeapi.ErrorHTML}, fail, "<!DOCTYPE html><html><head><title>400 (#100) Invalid parameter</title></head><body><h1>400 (#100) Invalid parameter</h1></body></html>\n"},
	}
	for _, test := range tests {
		t.Run(test.format.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: test.format})
			c.server.Seed(anna, dora)
			if got := test.call(c); got.body != test.want {
				t.Errorf("response\n%s\nwant\n%s", got.body, test.want)
			}
		})
	}
}

func TestRuleNames(t *testing.T) {
	got := []string{
		fakeapi.FullPerUser.String(), fakeapi.FullWholeRequest.String(),
		fakeapi.NoOpAccept.String(), fakeapi.NoOpReject.String(), fakeapi.NoOpIgnore.String(),
		fakeapi.UserIDsForwarded.String(), fakeapi.UserIDsDropped.String(), fakeapi.UserIDsRejected.String(),
		fakeapi.HiddenUnblockWorks.String(), fakeapi.HiddenUnblockReject.String(), fakeapi.HiddenUnblockNoEffect.String(),
	}
	want := []string{
		"per-user", "whole-request", "accept", "reject", "ignore", "forwarded", "dropped", "rejected", "works", "reject", "no-effect",
	}
	if !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
}
