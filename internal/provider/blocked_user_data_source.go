package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

var _ datasource.DataSourceWithConfigure = (*blockedUserDataSource)(nil)

// blockedUserDataSource reports whether one user is blocked.
type blockedUserDataSource struct {
	data *providerData
}

func newBlockedUserDataSource() datasource.DataSource { return &blockedUserDataSource{} }

type blockedUserDataSourceModel struct {
	User    userValue    `tfsdk:"user"`
	Blocked types.Bool   `tfsdk:"blocked"`
	WaID    types.String `tfsdk:"wa_id"`
	UserID  types.String `tfsdk:"user_id"`
	Channel types.String `tfsdk:"channel"`
}

func (d *blockedUserDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_user"
}

func (d *blockedUserDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reports whether one user is blocked on the WhatsApp business number.\n\n" +
			"All resources and data sources of a run share one scan of the list. You can look up many users at the cost of one.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{
				MarkdownDescription: "The user: a phone number with its country calling code, in any usual spelling, or a user ID.",
				Required:            true,
				CustomType:          userType{},
			},
			"blocked": schema.BoolAttribute{
				MarkdownDescription: "Whether the user is on the list. Null, with a warning, if the user may be on the list under an unknown name: a user ID alone, or the alternate form of a number.",
				Computed:            true,
			},
			"wa_id": schema.StringAttribute{
				MarkdownDescription: "The user's WhatsApp ID. Null if the list shows none.",
				Computed:            true,
			},
			"channel": channelOfDataSource(),
			"user_id": schema.StringAttribute{
				MarkdownDescription: "The user's user ID. Null if the list shows none.",
				Computed:            true,
			},
		},
	}
}

func (d *blockedUserDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *blockedUserDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model blockedUserDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := d.data.channelNamed(model.Channel, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.openOrReport(ctx, heldChannel{}, &resp.Diagnostics)
	u, ok := parseUser(model.User, &resp.Diagnostics)
	if list == nil || !ok {
		return
	}
	found, err := list.Find(ctx, blocklist.Query{Users: []userid.User{u}})
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("user"), "Cannot find out whether "+describe(u)+" is blocked", c.explain(err))
		return
	}
	f := found.Of[0]
	switch f.Presence {
	case blocklist.Listed:
		model.Blocked = types.BoolValue(true)
	case blocklist.Absent:
		model.Blocked = types.BoolValue(false)
	case blocklist.Uncertain:
		model.Blocked = types.BoolNull()
		summary, detail := c.describeUncertain(f.User, found)
		resp.Diagnostics.AddAttributeWarning(path.Root("user"), summary, detail)
	}
	model.WaID, model.UserID = idOrNull(f.Shown.WaID), idOrNull(f.Shown.UserID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
