package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// planChannels are the channels that the plan of one instance is about.
type planChannels struct {
	// holding has the users of the state, target is the one of the configuration. Each
	// is nil where there is no such thing.
	holding, target *channel
	// moves is set where the two are two channels, so that the instance is replaced.
	moves bool
}

// of returns the channel for what concerns only one.
func (p planChannels) of() *channel {
	if p.target != nil {
		return p.target
	}
	return p.holding
}

// planOn finds out which channels a plan is about. state and plan are the names of the
// channels, nil where there is no such thing. It is false after an error.
func (d *providerData) planOn(ctx context.Context, state, plan *types.String, held heldChannel, diags *diag.Diagnostics) (p planChannels, ok bool) {
	if plan != nil {
		if p.target = d.named(*plan, diags); p.target == nil {
			return p, false
		}
	}
	if state == nil {
		return p, openForPlan(ctx, &p.target, heldChannel{}, diags)
	}
	p.holding = d.holding(ctx, *state, held)
	if plan != nil && plan.IsUnknown() && p.holding != nil {
		// If it is another one after all, Terraform stops in the apply.
		p.target = p.holding
	}
	switch {
	case p.holding == nil && plan == nil:
		diags.AddError("Cannot destroy this resource: "+channelText(*state)+" is not configured", notConfigured)
		return p, false
	case p.holding == nil:
		diags.AddAttributeError(channelPath, fmt.Sprintf("Cannot change %s to %s", channelText(*state), channelText(*plan)),
			"The first one is no longer configured, and nothing proves that the two are one channel under two names. Nothing was sent.\n\n"+notConfigured)
		return p, false
	case plan == nil:
		return p, openForPlan(ctx, &p.holding, held, diags)
	case p.holding == p.target:
		ok = openForPlan(ctx, &p.holding, held, diags)
		p.target = p.holding
		return p, ok
	case state.ValueString() == plan.ValueString() || p.holding.isSame(ctx, p.target):
		// A name whose key is now that of another number is an error here.
		return p, openForPlan(ctx, &p.target, held, diags)
	case p.holding.isOther(ctx, p.target):
		p.moves = true
		return p, openForPlan(ctx, &p.holding, held, diags) && openForPlan(ctx, &p.target, heldChannel{}, diags)
	}
	diags.AddAttributeError(channelPath, fmt.Sprintf("Cannot tell whether %s is %s", channelText(*state), channelText(*plan)),
		"The API does not tell which numbers the keys of the two belong to. If they are two channels, the users would have to be unblocked on the first one. Nothing was sent.\n\n"+
			"Keep the name, or create a resource for the new channel and remove the old one in an apply of its own.")
	return p, false
}

// openForPlan opens the list of a channel for a plan. It is false after an error. Where
// an earlier instance has got the error, this one is planned without the list: Terraform
// plans once more in an apply, and stops where that plan is another one.
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
