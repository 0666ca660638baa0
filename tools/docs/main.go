// Command docs prints the provider's schemas in the JSON format of
// "terraform providers schema -json", from which tfplugindocs generates docs/.
//
// It calls the provider in this process, so that the result does not depend on Terraform:
// older versions leave out identities (before 1.12) and list resources (before 1.14).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/d360/terraform-provider-d360/internal/provider"
	"github.com/d360/terraform-provider-d360/tools/docs/schemajson"
)

// name is the provider's key in the JSON. tfplugindocs expects the short name, not the
// registry address.
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
