package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

var (
	_ resource.ResourceWithConfigure      = (*blockedUsersResource)(nil)
	_ resource.ResourceWithValidateConfig = (*blockedUsersResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*blockedUsersResource)(nil)
	_ resource.ResourceWithImportState    = (*blockedUsersResource)(nil)
	_ resource.ResourceWithMoveState      = (*blockedUsersResource)(nil)
)

// blockedUsersResource is many blocked users in one resource. It leaves all other users
// of the list alone.
type blockedUsersResource struct {
	bulkResource
}

func newBlockedUsersResource() resource.Resource {
	return &blockedUsersResource{bulkResource{typeName: "d360_blocked_users"}}
}

func (r *blockedUsersResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blocked_users"
}

func (r *blockedUsersResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Blocks up to 64,000 users on a WhatsApp business number. Other users on the list stay as they are.\n\n" +
			"Users who are already blocked are adopted. Removing a user from the map unblocks the user, destroying the resource unblocks all of them, and **an unblock often cannot be undone**.",
		Attributes: bulkAttributes("The users to block."),
	}
}

// allOnList is the import ID for everyone on the list.
const allOnList = "*"

// ImportState takes users separated by commas, or "*" for everyone on the list, after an
// optional channel and a slash.
func (r *blockedUsersResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	channelName, id := r.data.splitImportID(req.ID)
	c := r.data.channelNamed(channelName, &resp.Diagnostics)
	if c == nil {
		return
	}
	defer c.labelMessages(&resp.Diagnostics)
	list := c.openOrReport(ctx, heldChannel{}, &resp.Diagnostics)
	if list == nil {
		return
	}
	if strings.TrimSpace(id) == allOnList {
		r.on(c).importAll(ctx, list, resp)
		return
	}
	var users []userid.User
	keyOf := map[userid.ID]string{}
	for spelled := range strings.SplitSeq(id, ",") {
		key := strings.TrimSpace(spelled)
		if key == "" {
			resp.Diagnostics.AddError("Not a list of WhatsApp users", "The import ID is the users, separated by commas, or * for everyone on the list. It is empty, or has a comma with no user before or after it.")
			return
		}
		user, err := userid.New(key)
		if err != nil {
			resp.Diagnostics.AddError("Not a WhatsApp user", "The import ID is the users, separated by commas, or * for everyone on the list. "+parseErrorDetail(err))
			return
		}
		if other, taken := keyOf[user.ID]; taken {
			resp.Diagnostics.AddError("One user twice in the import ID", fmt.Sprintf("%q and %q name one user, %s. Keep one of the two.", other, key, user.ID))
			return
		}
		keyOf[user.ID] = key
		users = append(users, user)
	}
	found, err := list.Find(ctx, blocklist.Query{Users: users})
	if err != nil {
		resp.Diagnostics.AddError("Cannot find out who is blocked", c.explain(err))
		return
	}
	var missing []userid.User
	isAbsent := true
	for i, f := range found.Of {
		if f.Presence != blocklist.Listed {
			missing = append(missing, f.User)
			isAbsent = isAbsent && f.Presence == blocklist.Absent
		}
		users[i] = f.User
	}
	if len(missing) > 0 {
		summary, detail := c.notFound(count(len(missing)), missing, isAbsent, found)
		resp.Diagnostics.AddError(summary, detail+"\n\nLeave them out of the import ID. The resource blocks them if they are in its map.")
		return
	}
	r.on(c).setImported(ctx, users, resp)
}

func (r *blockedUsersResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{moveFrom(&blocklistExclusiveResource{}, "d360_blocklist_exclusive")}
}
