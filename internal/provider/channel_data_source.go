package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*channelDataSource)(nil)

// channelDataSource returns the business number that an API key belongs to.
type channelDataSource struct {
	data *providerData
}

func newChannelDataSource() datasource.DataSource { return &channelDataSource{} }

type channelDataSourceModel struct {
	ID      types.String `tfsdk:"id"`
	Number  types.String `tfsdk:"number"`
	Name    types.String `tfsdk:"name"`
	Channel types.String `tfsdk:"channel"`
}

func (d *channelDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_channel"
}

func (d *channelDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the business number that an API key belongs to.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The ID of the business number. Null if the API does not return it.",
				Computed:            true,
			},
			"number": schema.StringAttribute{
				MarkdownDescription: "The business number in canonical form, such as `49301234567`. Null if the API does not return it.",
				Computed:            true,
			},
			"channel": channelOfDataSource(),
			"name": schema.StringAttribute{
				MarkdownDescription: "The verified name of the business. Null if the API does not return it.",
				Computed:            true,
			},
		},
	}
}

func (d *channelDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *channelDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, channelPath, &name)...)
	c := d.data.channelNamed(name, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	if c.openOrReport(ctx, heldChannel{}, &resp.Diagnostics) == nil {
		return
	}
	found, err := c.identify(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Cannot find out which number the API key belongs to", c.explain(err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, channelDataSourceModel{
		ID:      textOrNull(found.ID),
		Number:  idOrNull(found.Number),
		Name:    textOrNull(found.Name),
		Channel: name,
	})...)
}
