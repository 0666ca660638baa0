package d360_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// The client does not request a page size again that the API cannot serve.
func TestPageSizeFallsBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		over fakeapi.OverLimit
		most int
	}{
		"rejected":     {fakeapi.OverLimitReject, 1},
		"HTTP 500":     {fakeapi.OverLimitError, 2},
		"no response":  {fakeapi.OverLimitHang, 2},
		"fewer a page": {fakeapi.OverLimitClamp, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100, OverLimit: test.over}})
				server.SeedN(250)
				base, http1, stop := server.StartInMemory()
				defer stop()
				client := clientOf(t, http1.Transport, func(o *d360.Options) {
					o.BaseURL, o.Key, o.RequestTimeout, o.MaxRetries = base, fakeapi.DefaultKey, 2*time.Second, d360.DefaultMaxRetries
				})
				for range 2 {
					entries, err := client.Scan(t.Context())
					if err != nil || len(entries) != 250 {
						t.Fatalf("%d users, %v", len(entries), err)
					}
				}
				tooLarge := 0
				for _, r := range server.Requests() {
					if r.Query.Get("limit") == "1000" {
						tooLarge++
					}
				}
				if test.most > 0 && tooLarge != test.most {
					t.Errorf("%d requests for 1,000 users a page, want %d", tooLarge, test.most)
				}
			})
		})
	}
}

// One temporary fault does not make the pages of the run smaller.
func TestPageSizeStaysAfterATemporaryFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := fakeapi.New(fakeapi.Options{})
		server.SeedN(2500)
		server.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultStatus, Status: 500, Times: 1})
		base, http1, stop := server.StartInMemory()
		defer stop()
		client := clientOf(t, http1.Transport, func(o *d360.Options) {
			o.BaseURL, o.Key, o.MaxRetries = base, fakeapi.DefaultKey, d360.DefaultMaxRetries
		})
		if entries, err := client.Scan(t.Context()); err != nil || len(entries) != 2500 {
			t.Fatalf("%d users, %v", len(entries), err)
		}
		for _, r := range server.Requests() {
			if limit := r.Query.Get("limit"); limit != "1000" {
				t.Errorf("a request for a page of %s users", limit)
			}
		}
	})
}

// The error names a proxy that requires a password, and there is no retry.
func TestProxyRejection(t *testing.T) {
	t.Parallel()
	s := &stubAPI{respond: func(int, *http.Request) response {
		return response{status: http.StatusProxyAuthRequired, body: "<html>"}
	}}
	_, err := clientOf(t, s).Scan(t.Context())
	checkError(t, err)
	if !d360.IsKind(err, d360.Rejected) || len(s.received()) != 1 {
		t.Errorf("%v after %d requests", err, len(s.received()))
	}
	for _, says := range []string{"proxy", "user name and a password", "HTTP 407"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %s", says, err)
		}
	}
}
