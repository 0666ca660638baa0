// Command terraform-provider-d360 is a Terraform provider for the blocklists of
// WhatsApp business numbers at 360dialog.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/d360/terraform-provider-d360/internal/provider"
)

// version is set by the release with -ldflags "-X main.version=…".
var version = "dev"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	debugger := flag.Bool("debug", false, "serve for a debugger, and print how Terraform reaches it")
	flag.Parse()

	// net/http logs odd responses and quotes them. They may hold phone numbers, and
	// Terraform would log what the provider prints.
	log.SetOutput(io.Discard)
	if err := quietLogs(); err != nil {
		return err
	}
	// A plan decodes and encodes a map of 64,000 users several times, which leaves much
	// garbage. Collecting less often is worth the memory, up to the limit.
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(memoryLimit)
	}
	var options []tf6server.ServeOpt
	if *debugger {
		options = append(options, tf6server.WithManagedDebug())
	}
	server, err := provider.NewServer(version)
	if err != nil {
		return err
	}
	// A terminal interrupts both the CLI and the provider. Anything else interrupts only the
	// CLI, which then tells the provider to stop.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	err = tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return server }, options...)
	if server.Stopped() || len(interrupted) > 0 {
		time.Sleep(lingerAfterStop)
	}
	return err
}

// lingerAfterStop is how long the process goes on after an interrupted run. After a second
// interrupt, Terraform and OpenTofu end as soon as the last provider has ended, and may
// leave a local state file empty that they are writing. They wait two seconds at most.
const lingerAfterStop = time.Second

// memoryLimit is the size from which the garbage collector works harder, in bytes.
const memoryLimit = 300 << 20

// logVariables are the environment variables for logs of the plugin libraries. quietLogs
// switches off the logs of the first two.
var logVariables = []string{"TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK", "TF_LOG_PROVIDER", "TF_LOG"}

// quietLogs switches off the logs of the plugin libraries unless a variable is set. They
// cost time even if no one reads them: the framework wraps the logging context once for
// every element of a map, so that a plan of 64,000 users takes minutes and not seconds. The
// protocol library formats a line for every call.
func quietLogs() error {
	if _, set := os.LookupEnv(logVariables[0]); !set {
		if err := os.Setenv(logVariables[0], "OFF"); err != nil {
			return err
		}
	}
	for _, name := range logVariables[1:] {
		if _, set := os.LookupEnv(name); set {
			return nil
		}
	}
	return os.Setenv(logVariables[1], "OFF")
}
