package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// heldChannel is the channel in the private state of a resource, empty if unknown.
type heldChannel struct {
	ID     string `json:"id,omitempty"`
	Number string `json:"number,omitempty"`
}

func getChannel(ctx context.Context, private privateGetter, diags *diag.Diagnostics) heldChannel {
	var held heldChannel
	if private == nil {
		return held
	}
	if _, err := getPrivate(ctx, private, channelKey, &held, diags); err != nil {
		return heldChannel{}
	}
	return held
}

func (h heldChannel) String() string {
	number := h.Number
	if id, err := userid.Parse(number); err == nil {
		number = id.APIForm()
	}
	switch {
	case number != "" && h.ID != "":
		return fmt.Sprintf("%s (ID %s)", number, h.ID)
	default:
		return cmp.Or(number, "the number with the ID "+h.ID)
	}
}

func heldChannelOf(c d360.Channel) heldChannel {
	return heldChannel{ID: c.ID, Number: c.Number.String()}
}

// differsFrom reports whether two channels are certainly different: their IDs differ, and
// their numbers are not known to be the same.
func (h heldChannel) differsFrom(other heldChannel) bool {
	if h.Number != "" && other.Number != "" {
		return h.Number != other.Number && (h.ID == "" || h.ID != other.ID)
	}
	return h.ID != "" && other.ID != "" && h.ID != other.ID
}

// identify asks the API which number the key belongs to, once per run.
func (c *channel) identify(ctx context.Context) (d360.Channel, error) {
	select {
	case c.identifyLock <- struct{}{}:
		defer func() { <-c.identifyLock }()
	case <-ctx.Done():
		return d360.Channel{}, ctx.Err()
	}
	if !c.identity.asked {
		found, err := c.client.Channel(ctx)
		if ctx.Err() != nil {
			return d360.Channel{}, ctx.Err()
		}
		c.identity = channelIdentity{asked: true, channel: found, err: err}
	}
	return c.identity.channel, c.identity.err
}

// label names the channel in messages. It is empty if neither name nor number is known.
func (c *channel) label(ctx context.Context) string {
	number := ""
	if c.list != nil {
		if found, err := c.identify(ctx); err == nil && !found.Number.IsZero() {
			number = found.Number.APIForm()
		}
	}
	switch {
	case c.name == "":
		return number
	case number == "":
		return c.name
	default:
		return fmt.Sprintf("%s (%s)", c.name, number)
	}
}

// mayMatch reports whether the channel may be the one in a state.
func (c *channel) mayMatch(ctx context.Context, held heldChannel) bool {
	if held == (heldChannel{}) || c.list == nil {
		return true
	}
	found, err := c.identify(ctx)
	return err != nil || !held.differsFrom(heldChannelOf(found))
}

// matches reports whether the channel is certainly the one in a state.
func (c *channel) matches(ctx context.Context, held heldChannel) bool {
	if c.list == nil {
		return false
	}
	found, err := c.identify(ctx)
	key := heldChannelOf(found)
	return err == nil && (key.ID == held.ID && key.ID != "" || key.Number == held.Number && key.Number != "")
}

// isSameAs reports whether two configured channels are certainly the same.
func (c *channel) isSameAs(ctx context.Context, other *channel) bool {
	if c == other {
		return true
	}
	if other.list == nil {
		return false
	}
	found, err := other.identify(ctx)
	return err == nil && found != (d360.Channel{}) && c.matches(ctx, heldChannelOf(found))
}

// isDifferentFrom reports whether two configured channels are certainly different.
func (c *channel) isDifferentFrom(ctx context.Context, other *channel) bool {
	if c.list == nil || other.list == nil {
		return false
	}
	own, err := c.identify(ctx)
	if err != nil {
		return false
	}
	others, err := other.identify(ctx)
	return err == nil && heldChannelOf(own).differsFrom(heldChannelOf(others))
}

// isNotVerifiable reports whether the API cannot say which number a key belongs to.
func isNotVerifiable(err error) bool {
	failure, ok := errors.AsType[*d360.Error](err)
	return ok && (failure.Status == http.StatusNotFound || failure.Status == http.StatusForbidden)
}

// open returns the list after checking that the key belongs to the channel in the state
// and to the configured number. Otherwise it returns nil, and the first caller gets the
// error.
func (c *channel) open(ctx context.Context, held heldChannel, diags *diag.Diagnostics) *blocklist.List {
	list := c.blocklist(diags)
	if list == nil {
		return nil
	}
	if c.mismatchReported.Load() && held == (heldChannel{}) {
		return nil // A new resource has no number to compare with.
	}
	if summary, detail := c.check(ctx, held); summary != "" {
		if c.mismatchReported.CompareAndSwap(false, true) {
			diags.AddError(summary, detail)
		}
		return nil
	}
	return list
}

// openOrReport is open for callers that need the list. Each further caller gets a short
// error.
func (c *channel) openOrReport(ctx context.Context, held heldChannel, diags *diag.Diagnostics) *blocklist.List {
	list := c.open(ctx, held, diags)
	if list == nil && !diags.HasError() {
		diags.AddError("Nothing was sent: see the first error about the channel", "The key may belong to another number.")
	}
	return list
}

// openForWrite is openOrReport for a write. It ends the plan review, because a write means
// that Terraform applies.
func (c *channel) openForWrite(ctx context.Context, held heldChannel, diags *diag.Diagnostics) *blocklist.List {
	list := c.openOrReport(ctx, held, diags)
	if list != nil {
		c.review.End()
		c.data.unblocks.End()
	}
	return list
}

// check returns the error if requests must not be made for a resource whose state has
// this channel, and an empty summary if they may.
func (c *channel) check(ctx context.Context, held heldChannel) (summary, detail string) {
	found, err := c.identify(ctx)
	key := heldChannelOf(found)
	if d360.IsKind(err, d360.Unauthorized) && (held != heldChannel{} || !c.businessNumber.IsZero()) {
		return "The API rejects the API key", c.explain(err) + "\n\nNothing was sent."
	}
	if !c.businessNumber.IsZero() {
		switch {
		case err != nil:
			return "Cannot verify business_number", c.explain(err) + "\n\nbusiness_number says that the key must belong to " + c.businessNumber.APIForm() + ". The provider could not check this with /health_status, so nothing was sent. Remove business_number to go on without this check."
		case found.Number.IsZero():
			return "Cannot verify business_number", "The API does not return the number that the key belongs to. business_number says that it must be " + c.businessNumber.APIForm() + ". Nothing was sent. Remove business_number to go on without this check."
		case found.Number != c.businessNumber:
			return "The API key belongs to another number than business_number",
				fmt.Sprintf("business_number is %s, and the key, which was taken from %s, belongs to %s%s. Nothing was sent.\n\nUse the key of %[1]s, or correct business_number.",
					c.businessNumber.APIForm(), c.keySource, key, nameSuffix(found))
		}
	}
	switch {
	case held == heldChannel{}, isNotVerifiable(err):
		return "", ""
	case err != nil:
		return "Cannot verify which number the API key belongs to", fmt.Sprintf("%s\n\nThe state holds users of %s. With the key of another number, the provider would unblock users there, so nothing was sent.", c.explain(err), held)
	case held.differsFrom(key):
		return "The API key belongs to another number than the state",
			fmt.Sprintf("The state holds users of %s. The key, which was taken from %s, belongs to %s%s. Nothing was sent.\n\n", held, c.keySource, key, nameSuffix(found)) +
				"Use the key of the first number. To block the users on the second number instead, remove the resource from the state with a removed block that says destroy = false, then create or import it again."
	}
	return "", ""
}

// nameSuffix returns the name of a channel for the end of a phrase, empty if there is none.
func nameSuffix(c d360.Channel) string {
	if c.Name == "" {
		return ""
	}
	return fmt.Sprintf(", %q", c.Name)
}

// saveChannel saves the channel in the private state if the API returned more than
// what is held there.
func (c *channel) saveChannel(ctx context.Context, private privateSetter, held heldChannel, diags *diag.Diagnostics) {
	found, err := c.identify(ctx)
	if err != nil {
		return
	}
	known := heldChannel{ID: cmp.Or(found.ID, held.ID), Number: cmp.Or(found.Number.String(), held.Number)}
	if known != held {
		setPrivate(ctx, private, channelKey, known, diags)
	}
}
