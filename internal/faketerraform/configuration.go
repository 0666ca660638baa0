package faketerraform

import "strings"

// Attributes are the arguments of a block: nil, string, bool, int, Unknown, a map
// of strings, or a map or slice of any of these. A missing argument is null.
type Attributes map[string]any

// Unknown is the value of an argument that is known only after apply. [Plan.Resolve]
// makes it known, for the apply.
var Unknown = unknown{}

type unknown struct{}

// Configuration is a root module. Addresses are in Terraform's form, such as
// d360_blocked_user.a["x"]; those of data sources lack the prefix "data.".
type Configuration struct {
	Resources map[string]Resource
	Data      map[string]Attributes
	Imports   []Import
	Moved     []Move
	// Removed has the addresses of removed blocks with destroy = false.
	Removed []string
}

// Resource is one instance of a resource.
type Resource struct {
	Attributes          Attributes
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

func typeOf(address string) string {
	name, _, _ := strings.Cut(address, ".")
	return name
}
