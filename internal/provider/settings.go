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

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Environment variables that stand in for attributes of the provider block.
const (
	apiKeyVariable         = "D360_API_KEY"
	baseURLVariable        = "D360_BASE_URL"
	maxRetriesVariable     = "D360_MAX_RETRIES"
	maskUsersVariable      = "D360_MASK_USERS"
	maxUnblocksVariable    = "D360_MAX_UNBLOCKS"
	requestTimeoutVariable = "D360_REQUEST_TIMEOUT"
)

// setting is one attribute of the provider block and its environment variable.
type setting struct {
	attribute string
	variable  string
	// check returns what is wrong with a value, as a clause about "it".
	check func(string) error
}

var (
	apiKeySetting      = setting{attribute: "api_key", variable: apiKeyVariable, check: checkAPIKey}
	baseURLSetting     = setting{attribute: "base_url", variable: baseURLVariable, check: checkBaseURL}
	maxRetriesSetting  = setting{attribute: "max_retries", variable: maxRetriesVariable, check: checkMaxRetries}
	maskUsersSetting   = setting{attribute: "mask_users", variable: maskUsersVariable, check: checkMaskUsers}
	maxUnblocksSetting = setting{attribute: "max_unblocks", variable: maxUnblocksVariable, check: checkMaxUnblocks}
	// businessNumberSetting has no variable: it goes with the key that a block names.
	businessNumberSetting = setting{attribute: "business_number", check: checkBusinessNumber}
	requestTimeoutSetting = setting{attribute: "request_timeout", variable: requestTimeoutVariable, check: checkRequestTimeout}
)

const (
	mostRetries = 100
	// defaultMaxUnblocks is how many users a plan may unblock unless a setting says
	// otherwise, in users.
	defaultMaxUnblocks    = 20
	longestRequestTimeout = 10 * time.Minute
)

// checkAPIKey rejects what no header can carry. Its errors never hold the key.
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

func checkMaxRetries(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > mostRetries {
		return fmt.Errorf("it must be a whole number from 0 to %d", mostRetries)
	}
	return nil
}

func checkMaskUsers(s string) error {
	if _, err := strconv.ParseBool(s); err != nil {
		return errors.New("it must be true or false")
	}
	return nil
}

// masksByEnvironment reports whether the environment asks for messages that mask users.
// A value that makes no sense does: it becomes an error once the provider is configured.
func masksByEnvironment() bool {
	set := os.Getenv(maskUsersVariable)
	masks, err := strconv.ParseBool(set)
	return set != "" && (masks || err != nil)
}

func checkMaxUnblocks(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 0 {
		return errors.New("it must be a whole number, 0 or more")
	}
	return nil
}

func checkBusinessNumber(s string) error {
	id, err := userid.Parse(s)
	switch {
	case err != nil:
		return err
	case !id.IsNumber():
		return errors.New("it must be a phone number with its country calling code")
	}
	return nil
}

func checkRequestTimeout(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return errors.New("it must be a number with a unit, such as 30s or 1m30s")
	case d <= 0:
		return errors.New("it must be greater than zero")
	case d > longestRequestTimeout:
		return fmt.Errorf("it must be at most %s", longestRequestTimeout)
	}
	return nil
}

// invalid describes a value that check rejected. The value of the key must not
// be shown, so none is.
func (s setting) invalid(from string, err error) (summary, detail string) {
	detail = fmt.Sprintf("The value of %s cannot be used: %s.", from, err)
	if s.variable != "" {
		detail += fmt.Sprintf("\n\nIt is set by the provider's attribute %s, or else by the environment variable %s.", s.attribute, s.variable)
	}
	return "Invalid " + s.attribute, detail
}

// validators check the attribute where it is a string.
func (s setting) validators() []validator.String { return []validator.String{settingValidator{s}} }

// int64Validators check the attribute where it is a number.
func (s setting) int64Validators() []validator.Int64 { return []validator.Int64{settingValidator{s}} }

// settingValidator applies a setting's check to the attribute.
type settingValidator struct{ setting setting }

func (v settingValidator) Description(context.Context) string {
	return "must be usable as " + v.setting.attribute
}

func (v settingValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v settingValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		v.setting.validate(req.Path, req.ConfigValue.ValueString(), &resp.Diagnostics)
	}
}

func (v settingValidator) ValidateInt64(_ context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		v.setting.validate(req.Path, strconv.FormatInt(req.ConfigValue.ValueInt64(), 10), &resp.Diagnostics)
	}
}

func (s setting) validate(at path.Path, value string, diags *diag.Diagnostics) {
	if err := s.check(value); err != nil {
		summary, detail := s.invalid("the attribute "+s.attribute, err)
		diags.AddAttributeError(at, summary, detail)
	}
}

// settings are the provider's settings, from attributes and environment.
type settings struct {
	channels []channelSettings
	// channelsUnknown is set where it is not known yet which channels there are.
	channelsUnknown bool

	baseURL        string
	maxRetries     int
	requestTimeout time.Duration
	unblocks       unblockLimit
	maskUsers      bool
	// unknown names the attributes for all channels whose values are not known yet.
	unknown []string
}

// readSettings reads the settings, the environment where an attribute is not
// set. Attributes were validated before, unless they were unknown then.
func readSettings(ctx context.Context, model providerModel, diags *diag.Diagnostics) settings {
	s := settings{maxRetries: d360.DefaultMaxRetries, requestTimeout: d360.DefaultRequestTimeout, unblocks: unblockLimit{max: defaultMaxUnblocks}}
	read := func(set setting, value attr.Value, known func() string) string {
		switch {
		case value.IsUnknown():
			return ""
		case !value.IsNull():
			set.validate(path.Root(set.attribute), known(), diags)
			return known()
		}
		fromEnvironment := os.Getenv(set.variable)
		if fromEnvironment == "" {
			return ""
		}
		if err := set.check(fromEnvironment); err != nil {
			summary, detail := set.invalid("the environment variable "+set.variable, err)
			diags.AddAttributeError(path.Root(set.attribute), summary, detail)
			return ""
		}
		return fromEnvironment
	}

	s.readChannels(ctx, model, read, diags)
	for _, common := range []struct {
		name  string
		value attr.Value
	}{{"base_url", model.BaseURL}, {"max_retries", model.MaxRetries}, {"request_timeout", model.RequestTimeout}, {"max_unblocks", model.MaxUnblocks}} {
		if common.value.IsUnknown() {
			s.unknown = append(s.unknown, common.name)
		}
	}
	// While it is not known yet, or wrong, users are masked.
	masks, err := strconv.ParseBool(read(maskUsersSetting, model.MaskUsers, func() string { return strconv.FormatBool(model.MaskUsers.ValueBool()) }))
	s.maskUsers = masks || model.MaskUsers.IsUnknown() || (err != nil && masksByEnvironment())
	s.baseURL = read(baseURLSetting, model.BaseURL, model.BaseURL.ValueString)
	// Both were checked to be what the conversions want.
	if n, err := strconv.Atoi(read(maxRetriesSetting, model.MaxRetries, func() string {
		return strconv.FormatInt(model.MaxRetries.ValueInt64(), 10)
	})); err == nil {
		s.maxRetries = n
	}
	if d, err := time.ParseDuration(read(requestTimeoutSetting, model.RequestTimeout, model.RequestTimeout.ValueString)); err == nil {
		s.requestTimeout = d
	}

	if n, err := strconv.Atoi(read(maxUnblocksSetting, model.MaxUnblocks, func() string {
		return strconv.FormatInt(model.MaxUnblocks.ValueInt64(), 10)
	})); err == nil {
		s.unblocks = unblockLimit{max: n, isSet: true, byAttribute: !model.MaxUnblocks.IsNull()}
	}
	return s
}
