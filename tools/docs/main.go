// Command docs prints the provider's schemas in the JSON format of
// "terraform providers schema -json", for tfplugindocs to make docs/ from.
//
// It asks the provider itself, in this process, so that no Terraform is needed
// and it does not matter which one there is: older ones leave out what they do
// not know of, such as identities (before 1.12) and list resources (before 1.14).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/d360/terraform-provider-d360/internal/provider"
	"github.com/d360/terraform-provider-d360/tools/docs/schemajson"
)

// name is the provider's key in the JSON. tfplugindocs looks for its short name,
// not for the address it is published at.
const name = "d360"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	server, err := provider.NewServer("docs")
	if err != nil {
		return err
	}
	schemas, err := schemajson.Of(ctx, name, server)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(schemas)
}
