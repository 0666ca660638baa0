package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*blockedUsersDataSource)(nil)

// blockedUsersDataSource is the whole list.
type blockedUsersDataSource struct {
	conn *connection
}

func newBlockedUsersDataSource() datasource.DataSource { return &blockedUsersDataSource{} }

type blockedUsersDataSourceModel struct {
	Users map[string]string `tfsdk:"users"`
}

// Metadata names the data source.
func (d *blockedUsersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_users"
}

// Schema describes the data source.
func (d *blockedUsersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Everyone who is blocked on the WhatsApp business number, whoever blocked them.",
		Attributes: map[string]schema.Attribute{
			"users": schema.MapAttribute{
				MarkdownDescription: "The blocked users, from the canonical form of each (a number's digits, or the user ID) to what the list shows of them, such as `4915112345678` to `+4915112345678`. " +
					"Where the list shows WhatsApp IDs alone, the entry is `4915112345678` to `4915112345678`.",
				ElementType: types.StringType,
				Computed:    true,
			},
		},
	}
}

// Configure takes the connection of the provider.
func (d *blockedUsersDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// Read reads the list.
func (d *blockedUsersDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	list := d.conn.blocklist(&resp.Diagnostics)
	if list == nil {
		return
	}
	entries, err := list.All(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Cannot read the list of blocked users", d.conn.explain(err))
		return
	}
	model := blockedUsersDataSourceModel{Users: make(map[string]string, len(entries))}
	for _, entry := range entries {
		model.Users[entry.Principal()] = entry.Shown()
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
