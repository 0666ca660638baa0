package d360_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestChannel(t *testing.T) {
	t.Parallel()
	number, err := userid.Parse("+49 30 1234567")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		status int
		body   string
		want   d360.Channel
		kind   d360.Kind
		fails  bool
	}{
		"full":             {200, `{"id":"1001","display_phone_number":"+49 30 1234567","verified_name":"Sales"}`, d360.Channel{ID: "1001", Number: number, Name: "Sales"}, 0, false},
		"ID as a number":   {200, `{"id":1001,"display_phone_number":"4930-1234567"}`, d360.Channel{ID: "1001", Number: number}, 0, false},
		"entities alone":   {200, `{"health_status":{"entities":[{"entity_type":"APP","id":"7"},{"entity_type":"PHONE_NUMBER","id":"1001"}]}}`, d360.Channel{ID: "1001"}, 0, false},
		"ID and entities":  {200, `{"id":"1001","health_status":{"entities":[{"entity_type":"WABA","id":"7"}]}}`, d360.Channel{ID: "1001"}, 0, false},
		"number alone":     {200, `{"display_phone_number":"+49 30 1234567"}`, d360.Channel{Number: number}, 0, false},
		"no number at all": {200, `{"id":"1001","display_phone_number":"support"}`, d360.Channel{ID: "1001"}, 0, false},
		"user ID":          {200, `{"id":"1001","display_phone_number":"US.13491208655302741918"}`, d360.Channel{ID: "1001"}, 0, false},
		"the key":          {200, `{"id":"1001","verified_name":"` + testKey + `"}`, d360.Channel{ID: "1001", Name: "(the API key)"}, 0, false},
		"nothing":          {200, `{}`, d360.Channel{}, d360.InvalidResponse, true},
		"other entities":   {200, `{"health_status":{"entities":[{"entity_type":"WABA","id":"7"}]}}`, d360.Channel{}, d360.InvalidResponse, true},
		"an error":         {200, `{"error":{"code":190,"message":"expired"}}`, d360.Channel{}, d360.Unauthorized, true},
		"no JSON":          {200, `<html>`, d360.Channel{}, d360.InvalidResponse, true},
		"null":             {200, `null`, d360.Channel{}, d360.InvalidResponse, true},
		"not found":        {404, `{"meta":{"developer_message":"not found"}}`, d360.Channel{}, d360.Rejected, true},
		"forbidden":        {403, ``, d360.Channel{}, d360.Forbidden, true},
		"wrong key":        {401, ``, d360.Channel{}, d360.Unauthorized, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stubAPI{respond: func(int, *http.Request) response { return response{status: test.status, body: test.body} }}
			got, err := clientOf(t, s).Channel(t.Context())
			if test.fails {
				checkError(t, err)
				if !d360.IsKind(err, test.kind) {
					t.Errorf("the error is %v, want kind %s", err, test.kind)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b userid.ID) bool { return a == b })); diff != "" {
				t.Errorf("the channel differs (-want +got):\n%s", diff)
			}
			if r := s.received()[0]; r.method != http.MethodGet || !strings.HasSuffix(r.url, "/health_status?fields=id%2Cdisplay_phone_number%2Cverified_name") {
				t.Errorf("%s %s was sent", r.method, r.url)
			}
		})
	}
}

func FuzzChannel(f *testing.F) {
	f.Add(200, []byte(`{"id":"1001","display_phone_number":"+49 30 1234567","verified_name":"Sales"}`))
	f.Add(200, []byte(`{"health_status":{"entities":[{"entity_type":"PHONE_NUMBER","id":1}]}}`))
	f.Add(404, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		s := &stubAPI{respond: func(int, *http.Request) response { return response{status: validStatus(status), body: string(body)} }}
		got, err := clientOf(t, s).Channel(t.Context())
		if err != nil {
			checkError(t, err)
			return
		}
		if got.ID == "" && got.Number.IsZero() {
			t.Errorf("%q passes for a channel", body)
		}
		if !got.Number.IsZero() && !got.Number.IsNumber() {
			t.Errorf("%q has the number %s", body, got.Number)
		}
		for _, text := range []string{got.ID, got.Name} {
			if text != "" {
				checkPrintable(t, text)
			}
		}
	})
}
