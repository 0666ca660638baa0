package sandbox_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// TestVariantsCoverEverything walks over the fields of Wire, so that a new field or value cannot be forgotten.
func TestVariantsCoverEverything(t *testing.T) {
	names := map[string]bool{}
	values := map[string]map[string]bool{}
	for _, wire := range sandbox.Variants() {
		if names[wire.String()] {
			t.Errorf("two variants %q", wire)
		}
		names[wire.String()] = true
		fields := reflect.ValueOf(wire)
		for i := range fields.NumField() {
			name := fields.Type().Field(i).Name
			if values[name] == nil {
				values[name] = map[string]bool{}
			}
			value := fields.Field(i)
			if _, ok := reflect.TypeAssert[fmt.Stringer](value); ok {
				// The values of an enum follow one another, up to the first without a name.
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
	if !names["default"] || !names["list=flat,last=after-only,echo=digits,failed-wa-id=true,max-limit=100"] {
		t.Errorf("names %v", names)
	}
}

// TestAnswers pins down what every variant looks like on the wire. The list holds a number and a user ID, one page of one user
// is asked for, and the last page with both.
func TestAnswers(t *testing.T) {
	const (
		number = `{"input":"+4915112345671","wa_id":"4915112345671"}`
		id     = `{"user_id":"US.13491208655302741918"}`
		reason = `"errors":[{"code":131047,"message":"Re-engagement message","error_data":{"details":"The user has not written within 24 hours."}}]`
	)
	list := func(c *client) reply { return c.get("") }
	empty := func(c *client) reply {
		c.server.Remove(anna, dora)
		return c.get("")
	}
	block := func(c *client) reply { return c.post(anna, dora) }
	unblock := func(c *client) reply { return c.delete(anna, dora) }
	refuse := func(c *client) reply {
		c.server.Silent(berta)
		return c.post(anna, berta)
	}
	fail := func(c *client) reply { return c.get("limit=1&after=x") }
	tests := []struct {
		wire sandbox.Wire
		call func(*client) reply
		want string
	}{
		{sandbox.Wire{}, list, `{"data":[{"block_users":[` + number + `]},{"block_users":[` + id + `]}]}`},
		{sandbox.Wire{List: sandbox.ListNestedGrouped}, list, `{"data":[{"block_users":[` + number + `,` + id + `]}]}`},
		{sandbox.Wire{List: sandbox.ListFlat}, list, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671"},{"messaging_product":"whatsapp","user_id":"US.13491208655302741918"}]}`},
		{sandbox.Wire{List: sandbox.ListFlat, UserIDAs: sandbox.UserIDAsInput}, list, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345671"},{"messaging_product":"whatsapp","input":"US.13491208655302741918"}]}`},
		{sandbox.Wire{UserIDAs: sandbox.UserIDAsInput}, list, `{"data":[{"block_users":[` + number + `]},{"block_users":[{"input":"US.13491208655302741918"}]}]}`},
		{sandbox.Wire{Input: sandbox.ListInputWaID}, list, `{"data":[{"block_users":[{"input":"4915112345671","wa_id":"4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{sandbox.Wire{Input: sandbox.ListInputOmitted}, list, `{"data":[{"block_users":[{"wa_id":"4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{sandbox.Wire{OmitWaID: true}, list, `{"data":[{"block_users":[{"input":"+4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{sandbox.Wire{Echo: sandbox.EchoDigits}, list, `{"data":[{"block_users":[{"input":"4915112345671","wa_id":"4915112345671"}]},{"block_users":[` + id + `]}]}`},
		{sandbox.Wire{}, empty, `{"data":[]}`},
		{sandbox.Wire{Empty: sandbox.EmptyOmitted}, empty, `{}`},
		{sandbox.Wire{Empty: sandbox.EmptyNull}, empty, `{"data":null}`},
		{sandbox.Wire{}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `]}}`},
		{sandbox.Wire{Echo: sandbox.EchoDigits}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"4915112345671","wa_id":"4915112345671"},` + id + `]}}`},
		{sandbox.Wire{Echo: sandbox.EchoPlus}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `]}}`},
		{sandbox.Wire{Echo: sandbox.EchoSpaced}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"+49 151 123 456 71","wa_id":"4915112345671"},` + id + `]}}`},
		{sandbox.Wire{OmitWaID: true}, block, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"+4915112345671"},` + id + `]}}`},
		{sandbox.Wire{}, unblock, `{"messaging_product":"whatsapp","block_users":{"removed_users":[` + number + `,` + id + `]}}`},
		{sandbox.Wire{Removed: sandbox.RemovedAsAdded}, unblock, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `,` + id + `]}}`},
		{sandbox.Wire{}, refuse, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `],"failed_users":[{"input":"+4915112345672",` + reason + `}]},"error":{"message":"(#139100) Failed to block/unblock users","type":"OAuthException","code":139100,"error_data":{"details":"Some users failed; see block_users."},"fbtrace_id":"AsAndB0xTrAcE"}}`},
		{sandbox.Wire{Refusal: sandbox.Refusal200, FailedWaID: true}, refuse, `{"messaging_product":"whatsapp","block_users":{"added_users":[` + number + `],"failed_users":[{"input":"+4915112345672","wa_id":"4915112345672",` + reason + `}]}}`},
		{sandbox.Wire{Error: sandbox.ErrorText}, fail, `{"error":"(#100) Invalid parameter"}`},
		{sandbox.Wire{Error: sandbox.ErrorObject}, fail, `{"error":{"message":"(#100) Invalid parameter","type":"OAuthException","code":100,"error_data":{"details":"after is no cursor of this service"},"fbtrace_id":"AsAndB0xTrAcE"}}`},
		{sandbox.Wire{Error: sandbox.ErrorMetaCamel}, fail, `{"meta":{"developerMessage":"(#100) Invalid parameter","httpCode":400,"success":false}}`},
		{sandbox.Wire{Error: sandbox.ErrorMetaSnake}, fail, `{"meta":{"developer_message":"(#100) Invalid parameter","http_code":400,"success":false}}`},
		{sandbox.Wire{Error: sandbox.ErrorHTML}, fail, "<!DOCTYPE html><html><head><title>400 (#100) Invalid parameter</title></head><body><h1>400 (#100) Invalid parameter</h1></body></html>\n"},
	}
	for _, test := range tests {
		t.Run(test.wire.String(), func(t *testing.T) {
			c := start(t, sandbox.Options{Wire: test.wire})
			c.server.Seed(anna, dora)
			if got := test.call(c); got.body != test.want {
				t.Errorf("answer\n%s\nwant\n%s", got.body, test.want)
			}
		})
	}
}

func TestRuleNames(t *testing.T) {
	got := []string{
		sandbox.FullPerUser.String(), sandbox.FullWholeRequest.String(),
		sandbox.NoOpAccept.String(), sandbox.NoOpRefuse.String(), sandbox.NoOpIgnore.String(),
	}
	if want := []string{"per-user", "whole-request", "accept", "refuse", "ignore"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
}
