package provider

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*blockedUsersDataSource)(nil)

// blockedUsersDataSource is the whole list.
type blockedUsersDataSource struct {
	data *providerData
}

func newBlockedUsersDataSource() datasource.DataSource { return &blockedUsersDataSource{} }

type blockedUsersDataSourceModel struct {
	Users   map[string]string `tfsdk:"users"`
	UserIDs map[string]string `tfsdk:"user_ids"`
	Channel types.String      `tfsdk:"channel"`
}

func (d *blockedUsersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_users"
}

func (d *blockedUsersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns all blocked users of the WhatsApp business number.",
		Attributes: map[string]schema.Attribute{
			"users": schema.MapAttribute{
				MarkdownDescription: "The blocked users. The key is the WhatsApp ID, otherwise the number, otherwise the user ID. It changes when a user hides the number. The value is the spelling on the list, or the key.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"channel": channelOfDataSource(),
			"user_ids": schema.MapAttribute{
				MarkdownDescription: "User IDs by the keys of `users`, if the list shows both a number and a user ID.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		},
	}
}

func (d *blockedUsersDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *blockedUsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model blockedUsersDataSourceModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, channelPath, &model.Channel)...)
	c := d.data.channelNamed(model.Channel, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.openOrReport(ctx, heldChannel{}, &resp.Diagnostics)
	if list == nil {
		return
	}
	entries, err := list.All(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Cannot read the list of blocked users", c.explain(err))
		return
	}
	model.Users, model.UserIDs = make(map[string]string, len(entries)), map[string]string{}
	for _, entry := range entries {
		key := cmp.Or(entry.WaID.String(), entry.Key().String(), entry.Spelling)
		model.Users[key] = cmp.Or(entry.Spelling, key)
		if entry.HasNumber() && !entry.UserID.IsZero() {
			model.UserIDs[key] = entry.UserID.String()
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
