package fakeapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestOpenAPIIsValid(t *testing.T) {
	if err := document().Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestOpenAPIDescribesEveryVariant relies on the client, which compares requests and responses with the document.
func TestOpenAPIDescribesEveryVariant(t *testing.T) {
	const (
		number = "+4915112345678"
		silent = "+4915112345679"
		mexico = "+5215541637145"
		userID = "US.13491208655302741918"
		parent = "US.ENT.11815799212886844830"
	)
	for _, format := range allVariants() {
		t.Run(format.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{"5215541637145": "525541637145"}})
			wantStatus := func(step string, got reply, want int) {
				t.Helper()
				if got.status != want {
					t.Errorf("%s: status %d, want %d: %s", step, got.status, want, got.body)
				}
			}
			c.server.Silent(silent)
			rejected := map[bool]int{true: http.StatusBadRequest, false: http.StatusOK}[format.Rejection == fakeapi.Rejection400]
			wantStatus("empty list", c.get(""), http.StatusOK)
			wantStatus("all blocked", c.post(number, mexico, userID), http.StatusOK)
			wantStatus("parent", c.post(number, parent), http.StatusBadRequest)
			wantStatus("named by ID", c.write(http.MethodPost, byID(c.server.UserID(mexico)), byID("DE.1"), fakeapi.Item{User: number, UserID: "DE.2"}), http.StatusOK)
			wantStatus("some rejected", c.post("+4915112345680", silent), rejected)
			wantStatus("all rejected", c.post(silent), rejected)
			c.server.RejectUnblock(userID, 131000, "", "")
			wantStatus("unblock rejected", c.delete(number, userID), rejected)
			wantStatus("unblocked", c.delete("+4915112345680"), http.StatusOK)
			c.server.Hide(mexico)
			wantStatus("hidden", c.post(mexico), http.StatusOK)
			wantStatus("unblocked by ID", c.write(http.MethodDelete, byID("DE.1")), http.StatusOK)
			c.server.SeedN(30)
			wantStatus("first page", c.get(""), http.StatusOK)
			after := cursorAt(t, c, 2)
			wantStatus("next page", c.get("limit=2&after="+after), http.StatusOK)
			wantStatus("previous page", c.get("limit=2&before="+after), http.StatusOK)
			last := cursorAt(t, c, len(c.server.Blocked())-1)
			wantStatus("last page", c.get("after="+last), http.StatusOK)
			if format.LastPage != fakeapi.LastPageNoCursors {
				pastEnd := http.StatusOK
				if format.PastEnd == fakeapi.PastEndReject {
					pastEnd = http.StatusBadRequest
				}
				wantStatus("past the end", c.get("after="+cursorAt(t, c, len(c.server.Blocked()))), pastEnd)
			}
			c.server.SeedN(1)
			stale := http.StatusBadRequest
			if format.IgnoreAfter {
				stale = http.StatusOK
			}
			wantStatus("stale cursor", c.get("after="+last), stale)
			large := http.StatusOK
			if format.OverLimit == fakeapi.OverLimitReject {
				large = http.StatusBadRequest
			}
			wantStatus("large limit", c.get("limit=100000"), large)
			c.noViolations()
			c.server.SetRules(fakeapi.Rules{Capacity: 1, Full: fakeapi.FullWholeRequest, MaxBatch: 2})
			wantStatus("full", c.post("+4915112345690"), http.StatusBadRequest)
			wantStatus("batch", c.post("+4915112345690", "+4915112345691", "+4915112345692"), http.StatusTooManyRequests)
			c.server.SetKey("another-key")
			wantStatus("revoked key", c.get(""), http.StatusUnauthorized)
		})
	}
}

// TestOpenAPIDescribesEveryError sends every known status and code of the API in every shape.
func TestOpenAPIDescribesEveryError(t *testing.T) {
	faults := []fakeapi.Fault{}
	for _, status := range []int{400, 401, 403, 404, 429, 500, 502, 503, 504, 555} {
		faults = append(faults, fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: status})
	}
	for _, code := range []int{
		0, 1, 2, 4, 10, 33, 100, 190, 200, 250, 368, 80007, 130429, 130497, 131000, 131016, 131021, 131031, 131047, 139100,
		139101, 139102, 139103, 999999,
	} {
		faults = append(faults, fakeapi.Fault{Kind: fakeapi.FaultCode, Code: code})
	}
	for shape := fakeapi.ErrorObject; shape <= fakeapi.ErrorHTML; shape++ {
		t.Run(shape.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Error: shape}})
			for _, f := range faults {
				f.Times = 3
				c.server.Inject(f)
				for _, got := range []reply{c.get(""), c.post("+4915112345678"), c.delete("+4915112345678")} {
					if got.status < 400 {
						t.Errorf("%+v: response %d", f, got.status)
					}
					if code := fmt.Sprintf("(#%d) ", f.Code); f.Kind == fakeapi.FaultCode && !strings.Contains(got.body, code) {
						t.Errorf("response %s lacks %s", got.body, code)
					}
				}
			}
			if len(c.server.Blocked()) != 0 {
				t.Error("a write with an error response was applied")
			}
		})
	}
}

func TestOpenAPIIsStrict(t *testing.T) {
	tests := []struct {
		name, method string
		status       int
		body         string
	}{
		{"text", "GET", 200, `"blocked"`},
		{"other field", "GET", 200, `{"data":[],"total":0}`},
		{"entry without a name", "GET", 200, `{"data":[{"block_users":[{}]}]}`},
		{"flat entry without a name", "GET", 200, `{"data":[{"messaging_product":"whatsapp"}]}`},
		{"mixed shapes", "GET", 200, `{"data":[{"block_users":[{"wa_id":"4915112345678"}]},{"messaging_product":"whatsapp","wa_id":"4915112345678"}]}`},
		{"wa_id with plus", "GET", 200, `{"data":[{"messaging_product":"whatsapp","wa_id":"+4915112345678"}]}`},
		{"flat input beside user_id", "GET", 200, `{"data":[{"messaging_product":"whatsapp","input":"US.1","user_id":"US.1"}]}`},
		{"flat number as input", "GET", 200, `{"data":[{"messaging_product":"whatsapp","input":"+4915112345678","wa_id":"4915112345678"}]}`},
		{"number as user_id", "GET", 200, `{"data":[{"messaging_product":"whatsapp","user_id":"4915112345678"}]}`},
		{"flat parent without user_id", "GET", 200, `{"data":[{"messaging_product":"whatsapp","wa_id":"4915112345678","parent_user_id":"US.ENT.1"}]}`},
		{"parent without user_id", "GET", 200, `{"data":[{"block_users":[{"wa_id":"4915112345678","parent_user_id":"US.ENT.1"}]}]}`},
		{"user ID as parent", "GET", 200, `{"data":[{"block_users":[{"user_id":"US.1","parent_user_id":"US.1"}]}]}`},
		{"parent in a write", "POST", 200, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"user_id":"US.ENT.1"}]}}`},
		{"wa_id of a user ID", "POST", 200, `{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"US.1","wa_id":"4915112345678","user_id":"US.1"}]}}`},
		{"no one failed, with error", "POST", 400, `{"messaging_product":"whatsapp","block_users":{"failed_users":[]},"error":{"message":"","type":"","code":139100,"fbtrace_id":""}}`},
		{"paging without users", "GET", 200, `{"data":[],"paging":{"cursors":{"before":"a","after":"b"}}}`},
		{"removed by POST", "POST", 200, `{"messaging_product":"whatsapp","block_users":{"removed_users":[{"input":"+4915112345678"}]}}`},
		{"both lists", "DELETE", 200, `{"messaging_product":"whatsapp","block_users":{"removed_users":[{"input":"+4915112345678"}],"added_users":[{"input":"+4915112345678"}]}}`},
		{"error without failures", "POST", 200, `{"messaging_product":"whatsapp","block_users":{},"error":{"message":"","type":"","code":139100,"fbtrace_id":""}}`},
		{"failures without error", "POST", 400, `{"messaging_product":"whatsapp","block_users":{"failed_users":[{"input":"+4915112345678","errors":[{"code":1,"message":"","error_data":{"details":""}}]}]}}`},
		{"failure without reason", "POST", 200, `{"messaging_product":"whatsapp","block_users":{"failed_users":[{"input":"+4915112345678"}]}}`},
		{"other product", "POST", 200, `{"messaging_product":"sms","block_users":{}}`},
		{"success as error", "GET", 500, `{"data":[]}`},
		{"incomplete meta", "GET", 500, `{"meta":{"httpCode":500}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeapi.Options{})
			c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultRawBody, Status: test.status, Body: test.body, ContentType: "application/json"})
			body := ""
			if test.method != http.MethodGet {
				body = writeBody("+4915112345678")
			}
			r := c.request(test.method, "", body)
			got := c.raw(r)
			if got.body != test.body || got.status != test.status {
				t.Fatalf("response %d %s, %v", got.status, got.body, got.err)
			}
			if describes(t, r, got) == nil {
				t.Errorf("the document describes %s", got.body)
			}
		})
	}
}
