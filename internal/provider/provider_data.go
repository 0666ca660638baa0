package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// providerData is what all resources of a run share.
type providerData struct {
	// channels are those of the provider block or the environment, by name. The default
	// channel has no name.
	channels map[string]*channel
	// isUnknown is set while it is not known yet which channels there are.
	isUnknown bool
	// unblocks counts the users that the plan unblocks on all channels, limit limits them.
	unblocks *planreview.Unblocks
	limit    unblockLimit
	// isPlan is set once it is certain that Terraform plans. In an apply it reads no
	// resources.
	isPlan atomic.Bool
	// runID distinguishes an apply from the run that made its plan. Terraform configures
	// the provider once for each.
	runID string
}

// dataFrom returns the provider data, nil without an error before the provider is
// configured.
func dataFrom(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	d, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected %T, got %T. This is a bug in the provider; please report it.", d, data))
		return nil
	}
	return d
}

func (d *providerData) run() string {
	if d == nil {
		return ""
	}
	return d.runID
}

func (d *providerData) recordIsPlan() {
	if d != nil {
		d.isPlan.Store(true)
	}
}

var channelPath = path.Root("channel")

// channelNamed returns the channel with a name, or the default channel. If there is none, it
// returns nil and adds an error.
func (d *providerData) channelNamed(name types.String, diags *diag.Diagnostics) *channel {
	if d == nil {
		diags.AddError("The provider is not configured", "A request to the API is needed before the provider was configured. This is a bug in the provider or in Terraform; please report it.")
		return nil
	}
	if c, ok := d.channels[name.ValueString()]; ok && !name.IsUnknown() {
		return c
	}
	if d.isUnknown || name.IsUnknown() {
		return d.withoutList(name.ValueString(), "channels")
	}
	if name.ValueString() == "" {
		diags.AddAttributeError(channelPath, "Missing channel",
			"The provider has no api_key for resources without a channel. "+d.channelHelp())
		return nil
	}
	diags.AddAttributeError(channelPath, fmt.Sprintf("Unknown channel %q", name.ValueString()), d.channelHelp())
	return nil
}

// withoutList returns a channel for a plan that cannot read the list. unknown names the
// setting that is the reason.
func (d *providerData) withoutList(name, unknown string) *channel {
	c := &channel{name: name, data: d, unknown: []string{unknown}}
	c.review = planreview.New(c.view, d360.MaxUsersOnList)
	return c
}

// channelHelp says which channels a resource can have.
func (d *providerData) channelHelp() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(d.channels)) {
		if name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "The provider has no channels, so leave channel out."
	}
	return "Set channel to one of: " + strings.Join(names, ", ") + "."
}

// channelOfState returns the channel whose users a state holds. The ID in the state decides, so
// that a channel can be renamed; without an ID, the name does. It is nil if no such channel
// is configured.
func (d *providerData) channelOfState(ctx context.Context, name types.String, held heldChannel) *channel {
	if d == nil {
		return nil
	}
	byName := d.channels[name.ValueString()]
	if byName != nil && byName.mayMatch(ctx, held) {
		return byName
	}
	if held.ID != "" {
		for _, other := range slices.Sorted(maps.Keys(d.channels)) {
			if c := d.channels[other]; c != byName && c.matches(ctx, held) {
				return c
			}
		}
	}
	if byName == nil && d.isUnknown {
		return d.withoutList(name.ValueString(), "channels")
	}
	return byName
}

// channelText names a channel in messages.
func channelText(name types.String) string {
	if name.ValueString() == "" {
		return "the default channel"
	}
	return fmt.Sprintf("the channel %q", name.ValueString())
}

// notConfigured says what to do about users of a channel that is no longer configured.
const notConfigured = "Keep the channel in the provider's channels until its users are unblocked. Or remove the resource from the state, which needs no key and unblocks no one:\n\n" +
	"  removed {\n    from = <the address of this resource>\n    lifecycle {\n      destroy = false\n    }\n  }"

// warnNotConfigured warns that a refresh could not look up the users of a state.
func warnNotConfigured(name types.String, diags *diag.Diagnostics) {
	diags.AddWarning("Cannot look up the users of "+channelText(name), "It is not configured, so the state is kept as it is. "+notConfigured)
}

// splitImportID separates the channel from the rest of an import ID. A prefix counts only
// if it is a configured channel, because a number can have a slash.
func (d *providerData) splitImportID(id string) (channel types.String, rest string) {
	if d != nil {
		if name, rest, found := strings.Cut(strings.TrimSpace(id), "/"); found {
			if _, ok := d.channels[name]; ok && name != "" {
				return types.StringValue(name), rest
			}
		}
	}
	return types.StringNull(), id
}
