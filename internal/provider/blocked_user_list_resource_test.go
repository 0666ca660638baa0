package provider_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// querier asks for blocked users as terraform query does, in Terraform's plugin
// protocol, so that these tests need no Terraform that knows the command.
type querier struct {
	t       *testing.T
	server  *provider.Server
	schemas *tfprotov6.GetProviderSchemaResponse
}

// newQuerier configures a provider. Settings that are not given are null, and
// nil ones unknown.
func newQuerier(t *testing.T, settings map[string]any) querier {
	t.Helper()
	q, found := configure(t, settings)
	if len(found) > 0 {
		t.Fatalf("configure the provider: %v", found)
	}
	return q
}

// configure configures a provider that was not asked to validate its settings.
func configure(t *testing.T, settings map[string]any) (querier, []*tfprotov6.Diagnostic) {
	t.Helper()
	server, err := provider.NewServer("test", provider.WithFirstBackoff(time.Millisecond), provider.WithLag(0))
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	q := querier{t: t, server: server, schemas: schemas}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: q.config(schemas.Provider, settings)})
	if err != nil {
		t.Fatal(err)
	}
	return q, configured.Diagnostics
}

// queryFakeAPI starts an API and a provider that talks to it.
func queryFakeAPI(t *testing.T, opts fakeapi.Options) (*fakeapi.Server, querier) {
	t.Helper()
	api := fakeapi.New(opts)
	baseURL := acctest.Serve(t, api)
	return api, newQuerier(t, map[string]any{"api_key": fakeapi.DefaultKey, "base_url": baseURL})
}

// config is a block with some of its attributes, the others null.
func (q querier) config(schema *tfprotov6.Schema, values map[string]any) *tfprotov6.DynamicValue {
	q.t.Helper()
	attributes := map[string]tftypes.Value{}
	for _, attribute := range schema.Block.Attributes {
		value, given := values[attribute.Name]
		if given && value == nil {
			value = tftypes.UnknownValue
		}
		attributes[attribute.Name] = tftypes.NewValue(attribute.ValueType(), value)
	}
	config, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), attributes))
	if err != nil {
		q.t.Fatal(err)
	}
	return &config
}

// listRequest is a list block.
type listRequest struct {
	prefix          string
	limit           int64
	includeResource bool
}

func (q querier) listConfig(r listRequest) *tfprotov6.DynamicValue {
	q.t.Helper()
	values := map[string]any{}
	if r.prefix != "" {
		values["prefix"] = r.prefix
	}
	return q.config(q.schemas.ListResourceSchemas[acctest.SingleType], values)
}

// listResult is one result of a list block.
type listResult struct {
	display string
	// user is the identity, empty where the result is a message only.
	user string
	// resource is nil where the result has none.
	resource map[string]string
	// messages are the diagnostics as "severity summary: detail".
	messages []string
}

// stream asks for results, which come one at a time.
func (q querier) stream(r listRequest) iter.Seq[listResult] {
	q.t.Helper()
	stream, err := q.server.ListResource(q.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: acctest.SingleType, Config: q.listConfig(r), Limit: r.limit, IncludeResource: r.includeResource,
	})
	if err != nil {
		q.t.Fatal(err)
	}
	return func(yield func(listResult) bool) {
		for raw := range stream.Results {
			decoded := listResult{display: raw.DisplayName, messages: messages(raw.Diagnostics)}
			if raw.Identity != nil {
				identity := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"user": tftypes.String, "channel": tftypes.String}}
				decoded.user = q.texts(raw.Identity.IdentityData, identity)["user"]
			}
			if raw.Resource != nil {
				decoded.resource = q.texts(raw.Resource, q.schemas.ResourceSchemas[acctest.SingleType].ValueType())
			}
			if !yield(decoded) {
				return
			}
		}
	}
}

func (q querier) results(r listRequest) []listResult {
	q.t.Helper()
	return slices.Collect(q.stream(r))
}

// texts gives the attributes of an object as text, "null" for those without.
func (q querier) texts(value *tfprotov6.DynamicValue, object tftypes.Type) map[string]string {
	q.t.Helper()
	decoded, err := value.Unmarshal(object)
	if err != nil {
		q.t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := decoded.As(&attributes); err != nil {
		q.t.Fatal(err)
	}
	texts := map[string]string{}
	for name, attribute := range attributes {
		texts[name] = "null"
		if !attribute.IsNull() {
			var text string
			if err := attribute.As(&text); err != nil {
				q.t.Fatal(err)
			}
			texts[name] = text
		}
	}
	return texts
}

func messages(diagnostics []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, d := range diagnostics {
		texts = append(texts, fmt.Sprintf("%s %s: %s", d.Severity, d.Summary, d.Detail))
	}
	return texts
}

// usersIn returns the users of results that have no messages.
func usersIn(t *testing.T, results []listResult) []string {
	t.Helper()
	users := make([]string, len(results))
	for i, r := range results {
		if len(r.messages) > 0 {
			t.Errorf("%s: %v", r.user, r.messages)
		}
		users[i] = r.user
	}
	return users
}

// expectLastMessage checks the one message of the last result, which lists no one.
func expectLastMessage(t *testing.T, results []listResult, severity string, texts ...string) {
	t.Helper()
	if len(results) == 0 {
		t.Fatal("no results")
	}
	last := results[len(results)-1]
	if last.user != "" || len(last.messages) != 1 {
		t.Fatalf("the last result is %+v, want one message", last)
	}
	message := strings.Join(strings.Fields(last.messages[0]), " ")
	for _, text := range append([]string{severity}, texts...) {
		if !strings.Contains(message, text) {
			t.Errorf("%q does not say %q", message, text)
		}
	}
}

func TestBlockedUserListResource_everyone(t *testing.T) {
	t.Parallel()
	const typed, waID, byUserID = "5511987654321", "551187654321", "US.13491208655302741918"
	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			if format.MaxLimit == 0 {
				format.MaxLimit = 100
			}
			api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: format, WaIDs: map[string]string{typed: waID}})
			api.Seed(typed, byUserID)
			want := append([]string{typed, byUserID}, api.SeedN(250)...)
			showsNumber := format.List != fakeapi.ListFlat && format.Input == fakeapi.ListInputSent
			if !showsNumber {
				want[0] = waID
			}

			results := q.results(listRequest{includeResource: true})
			if got := usersIn(t, results); !slices.Equal(got, want) {
				t.Fatalf("the results are %v, want %v", got, want)
			}
			for i, r := range results {
				resource := map[string]string{"user": "+" + want[i], "wa_id": want[i], "status": "blocked", "note": "", "allow_pending": "null", "channel": "null", "user_id": "null"}
				display := "+" + want[i]
				switch {
				case want[i] == byUserID:
					display, resource["user"], resource["user_id"], resource["wa_id"] = byUserID, byUserID, byUserID, "null"
				case format.OmitWaID && showsNumber:
					resource["wa_id"] = "null"
				case want[i] == typed:
					display, resource["wa_id"] = "+5511987654321 (WhatsApp ID 551187654321)", waID
				}
				if r.display != display || !maps.Equal(r.resource, resource) {
					t.Errorf("%q %v, want %q %v", r.display, r.resource, display, resource)
				}
			}

			for i, r := range q.results(listRequest{}) {
				if r.user != want[i] || r.display != results[i].display || r.resource != nil {
					t.Errorf("without the resource: %+v, want %s alone", r, want[i])
				}
			}
		})
	}
}

func TestBlockedUserListResource_nobody(t *testing.T) {
	t.Parallel()
	api, q := queryFakeAPI(t, fakeapi.Options{})
	if results := q.results(listRequest{}); len(results) > 0 {
		t.Errorf("an empty list has %v", results)
	}
	api.Seed("4915112345678")
	if results := q.results(listRequest{prefix: "+1"}); len(results) > 0 {
		t.Errorf("%v are listed, and no user begins with +1", results)
	}
}

// No page is requested beyond the last result that Terraform reads.
func TestBlockedUserListResource_limit(t *testing.T) {
	t.Parallel()
	for limit, pages := range map[int64]int{1: 1, 10: 1, 100: 1, 101: 2, 200: 2, 250: 3, 1000: 3, 0: 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100}})
			seeded := api.SeedN(250)
			want := seeded
			if limit > 0 {
				want = seeded[:min(limit, 250)]
			}
			if got := usersIn(t, q.results(listRequest{limit: limit})); !slices.Equal(got, want) {
				t.Errorf("%d users, want the first %d", len(got), len(want))
			}
			if gets := api.Stats().Gets; gets != pages {
				t.Errorf("%d requests, want %d", gets, pages)
			}
		})
	}
	t.Run("taken one by one", func(t *testing.T) {
		t.Parallel()
		api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100}})
		api.SeedN(250)
		stream := q.stream(listRequest{})
		if gets := api.Stats().Gets; gets != 0 {
			t.Errorf("%d requests before anybody was asked for", gets)
		}
		taken := 0
		for range stream {
			taken++
			if gets, want := api.Stats().Gets, (taken+99)/100; gets != want {
				t.Errorf("%d requests for %d users, want %d", gets, taken, want)
			}
			if taken == 150 {
				break
			}
		}
		if got := usersIn(t, q.results(listRequest{limit: 1})); len(got) != 1 {
			t.Errorf("after a list that was left: %v", got)
		}
	})
}

func TestBlockedUserListResource_prefix(t *testing.T) {
	t.Parallel()
	const waID = "551187654321"
	api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 2}, WaIDs: map[string]string{"5511987654321": waID}})
	german := []string{"4915112345678", "4915122222222"}
	api.Seed(german[0], "16505550123", "US.118", "5511987654321", german[1], "447700900123", "US.13491208655302741918")
	for prefix, want := range map[string][]string{
		"+49 151":    german,
		"0049 (151)": german,
		"49151":      german,
		"+49 151 2":  german[1:],
		"+1":         {"16505550123"},
		"4":          {german[0], german[1], "447700900123"},
		"US.":        {"US.118", "US.13491208655302741918"},
		"us. ":       {"US.118", "US.13491208655302741918"},
		"+55 11 9":   {"5511987654321"},
		waID:         nil,
		"us.13":      {"US.13491208655302741918"},
		"US.1189":    nil,
	} {
		if got := usersIn(t, q.results(listRequest{prefix: prefix})); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%q begins %v, want %v", prefix, got, want)
		}
	}

	// The limit counts the users with the prefix only.
	api.ResetStats()
	if got := usersIn(t, q.results(listRequest{prefix: "+49", limit: 2})); !slices.Equal(got, german) {
		t.Errorf("%v, want %v", got, german)
	}
	if gets := api.Stats().Gets; gets != 3 {
		t.Errorf("%d requests for users on the first and the third of four pages", gets)
	}
}

func TestBlockedUserListResource_invalidPrefix(t *testing.T) {
	t.Parallel()
	_, q := queryFakeAPI(t, fakeapi.Options{})
	for prefix, reason := range map[string]string{
		" ":          "it is empty",
		"+":          "no digits",
		"0151":       "starts with 0, so it has no country calling code",
		"+49 (0)151": "trunk prefix",
		"+49 CALL":   "character 5 is 'C'",
		"USA":        "'U'",
	} {
		resp, err := q.server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: acctest.SingleType, Config: q.listConfig(listRequest{prefix: prefix}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, reason) ||
			!strings.Contains(resp.Diagnostics[0].Detail, "such as +49 151") || resp.Diagnostics[0].Attribute.String() != `AttributeName("prefix")` {
			t.Errorf("%q: %v, want one error at prefix that says %q", prefix, messages(resp.Diagnostics), reason)
		}
	}
	for name, values := range map[string]map[string]any{"null": {}, "unknown": {"prefix": nil}, "valid": {"prefix": "+49"}} {
		resp, err := q.server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: acctest.SingleType, Config: q.config(q.schemas.ListResourceSchemas[acctest.SingleType], values),
		})
		if err != nil || len(resp.Diagnostics) > 0 {
			t.Errorf("%s: %v, %v", name, err, messages(resp.Diagnostics))
		}
	}
}

// If the list changes during a scan, each user who stays is listed exactly once.
func TestBlockedUserListResource_changesMidList(t *testing.T) {
	t.Parallel()
	api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100}})
	seeded := api.SeedN(250)
	api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultHook, Skip: 2, Do: func(s *fakeapi.Server) {
		s.Remove(seeded[0])
		s.Seed("16505550123")
	}})
	got := usersIn(t, q.results(listRequest{}))
	if want := append(slices.Clone(seeded), "16505550123"); !slices.Equal(got, want) {
		t.Errorf("%d users, want %d: all who were seen and the new one, each once", len(got), len(want))
	}
	if scans := api.Stats().Scans; scans != 2 || api.FaultHits() != 1 {
		t.Errorf("%d scans and %d changes, want 2 and 1", scans, api.FaultHits())
	}
}

// The error of a scan is a result of its own, after the users that were read before.
func TestBlockedUserListResource_readFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults []fakeapi.Fault
		shown  int
		says   []string
	}{
		"at once": {
			[]fakeapi.Fault{{Kind: fakeapi.FaultCode, Code: 190}},
			0,
			[]string{"code 190", "The API key was taken from the provider's attribute api_key"},
		},
		"in the middle": {
			[]fakeapi.Fault{{Kind: fakeapi.FaultStatus, Status: http.StatusForbidden, Skip: 1}},
			100,
			[]string{"HTTP 403", "The key is known"},
		},
		"changed again and again": {
			[]fakeapi.Fault{{Kind: fakeapi.FaultCode, Code: 139102, Skip: 2, Times: fakeapi.Forever}},
			200,
			[]string{"code 139102", "tried 6 times", "Another run keeps changing the same list"},
		},
		"cut short": {
			[]fakeapi.Fault{
				{Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 1},
				{Kind: fakeapi.FaultEmptyPage, NoNext: true, Skip: 2},
			},
			100,
			[]string{"may have been cut short", "does not treat anyone as unblocked because of this"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100}})
			seeded := api.SeedN(250)
			for _, fault := range test.faults {
				api.Inject(fault)
			}
			results := q.results(listRequest{includeResource: true})
			expectLastMessage(t, results, "ERROR Cannot read the list of blocked users", test.says...)
			if got := usersIn(t, results[:len(results)-1]); !slices.Equal(got, seeded[:test.shown]) {
				t.Errorf("%d users before the error, want %d", len(got), test.shown)
			}
			api.ClearFaults()
			if got := usersIn(t, q.results(listRequest{})); !slices.Equal(got, seeded) {
				t.Errorf("then %d users, want all", len(got))
			}
		})
	}
}

// An entry without a number or a user ID is reported in a warning.
func TestBlockedUserListResource_unnamedEntry(t *testing.T) {
	t.Parallel()
	body := func(entries ...string) fakeapi.Fault {
		return fakeapi.Fault{
			Method: http.MethodGet, Kind: fakeapi.FaultRawBody, ContentType: "application/json",
			Body: `{"data":[{"block_users":[` + strings.Join(entries, ",") + `]}]}`,
		}
	}
	const friend, group, user = `{"input":"a \u001b[31mfriend"}`, `{"input":"120363041234567890"}`, `{"input":"+4915112345678","wa_id":"4915112345678"}`
	api, q := queryFakeAPI(t, fakeapi.Options{})

	api.Inject(body(friend, user, group))
	results := q.results(listRequest{includeResource: true})
	expectLastMessage(t, results, "WARNING Some entries of the list are left out", "neither a number nor a user ID", "120363041234567890 a [31mfriend They stay blocked")
	if strings.ContainsRune(results[len(results)-1].messages[0], 0x1b) {
		t.Error("a control character of the response is shown")
	}
	if got := usersIn(t, results[:len(results)-1]); !slices.Equal(got, []string{"4915112345678"}) {
		t.Errorf("the results are %v", got)
	}

	api.Inject(body(friend))
	expectLastMessage(t, q.results(listRequest{}), "WARNING Some entries of the list are left out")

	// Terraform reads no result after the limit.
	api.Inject(body(friend, user, group))
	results = q.results(listRequest{limit: 1})
	if len(results) != 1 || results[0].user != "4915112345678" || len(results[0].messages) != 1 || !strings.HasPrefix(results[0].messages[0], "WARNING Some entries of the list are left out") {
		t.Errorf("%+v, want the user with a warning", results)
	}
}

func TestBlockedUserListResource_settingsNotKnown(t *testing.T) {
	t.Parallel()
	q := newQuerier(t, map[string]any{"api_key": nil, "base_url": "http://127.0.0.1:9"})
	expectLastMessage(t, q.results(listRequest{}), "ERROR The provider's settings are not known yet", "api_key depends on something")
}

func TestBlockedUserListResource_cancelled(t *testing.T) {
	t.Parallel()
	api, q := queryFakeAPI(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 100}})
	api.SeedN(250)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	api.Inject(fakeapi.Fault{Method: http.MethodGet, Kind: fakeapi.FaultSlow, Delay: time.Hour, Skip: 1, Do: func(*fakeapi.Server) { cancel() }})
	stream, err := q.server.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: acctest.SingleType, Config: q.listConfig(listRequest{})})
	if err != nil {
		t.Fatal(err)
	}
	results := slices.Collect(stream.Results)
	if len(results) != 101 {
		t.Fatalf("%d results, want the first page and an error", len(results))
	}
	if got := messages(results[100].Diagnostics); len(got) != 1 || !strings.Contains(got[0], "The run was cancelled.") {
		t.Errorf("it ends with %v", got)
	}
}
