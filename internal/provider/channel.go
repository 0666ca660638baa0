package provider

import (
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

// channel is a business number with its key, and everything of a run that belongs
// to it.
type channel struct {
	// name is how configurations call the channel, empty for the default one.
	name string
	data *providerData
	// client and list are nil where settings are not known yet.
	client *d360.Client
	list   *blocklist.List
	// unknown names the settings that are not known yet.
	unknown []string
	// review looks at the plan of the run as a whole.
	review *planreview.Review
	// businessNumber is the number that the key has to belong to, zero if none is
	// configured.
	businessNumber userid.ID
	// identifying guards identity. toldWrong is set once a message has said that the key
	// belongs to another number.
	identifying chan struct{}
	identity    identity
	toldWrong   atomic.Bool
	// advised has the reasons of rejections that a message has said what to do about.
	advised sync.Map
	// holdsExclusive is set where a state holds the list as a whole, and replaced where
	// that resource is being replaced.
	holdsExclusive, replaced atomic.Bool
	// keySource says where the key was set, for messages.
	keySource string
}

// blocklist returns the list, or says why no request can be made yet.
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

// isKnown reports whether a plan can ask for the list.
func (c *channel) isKnown() bool { return c != nil && c.list != nil }

// begin says that an instance is being read, and returns what says that this is done.
// No report about the plan is made meanwhile.
func (c *channel) begin() (end func()) {
	endReview, endUnblocks := c.review.Begin(), c.data.unblocks.Begin()
	return func() {
		endReview()
		endUnblocks()
	}
}

// nameIn says in each message of a channel that has a name which one it is about.
func (c *channel) nameIn(diags *diag.Diagnostics) {
	if c == nil || c.name == "" {
		return
	}
	mark := "\n\nChannel: " + c.name
	named := make(diag.Diagnostics, 0, len(*diags))
	for _, d := range *diags {
		detail := d.Detail()
		if !strings.HasSuffix(detail, mark) {
			detail += mark
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
