package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

var _ list.ListResourceWithConfigure = (*blockedUserListResource)(nil)

// blockedUserListResource finds blocked users for terraform query.
type blockedUserListResource struct {
	data *providerData
}

func newBlockedUserListResource() list.ListResource { return &blockedUserListResource{} }

type blockedUserListModel struct {
	Prefix  types.String `tfsdk:"prefix"`
	Channel types.String `tfsdk:"channel"`
}

func (l *blockedUserListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_user"
}

func (l *blockedUserListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the blocked users of the WhatsApp business number, for `terraform query` of Terraform 1.14 and later.\n\n" +
			"Without a `limit`, Terraform silently stops after 100 users.",
		Attributes: map[string]schema.Attribute{
			"prefix": schema.StringAttribute{
				MarkdownDescription: "List only users whose identity starts with this: the first digits of a number, in any usual spelling (`+49 151`), or the first characters of a user ID (`US.`).",
				Optional:            true,
				Validators:          []validator.String{userPrefix{}},
			},
			"channel": schema.StringAttribute{
				MarkdownDescription: "The channel whose list is read: a name in the provider's `channels`. Defaults to the channel of `api_key`.",
				Optional:            true,
			},
		},
	}
}

func (l *blockedUserListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

// List reads the list page by page, and no page beyond the limit.
func (l *blockedUserListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var model blockedUserListModel
	diags.Append(req.Config.Get(ctx, &model)...)
	prefix := readPrefix(model.Prefix, path.Root("prefix"), &diags)
	c := l.data.channelNamed(model.Channel, &diags)
	var blocked *blocklist.List
	if c != nil {
		blocked = c.openOrReport(ctx, heldChannel{}, &diags)
		c.labelMessages(&diags)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		p := pusher{channel: c, name: model.Channel, prefix: prefix, push: push}
		p.pushAll(ctx, req, blocked)
	}
}

type pusher struct {
	channel *channel
	// name is the channel as the list block names it.
	name   types.String
	prefix userid.Prefix
	push   func(list.ListResult) bool
}

// pushAll pushes a result for each user until the limit is reached. Errors and warnings
// are results, too, because Terraform gets nothing else from a list resource.
func (p *pusher) pushAll(ctx context.Context, req list.ListRequest, blocked *blocklist.List) {
	var nameless []userid.User
	pushed := int64(0)
	for page, err := range blocked.Pages(ctx) {
		if err != nil {
			var diags diag.Diagnostics
			diags.AddError("Cannot read the list of blocked users", p.channel.explain(err))
			p.channel.labelMessages(&diags)
			p.push(list.ListResult{Diagnostics: diags})
			return
		}
		for _, entry := range page {
			if entry.IsZero() {
				nameless = append(nameless, entry)
				continue
			}
			if !p.prefix.Begins(entry.Key()) {
				continue
			}
			result := p.newResult(ctx, req, entry)
			pushed++
			last := pushed == req.Limit
			if last {
				// Terraform reads no result after this one.
				result.Diagnostics.Append(namelessWarning(nameless)...)
			}
			if !p.push(result) || last {
				return
			}
		}
	}
	if warning := namelessWarning(nameless); len(warning) > 0 {
		p.push(list.ListResult{Diagnostics: warning})
	}
}

func (p *pusher) newResult(ctx context.Context, req list.ListRequest, entry userid.User) list.ListResult {
	result := req.NewListResult(ctx)
	u := userOfEntry(entry)
	u.Spelling = u.ID.APIForm() // What people write into a configuration.
	result.DisplayName = u.Spelling
	if !entry.WaID.IsZero() && entry.WaID != u.ID {
		result.DisplayName = fmt.Sprintf("%s (WhatsApp ID %s)", u.Spelling, entry.WaID)
	}
	identify(ctx, result.Identity, u.ID, p.name, &result.Diagnostics)
	if req.IncludeResource {
		// The state that an import would create.
		model := listedUser(u.Spelling, p.name)
		model.setNames(u)
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}

// namelessWarning warns of entries that are neither a number nor a user ID.
func namelessWarning(entries []userid.User) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(entries) > 0 {
		diags.AddWarning("Some entries of the list are left out",
			"They are neither a number nor a user ID, so no resource can manage them:\n"+nameUsers(entries, inDataSource)+
				"\nThey stay blocked. If one of them is a user, please report it with what is shown here.")
	}
	return diags
}

// userPrefix validates a prefix.
type userPrefix struct{}

func (userPrefix) Description(context.Context) string {
	return "must be the beginning of an international phone number or of a business-scoped user ID"
}

func (v userPrefix) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (userPrefix) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsUnknown() {
		readPrefix(req.ConfigValue, req.Path, &resp.Diagnostics)
	}
}

// readPrefix reads a known prefix. Null matches everyone.
func readPrefix(value types.String, at path.Path, diags *diag.Diagnostics) userid.Prefix {
	if value.IsNull() {
		return userid.Prefix{}
	}
	prefix, err := userid.ParsePrefix(value.ValueString())
	if err != nil {
		diags.AddAttributeError(at, "Not the beginning of a WhatsApp user", sentence(err.Error())+
			"\n\nWrite the calling code and what follows it, such as +49 151, or the beginning of a user ID, such as \"US.\". Without prefix, everyone is listed.")
	}
	return prefix
}
