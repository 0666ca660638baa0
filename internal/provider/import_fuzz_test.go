package provider_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// importer imports with a provider in this process, and decodes the result.
type importer struct {
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

// newImporter configures a provider with an API that has some users blocked.
func newImporter(f *testing.F, blocked ...string) importer {
	f.Helper()
	api := fakeapi.New(fakeapi.Options{})
	api.Seed(blocked...)
	baseURL, stop, err := api.Start()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(stop)

	var i importer
	if i.server, err = acctest.Factories["d360"](); err != nil {
		f.Fatal(err)
	}
	if i.schema, err = i.server.GetProviderSchema(f.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		f.Fatal(err)
	}
	kind := i.schema.Provider.ValueType()
	settings := map[string]tftypes.Value{}
	for name, attribute := range kind.(tftypes.Object).AttributeTypes {
		settings[name] = tftypes.NewValue(attribute, nil)
	}
	settings["base_url"] = tftypes.NewValue(tftypes.String, baseURL)
	settings["api_key"] = tftypes.NewValue(tftypes.String, fakeapi.DefaultKey)
	config, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, settings))
	if err != nil {
		f.Fatal(err)
	}
	configured, err := i.server.ConfigureProvider(f.Context(), &tfprotov6.ConfigureProviderRequest{Config: &config})
	if err != nil || len(configured.Diagnostics) > 0 {
		f.Fatal(err, configured)
	}
	return i
}

// importState imports and refreshes. It returns the attributes and the identity, or the errors.
func (i importer) importState(t *testing.T, kind, id string) (state map[string]tftypes.Value, user string, errs []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := i.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		return nil, "", resp.Diagnostics
	}
	if len(resp.ImportedResources) != 1 {
		t.Fatalf("%q imports %d resources", id, len(resp.ImportedResources))
	}
	imported := resp.ImportedResources[0]
	read, err := i.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: imported.State, Private: imported.Private, CurrentIdentity: imported.Identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Diagnostics) > 0 {
		return nil, "", read.Diagnostics
	}
	value, err := imported.State.Unmarshal(i.schema.ResourceSchemas[kind].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if err := value.As(&state); err != nil {
		t.Fatal(err)
	}
	if imported.Identity != nil {
		identity, err := imported.Identity.IdentityData.Unmarshal(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"user": tftypes.String, "channel": tftypes.String}})
		if err != nil {
			t.Fatal(err)
		}
		var attributes map[string]tftypes.Value
		if err := identity.As(&attributes); err != nil {
			t.Fatal(err)
		}
		if err := attributes["user"].As(&user); err != nil {
			t.Fatal(err)
		}
	}
	return state, user, nil
}

// FuzzImportID: an import ends in an error that can be shown, or in users who are blocked.
func FuzzImportID(f *testing.F) {
	types := []string{acctest.SingleType, acctest.BulkType, acctest.ExclusiveType}
	blocked := map[string]bool{"4915112345678": true, "16505551234": true, "US.13491208655302741918": true}
	for kind := range types {
		for _, id := range []string{
			"", " ", "*", "blocklist", " blocklist\n", "+49 151 12345678", "004915112345678", " 4915112345678\t", "US.13491208655302741918", "us.13491208655302741918", "+33612345678", "nobody",
			"+4915112345678,+1 650 555 1234", "+4915112345678, 004915112345678", "+4915112345678,", ",", "*,+4915112345678", "4915112345678.0", "1.6505551234E+10", "\x1b[2J\u202e", "\xff", `{"user":"+4915112345678"}`,
			strings.Repeat("+4915112345678,", 1000), strings.Repeat("9", 5000),
		} {
			f.Add(kind, id)
		}
	}
	i := newImporter(f, "+4915112345678", "+16505551234", "US.13491208655302741918")

	f.Fuzz(func(t *testing.T, which int, id string) {
		kind := types[int(uint(which)%3)]
		state, identity, errs := i.importState(t, kind, id)
		for _, d := range errs {
			checkPrintable(t, d.Summary)
			checkPrintable(t, d.Detail)
		}
		if errs != nil {
			return
		}
		var spelled []string
		if kind == acctest.SingleType {
			var user string
			if err := state["user"].As(&user); err != nil {
				t.Fatal(err)
			}
			spelled = []string{user}
		} else {
			var users map[string]tftypes.Value
			if err := state["users"].As(&users); err != nil {
				t.Fatal(err)
			}
			for user := range users {
				spelled = append(spelled, user)
			}
		}
		named := map[userid.ID]bool{}
		for _, user := range spelled {
			parsed, err := userid.Parse(user)
			switch {
			case err != nil:
				t.Errorf("%q imports %q: %v", id, user, err)
			case !blocked[parsed.String()]:
				t.Errorf("%q imports %s, who is not blocked", id, parsed)
			case named[parsed]:
				t.Errorf("%q imports %s twice", id, parsed)
			}
			named[parsed] = true
		}
		if len(named) == 0 {
			t.Errorf("%q imports nobody", id)
		}
		if kind != acctest.SingleType {
			return
		}
		if parsed, err := userid.Parse(identity); err != nil || parsed.String() != identity || !named[parsed] {
			t.Errorf("%q imports %v under the identity %q", id, spelled, identity)
		}
		if _, again, errs := i.importState(t, kind, identity); errs != nil || again != identity {
			t.Errorf("the identity %q of %q imports %q: %v", identity, id, again, errs)
		}
	})
}

func checkPrintable(t *testing.T, text string) {
	t.Helper()
	if text == "" || len(text) > 4000 {
		t.Errorf("a message of %d bytes", len(text))
	}
	if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) || r == unicode.ReplacementChar }); at >= 0 {
		t.Errorf("the message %q cannot be shown from byte %d on", text, at)
	}
}
