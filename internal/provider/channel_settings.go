package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// channelsVariable holds the channels as JSON of the shape of the attribute.
const channelsVariable = "D360_CHANNELS"

// channelSettings are the settings of one channel.
type channelSettings struct {
	// name is empty for the default channel.
	name      string
	key       string
	keySource string
	// businessNumber is the number that the key must belong to, zero if not configured.
	businessNumber userid.ID
	// unknown names the settings that are not known yet.
	unknown []string
}

type channelModel struct {
	APIKey         types.String `tfsdk:"api_key"`
	BusinessNumber types.String `tfsdk:"business_number"`
}

func channelsAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "Several business numbers with their API keys, by names that resources choose with `channel`. A name is a letter, then letters, digits, `_` and `-`. " +
			"Or set `" + channelsVariable + "` to JSON of the same shape.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"api_key": schema.StringAttribute{
					MarkdownDescription: "API key of the business number.",
					Required:            true,
					Sensitive:           true,
					Validators:          []validator.String{apiKeyValidator},
				},
				"business_number": schema.StringAttribute{
					MarkdownDescription: "The business number that the API key must belong to.",
					Optional:            true,
					Validators:          []validator.String{businessNumberValidator},
				},
			},
		},
		Validators: []validator.Map{mapvalidator.KeysAre(stringvalidator.RegexMatches(channelNamePattern, channelNameRule))},
	}
}

var channelNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

const channelNameRule = "is not the name of a channel: a name is a letter, then letters, digits, _ and -"

// readChannels reads the channels. If the provider block sets any, the environment is
// ignored, so that a stray variable cannot send a write to another number.
func (s *settings) readChannels(ctx context.Context, model providerModel, env environment) {
	diags := env.diags
	fromEnvironment := os.Getenv(channelsVariable)
	hasDefault := !model.APIKey.IsNull()
	switch {
	case model.Channels.IsUnknown():
		s.channelsUnknown = true
	case !model.Channels.IsNull():
		s.readChannelsAttribute(ctx, model.Channels, diags)
	case model.APIKey.IsNull() && fromEnvironment != "":
		s.readChannelsVariable(fromEnvironment, diags)
	default:
		hasDefault = true
	}
	if hasDefault {
		s.readDefaultChannel(ctx, model, env)
	} else if !model.BusinessNumber.IsNull() {
		diags.AddAttributeError(path.Root("business_number"), "business_number without api_key",
			"business_number says which number api_key belongs to. With channels alone, set business_number in each of them.")
	}
	s.rejectSharedKeys(diags)
}

func (s *settings) readDefaultChannel(ctx context.Context, model providerModel, env environment) {
	c := channelSettings{keySource: "the environment variable " + apiKeyVariable}
	if !model.APIKey.IsNull() {
		c.keySource = "the provider's attribute api_key"
	}
	env.readString(ctx, &model.APIKey, "api_key", apiKeyVariable, apiKeyValidator)
	c.key = model.APIKey.ValueString()
	c.businessNumber = readBusinessNumber(model.BusinessNumber, path.Root("business_number"), env.diags)
	for _, set := range []struct {
		name  string
		value attr.Value
	}{{"api_key", model.APIKey}, {"business_number", model.BusinessNumber}} {
		if set.value.IsUnknown() {
			c.unknown = append(c.unknown, set.name)
		}
	}
	if c.key == "" && !model.APIKey.IsUnknown() {
		if !env.diags.HasError() {
			env.diags.AddAttributeError(path.Root("api_key"), "Missing api_key",
				"The provider needs the API key of the WhatsApp business number whose blocklist it manages.\n\n"+
					"Set the environment variable "+apiKeyVariable+", or the attribute api_key in the provider block, from an ephemeral variable if plans are saved. For several numbers, set channels or "+channelsVariable+". "+
					"The key is made in the 360dialog Hub, under the number's settings.")
		}
		return
	}
	s.channels = append(s.channels, c)
}

func (s *settings) readChannelsAttribute(ctx context.Context, channels types.Map, diags *diag.Diagnostics) {
	elements := channels.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		c := channelSettings{name: name, keySource: fmt.Sprintf("the provider's channels[%q]", name)}
		object, ok := elements[name].(basetypes.ObjectValue)
		if !ok || object.IsUnknown() {
			c.unknown = []string{fmt.Sprintf("channels[%q]", name)}
			s.channels = append(s.channels, c)
			continue
		}
		var model channelModel
		diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
		for _, set := range []struct {
			name  string
			value attr.Value
		}{{"api_key", model.APIKey}, {"business_number", model.BusinessNumber}} {
			if set.value.IsUnknown() {
				c.unknown = append(c.unknown, fmt.Sprintf("channels[%q].%s", name, set.name))
			}
		}
		c.key = model.APIKey.ValueString()
		c.businessNumber = readBusinessNumber(model.BusinessNumber, path.Root("channels").AtMapKey(name).AtName("business_number"), diags)
		s.channels = append(s.channels, c)
	}
}

func (s *settings) readChannelsVariable(text string, diags *diag.Diagnostics) {
	channels, err := parseChannels(text)
	if err != nil {
		diags.AddError("Invalid "+channelsVariable, fmt.Sprintf("The value of the environment variable %s cannot be used: %s.\n\nIt is JSON such as {\"sales\": {\"api_key\": \"…\", \"business_number\": \"+49 30 1234567\"}}.", channelsVariable, err))
		return
	}
	s.channels = append(s.channels, channels...)
}

// parseChannels reads the variable. Its errors never contain a key.
func parseChannels(text string) ([]channelSettings, error) {
	var entries map[string]*struct {
		APIKey         string `json:"api_key"`
		BusinessNumber string `json:"business_number"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&entries); err != nil || decoder.More() || len(entries) == 0 {
		return nil, errors.New("it is not a JSON object of channels, each with api_key and perhaps business_number")
	}
	var channels []channelSettings
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		entry := entries[name]
		if !channelNamePattern.MatchString(name) {
			return nil, fmt.Errorf("%q %s", d360.Printable(name), channelNameRule)
		}
		if entry == nil {
			return nil, fmt.Errorf("the channel %q has no api_key", name)
		}
		if err := checkAPIKey(entry.APIKey); err != nil {
			return nil, fmt.Errorf("the api_key of %q: %w", name, err)
		}
		c := channelSettings{name: name, key: entry.APIKey, keySource: fmt.Sprintf("%q in the environment variable %s", name, channelsVariable)}
		if entry.BusinessNumber != "" {
			number, err := parseBusinessNumber(entry.BusinessNumber)
			if err != nil {
				return nil, fmt.Errorf("the business_number of %q: %w", name, err)
			}
			c.businessNumber = number
		}
		channels = append(channels, c)
	}
	return channels, nil
}

// rejectSharedKeys adds an error if two channels have the same key, and so the same list.
func (s *settings) rejectSharedKeys(diags *diag.Diagnostics) {
	owner := map[string]string{}
	for _, c := range s.channels {
		name := "api_key"
		if c.name != "" {
			name = fmt.Sprintf("the channel %q", c.name)
		}
		if other, taken := owner[c.key]; taken && c.key != "" {
			diags.AddAttributeError(path.Root("channels"), "One API key for two channels",
				fmt.Sprintf("%s and %s have the same API key, and so the same list. Keep one of the two.", sentenceStart(other), name))
		}
		owner[c.key] = name
	}
}

// readBusinessNumber returns zero if no number is set. An invalid number is an error
// here too: without a number, the provider would not check whose key it has.
func readBusinessNumber(number types.String, at path.Path, diags *diag.Diagnostics) userid.ID {
	if !isKnown(number) {
		return userid.ID{}
	}
	id, err := parseBusinessNumber(number.ValueString())
	if err != nil {
		diags.AddAttributeError(at, "Invalid business_number", sentence(err.Error()))
	}
	return id
}
