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

// blocklistExclusiveResource is a number's whole list: everyone who is not in it
// is unblocked, after a plan has shown them.
type blocklistExclusiveResource struct {
	bulkResource
}

func newBlocklistExclusiveResource() resource.Resource {
	return &blocklistExclusiveResource{bulkResource{typeName: "d360_blocklist_exclusive", exclusive: true}}
}

// Metadata names the resource.
func (r *blocklistExclusiveResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocklist_exclusive"
}

// Schema describes the resource.
func (r *blocklistExclusiveResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "**Unblocks everyone who is not in `users`**: the list of the WhatsApp business number becomes exactly that map, whoever blocked the others and why.\n\n" +
			"Nobody is unblocked unseen. While the list holds users that the map does not, creating the resource is refused, and it has to be imported first; from then on each plan shows who would be unblocked, with everyone whom somebody else has blocked meanwhile. " +
			"Destroying the resource unblocks everyone whom the plan shows: those in the map, and whoever else the last refresh found on the list. **An unblock often cannot be undone**: a user can be blocked only within 24 hours of their last message to the business.\n\n" +
			"To block users and leave everyone else alone, use `d360_blocked_users`. A number's list is one thing: use at most one `d360_blocklist_exclusive` for it, and none of the other resources beside it.",
		Attributes: bulkAttributes(fmt.Sprintf("Everyone who is to be on the list, up to %d users.", d360.MaxUsersOnList)),
	}
}

// exclusiveImportID is the import ID of a number's whole list.
const exclusiveImportID = "blocklist"

// ImportState takes in everyone on the list.
func (r *blocklistExclusiveResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if strings.TrimSpace(req.ID) != exclusiveImportID {
		resp.Diagnostics.AddError("Unknown import ID", fmt.Sprintf("This resource is the whole list of the number whose key the provider has, and its import ID is %q, not %q.", exclusiveImportID, d360.Printable(req.ID)))
		return
	}
	if list := r.conn.blocklist(&resp.Diagnostics); list != nil {
		r.importAll(ctx, list, resp)
	}
}

// MoveState takes over the state of an additive resource. The next refresh adds
// everyone else on the list, and the plan shows whom it would unblock.
func (r *blocklistExclusiveResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{moveFrom(&blockedUsersResource{}, "d360_blocked_users")}
}
