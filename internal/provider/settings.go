package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Environment variables for attributes of the provider block.
const (
	apiKeyVariable         = "D360_API_KEY"
	baseURLVariable        = "D360_BASE_URL"
	maxRetriesVariable     = "D360_MAX_RETRIES"
	maskUsersVariable      = "D360_MASK_USERS"
	maxUnblocksVariable    = "D360_MAX_UNBLOCKS"
	requestTimeoutVariable = "D360_REQUEST_TIMEOUT"
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

// masksByEnvironment reports whether the environment sets mask_users. An invalid value
// counts as true until it becomes an error, when the provider is configured.
func masksByEnvironment() bool {
	set := os.Getenv(maskUsersVariable)
	masks, err := strconv.ParseBool(set)
	return set != "" && (masks || err != nil)
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

// environment reads attributes that the provider block does not set from environment
// variables, and applies the same validators.
type environment struct{ diags *diag.Diagnostics }

// lookup returns the variable of an attribute, empty if the block sets the attribute.
func (environment) lookup(value attr.Value, variable string) string {
	if !value.IsNull() {
		return ""
	}
	return os.Getenv(variable)
}

func (e environment) report(variable string, found diag.Diagnostics) {
	for _, d := range found {
		e.diags.Append(diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\nThe value comes from the environment variable "+variable+"."))
	}
}

func (e environment) readString(ctx context.Context, value *types.String, attribute, variable string, check validator.String) {
	text := e.lookup(value, variable)
	if text == "" {
		return
	}
	*value = types.StringValue(text)
	var resp validator.StringResponse
	check.ValidateString(ctx, validator.StringRequest{Path: path.Root(attribute), ConfigValue: *value}, &resp)
	e.report(variable, resp.Diagnostics)
}

func (e environment) readInt64(ctx context.Context, value *types.Int64, attribute, variable string, check validator.Int64) {
	text := e.lookup(value, variable)
	if text == "" {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		e.report(variable, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid "+attribute, "It must be a whole number.")})
		return
	}
	*value = types.Int64Value(n)
	var resp validator.Int64Response
	check.ValidateInt64(ctx, validator.Int64Request{Path: path.Root(attribute), ConfigValue: *value}, &resp)
	e.report(variable, resp.Diagnostics)
}

func (e environment) readBool(value *types.Bool, attribute, variable string) {
	text := e.lookup(value, variable)
	if text == "" {
		return
	}
	is, err := strconv.ParseBool(text)
	if err != nil {
		e.report(variable, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid "+attribute, "It must be true or false.")})
		return
	}
	*value = types.BoolValue(is)
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
