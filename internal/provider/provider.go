// Package provider is Terraform's side of the provider: schemas, plans, state
// and messages. What it knows of blocklists is in package blocklist.
package provider

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
	// firstBackoff is the mean wait before a first retry, the client's default if
	// zero. Tests shorten it.
	firstBackoff time.Duration
	// transport carries the requests, the client's own if nil. Tests serve them in
	// memory.
	transport http.RoundTripper
}

// providerModel is the provider block.
type providerModel struct {
	APIKey         types.String `tfsdk:"api_key"`
	BaseURL        types.String `tfsdk:"base_url"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
}

// Metadata names the provider.
func (p *d360Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "d360"
	resp.Version = p.version
}

// Schema describes the provider block.
func (p *d360Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages who is blocked on a WhatsApp business number, through 360dialog's Block Users API.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key of the WhatsApp business number whose blocklist is managed; each number has its own. " +
					"It is sent to the host of `base_url` only, and appears in no state, log or message. " +
					"Can be set with the environment variable `" + apiKeyVariable + "` instead, which keeps it out of the configuration and out of saved plans, in which Terraform stores what a provider block says.",
				Optional:   true,
				Sensitive:  true,
				Validators: apiKeySetting.validators(),
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Address of the API. Defaults to `" + d360.DefaultBaseURL + "`, or to the environment variable `" + baseURLVariable + "`. " +
					"It must start with `https://`; `http://` is for loopback hosts, such as a test server on the same machine.",
				Optional:   true,
				Validators: baseURLSetting.validators(),
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a request is tried again after the first time, where that is worth it: for rate limits, faults of the service and lost answers, never for refusals. " +
					"The waits grow from half a second to half a minute, some 15 seconds in all for 5 retries, or are what the service asks for, up to two minutes. " +
					"0 to 100. Defaults to 5, or to the environment variable `" + maxRetriesVariable + "`.",
				Optional:   true,
				Validators: maxRetriesSetting.int64Validators(),
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one HTTP request may take, as a number with a unit, such as `30s` or `1m30s`; at most `10m`. " +
					"Defaults to `30s`, or to the environment variable `" + requestTimeoutVariable + "`.",
				Optional:   true,
				Validators: requestTimeoutSetting.validators(),
			},
		},
	}
}

// Configure makes the client. A value that is not known yet, since it comes from
// a resource that is not there, is an error only once a request is needed.
func (p *d360Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := readSettings(model, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	conn := &connection{unknown: s.unknown, keySource: s.keySource}
	if len(s.unknown) == 0 {
		client, err := d360.New(d360.Options{
			BaseURL:        s.baseURL,
			Key:            s.apiKey,
			UserAgent:      "terraform-provider-d360/" + p.version + " Terraform/" + req.TerraformVersion,
			MaxRetries:     s.maxRetries,
			RequestTimeout: s.requestTimeout,
			FirstBackoff:   p.firstBackoff,
			Transport:      p.transport,
			Observe:        logExchange,
		})
		if err != nil {
			resp.Diagnostics.AddError("Cannot set up the client of the Block Users API", err.Error())
			return
		}
		conn.list = blocklist.New(client)
	}
	conn.review = planreview.New(conn.view, d360.MaxUsersOnList)
	resp.ResourceData = conn
	resp.DataSourceData = conn
	resp.ListResourceData = conn
}

// logExchange logs what may be known of a request: no key and no phone number,
// and hence not the text of an error, which may hold one.
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

// Resources lists the resources.
func (p *d360Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newBlockedUserResource, newBlockedUsersResource, newBlocklistExclusiveResource}
}

// DataSources lists the data sources.
func (p *d360Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newBlockedUserDataSource, newBlockedUsersDataSource}
}

// ListResources lists the list resources.
func (p *d360Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newBlockedUserListResource}
}

// Functions lists the functions.
func (p *d360Provider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newNormalizeUserFunction}
}
