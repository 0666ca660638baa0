package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

var (
	_ resource.ResourceWithConfigure      = (*blockedUsersResource)(nil)
	_ resource.ResourceWithValidateConfig = (*blockedUsersResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*blockedUsersResource)(nil)
	_ resource.ResourceWithImportState    = (*blockedUsersResource)(nil)
	_ resource.ResourceWithMoveState      = (*blockedUsersResource)(nil)
)

// blockedUsersResource is many blocked users in one resource, which leaves all
// others alone.
type blockedUsersResource struct {
	bulkResource
}

func newBlockedUsersResource() resource.Resource {
	return &blockedUsersResource{bulkResource{typeName: "d360_blocked_users"}}
}

// Metadata names the resource.
func (r *blockedUsersResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_users"
}

// Schema describes the resource.
func (r *blockedUsersResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Blocks many users on a WhatsApp business number, up to the 64,000 that a list holds, and leaves everyone else on the list alone.\n\n" +
			"Users who are blocked already are adopted. Users who leave the map are unblocked, and so is everyone in it when the resource is destroyed. " +
			"**An unblock often cannot be undone**: a user can be blocked only within 24 hours of their last message to the business.",
		Attributes: bulkAttributes("The users to block."),
	}
}

// allOnList is the import ID that stands for everyone on the list.
const allOnList = "*"

// ImportState takes users separated by commas, or "*" for everyone on the list.
func (r *blockedUsersResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	list := r.conn.blocklist(&resp.Diagnostics)
	if list == nil {
		return
	}
	id := strings.TrimSpace(req.ID)
	if id == allOnList {
		r.importAll(ctx, list, resp)
		return
	}
	users := map[string]attr.Value{}
	keyOf := map[userid.ID]string{}
	ids := waIDs{}
	var absent []string
	var absentUsers []userid.ID
	for spelled := range strings.SplitSeq(id, ",") {
		key := strings.TrimSpace(spelled)
		if key == "" {
			resp.Diagnostics.AddError("Not a list of WhatsApp users", "The import ID is the users, separated by commas, or * for everyone on the list. It is empty, or has a comma with no user before or after it.")
			return
		}
		user, err := userid.Parse(key)
		if err != nil {
			resp.Diagnostics.AddError("Not a WhatsApp user", "The import ID is the users, separated by commas, or * for everyone on the list. "+useridtype.Sentence(err))
			return
		}
		if other, taken := keyOf[user]; taken {
			resp.Diagnostics.AddError("One user twice in the import ID", fmt.Sprintf("%q and %q name one user, %s. Keep one of the two.", other, key, user))
			return
		}
		keyOf[user] = key
		entry, blocked, err := list.Holds(ctx, user, userid.ID{})
		if err != nil {
			resp.Diagnostics.AddError("Cannot find out who is blocked", r.conn.explain(err))
			return
		}
		if !blocked {
			absent, absentUsers = append(absent, key), append(absentUsers, user)
		}
		ids.note(user, entry.WaID)
		users[key] = types.StringNull()
	}
	if len(absent) > 0 {
		resp.Diagnostics.AddError("Cannot import "+count(len(absent))+": not blocked",
			"The list of this number was read to its end, and these are not on it:\n"+nameSome(absent)+
				"\nLeave them out of the import ID. The resource blocks them if they are in its map."+r.conn.twins(absentUsers...))
		return
	}
	r.setImported(ctx, users, ids, resp)
}

// MoveState takes over the state of an exclusive resource.
func (r *blockedUsersResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{moveFrom(&blocklistExclusiveResource{}, "d360_blocklist_exclusive")}
}
