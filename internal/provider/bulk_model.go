package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// bulkResource is what the two resources for many users have in common. The additive one
// reads and adopts its own users, the exclusive one the whole list.
type bulkResource struct {
	data      *providerData
	typeName  string
	exclusive bool
}

// bulkOnChannel is a bulk resource during an operation on one channel.
type bulkOnChannel struct {
	*bulkResource
	channel *channel
}

func (r *bulkResource) on(c *channel) *bulkOnChannel {
	return &bulkOnChannel{bulkResource: r, channel: c}
}

type bulkModel struct {
	Users        types.Map    `tfsdk:"users"`
	AllowPending types.Bool   `tfsdk:"allow_pending"`
	Pending      types.Map    `tfsdk:"pending"`
	Unblocked    types.Int64  `tfsdk:"unblocked"`
	Channel      types.String `tfsdk:"channel"`
}

// userMaps reads the users of a state, and those of them who are pending.
func (m bulkModel) userMaps(names knownNames, diags *diag.Diagnostics) (users, pending userMap, ok bool) {
	users, inUsers := readUserMap(m.Users, names)
	pending, inPending := readUserMap(m.Pending, names)
	diags.Append(inUsers...)
	diags.Append(inPending...)
	return users, pending, !inUsers.HasError() && !inPending.HasError()
}

// bulkState is what the state of a bulk resource holds.
type bulkState struct {
	bulkModel
	current, pending userMap
}

// mayPend reports whether an apply may leave users pending.
func (m bulkModel) mayPend() bool { return m.AllowPending.IsUnknown() || m.AllowPending.ValueBool() }

func (r *bulkResource) source(action planreview.Action, holds bool) planreview.Source {
	return planreview.Source{Type: r.typeName, Action: action, Exclusive: r.exclusive, Holds: holds}
}
