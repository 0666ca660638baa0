package main

import (
	"bufio"
	"context"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

var exported = regexp.MustCompile(`^export ([A-Z0-9_]+)='?([^']*)'?$`)

type started struct {
	// env has the variables to export.
	env   map[string]string
	lines *bufio.Scanner
	stop  func()
}

// start runs the command, and reads its output until it serves.
func start(t *testing.T, s settings) started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, writer, s)
		writer.Close()
	}()
	made := started{env: map[string]string{}, lines: bufio.NewScanner(reader)}
	made.stop = func() {
		cancel()
		go io.Copy(io.Discard, reader) //nolint:errcheck // Ends with the writer.
		if err := <-ended; err != nil {
			t.Errorf("error after an interrupt: %v", err)
		}
	}
	for made.lines.Scan() {
		line := made.lines.Text()
		if found := exported.FindStringSubmatch(line); found != nil {
			made.env[found[1]] = found[2]
		}
		if strings.HasSuffix(line, "Requests:") {
			return made
		}
	}
	t.Fatalf("it stopped before it served: %v", <-ended)
	return made
}

// request returns the status of the response, and the line of the log.
func (s started) request(t *testing.T, method, body string) (status int, line string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.env["D360_BASE_URL"]+"/block_users", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(fakeapi.KeyHeader, s.env["D360_API_KEY"])
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	read := make(chan string)
	go func() {
		s.lines.Scan()
		read <- s.lines.Text()
	}()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	line = <-read
	if strings.Contains(line, s.env["D360_API_KEY"]) || strings.Contains(line, "4915112345") {
		t.Errorf("the log shows the key or a user: %s", line)
	}
	_, what, _ := strings.Cut(line, "  ")
	return resp.StatusCode, what
}

func TestRequests(t *testing.T) {
	t.Parallel()
	s := start(t, settings{seed: 3, perPage: 2, perRequest: 2, silent: "+49 151 12345671", hidden: "+4915112345672, DE.1"})
	defer s.stop()
	users := func(users string) string { return `{"messaging_product":"whatsapp","block_users":[` + users + `]}` }
	for _, test := range []struct {
		method, body string
		status       int
		line         string
	}{
		{"GET", "", 200, "GET    /block_users  200  2 users listed"},
		{"POST", users(`{"user":"+4915112345670"}`), 200, "POST   /block_users  1 user  200  1 user blocked"},
		{"POST", users(`{"user":"+4915112345670"},{"user":"+4915112345671"}`), 400, "POST   /block_users  2 users  400  1 user blocked, code 131047, 139100"},
		{"POST", users(`{"user":"+4915112345670"},{"user":"+4915112345673"},{"user":"+4915112345674"}`), 429, "POST   /block_users  3 users  429  code 130429"},
		{"DELETE", users(`{"user":"+4915112345670"}`), 200, "DELETE /block_users  1 user  200  1 user unblocked"},
		{"POST", "{", 400, "POST   /block_users  no JSON  400  code 100"},
	} {
		if status, line := s.request(t, test.method, test.body); status != test.status || line != test.line {
			t.Errorf("%s: %d, %q; want %d, %q", test.body, status, line, test.status, test.line)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings
		want string
	}{
		"no user":   {settings{silent: "+4915112345670,nobody"}, `-silent: "nobody"`},
		"too many":  {settings{seed: 64_001}, "-seed must be from 0 to 64000"},
		"no port":   {settings{port: 70_000}, "choose another port"},
		"no number": {settings{hidden: "12"}, "-hidden"},
	} {
		if err := run(t.Context(), io.Discard, test.settings); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// TestAccTerraform runs Terraform with only the variables that the command prints.
func TestAccTerraform(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs a real Terraform: set TF_ACC=1")
	}
	t.Parallel()
	s := start(t, settings{installIn: t.TempDir()})
	defer s.stop()
	go func() {
		for s.lines.Scan() {
			continue
		}
	}()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("blocklist.csv", "number,reason\n+49 1511 2345670,ticket 1\n+49 1511 2345671,\n")
	write("main.tf", `
terraform {
  required_providers {
    d360 = {
      source  = "d360/d360"
      version = "~> 0.1"
    }
  }
}

resource "d360_blocked_users" "listed" {
  users = provider::d360::read_csv(file("${path.module}/blocklist.csv"))
}
`)
	cli, err := workspace.FindCLI("")
	if err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), cli, args...)
		cmd.Dir = dir
		for _, pair := range os.Environ() {
			if !strings.HasPrefix(pair, "TF_") && !strings.HasPrefix(pair, "D360_") {
				cmd.Env = append(cmd.Env, pair)
			}
		}
		for name, value := range s.env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", args, err, output)
		}
		return string(output)
	}
	command("init", "-no-color", "-input=false")
	if output := command("apply", "-no-color", "-auto-approve"); !strings.Contains(output, "1 added, 0 changed") {
		t.Errorf("output of the apply:\n%s", output)
	}
	command("plan", "-detailed-exitcode")
	state, err := os.ReadFile(filepath.Join(dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	// Each CLI has its own default registry.
	host := "registry.terraform.io"
	if strings.Contains(command("version"), "OpenTofu") {
		host = "registry.opentofu.org"
	}
	if address := host + "/d360/d360"; !strings.Contains(string(state), address) {
		t.Errorf("the state lacks %s:\n%s", address, state)
	}
}

func TestParseFlags(t *testing.T) {
	t.Parallel()
	var help strings.Builder
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(&help)
	if s := parseFlags(flags, []string{"-seed", "3", "-silent", "+1 650 555 0100", "-delay", "10ms", "-help"}); s.seed != 3 || s.silent != "+1 650 555 0100" || s.delay != 10*time.Millisecond || s.port != 8360 {
		t.Errorf("the settings are %+v", s)
	}
	for _, text := range []string{"Usage: make fake-api ARGS=", "-hidden users", "code 131047"} {
		if !strings.Contains(help.String(), text) {
			t.Errorf("the help does not say %q:\n%s", text, help.String())
		}
	}
}
