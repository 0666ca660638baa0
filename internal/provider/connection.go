package provider

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/planreview"
)

// connection is what the configured provider hands to resources and data
// sources.
type connection struct {
	// list is nil where settings are not known yet.
	list *blocklist.List
	// unknown names the settings that are not known yet.
	unknown []string
	// review looks at the plan of the run as a whole.
	review *planreview.Review
	// holdsExclusive is set where a state holds the list as a whole.
	holdsExclusive atomic.Bool
	// keySource says where the key was set, for messages.
	keySource string
}

// connectionFrom takes the connection from provider data. It is nil, without an
// error, before the provider was configured.
func connectionFrom(data any, diags *diag.Diagnostics) *connection {
	if data == nil {
		return nil
	}
	c, ok := data.(*connection)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected %T, got %T. This is a bug in the provider; please report it.", c, data))
		return nil
	}
	return c
}

// blocklist returns the list, or says why no request can be made yet.
func (c *connection) blocklist(diags *diag.Diagnostics) *blocklist.List {
	if c == nil {
		diags.AddError("The provider is not configured", "A request to the API is needed before the provider was configured. This is a bug in the provider or in Terraform; please report it.")
		return nil
	}
	if c.list == nil {
		names := strings.Join(c.unknown, " and ")
		diags.AddError("The provider's settings are not known yet",
			fmt.Sprintf("A request to the API is needed now, but the provider's %s depends on something that is known only after apply.\n\n"+
				"Apply what it depends on first (terraform apply -target=…), or take the value from a variable or the environment.", names))
		return nil
	}
	return c.list
}

// writable is the list for whoever is about to change it, which means that the
// plan is over.
func (c *connection) writable(diags *diag.Diagnostics) *blocklist.List {
	list := c.blocklist(diags)
	if list != nil {
		c.review.End()
	}
	return list
}
