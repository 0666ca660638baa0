package faketerraform

import "strings"

// Attributes are the arguments of a block: nil, string, bool, int, Unknown, a map
// of strings, or a map or slice of any of these. Those left out are null.
type Attributes map[string]any

// Unknown is the value of an argument that is known only after apply. [Plan.Settle]
// makes it known, for the apply.
var Unknown = unknown{}

type unknown struct{}

// Configuration is what a root module says. Addresses are written as Terraform
// does, such as d360_blocked_user.a["x"], and data.d360_blocked_users.all
// without its first word.
type Configuration struct {
	Resources map[string]Resource
	Data      map[string]Attributes
	// Imports are import blocks. One for an instance that is in the state does
	// nothing.
	Imports []Import
	// Moved are moved blocks. One from an address that is not in the state does
	// nothing.
	Moved []Move
	// Removed are addresses in removed blocks with destroy = false: what the state
	// has there is forgotten.
	Removed []string
}

// Resource is one instance of a resource.
type Resource struct {
	Attributes Attributes
	// CreateBeforeDestroy is the argument of the lifecycle block.
	CreateBeforeDestroy bool
}

// Import is an import block, by ID or by identity.
type Import struct {
	To       string
	ID       string
	Identity Attributes
}

// Move is a moved block.
type Move struct {
	From, To string
}

// typeOf is the resource type in an address.
func typeOf(address string) string {
	name, _, _ := strings.Cut(address, ".")
	return name
}
