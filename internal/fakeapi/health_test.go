package fakeapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const channelFields = "fields=id,display_phone_number,verified_name"

func (c *client) healthRequest(query string) *http.Request {
	c.t.Helper()
	r := c.request(http.MethodGet, query, "")
	r.URL.Path = fakeapi.HealthPath
	return r
}

func (c *client) health(query string) reply {
	c.t.Helper()
	return c.send(c.healthRequest(query))
}

func TestHealthStatus(t *testing.T) {
	const (
		phone    = `{"entity_type":"PHONE_NUMBER","id":"111","can_send_message":"AVAILABLE"}`
		waba     = `{"entity_type":"WABA","id":"102290129340398","can_send_message":"AVAILABLE"}`
		business = `{"entity_type":"BUSINESS","id":"506914307656634","can_send_message":"AVAILABLE"}`
		app      = `{"entity_type":"APP","id":"670843887433847","can_send_message":"AVAILABLE"}`
		entities = `"health_status":{"can_send_message":"AVAILABLE","entities":[` + phone + `,` + waba + `,` + business + `,` + app + `]}`
		reversed = `"health_status":{"can_send_message":"AVAILABLE","entities":[` + app + `,` + business + `,` + waba + `,` + phone + `]}`
		named    = `{"display_phone_number":"+49 30 1234567","verified_name":"Sales","id":"111"}`
	)
	failed := func(message string) string {
		return `{"error":{"message":"` + message + `","type":"OAuthException","fbtrace_id":"AsAndB0xTrAcE"}}`
	}
	tests := []struct {
		shape  fakeapi.HealthShape
		query  string
		status int
		body   string
	}{
		{fakeapi.HealthFull, channelFields, 200, named},
		{fakeapi.HealthFull, "", 200, `{` + entities + `,"id":"111"}`},
		{fakeapi.HealthFull, "fields=verified_name", 200, `{"verified_name":"Sales","id":"111"}`},
		{fakeapi.HealthFull, "fields=display_phone_number,health_status", 200, `{` + entities + `,"display_phone_number":"+49 30 1234567","id":"111"}`},
		{fakeapi.HealthDigits, channelFields, 200, `{"display_phone_number":"49301234567","verified_name":"Sales","id":"111"}`},
		{fakeapi.HealthDashes, channelFields, 200, `{"display_phone_number":"+49-30-1234567","verified_name":"Sales","id":"111"}`},
		{fakeapi.HealthNoNumber, channelFields, 200, `{"verified_name":"Sales","id":"111"}`},
		{fakeapi.HealthFullEntities, channelFields, 200, `{` + entities + `,` + named[1:]},
		{fakeapi.HealthIDOnly, channelFields, 200, `{"id":"111"}`},
		{fakeapi.HealthIDOnly, "", 200, `{"id":"111"}`},
		{fakeapi.HealthEntities, channelFields, 200, `{` + entities + `,"id":"111"}`},
		{fakeapi.HealthEntitiesNoID, channelFields, 200, `{` + reversed + `}`},
		{fakeapi.HealthNotFound, channelFields, 404, failed("Not found")},
		{fakeapi.HealthForbidden, channelFields, 403, failed("The endpoint is blocked")},
		{fakeapi.HealthAccountProblem, channelFields, 400, failed("The account has unpaid invoices")},
	}
	for _, test := range tests {
		t.Run(test.shape.String()+" "+test.query, func(t *testing.T) {
			c := start(t, fakeapi.Options{
				ResponseFormat: fakeapi.ResponseFormat{Health: test.shape},
				Channel:        fakeapi.Channel{ID: "111", Number: "49301234567", Name: "Sales"},
			})
			if got := c.health(test.query); got.status != test.status || got.body != test.body {
				t.Errorf("response %d\n%s\nwant %d\n%s", got.status, got.body, test.status, test.body)
			}
			c.noViolations()
		})
	}
}

// TestHealthVariants relies on the client, which compares each response with the document.
func TestHealthVariants(t *testing.T) {
	seen := map[fakeapi.HealthShape]bool{}
	for _, format := range fakeapi.HealthVariants() {
		seen[format.Health] = true
		t.Run(format.String(), func(t *testing.T) {
			c := start(t, fakeapi.Options{ResponseFormat: format})
			for shape := fakeapi.ErrorObject; shape <= fakeapi.ErrorHTML; shape++ {
				format.Error = shape
				c.server.SetFormat(format)
				c.health("")
				c.health(channelFields)
				c.health("fields=health_status")
			}
			c.noViolations()
			c.server.SetKey("another-key")
			if got := c.health(channelFields); got.status != http.StatusUnauthorized {
				t.Errorf("status %d with a revoked key", got.status)
			}
		})
	}
	if len(seen) != int(fakeapi.HealthAccountProblem)+1 || !seen[fakeapi.HealthFull] || !seen[fakeapi.HealthAccountProblem] {
		t.Errorf("variants %v", seen)
	}
}

func TestHealthStatusIsCountedSeparately(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.health(channelFields)
	r := c.request(http.MethodPost, "", writeBody(anna))
	r.URL.Path = fakeapi.HealthPath
	c.raw(r)
	if got, want := c.server.Stats(), (fakeapi.Stats{HealthStatus: 2}); got != want || got.Requests() != 2 {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if c.server.IsBlocked(anna) {
		t.Error("a POST to the path blocked a user")
	}
	requests := c.server.Requests()
	if len(requests) != 2 || requests[0].Path != fakeapi.HealthPath || requests[0].Method != http.MethodGet || requests[0].Status != 200 {
		t.Errorf("requests %+v", requests)
	}
}

func TestFaultsHitAPath(t *testing.T) {
	c := start(t, fakeapi.Options{})
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 502})
	c.server.Inject(fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: 503, Path: fakeapi.HealthPath})
	got := [4]int{c.health("").status, c.health("").status, c.get("").status, c.get("").status}
	if want := [4]int{503, 200, 502, 200}; got != want {
		t.Errorf("statuses %v, want %v", got, want)
	}
	hits := c.server.FaultHits()
	for _, kind := range fakeapi.AllFaultKinds() {
		if kind >= fakeapi.FaultCursorLoop {
			c.server.Inject(fakeapi.Fault{Kind: kind, Path: fakeapi.HealthPath})
		}
	}
	c.server.SeedN(30)
	c.health(channelFields)
	if c.server.FaultHits() != hits {
		t.Error("a page fault hit a request for the channel")
	}
	c.noViolations()
}

func TestChannelDefaults(t *testing.T) {
	first, second := fakeapi.New(fakeapi.Options{}).Channel(), fakeapi.New(fakeapi.Options{Key: "another-key"}).Channel()
	if first != second || first.ID == "" || first.Number == "" || first.Name == "" {
		t.Errorf("channels %+v and %+v", first, second)
	}
	if !strings.Contains(fakeapi.DefaultNextURL, first.ID) {
		t.Errorf("the ID %s is not the one in %s", first.ID, fakeapi.DefaultNextURL)
	}
	set := fakeapi.Channel{ID: "222", Number: "49301234568", Name: "Support"}
	if got := fakeapi.New(fakeapi.Options{Channel: set}).Channel(); got != set {
		t.Errorf("channel %+v, want %+v", got, set)
	}
	for _, invalid := range []fakeapi.Channel{{ID: "x"}, {Number: "+49301234567"}, {Number: "030"}} {
		wantPanic(t, invalid, func() { fakeapi.New(fakeapi.Options{Channel: invalid}) })
	}
}
