// Command demo shows the provider at work: a real Terraform or OpenTofu plans
// and applies a CSV file of users to a Block Users API in memory. Nothing
// leaves the machine, and nothing is left behind.
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

// example is the configuration that the demo applies.
const example = "examples/from-csv"

func main() {
	planOnly := flag.Bool("plan-only", false, "print nothing but the plan after the file changed, in colour")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *planOnly); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, planOnly bool) (err error) {
	// What the list looks like since 2026.
	service := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListFlat, UserIDs: fakeapi.UserIDsAlways, LastPage: fakeapi.LastPageAfterOnly}})
	baseURL, stopService, err := service.Start()
	if err != nil {
		return err
	}
	defer stopService()

	d := demo{service: service, out: os.Stdout, colour: planOnly || isTerminal(os.Stdout)}
	if planOnly {
		d.out = io.Discard
	}
	d.say("Building the provider, and starting a Block Users API on %s", baseURL)
	d.work, err = workspace.New(ctx, "", "D360_BASE_URL="+baseURL, "D360_API_KEY="+fakeapi.DefaultKey)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.work.Close()) }()
	if err := d.work.Copy(example); err != nil {
		return fmt.Errorf("run the demo from the root of the checkout: %w", err)
	}
	return d.play(ctx, planOnly)
}

// play runs the scenes.
func (d *demo) play(ctx context.Context, planOnly bool) error {
	list, err := d.work.Read("blocklist.csv")
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(list), "\n")
	// Someone was blocked before, by hand. Nothing below touches them.
	const byHand = "447700900999"
	d.service.Seed(byHand)
	users := len(lines) - 1

	d.say("blocklist.csv holds %d users, in the spellings people use:", users)
	d.quote(lines[1:6], fmt.Sprintf("… and %d more", users-5))
	if _, err := d.terraform(ctx, "init", all, "init", "-no-color"); err != nil {
		return err
	}

	d.say("The plan: who will be blocked, and why")
	if _, err := d.terraform(ctx, "plan", brief, "plan", "-out=plan"); err != nil {
		return err
	}
	d.say("Applied, many users to a request:")
	if _, err := d.terraform(ctx, "apply", outcome, "apply", "plan"); err != nil {
		return err
	}
	stats := d.service.Stats()
	d.say("That took %d requests. The number's list now holds %d users, with the one blocked by hand.", stats.Requests(), len(d.service.Blocked()))
	if got := len(d.service.Blocked()); got != users+1 {
		return fmt.Errorf("%d users are blocked, want %d", got, users+1)
	}

	d.say("A second plan changes nothing:")
	if _, err := d.terraform(ctx, "plan", outcome, "plan", "-detailed-exitcode"); err != nil {
		return err
	}

	d.say("A refresh saves the user IDs that the list shows, by which users are found who hide their number later:")
	if _, err := d.terraform(ctx, "apply -refresh-only", outcome, "apply", "-refresh-only", "-auto-approve"); err != nil {
		return err
	}

	d.say("A pull request removes one user, adds one, changes a spelling and a note. Meanwhile, a user was unblocked by hand:")
	changed := append([]string{lines[0]}, lines[2:]...)
	changed[1] = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(changed[1][:strings.Index(changed[1], ",")]) + changed[1][strings.Index(changed[1], ","):]
	changed[2] = changed[2][:strings.Index(changed[2], ",")] + ",\"fake parcel notices, ticket 4999\""
	changed = append(changed, "+44 7700 900123,new: phishing for login codes")
	d.service.Remove(strings.Split(lines[len(lines)-1], ",")[0])
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

	d.say("The data source shows everyone on the list, also those blocked elsewhere:")
	if _, err := d.terraform(ctx, "output", all, "output"); err != nil {
		return err
	}

	d.say("A plan that unblocks more than 20 users is an error, because input files break:")
	output, err := d.work.Run(ctx, "destroy", "-no-color", "-auto-approve")
	if err == nil {
		return errors.New("destroy unblocked more users than the limit")
	}
	fmt.Fprintf(d.out, "%s\n", d.bold("$ "+filepath.Base(d.work.CLI)+" destroy"))
	d.print(firstError(output))
	d.say("Allowed for one run with D360_MAX_UNBLOCKS=%d, destroy unblocks those, and no one else:", users)
	d.work.Setenv(fmt.Sprintf("D360_MAX_UNBLOCKS=%d", users))
	if _, err := d.terraform(ctx, "destroy", outcome, "destroy", "-auto-approve"); err != nil {
		return err
	}
	left := d.service.Blocked()
	if len(left) != 1 || left[0] != byHand {
		return fmt.Errorf("after destroy the list holds %v, want only the user blocked by hand", left)
	}
	if violations := d.service.Violations(); len(violations) > 0 {
		return fmt.Errorf("the provider sent invalid requests: %v", violations)
	}
	d.say("The list holds the one user blocked by hand. The workspace and the fake API are gone.\n")
	return nil
}

// demo is a run of the demo.
type demo struct {
	work    *workspace.Workspace
	service *fakeapi.Server
	out     io.Writer
	colour  bool
}

// terraform runs the CLI and prints what show leaves of its output.
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
