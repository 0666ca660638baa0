// Command bench measures what the provider costs: a real Terraform or OpenTofu
// creates, plans and destroys blocked users on a Block Users API in memory, and
// as many terraform_data, which cost nothing but Terraform's own time. Nothing
// leaves the machine, and nothing is left behind.
//
// Counts of requests are held to their bars, and one that is over its bar ends
// the command with status 1. Times are compared within one run, a phase of the
// one right after the same phase of the other; a ratio over its bar is a
// warning, since other work on the machine can be the reason.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// errOverBar is the error where everything could be measured.
var errOverBar = errors.New("a count is over the bar")

// settings are what the flags say. A number that is 0 is the scenario's own.
type settings struct {
	scenario      string
	users, listed int
	delay         time.Duration
	runs          int
}

func main() {
	var (
		s     settings
		quick bool
	)
	flag.StringVar(&s.scenario, "scenario", "", "the scenario to measure: "+strings.Join(names(scenarios), ", ")+" (default all)")
	flag.IntVar(&s.users, "users", 0, "how many users are blocked and unblocked (default the scenario's own)")
	flag.IntVar(&s.listed, "listed", 0, "how long the list is with them (default the scenario's own)")
	flag.DurationVar(&s.delay, "delay", 30*time.Millisecond, "how long the API takes for a request")
	flag.IntVar(&s.runs, "runs", 0, "how often everything is measured (default 3)")
	flag.BoolVar(&quick, "quick", false, "short for -users 100 -listed 300 -runs 1, each unless it is given")
	flag.Parse()
	if quick {
		s.users, s.listed, s.runs = cmp.Or(s.users, 100), cmp.Or(s.listed, 300), cmp.Or(s.runs, 1)
	}
	s.runs = cmp.Or(s.runs, 3)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "\nbench failed:", err)
		os.Exit(1)
	}
}

// run measures the chosen scenarios. One over its bar does not keep the next
// from being measured.
func run(ctx context.Context, s settings) error {
	chosen, err := choose(scenarios, s.scenario)
	if err != nil {
		return err
	}
	if s.runs < 1 || s.delay < 0 {
		return errors.New("-runs must be at least 1, and -delay not negative")
	}
	var over error
	for _, sc := range chosen {
		sz := size{users: cmp.Or(s.users, sc.size.users), listed: cmp.Or(s.listed, sc.size.listed), channels: sc.size.channels}
		if sz.users < 1 || sz.listed < sz.users || sz.listed > fakeapi.DefaultCapacity {
			return fmt.Errorf("-users must be from 1 to -listed, and -listed at most %d: %d users do not go with a list of %d", fakeapi.DefaultCapacity, sz.users, sz.listed)
		}
		err := measureScenario(ctx, sc, sz, s)
		if errors.Is(err, errOverBar) {
			over = err
		} else if err != nil {
			return err
		}
	}
	return over
}

// measureScenario measures one scenario and prints what it cost.
func measureScenario(ctx context.Context, sc scenario, sz size, s settings) (err error) {
	fmt.Fprintf(os.Stderr, "%s: building the provider\n", sc.name)
	b, err := newBench(ctx, sc, sz, s.delay)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	version, err := b.prepare(ctx)
	if err != nil {
		return err
	}
	costs := make(map[string]cost, len(sc.phases))
	for i := range s.runs {
		for _, p := range sc.phases {
			once, err := b.measure(ctx, p)
			if err != nil {
				return err
			}
			costs[p.name] = costs[p.name].add(once)
			fmt.Fprintf(os.Stderr, "%s: run %d of %d, %s: %s\n", sc.name, i+1, s.runs, p.name, once)
		}
	}

	times := "once"
	if s.runs > 1 {
		times = fmt.Sprintf("median of %d runs", s.runs)
	}
	fmt.Printf("\n%s: %s\n%s, %d CPUs, %v a request, %s; of each count the worst run's\n\n", sc.name, sc.describe(sz), version, runtime.NumCPU(), s.delay, times)
	fmt.Print(table(costRows(sc, costs)))
	fmt.Println()
	rows, broken := judge(sc.bars(sz), costs)
	fmt.Print(table(rows))
	if violations := b.hub.Violations(); len(violations) > 0 {
		return fmt.Errorf("the provider sent %d invalid requests, such as %s", len(violations), violations[0])
	}
	if broken {
		return errOverBar
	}
	return nil
}
