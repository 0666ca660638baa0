package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

var (
	_ resource.ResourceWithConfigure      = (*blocklistExclusiveResource)(nil)
	_ resource.ResourceWithValidateConfig = (*blocklistExclusiveResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*blocklistExclusiveResource)(nil)
	_ resource.ResourceWithImportState    = (*blocklistExclusiveResource)(nil)
	_ resource.ResourceWithMoveState      = (*blocklistExclusiveResource)(nil)
)

// blocklistExclusiveResource is the whole list of a channel. It unblocks everyone who is
// not in the configuration, once a plan has shown them.
type blocklistExclusiveResource struct {
	bulkResource
}

func newBlocklistExclusiveResource() resource.Resource {
	return &blocklistExclusiveResource{bulkResource{typeName: "d360_blocklist_exclusive", exclusive: true}}
}

func (r *blocklistExclusiveResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocklist_exclusive"
}

func (r *blocklistExclusiveResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes the list of the WhatsApp business number exactly `users`. **It unblocks everyone else**, and an unblock often cannot be undone.\n\n" +
			"The plan shows each user before they are unblocked. Destroying the resource unblocks all users that the plan shows. Use one `d360_blocklist_exclusive` per number, and no other resource beside it.",
		Attributes: bulkAttributes("All users of the list, up to 64,000."),
	}
}

func (r *blocklistExclusiveResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	channelName, id := r.data.splitImportID(req.ID)
	if strings.TrimSpace(id) != exclusiveImportID {
		resp.Diagnostics.AddError("Unknown import ID", fmt.Sprintf("This resource is the whole list of a channel, and its import ID is %q, not %q.", exclusiveImportID, d360.Printable(req.ID)))
		return
	}
	c := r.data.channelNamed(channelName, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	if list := c.openOrReport(ctx, heldChannel{}, &resp.Diagnostics); list != nil {
		r.on(c).importAll(ctx, list, resp)
	}
}

// MoveState takes over the state of an additive resource. The next refresh adds
// everyone else on the list, and the plan shows the users that it would unblock.
func (r *blocklistExclusiveResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{moveFrom(&blockedUsersResource{}, "d360_blocked_users")}
}
