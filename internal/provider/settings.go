package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Validators of the provider block. They check the environment variables too.
var (
	apiKeyValidator         = settingValidator{"api_key", checkAPIKey}
	baseURLValidator        = settingValidator{"base_url", checkBaseURL}
	businessNumberValidator = settingValidator{"business_number", checkBusinessNumber}
	requestTimeoutValidator = settingValidator{"request_timeout", checkRequestTimeout}
	maxRetriesValidator     = int64validator.Between(0, 100)
	maxUnblocksValidator    = int64validator.AtLeast(0)
)

const (
	defaultMaxUnblocks = 20
	maxRequestTimeout  = 10 * time.Minute
)

// checkAPIKey rejects what a header cannot carry. Its errors never contain the key.
func checkAPIKey(s string) error {
	switch {
	case s == "":
		return errors.New("it is empty")
	case strings.TrimSpace(s) != s:
		return errors.New("it begins or ends with white space; if it was read from a file, wrap it in trimspace()")
	case strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' }):
		return errors.New("it holds a space, a control character or a character outside ASCII, which no API key does")
	}
	return nil
}

func checkBaseURL(s string) error {
	if s == "" {
		return errors.New("it is empty; leave it out for the default " + d360.DefaultBaseURL)
	}
	_, err := d360.ParseBaseURL(s)
	return err
}

func parseBusinessNumber(s string) (userid.ID, error) {
	id, err := userid.Parse(s)
	if parseError, ok := errors.AsType[*userid.ParseError](err); ok {
		return userid.ID{}, errors.New(parseError.Reason)
	}
	if !id.IsNumber() {
		return userid.ID{}, errors.New("it must be a phone number with its country calling code")
	}
	return id, nil
}

func checkBusinessNumber(s string) error {
	_, err := parseBusinessNumber(s)
	return err
}

func checkRequestTimeout(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return errors.New("it must be a number with a unit, such as 30s or 1m30s")
	case d <= 0:
		return errors.New("it must be greater than zero")
	case d > maxRequestTimeout:
		return fmt.Errorf("it must be at most %s", maxRequestTimeout)
	}
	return nil
}

// settingValidator validates a string of the provider block. The error of check is a
// clause about "it". The message never contains the value, which may be a key.
type settingValidator struct {
	setting string
	check   func(string) error
}

func (v settingValidator) Description(context.Context) string {
	return "must be usable as " + v.setting
}

func (v settingValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v settingValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+v.setting, fmt.Sprintf("The value of %s cannot be used: %s.", v.setting, err))
	}
}

// providerModel is the provider block.
type providerModel struct {
	APIKey         types.String `tfsdk:"api_key"`
	BaseURL        types.String `tfsdk:"base_url"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
	MaxUnblocks    types.Int64  `tfsdk:"max_unblocks"`
	BusinessNumber types.String `tfsdk:"business_number"`
	MaskUsers      types.Bool   `tfsdk:"mask_users"`
	Channels       types.Map    `tfsdk:"channels"`
}

// settings are the provider's settings, from attributes and environment.
type settings struct {
	channels []channelSettings
	// channelsUnknown is set while it is not known yet which channels there are.
	channelsUnknown bool

	baseURL        string
	maxRetries     int
	requestTimeout time.Duration
	unblocks       unblockLimit
	maskUsers      bool
	// unknown names attributes that are not known yet and concern all channels.
	unknown []string
}

// readSettings does not validate attributes: Terraform does, even if they were unknown when
// it validated the configuration.
func readSettings(ctx context.Context, model providerModel, diags *diag.Diagnostics) settings {
	env := environment{diags}
	s := settings{maxRetries: d360.DefaultMaxRetries, requestTimeout: d360.DefaultRequestTimeout}
	s.unblocks = unblockLimit{max: defaultMaxUnblocks, byAttribute: !model.MaxUnblocks.IsNull()}
	s.readChannels(ctx, model, env)
	env.readString(ctx, &model.BaseURL, "base_url", baseURLVariable, baseURLValidator)
	env.readString(ctx, &model.RequestTimeout, "request_timeout", requestTimeoutVariable, requestTimeoutValidator)
	env.readInt64(ctx, &model.MaxRetries, "max_retries", maxRetriesVariable, maxRetriesValidator)
	env.readInt64(ctx, &model.MaxUnblocks, "max_unblocks", maxUnblocksVariable, maxUnblocksValidator)
	env.readBool(&model.MaskUsers, "mask_users", maskUsersVariable)
	for _, common := range []struct {
		name  string
		value attr.Value
	}{{"base_url", model.BaseURL}, {"max_retries", model.MaxRetries}, {"request_timeout", model.RequestTimeout}, {"max_unblocks", model.MaxUnblocks}} {
		if common.value.IsUnknown() {
			s.unknown = append(s.unknown, common.name)
		}
	}

	s.baseURL = model.BaseURL.ValueString()
	if isKnown(model.MaxRetries) {
		s.maxRetries = int(model.MaxRetries.ValueInt64())
	}
	if timeout, err := time.ParseDuration(model.RequestTimeout.ValueString()); err == nil {
		s.requestTimeout = timeout
	}
	if isKnown(model.MaxUnblocks) {
		s.unblocks.max, s.unblocks.isSet = int(model.MaxUnblocks.ValueInt64()), true
	}
	// Mask users while the setting is unknown or invalid.
	s.maskUsers = model.MaskUsers.ValueBool() || model.MaskUsers.IsUnknown() || (model.MaskUsers.IsNull() && masksByEnvironment())
	return s
}

func isKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }
