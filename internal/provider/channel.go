package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// channel is a business number with its key, and the data of a run that belongs to it.
type channel struct {
	// name is the name in configurations, empty for the default channel.
	name string
	data *providerData
	// client and list are nil while settings are not known yet.
	client *d360.Client
	list   *blocklist.List
	// unknown names the settings that are not known yet.
	unknown []string
	review  *planreview.Review
	// businessNumber is the number that the key must belong to, zero if not configured.
	businessNumber userid.ID
	// identifyLock guards identity. mismatchReported is set once a message has reported
	// that the key belongs to another number.
	identifyLock     chan struct{}
	identity         channelIdentity
	mismatchReported atomic.Bool
	// explainedReasons has the reasons of failures that a message has explained in full.
	explainedReasons sync.Map
	// holdsExclusive is set once an exclusive resource has been read, and replaced once
	// one has been deleted for a replacement.
	holdsExclusive, replaced atomic.Bool
	keySource                string
}

// channelIdentity caches what the API says about the channel that the key belongs to.
type channelIdentity struct {
	asked   bool
	channel d360.Channel
	err     error
}

// blocklist returns the list, or nil with an error if settings are not known yet.
func (c *channel) blocklist(diags *diag.Diagnostics) *blocklist.List {
	if c.list == nil {
		names := strings.Join(c.unknown, " and ")
		diags.AddError("The provider's settings are not known yet",
			fmt.Sprintf("A request to the API is needed now, but the provider's %s depends on something that is known only after apply.\n\n"+
				"Apply what it depends on first (terraform apply -target=…), or take the value from a variable or the environment.", names))
		return nil
	}
	return c.list
}

// isKnown reports whether a plan can read the list.
func (c *channel) isKnown() bool { return c != nil && c.list != nil }

// begin starts reading an instance and returns the function that ends it. Nothing is
// reported about the plan in between.
func (c *channel) begin() (end func()) {
	endReview, endUnblocks := c.review.Begin(), c.data.unblocks.Begin()
	return func() {
		endReview()
		endUnblocks()
	}
}

// labelMessages appends the name of the channel, if it has one, to each message.
func (c *channel) labelMessages(diags *diag.Diagnostics) {
	if c == nil || c.name == "" {
		return
	}
	suffix := "\n\nChannel: " + c.name
	named := make(diag.Diagnostics, 0, len(*diags))
	for _, d := range *diags {
		detail := d.Detail()
		if !strings.HasSuffix(detail, suffix) {
			detail += suffix
		}
		at, hasPath := d.(diag.DiagnosticWithPath)
		switch isError := d.Severity() == diag.SeverityError; {
		case hasPath && isError:
			named.AddAttributeError(at.Path(), d.Summary(), detail)
		case hasPath:
			named.AddAttributeWarning(at.Path(), d.Summary(), detail)
		case isError:
			named.AddError(d.Summary(), detail)
		default:
			named.AddWarning(d.Summary(), detail)
		}
	}
	*diags = named
}

// view reads the list for a review. It is nil while settings are not known yet.
func (c *channel) view(ctx context.Context) (planreview.View, error) {
	if c.list == nil {
		return nil, nil //nolint:nilnil // A review works without a view.
	}
	view, err := c.list.View(ctx)
	if err != nil {
		return nil, err
	}
	return view, nil
}
