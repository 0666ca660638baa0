// Command terraform-provider-d360 is a Terraform provider for the blocklists of
// WhatsApp business numbers at 360dialog.
package main

import (
	"context"
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/d360/terraform-provider-d360/internal/address"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// version is set by the release with -ldflags "-X main.version=…".
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how Terraform reaches it")
	flag.Parse()

	// The framework wraps the logging context once more for every element of a
	// map, whether or not anything is logged: a map of 64,000 users takes minutes
	// to plan. With its own log off, it takes seconds.
	if _, set := os.LookupEnv(frameworkLog); !set {
		if err := os.Setenv(frameworkLog, "OFF"); err != nil {
			log.Fatal(err)
		}
	}

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: address.Provider,
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// frameworkLog is the environment variable for the level of the framework's log.
const frameworkLog = "TF_LOG_SDK_FRAMEWORK"
