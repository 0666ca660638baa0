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

	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// providerData is what a run shares between all resources.
type providerData struct {
	// channels are those of the provider block or the environment, by name. The one
	// without a name is for resources that name none.
	channels map[string]*channel
	// isUnknown is set where it is not known yet which channels there are.
	isUnknown bool
	// unblocks counts the users that the plan unblocks, on all channels. limit is how
	// many they may be.
	unblocks *planreview.Unblocks
	limit    unblockLimit
	// isPlan is set once it is certain that Terraform plans: it reads no resources in
	// an apply.
	isPlan atomic.Bool
	// runID tells this run from the one that made a plan: Terraform configures the
	// provider once for a plan and once more for an apply.
	runID string
}

// dataFrom takes the provider data. It is nil, without an error, before the provider
// was configured.
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

// run is the ID of the run, empty before the provider was configured.
func (d *providerData) run() string {
	if d == nil {
		return ""
	}
	return d.runID
}

// planning records that Terraform plans.
func (d *providerData) planning() {
	if d != nil {
		d.isPlan.Store(true)
	}
}

// channelPath is the path of the channel in all resources and data sources.
var channelPath = path.Root("channel")

// named returns the channel that a configuration names, or the one of those that name
// none. It is nil where the provider has none of that name, which is an error.
func (d *providerData) named(name types.String, diags *diag.Diagnostics) *channel {
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
			"The provider has several channels and no api_key for resources that name none. Set channel to one of "+d.names()+".")
		return nil
	}
	diags.AddAttributeError(channelPath, fmt.Sprintf("Unknown channel %q", name.ValueString()), "The provider has "+d.names()+".")
	return nil
}

// withoutList is a channel whose list a plan cannot ask for. unknown names the setting
// that is the reason.
func (d *providerData) withoutList(name, unknown string) *channel {
	return &channel{name: name, data: d, unknown: []string{unknown}, review: planreview.New(noView, 0)}
}

func noView(context.Context) (planreview.View, error) {
	return nil, nil //nolint:nilnil // A view is optional: a review does without.
}

// names lists the names of the channels for a message.
func (d *providerData) names() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(d.channels)) {
		if name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "no channels with a name, so leave channel out"
	}
	return "the channels " + strings.Join(names, ", ")
}

// holding returns the channel whose users a state holds: the one with the ID that the
// state names, whatever its name is now, or the one of the name where the state or
// the key has no ID. It is nil where no such channel is configured.
func (d *providerData) holding(ctx context.Context, name types.String, held heldChannel) *channel {
	if d == nil {
		return nil
	}
	byName := d.channels[name.ValueString()]
	if byName != nil && byName.mayBe(ctx, held) {
		return byName
	}
	if held.ID != "" {
		for _, other := range slices.Sorted(maps.Keys(d.channels)) {
			if c := d.channels[other]; c != byName && c.is(ctx, held) {
				return c
			}
		}
	}
	if byName == nil && d.isUnknown {
		return d.withoutList(name.ValueString(), "channels")
	}
	return byName
}

// channelText names a channel of a configuration in messages.
func channelText(name types.String) string {
	if name.ValueString() == "" {
		return "the default channel"
	}
	return fmt.Sprintf("the channel %q", name.ValueString())
}

// notConfigured is what to do about users of a channel that is no longer configured.
const notConfigured = "Keep the channel in the provider's channels until its users are unblocked. Or remove the resource from the state, which needs no key and unblocks no one:\n\n" +
	"  removed {\n    from = <the address of this resource>\n    lifecycle {\n      destroy = false\n    }\n  }"

// warnNotConfigured tells that a refresh could not look up the users of a state.
func warnNotConfigured(name types.String, diags *diag.Diagnostics) {
	diags.AddWarning("Cannot look up the users of "+channelText(name), "It is not configured, so the state is kept as it is. "+notConfigured)
}

// splitImportID parts the channel from the rest of an import ID. A prefix counts only
// if it is a configured channel, because a number can be spelled with a slash.
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
