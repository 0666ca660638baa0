package provider

import (
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

func channelOfDataSource() datasource.StringAttribute {
	return datasource.StringAttribute{
		MarkdownDescription: "The channel to read: a name in the provider's `channels`. Defaults to the channel of `api_key`.",
		Optional:            true,
	}
}

func channelOfResource() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "A name in the provider's `channels`. Defaults to the channel of `api_key`. A change replaces the resource, which unblocks its users on the old channel.",
		Optional:            true,
	}
}
