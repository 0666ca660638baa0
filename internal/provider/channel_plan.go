package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// planChannels are the channels of one instance's plan.
type planChannels struct {
	// holding has the users of the state, target is the one of the configuration. Each
	// is nil without a state or a configuration.
	holding, target *channel
	// moves is set if the two differ, so that the instance is replaced.
	moves bool
}

// primary returns the channel for messages: that of the configuration if there is one.
func (p planChannels) primary() *channel {
	if p.target != nil {
		return p.target
	}
	return p.holding
}

// resolveChannels finds the channels of a plan. state and plan are the names of the
// channels, nil without a state or a plan. It returns false after an error.
func (d *providerData) resolveChannels(ctx context.Context, state, plan *types.String, held heldChannel, diags *diag.Diagnostics) (p planChannels, ok bool) {
	if plan != nil {
		if p.target = d.channelNamed(*plan, diags); p.target == nil {
			return p, false
		}
	}
	if state == nil {
		return p, openForPlan(ctx, &p.target, heldChannel{}, diags)
	}
	p.holding = d.channelOfState(ctx, *state, held)
	if plan != nil && plan.IsUnknown() && p.holding != nil {
		// If it turns out to be another one, Terraform stops in the apply.
		p.target = p.holding
	}
	switch {
	case p.holding == nil && plan == nil:
		diags.AddError("Cannot destroy this resource: "+channelText(*state)+" is not configured", notConfigured)
		return p, false
	case p.holding == nil:
		diags.AddAttributeError(channelPath, fmt.Sprintf("Cannot change %s to %s", channelText(*state), channelText(*plan)),
			"The first one is no longer configured, so the provider cannot tell whether the two names mean the same channel. Nothing was sent.\n\n"+notConfigured)
		return p, false
	case plan == nil:
		return p, openForPlan(ctx, &p.holding, held, diags)
	case p.holding == p.target:
		ok = openForPlan(ctx, &p.holding, held, diags)
		p.target = p.holding
		return p, ok
	case state.ValueString() == plan.ValueString() || p.holding.isSameAs(ctx, p.target):
		// openForPlan reports an error if the key under a name is now that of another number.
		return p, openForPlan(ctx, &p.target, held, diags)
	case p.holding.isDifferentFrom(ctx, p.target):
		p.moves = true
		return p, openForPlan(ctx, &p.holding, held, diags) && openForPlan(ctx, &p.target, heldChannel{}, diags)
	}
	diags.AddAttributeError(channelPath, fmt.Sprintf("Cannot tell whether %s is %s", channelText(*state), channelText(*plan)),
		"The API does not return the numbers of the two keys. If these are two channels, a change unblocks the users on the first one. Nothing was sent.\n\n"+
			"Keep the name, or create a resource for the new channel and remove the old one in an apply of its own.")
	return p, false
}

// openForPlan opens the list of a channel for a plan. It returns false after an error. If
// an earlier instance has reported the error, this one is planned without the list. That
// is safe, because Terraform plans again in the apply and stops if the plan differs.
func openForPlan(ctx context.Context, c **channel, held heldChannel, diags *diag.Diagnostics) bool {
	if !(*c).isKnown() || (*c).open(ctx, held, diags) != nil {
		return true
	}
	if diags.HasError() {
		return false
	}
	*c = (*c).data.withoutList((*c).name, "api_key")
	return true
}
