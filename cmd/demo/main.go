// Command demo shows the provider: a real Terraform or OpenTofu plans and applies a CSV file of
// users with the fake API. It sends nothing to the network and removes its files.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

const example = "examples/from-csv"

func main() {
	planOnly := flag.Bool("plan-only", false, "print only the plan after the change to the file, in colour")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *planOnly); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, planOnly bool) (err error) {
	// The format since 2026.
	api := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways, LastPage: fakeapi.LastPageAfterOnly}})
	baseURL, stopAPI, err := api.Start()
	if err != nil {
		return err
	}
	defer stopAPI()

	d := demo{api: api, out: os.Stdout, colour: planOnly || isTerminal(os.Stdout)}
	if planOnly {
		d.out = io.Discard
	}
	d.say("Building the provider, and starting the fake API on %s", baseURL)
	d.work, err = workspace.New(ctx, "", "D360_BASE_URL="+baseURL, "D360_API_KEY="+fakeapi.DefaultKey)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.work.Close()) }()
	if err := d.work.Copy(example); err != nil {
		return fmt.Errorf("run the demo from the root of the checkout: %w", err)
	}
	return d.runSteps(ctx, planOnly)
}

func (d *demo) runSteps(ctx context.Context, planOnly bool) error {
	list, err := d.work.Read("blocklist.csv")
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(list), "\n")
	// This user was blocked by hand. No step changes that.
	const byHand = "447700900999"
	d.api.Seed(byHand)
	users := len(lines) - 1

	d.say("blocklist.csv has %d users, in the spellings that people use:", users)
	d.quote(lines[1:6], fmt.Sprintf("… and %d more", users-5))
	if _, err := d.terraform(ctx, "init", all, "init", "-no-color"); err != nil {
		return err
	}

	d.say("The plan: who will be blocked, and why")
	if _, err := d.terraform(ctx, "plan", brief, "plan", "-out=plan"); err != nil {
		return err
	}
	d.say("The apply, with many users in each request:")
	if _, err := d.terraform(ctx, "apply", outcome, "apply", "plan"); err != nil {
		return err
	}
	stats := d.api.Stats()
	d.say("The provider sent %d requests. The list now has %d users, including one who was blocked by hand.", stats.Requests(), len(d.api.Blocked()))
	if got := len(d.api.Blocked()); got != users+1 {
		return fmt.Errorf("%d users are blocked, want %d", got, users+1)
	}

	d.say("A second plan changes nothing:")
	if _, err := d.terraform(ctx, "plan", outcome, "plan", "-detailed-exitcode"); err != nil {
		return err
	}

	d.say("A refresh saves the user IDs from the list. With them, the provider finds users who hide their number later:")
	if _, err := d.terraform(ctx, "apply -refresh-only", outcome, "apply", "-refresh-only", "-auto-approve"); err != nil {
		return err
	}

	d.say("A pull request removes one user, adds one, and changes a spelling and a note. Someone has unblocked a user by hand:")
	changed := append([]string{lines[0]}, lines[2:]...)
	changed[1] = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(changed[1][:strings.Index(changed[1], ",")]) + changed[1][strings.Index(changed[1], ","):]
	changed[2] = changed[2][:strings.Index(changed[2], ",")] + ",\"fake parcel notices, ticket 4999\""
	changed = append(changed, "+44 7700 900123,new: phishing for login codes")
	d.api.Remove(strings.Split(lines[len(lines)-1], ",")[0])
	if err := d.work.Write("blocklist.csv", strings.Join(changed, "\n")+"\n"); err != nil {
		return err
	}
	plan, err := d.terraform(ctx, "plan", fromActions, "plan", "-out=plan")
	if err != nil {
		return err
	}
	if planOnly {
		_, err := fmt.Print(fromActions(plan))
		return err
	}
	if _, err := d.terraform(ctx, "apply", outcome, "apply", "plan"); err != nil {
		return err
	}

	d.say("The data source shows all users on the list, including those blocked elsewhere:")
	if _, err := d.terraform(ctx, "output", all, "output"); err != nil {
		return err
	}

	d.say("A plan that unblocks more than 20 users is an error, because the cause is often a broken file:")
	output, err := d.work.Run(ctx, "destroy", "-no-color", "-auto-approve")
	if err == nil {
		return errors.New("destroy unblocked more users than the limit")
	}
	fmt.Fprintf(d.out, "%s\n", d.bold("$ "+filepath.Base(d.work.CLI)+" destroy"))
	d.print(firstError(output))
	d.say("With D360_MAX_UNBLOCKS=%d for one run, destroy unblocks these users and no one else:", users)
	d.work.Setenv(fmt.Sprintf("D360_MAX_UNBLOCKS=%d", users))
	if _, err := d.terraform(ctx, "destroy", outcome, "destroy", "-auto-approve"); err != nil {
		return err
	}
	left := d.api.Blocked()
	if len(left) != 1 || left[0] != byHand {
		return fmt.Errorf("after destroy the list holds %v, want only the user blocked by hand", left)
	}
	if violations := d.api.Violations(); len(violations) > 0 {
		return fmt.Errorf("the provider sent invalid requests: %v", violations)
	}
	d.say("The list has only the user who was blocked by hand. The demo has stopped the fake API and removed its files.\n")
	return nil
}

type demo struct {
	work   *workspace.Workspace
	api    *fakeapi.Server
	out    io.Writer
	colour bool
}

// terraform runs the CLI and prints the part of its output that show selects.
func (d *demo) terraform(ctx context.Context, name string, show func(string) string, args ...string) (string, error) {
	if !d.colour && name != "init" {
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	fmt.Fprintf(d.out, "%s\n", d.bold("$ "+filepath.Base(d.work.CLI)+" "+name))
	output, err := d.work.Run(ctx, args...)
	if err != nil {
		return "", err
	}
	if name != "init" {
		d.print(show(output))
	}
	return output, nil
}

func (d *demo) print(output string) {
	for line := range strings.Lines(strings.Trim(output, "\n") + "\n") {
		fmt.Fprint(d.out, "  "+line)
	}
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "\n%s\n", d.bold("▸ "+fmt.Sprintf(format, args...)))
}

func (d *demo) quote(lines []string, more string) {
	for _, line := range append(slices.Clip(lines), more) {
		fmt.Fprintln(d.out, "    "+line)
	}
}

func (d *demo) bold(s string) string {
	if !d.colour {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
