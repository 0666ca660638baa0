// Command fake-api serves the fake API, to try the provider without an account. It prints the
// environment variables for Terraform or OpenTofu, and a line for each request, until it is
// interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

type settings struct {
	port, seed          int
	silent, hidden      string
	delay               time.Duration
	perRequest, perPage int
	// installIn is where to install the provider; empty means not at all.
	installIn string
}

func main() {
	s := parseFlags(flag.CommandLine, os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, s); err != nil {
		fmt.Fprintln(os.Stderr, "fake-api:", err)
		os.Exit(1)
	}
}

func parseFlags(flags *flag.FlagSet, args []string) settings {
	s := settings{installIn: filepath.Join(".cache", "fake-api")}
	flags.IntVar(&s.port, "port", 8360, "the port of 127.0.0.1 to listen on, 0 for a free one")
	flags.IntVar(&s.seed, "seed", 0, "how many `users` are blocked already")
	flags.StringVar(&s.silent, "silent", "", "`users`, separated by commas, who have not written within 24 hours: the API rejects their block with code 131047")
	flags.StringVar(&s.hidden, "hidden", "", "`users`, separated by commas, who hide their number: the list shows only their user ID")
	flags.DurationVar(&s.delay, "delay", 0, "the response time")
	flags.IntVar(&s.perRequest, "users-per-request", 0, "the highest number of `users` in a request (default 1000)")
	flags.IntVar(&s.perPage, "page-size", 0, "the highest number of `users` on a page of the list (default 1000)")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "Usage: make fake-api ARGS='-seed 300 -delay 100ms'")
		flags.PrintDefaults()
	}
	_ = flags.Parse(args) // The flags of a command end the program after an error.
	return s
}

func run(ctx context.Context, out io.Writer, s settings) error {
	api, err := newAPI(s)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	if err != nil {
		return fmt.Errorf("%w\nchoose another port with -port, or -port 0 for a free one", err)
	}
	config := ""
	if s.installIn != "" {
		if config, err = install(ctx, s.installIn); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	fmt.Fprint(out, instructions("http://"+listener.Addr().String(), config))
	server := &http.Server{Handler: &requestLog{next: api, out: out, now: time.Now}, ReadHeaderTimeout: time.Minute}
	closed := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer closed()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	fmt.Fprintf(out, "\nStopped. The list had %d users; it is not saved.\n", len(api.Blocked()))
	return nil
}

// newAPI uses the format since 2026.
func newAPI(s settings) (*fakeapi.Server, error) {
	silent, err := users("-silent", s.silent)
	if err != nil {
		return nil, err
	}
	hidden, err := users("-hidden", s.hidden)
	if err != nil {
		return nil, err
	}
	if s.seed < 0 || s.seed > fakeapi.DefaultCapacity || s.perRequest < 0 || s.perPage < 0 || s.delay < 0 {
		return nil, fmt.Errorf("-seed must be from 0 to %d, and no other flag may be negative", fakeapi.DefaultCapacity)
	}
	api := fakeapi.New(fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways, LastPage: fakeapi.LastPageAfterOnly, MaxLimit: s.perPage},
		Rules:          fakeapi.Rules{MaxBatch: s.perRequest},
		Delay:          s.delay,
	})
	api.SeedN(s.seed)
	api.Silent(silent...)
	api.Hide(hidden...)
	return api, nil
}

// users splits and validates the users of a flag.
func users(name, list string) ([]string, error) {
	var all []string
	for spelled := range strings.SplitSeq(list, ",") {
		if spelled = strings.TrimSpace(spelled); spelled == "" {
			continue
		}
		if _, err := userid.Parse(spelled); err != nil {
			return nil, fmt.Errorf("%s: %q is not a WhatsApp user: %w", name, spelled, err)
		}
		all = append(all, spelled)
	}
	return all, nil
}

// install builds the provider, and returns the path of a CLI configuration that uses it.
func install(ctx context.Context, dir string) (config string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	_, release, err := workspace.Install(ctx, dir)
	if err != nil {
		return "", err
	}
	return workspace.CLIConfig(dir), release()
}

func instructions(baseURL, config string) string {
	var b strings.Builder
	b.WriteString("The fake API is ready. Paste these lines into another terminal, and run\nTerraform or OpenTofu there:\n\n")
	fmt.Fprintf(&b, "export D360_BASE_URL=%s\nexport D360_API_KEY=%s\n", baseURL, fakeapi.DefaultKey)
	if config != "" {
		fmt.Fprintf(&b, "export TF_CLI_CONFIG_FILE='%s'\n", strings.ReplaceAll(config, "'", `'\''`))
	}
	b.WriteString("\nPress Ctrl-C to stop. The list is not saved. Requests:\n")
	return b.String()
}
