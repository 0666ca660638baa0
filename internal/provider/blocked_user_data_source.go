package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

var _ datasource.DataSourceWithConfigure = (*blockedUserDataSource)(nil)

// blockedUserDataSource tells of one user whether they are blocked.
type blockedUserDataSource struct {
	conn *connection
}

func newBlockedUserDataSource() datasource.DataSource { return &blockedUserDataSource{} }

type blockedUserDataSourceModel struct {
	User    useridtype.Value `tfsdk:"user"`
	Blocked types.Bool       `tfsdk:"blocked"`
	WaID    types.String     `tfsdk:"wa_id"`
}

// Metadata names the data source.
func (d *blockedUserDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_user"
}

// Schema describes the data source.
func (d *blockedUserDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Tells whether one user is blocked on the WhatsApp business number. It is no error if they are not.\n\n" +
			"All resources and data sources of a run share one reading of the list, so asking for many users costs no more than asking for one.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{
				MarkdownDescription: "The user: a phone number with its country calling code, in any usual spelling, or a business-scoped user ID.",
				Required:            true,
				CustomType:          useridtype.Type{},
			},
			"blocked": schema.BoolAttribute{
				MarkdownDescription: "Whether the user is on the list. Where the list shows WhatsApp IDs alone, a number in Brazil, Mexico or Argentina may be on it in another form. A warning then names that form, unless a resource in the same run knows it.",
				Computed:            true,
			},
			"wa_id": schema.StringAttribute{
				MarkdownDescription: "The user's WhatsApp ID, as the list shows it; null where it shows none or the user is not blocked.",
				Computed:            true,
			},
		},
	}
}

// Configure takes the connection of the provider.
func (d *blockedUserDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// Read looks the user up.
func (d *blockedUserDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model blockedUserDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	list := d.conn.blocklist(&resp.Diagnostics)
	user, ok := parseUser(model.User, &resp.Diagnostics)
	if list == nil || !ok {
		return
	}
	entry, blocked, err := list.Holds(ctx, user, userid.ID{})
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot find out whether "+described(model.User, user)+" is blocked", d.conn.explain(err))
		return
	}
	if !blocked {
		if twins := d.conn.twins(user); twins != "" {
			resp.Diagnostics.AddAttributeWarning(path.Root("user"), described(model.User, user)+" may be blocked under another form of the number",
				"The list does not hold the number as it is written here."+twins)
		}
	}
	model.Blocked = types.BoolValue(blocked)
	model.WaID = idOrNull(entry.WaID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
