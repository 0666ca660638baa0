package provider_test

import (
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

func TestChannelSettings_invalid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings faketerraform.Attributes
		says     []string
	}{
		"one key twice": {
			faketerraform.Attributes{"api_key": nil, "channels": channelsWithKeys(map[string]any{"sales": salesKey, "support": salesKey})},
			[]string{"One API key for two channels", `The channel "sales" and the channel "support"`},
		},
		"one key with a name and without": {
			faketerraform.Attributes{"api_key": salesKey, "channels": channelsWithKeys(map[string]any{"sales": salesKey})},
			[]string{"One API key for two channels", `The channel "sales" and api_key`},
		},
		"a name with a slash": {
			faketerraform.Attributes{"api_key": nil, "channels": channelsWithKeys(map[string]any{"sales/eu": salesKey})},
			[]string{"Invalid Attribute Value Match", `channels["sales/eu"] is not the name of a channel`, "a letter, then letters, digits"},
		},
		"a key with a newline": {
			faketerraform.Attributes{"api_key": nil, "channels": channelsWithKeys(map[string]any{"sales": "key-of-sales\n"})},
			[]string{"Invalid api_key", "white space"},
		},
		"a number that is none": {
			faketerraform.Attributes{"api_key": nil, "channels": map[string]any{"sales": map[string]any{"api_key": salesKey, "business_number": "sales"}}},
			[]string{"Invalid business_number"},
		},
		"a number without a key": {
			faketerraform.Attributes{"api_key": nil, "business_number": "+49 30 111111", "channels": channelsWithKeys(map[string]any{"sales": salesKey})},
			[]string{"business_number without api_key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
				tf := acctest.InMemoryTerraform(t, c.hub, test.settings)
				plan := tf.Plan(t.Context(), onChannel(kinds[acctest.BulkType](phoneNumbers(1)...), "sales"), nil)
				expectDiagnostic(t, plan.Diagnostics, true, test.says...)
				if strings.Contains(plan.Diagnostics.Errors()[0].String(), "key-of") {
					t.Errorf("a key is shown: %s", plan.Diagnostics)
				}
			})
		})
	}
}

// business_number of a channel has to be the number of its key.
func TestChannelSettings_businessNumber(t *testing.T) {
	t.Parallel()
	onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
		numbered := func(number string) *faketerraform.Terraform {
			return c.terraform(map[string]any{"sales": map[string]any{"api_key": salesKey, "business_number": number}, "support": map[string]any{"api_key": supportKey}})
		}
		apply(t, numbered("+49 30 111111"), onBoth(acctest.BulkType, phoneNumbers(1)...), nil)
		plan := numbered("+49 30 222222").Plan(t.Context(), onBoth(acctest.BulkType, phoneNumbers(1)...), nil)
		expectDiagnostic(t, plan.Diagnostics, true, "The API key belongs to another number than business_number", "Channel: sales")
	})
}

// What the block sets wins over the environment as a whole.
func TestChannelSettings_environment(t *testing.T) {
	both := `{"sales": {"api_key": "key-of-sales"}, "support": {"api_key": "key-of-support", "business_number": "+49 30 222222"}}`
	for name, test := range map[string]struct {
		channels, key string
		settings      faketerraform.Attributes
		channel       any
		on            string
		says          []string
	}{
		"from the environment":              {both, "", faketerraform.Attributes{"api_key": nil}, "support", "support", nil},
		"D360_API_KEY beside it is ignored": {both, "key-of-sales", faketerraform.Attributes{"api_key": nil}, nil, "", []string{"Missing channel", "one of: sales, support"}},
		"ignored where the block has a key": {both, "", faketerraform.Attributes{"api_key": salesKey}, "support", "", []string{`Unknown channel "support"`}},
		"ignored where the block has some":  {both, "", faketerraform.Attributes{"api_key": nil, "channels": channelsWithKeys(map[string]any{"hamburg": salesKey})}, "hamburg", "sales", nil},
		"D360_API_KEY beside channels":      {"", "key-of-sales", faketerraform.Attributes{"api_key": nil, "channels": channelsWithKeys(map[string]any{"support": supportKey})}, nil, "", []string{"Missing channel"}},
		"a key alone":                       {"", "key-of-sales", faketerraform.Attributes{"api_key": nil}, nil, "sales", nil},
		"no JSON":                           {"sales=key-of-sales", "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS", "JSON object of channels"}},
		"an unknown field":                  {`{"sales": {"key": "key-of-sales"}}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS"}},
		"another name of the number":        {`{"sales": {"api_key": "key-of-sales", "number": "+49 30 222222"}}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS"}},
		"text after the channels":           {`{"sales": {"api_key": "key-of-sales"}} {}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS"}},
		"no channel":                        {`{}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS"}},
		"a channel without a key":           {`{"sales": {}}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS", `the api_key of "sales"`, "empty"}},
		"one key twice":                     {`{"sales": {"api_key": "key-of-sales"}, "hamburg": {"api_key": "key-of-sales"}}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"One API key for two channels"}},
		"a number that is none":             {`{"sales": {"api_key": "key-of-sales", "business_number": "x"}}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"Invalid D360_CHANNELS", `the business_number of "sales"`}},
		"a number that is another":          {`{"sales": {"api_key": "key-of-sales", "business_number": "+49 30 222222"}}`, "", faketerraform.Attributes{"api_key": nil}, "sales", "", []string{"The API key belongs to another number than business_number"}},
		"the block has a key and channels":  {"", "", faketerraform.Attributes{"api_key": supportKey, "channels": channelsWithKeys(map[string]any{"sales": salesKey})}, nil, "support", nil},
		"the block has both, and names one": {"", "", faketerraform.Attributes{"api_key": supportKey, "channels": channelsWithKeys(map[string]any{"sales": salesKey})}, "sales", "sales", nil},
		"nothing":                           {"", "", faketerraform.Attributes{"api_key": nil}, nil, "", []string{"Missing api_key", "D360_CHANNELS"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("D360_CHANNELS", test.channels)
			t.Setenv("D360_API_KEY", test.key)
			onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
				tf := acctest.InMemoryTerraform(t, c.hub, test.settings)
				config := onChannel(kinds[acctest.BulkType](phoneNumbers(1)...), test.channel)
				if test.says != nil {
					plan := tf.Plan(t.Context(), config, nil)
					expectDiagnostic(t, plan.Diagnostics, true, test.says...)
					if text := plan.Diagnostics.String(); strings.Contains(text, "key-of") {
						t.Errorf("a key is shown: %s", text)
					}
					return
				}
				apply(t, tf, config, nil)
				for name, api := range map[string]*fakeapi.Server{"sales": c.sales, "support": c.support} {
					want := []string{}
					if name == test.on {
						want = canonical(phoneNumbers(1))
					}
					expectBlocked(t, api, want...)
				}
			})
		})
	}
}
