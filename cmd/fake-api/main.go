// Command fake-api serves the Block Users API in memory, for trying the provider out
// without an account. It prints what to paste into the terminal in which Terraform or
// OpenTofu runs, logs each request in a line, and ends when it is interrupted.
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

// settings are what the flags say.
type settings struct {
	port, seed          int
	silent, hidden      string
	delay               time.Duration
	perRequest, perPage int
	// installIn is where the provider is installed, empty for nowhere.
	installIn string
}

func main() {
	s := settings{installIn: filepath.Join(".cache", "fake-api")}
	flag.IntVar(&s.port, "port", 8360, "the port of 127.0.0.1 to listen on, 0 for a free one")
	flag.IntVar(&s.seed, "seed", 0, "how many `users` are blocked already")
	flag.StringVar(&s.silent, "silent", "", "`users`, with commas between them, who have not written within 24 hours: the API rejects their block with 131047")
	flag.StringVar(&s.hidden, "hidden", "", "`users`, with commas between them, who hide their number: the list shows their user ID alone")
	flag.DurationVar(&s.delay, "delay", 0, "how long each request takes")
	flag.IntVar(&s.perRequest, "users-per-request", 0, "how many `users` a request may name (default 1000)")
	flag.IntVar(&s.perPage, "page-size", 0, "how many `users` a page of the list holds at most (default 1000)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, s); err != nil {
		fmt.Fprintln(os.Stderr, "fake-api:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, out io.Writer, s settings) error {
	service, err := newService(s)
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
	server := &http.Server{Handler: &requestLog{next: service, out: out, now: time.Now}, ReadHeaderTimeout: time.Minute}
	closed := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer closed()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	fmt.Fprintf(out, "\nEnded, and forgot the %d users on the list.\n", len(service.Blocked()))
	return nil
}

// newService makes the API, in the form that its list has had since 2026.
func newService(s settings) (*fakeapi.Server, error) {
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
	service := fakeapi.New(fakeapi.Options{
		ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways, LastPage: fakeapi.LastPageAfterOnly, MaxLimit: s.perPage},
		Rules:          fakeapi.Rules{MaxBatch: s.perRequest},
		Delay:          s.delay,
	})
	service.SeedN(s.seed)
	service.Silent(silent...)
	service.Hide(hidden...)
	return service, nil
}

// users parts the users of a flag.
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

// install builds the provider, and returns the path of the CLI configuration that takes
// it from there.
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

// instructions say what to paste.
func instructions(baseURL, config string) string {
	var b strings.Builder
	b.WriteString("A Block Users API in memory. Paste these lines into another terminal, and run\nTerraform or OpenTofu there:\n\n")
	fmt.Fprintf(&b, "export D360_BASE_URL=%s\nexport D360_API_KEY=%s\n", baseURL, fakeapi.DefaultKey)
	if config != "" {
		fmt.Fprintf(&b, "export TF_CLI_CONFIG_FILE='%s'\n", strings.ReplaceAll(config, "'", `'\''`))
	}
	b.WriteString("\nCtrl-C ends it. Its list is gone then. Requests:\n")
	return b.String()
}
