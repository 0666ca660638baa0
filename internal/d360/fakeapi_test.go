package d360_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// A scan returns everyone, with one request per page and at most one at the end.
func TestVariants_scan(t *testing.T) {
	t.Parallel()

	for _, format := range fakeapi.Variants() {
		for _, n := range []int{0, 1, 100, 1000, 2345} {
			t.Run(fmt.Sprintf("%s/%d", format, n), func(t *testing.T) {
				t.Parallel()

				var trapped atomic.Int32
				trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
				defer trap.Close()
				server, client := fakeAPIClient(t, fakeapi.Options{ResponseFormat: format, NextURL: trap.URL})
				server.SeedN(n)

				size := cmp.Or(format.MaxLimit, 1000)
				negotiation := 0
				if format.OverLimit == fakeapi.OverLimitReject && size < 1000 {
					negotiation, size = 1, 100
				}
				pages := max(1, (n+size-1)/size)
				for i := range 2 {
					server.ResetStats()
					entries, err := client.Scan(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(keys(entries), server.Blocked()) {
						t.Errorf("scan %d shows %d users, not the %d on the list", i+1, len(entries), n)
					}
					if got := server.Stats().Gets; got < pages+negotiation || got > pages+negotiation+1 {
						t.Errorf("scan %d made %d requests for %d pages", i+1, got, pages)
					}
					negotiation = 0
				}
				if trapped.Load() != 0 {
					t.Error("a paging link was followed")
				}
			})
		}
	}
}

func TestVariants_scanSparseEntries(t *testing.T) {
	t.Parallel()

	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()

			server, client := fakeAPIClient(t, fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{"5215541637145": "525541637145"}})
			server.Seed("+52 1 55 4163 7145", "US.13491208655302741918", "+4915112345678")
			entries, err := client.Scan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != 3 {
				t.Fatalf("%d entries: %+v", len(entries), entries)
			}
			mexico := entries[0]
			if mexico.ID != user("5215541637145").ID && mexico.WaID != user("525541637145").ID && mexico.ID != user("525541637145").ID {
				t.Errorf("the first entry, %+v, is another user", mexico)
			}
			if got := entries[1].Key().String(); got != "US.13491208655302741918" {
				t.Errorf("the second entry is %s", got)
			}
			if got := entries[2].Key().String(); got != "4915112345678" {
				t.Errorf("the third entry is %s", got)
			}
		})
	}
}

func TestVariants_write(t *testing.T) {
	t.Parallel()

	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()

			server, client := fakeAPIClient(t, fakeapi.Options{ResponseFormat: format, Rules: fakeapi.Rules{OwnNumber: "+1 202 555 0100"}})
			server.Silent("+33612345678")
			everyone := users("+4915112345678", "+33612345678", "+12025550100", "US.13491208655302741918")

			results, err := client.Block(t.Context(), everyone)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range results {
				kind := "done"
				if a.Err != nil {
					kind = a.Err.Kind.String()
				}
				got = append(got, fmt.Sprintf("%s %t %s", a.User.Key(), a.Done, kind))
			}
			want := []string{"4915112345678 true done", "33612345678 false no recent message", "12025550100 false own number", "US.13491208655302741918 true done"}
			if !slices.Equal(got, want) {
				t.Errorf("block: %q, want %q", got, want)
			}
			if !format.OmitWaID && results[0].User.WaID != everyone[0].ID {
				t.Errorf("the wa_id is %q", results[0].User.WaID)
			}
			if want := []string{"4915112345678", "US.13491208655302741918"}; !slices.Equal(server.Blocked(), want) {
				t.Errorf("on the list are %q", server.Blocked())
			}

			results, err = client.Unblock(t.Context(), users("+4915112345678"))
			if err != nil || !results[0].Done || results[0].Err != nil {
				t.Errorf("unblock: %s", renderResults(t, results, err))
			}
			if want := []string{"US.13491208655302741918"}; !slices.Equal(server.Blocked(), want) {
				t.Errorf("on the list are still %q", server.Blocked())
			}

			results, err = client.Block(t.Context(), users("+33612345678"))
			if err != nil || results[0].Done || results[0].Err == nil || results[0].Err.Kind != d360.NoRecentMessage {
				t.Errorf("block of a silent user: %s", renderResults(t, results, err))
			}
		})
	}
}

func TestVariants_wholeErrors(t *testing.T) {
	t.Parallel()

	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()

			server, client := fakeAPIClient(t, fakeapi.Options{ResponseFormat: format})
			server.SeedN(3)
			for status, want := range map[int]d360.Kind{
				401: d360.Unauthorized, 403: d360.Forbidden, 429: d360.Throttled, 500: d360.Temporary, 502: d360.Temporary, 503: d360.Temporary, 504: d360.Temporary, 555: d360.Temporary,
			} {
				for _, method := range methods {
					server.Inject(fakeapi.Fault{Method: method, Status: status, Header: http.Header{"Retry-After": {"7"}}})
					err := doRequest(t, client, method)
					if !d360.IsKind(err, want) {
						t.Errorf("%s with status %d: %s, want %s", method, status, renderError(t, err), want)
					}
					if text := renderError(t, err); !strings.Contains(text, fmt.Sprintf("HTTP %d", status)) {
						t.Errorf("%s with status %d: %s", method, status, text)
					}
				}
			}
			server.SetKey("another")
			for _, method := range methods {
				if err := doRequest(t, client, method); !d360.IsKind(err, d360.Unauthorized) {
					t.Errorf("%s with a revoked key: %s", method, renderError(t, err))
				}
			}
		})
	}
}

// doRequest makes a request of the given method.
func doRequest(t *testing.T, client *d360.Client, method string) error {
	t.Helper()
	if method == http.MethodGet {
		return scan(t.Context(), client)
	}
	_, err := writeOf(client, method)(t.Context(), users("+4915112345678"))
	return err
}

// Each fault hits the second page of three once.
func TestFaults_scan(t *testing.T) {
	t.Parallel()

	for _, kind := range fakeapi.AllFaultKinds() {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := fakeAPIClient(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{LastPage: fakeapi.LastPageAfterOnly}}, retries(1))
				seeded := server.SeedN(2345)
				fault := fakeapi.Fault{Method: http.MethodGet, Skip: 1, Kind: kind, Delay: time.Minute}
				switch kind {
				case fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter:
					fault.Body = "null"
				case fakeapi.FaultCode:
					fault.Code = 139102
				case fakeapi.FaultHook:
					fault.Do = func(s *fakeapi.Server) { s.Remove(seeded[0]) }
				case fakeapi.FaultEmptyPage:
					fault.NoNext = true
				case fakeapi.FaultRedirect:
					fault.Header = http.Header{"Location": {"http://elsewhere.invalid/"}}
				}
				server.Inject(fault)
				entries, err := client.Scan(t.Context())
				switch kind {
				case fakeapi.FaultEmptyPage:
					if got := renderScan(t, entries, err); !strings.HasSuffix(got, " incomplete") || len(entries) != 1000 {
						t.Errorf("%d entries, %v", len(entries), err)
					}
					return
				case fakeapi.FaultRedirect:
					if got, want := renderScan(t, entries, err), "rejected: the API redirects to another address, and the provider does not send the key there; check base_url (HTTP 307)"; got != want {
						t.Errorf("got %s, want %s", got, want)
					}
					return
				case fakeapi.FaultSkipPage:
					// No response shows that a page is missing.
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(keys(entries), server.Blocked()) {
					t.Errorf("%d entries, not the %d on the list", len(entries), len(server.Blocked()))
				}
				if server.FaultHits() != 1 && kind != fakeapi.FaultPartialResponse {
					t.Errorf("the fault hit %d requests", server.FaultHits())
				}
			})
		})
	}
}

func TestFaults_write(t *testing.T) {
	t.Parallel()

	const unreadable = "invalid response: the response is invalid: it is no JSON object of the API"
	for kind, want := range map[fakeapi.FaultKind]string{
		fakeapi.FaultStatus:          "temporary: Internal Server Error (HTTP 500, trace AsAndB0xTrAcE)",
		fakeapi.FaultStatusAfter:     "temporary: Internal Server Error (HTTP 500, trace AsAndB0xTrAcE)",
		fakeapi.FaultDropBefore:      "no response: the connection broke before a response came: EOF",
		fakeapi.FaultDropAfter:       "no response: the connection broke before a response came: EOF",
		fakeapi.FaultTruncate:        "no response: the response broke off: unexpected EOF",
		fakeapi.FaultRawBody:         unreadable,
		fakeapi.FaultRawBodyAfter:    unreadable,
		fakeapi.FaultSlow:            "no response: no response within the request timeout of 30s",
		fakeapi.FaultSlowAfter:       "no response: no response within the request timeout of 30s",
		fakeapi.FaultRedirect:        "rejected: the API redirects to another address, and the provider does not send the key there; check base_url (HTTP 307)",
		fakeapi.FaultGzip:            "16505551234 done as 16505551234\n4915112345678 done as 4915112345678",
		fakeapi.FaultHuge:            "invalid response: the response is longer than 16 MiB",
		fakeapi.FaultPartialResponse: "16505551234 done as 16505551234\n4915112345678 missing",
	} {
		for method, body := range map[string]string{http.MethodPost: "", http.MethodDelete: "[]"} {
			t.Run(kind.String()+"/"+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					server, client := fakeAPIClient(t, fakeapi.Options{}, retries(5))
					server.Inject(fakeapi.Fault{Kind: kind, Delay: time.Minute, Body: body})
					write := writeOf(client, method)
					results, err := write(t.Context(), users("+16505551234", "+4915112345678"))
					if got := renderResults(t, results, err); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
					// The caller decides about retries of writes.
					if n := server.Stats().Requests(); n != 1 {
						t.Errorf("%d requests, want 1", n)
					}
				})
			})
		}
	}
}
