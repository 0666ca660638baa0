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
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

var _ list.ListResourceWithConfigure = (*blockedUserListResource)(nil)

// blockedUserListResource finds blocked users for terraform query.
type blockedUserListResource struct {
	conn *connection
}

func newBlockedUserListResource() list.ListResource { return &blockedUserListResource{} }

// blockedUserListModel is the configuration of a list block.
type blockedUserListModel struct {
	Prefix types.String `tfsdk:"prefix"`
}

// Metadata names the list resource, which is the name of what it lists.
func (l *blockedUserListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_user"
}

// ListResourceConfigSchema describes the configuration of a list block.
func (l *blockedUserListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds who is blocked on the WhatsApp business number, whoever blocked them, for the command `terraform query` of Terraform 1.14 and later.\n\n" +
			"Without a `limit`, Terraform stops after 100 users and does not say so. The list is read only as far as the limit asks for, up to 1,000 users a page.",
		Attributes: map[string]schema.Attribute{
			"prefix": schema.StringAttribute{
				MarkdownDescription: "List only users who begin so: with the first digits of a number, in any usual spelling (`+49 151`, `0049 151` and `49151` are the same), or with the first characters of a business-scoped user ID (`US.`). " +
					"What counts is the identity; a WhatsApp ID counts only where the list shows no number beside it.",
				Optional:   true,
				Validators: []validator.String{userPrefix{}},
			},
		},
	}
}

// Configure takes the connection of the provider.
func (l *blockedUserListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// List lists the blocked users page by page, and asks for no page beyond the
// limit.
func (l *blockedUserListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var model blockedUserListModel
	diags.Append(req.Config.Get(ctx, &model)...)
	prefix := readPrefix(model.Prefix, path.Root("prefix"), &diags)
	blocked := l.conn.blocklist(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		l.push(ctx, req, blocked, prefix, push)
	}
}

// push pushes a result for each user until the limit is reached. What goes wrong
// on the way, and who cannot be listed, is a result too: only so does Terraform
// hear of it.
func (l *blockedUserListResource) push(ctx context.Context, req list.ListRequest, blocked *blocklist.List, prefix userid.Prefix, push func(list.ListResult) bool) {
	var nameless []string
	pushed := int64(0)
	for page, err := range blocked.Pages(ctx) {
		if err != nil {
			var diags diag.Diagnostics
			diags.AddError("Cannot read the list of blocked users", l.conn.explain(err))
			push(list.ListResult{Diagnostics: diags})
			return
		}
		for _, entry := range page {
			ids := entry.IDs()
			if len(ids) == 0 {
				nameless = append(nameless, entry.Input)
				continue
			}
			if !prefix.Begins(ids[0]) {
				continue
			}
			result := newListResult(ctx, req, ids[0], entry)
			pushed++
			last := pushed == req.Limit
			if last {
				// Terraform listens no longer than that.
				result.Diagnostics.Append(namelessWarning(nameless)...)
			}
			if !push(result) || last {
				return
			}
		}
	}
	if warning := namelessWarning(nameless); len(warning) > 0 {
		push(list.ListResult{Diagnostics: warning})
	}
}

// newListResult makes the result for a user whom the list shows.
func newListResult(ctx context.Context, req list.ListRequest, user userid.ID, entry d360.Entry) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = user.Wire()
	if !entry.WaID.IsZero() && entry.WaID != user {
		result.DisplayName = fmt.Sprintf("%s (WhatsApp ID %s)", user.Wire(), entry.WaID)
	}
	identify(ctx, result.Identity, user, &result.Diagnostics)
	if req.IncludeResource {
		// What an import would make the state.
		result.Diagnostics.Append(result.Resource.Set(ctx, blockedUserModel{
			User:   useridtype.NewValue(user.Wire()),
			WaID:   idOrNull(entry.WaID),
			Status: types.StringValue(statusBlocked),
		})...)
	}
	return result
}

// namelessWarning names entries of the list that name nobody, if there are any.
func namelessWarning(inputs []string) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(inputs) > 0 {
		diags.AddWarning("Some of the list is left out",
			"No resource can stand for what is neither a number nor a user ID. The list has:\n"+nameSome(inputs)+
				"\nIt stays blocked. If this is a user all the same, please report it with what is shown here.")
	}
	return diags
}

// userPrefix lets only the beginning of a user through.
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

// readPrefix reads a known prefix; null is how everyone begins.
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
