// Package provider holds the schemas, plans, state and messages. Package blocklist knows
// how to read and change a list.
package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
)

var (
	_ provider.ProviderWithFunctions     = (*d360Provider)(nil)
	_ provider.ProviderWithListResources = (*d360Provider)(nil)
)

// d360Provider manages the blocklist of one WhatsApp business number.
type d360Provider struct {
	version string
	// firstBackoff is the mean wait before the first retry. Zero is the client's default.
	firstBackoff time.Duration
	// transport sends the requests. Nil is the client's default.
	transport http.RoundTripper
	// lag is how long the list may lag behind a write.
	lag time.Duration
	// masks is set if messages mask users, see [Server].
	masks *atomic.Bool
}

// Option changes how the provider reaches the API. Tests use options; a release
// uses none.
type Option func(*d360Provider)

// WithFirstBackoff sets the mean wait before the first retry of a request.
func WithFirstBackoff(wait time.Duration) Option {
	return func(p *d360Provider) { p.firstBackoff = wait }
}

// WithTransport sends the requests through transport instead of the network.
func WithTransport(transport http.RoundTripper) Option {
	return func(p *d360Provider) { p.transport = transport }
}

// WithLag sets how long the list may lag behind a write.
func WithLag(lag time.Duration) Option {
	return func(p *d360Provider) { p.lag = lag }
}

// New returns the provider of the given release.
func New(version string, options ...Option) provider.Provider {
	p := &d360Provider{version: version, lag: blocklist.DefaultLag, masks: &atomic.Bool{}}
	for _, option := range options {
		option(p)
	}
	return p
}

func (p *d360Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "d360"
	resp.Version = p.version
}

func (p *d360Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages who is blocked on a WhatsApp business number, through 360dialog's Block Users API.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key of the WhatsApp business number. Prefer the environment variable `" + apiKeyVariable + "`: Terraform stores the provider block in saved plans. The key appears in no state, log or message.",
				Optional:            true,
				Sensitive:           true,
				Validators:          []validator.String{apiKeyValidator},
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Address of the API, without `/block_users`. Defaults to `" + baseURLVariable + "`, or `" + d360.DefaultBaseURL + "`. `http://` is accepted for loopback hosts only.",
				Optional:            true,
				Validators:          []validator.String{baseURLValidator},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How many times the provider retries a request after a rate limit, a temporary failure or a lost response: 0 to 100. Defaults to `" + maxRetriesVariable + "`, or 5, which takes about 15 seconds. Rejections are never retried.",
				Optional:            true,
				Validators:          []validator.Int64{maxRetriesValidator},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one HTTP request may take, such as `30s` or `1m30s`, at most `10m`. Defaults to `" + requestTimeoutVariable + "`, or `30s`.",
				Optional:            true,
				Validators:          []validator.String{requestTimeoutValidator},
			},
			"max_unblocks": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How many users one plan may unblock. A plan that unblocks more is an error. Defaults to `%s`, or %d. If neither is set, a plan also may not take all users out of the map of a bulk resource with %d users or more.",
					maxUnblocksVariable, defaultMaxUnblocks, minEmptied),
				Optional:   true,
				Validators: []validator.Int64{maxUnblocksValidator},
			},
			"business_number": schema.StringAttribute{
				MarkdownDescription: "The business number that the API key must belong to. With the key of another number, plan and apply fail. If it is not set, the provider only compares the key with the number in the state.",
				Optional:            true,
				Validators:          []validator.String{businessNumberValidator},
			},
			"mask_users": schema.BoolAttribute{
				MarkdownDescription: "Whether messages shorten users to the calling code and the last three digits (`+49…678`). Defaults to `" + maskUsersVariable + "`, or `false`. State, plans and resource addresses still show users.",
				Optional:            true,
			},
			"channels": channelsAttribute(),
		},
	}
}

// Configure makes the channels. A value that is not known yet is an error only once a
// request is needed.
func (p *d360Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := readSettings(ctx, model, &resp.Diagnostics)
	p.masks.Store(s.maskUsers)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{
		channels: make(map[string]*channel, len(s.channels)), isUnknown: s.channelsUnknown,
		limit: s.unblocks, unblocks: planreview.NewUnblocks(s.unblocks.max), runID: rand.Text(),
	}
	for _, set := range s.channels {
		c, err := p.newChannel(data, s, set, req.TerraformVersion)
		if err != nil {
			resp.Diagnostics.AddError("Cannot set up the client of the Block Users API", err.Error())
			return
		}
		data.channels[set.name] = c
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
}

// newChannel makes a channel, without a client while settings are not known yet.
func (p *d360Provider) newChannel(data *providerData, s settings, set channelSettings, terraformVersion string) (*channel, error) {
	c := &channel{
		name: set.name, data: data, unknown: slices.Concat(set.unknown, s.unknown), keySource: set.keySource,
		businessNumber: set.businessNumber, identifyLock: make(chan struct{}, 1),
	}
	c.review = planreview.New(c.view, d360.MaxUsersOnList)
	if len(c.unknown) > 0 {
		return c, nil
	}
	client, err := d360.New(d360.Options{
		BaseURL:        s.baseURL,
		Key:            set.key,
		UserAgent:      "terraform-provider-d360/" + p.version + " Terraform/" + terraformVersion,
		MaxRetries:     s.maxRetries,
		RequestTimeout: s.requestTimeout,
		FirstBackoff:   p.firstBackoff,
		Transport:      p.transport,
		Observe:        logExchange,
	})
	if err != nil {
		return nil, err
	}
	c.client, c.list = client, blocklist.New(client, p.lag)
	return c, nil
}

// logExchange logs a request without key, phone numbers, or the text of an error, which
// may have a phone number.
func logExchange(ctx context.Context, e d360.Exchange) {
	fields := map[string]any{
		"method":      e.Method,
		"path":        e.Path,
		"users":       e.Users,
		"status":      e.Status,
		"duration_ms": e.Duration.Milliseconds(),
	}
	if e.Err != nil {
		fields["failure"] = failureKind(e.Err)
	}
	tflog.Debug(ctx, "Block Users API request", fields)
}

func (p *d360Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newBlockedUserResource, newBlockedUsersResource, newBlocklistExclusiveResource}
}

func (p *d360Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newBlockedUserDataSource, newBlockedUsersDataSource, newChannelDataSource}
}

func (p *d360Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newBlockedUserListResource}
}

func (p *d360Provider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newNormalizeUserFunction, newReadCSVFunction}
}
