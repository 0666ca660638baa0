// Command bench measures the cost of the provider. A real Terraform or OpenTofu creates, plans
// and destroys blocked users with the fake API, and the same number of terraform_data as a
// baseline. It sends nothing to the network and removes its files.
//
// If a count of requests is over its limit, the command ends with status 1. Times are compared
// within one run. A ratio over its limit is only a warning, because it depends on the load of
// the machine.
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

var errOverLimit = errors.New("a count is over the limit")

// settings are the flags. 0 means the scenario's own value.
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
	flag.IntVar(&s.users, "users", 0, "how many users to block and unblock (default: depends on the scenario)")
	flag.IntVar(&s.listed, "listed", 0, "the length of the list with these users (default: depends on the scenario)")
	flag.DurationVar(&s.delay, "delay", 30*time.Millisecond, "the response time of the API")
	flag.IntVar(&s.runs, "runs", 0, "how often to measure (default 3)")
	flag.BoolVar(&quick, "quick", false, "the defaults -users 100 -listed 300 -runs 1")
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

// run measures all chosen scenarios, even if one is over a limit.
func run(ctx context.Context, s settings) error {
	chosen, err := choose(scenarios, s.scenario)
	if err != nil {
		return err
	}
	if s.runs < 1 || s.delay < 0 {
		return errors.New("-runs must be at least 1, and -delay must not be negative")
	}
	var over error
	for _, sc := range chosen {
		sz := size{users: cmp.Or(s.users, sc.size.users), listed: cmp.Or(s.listed, sc.size.listed), channels: sc.size.channels}
		if sz.users < 1 || sz.listed < sz.users || sz.listed > fakeapi.DefaultCapacity {
			return fmt.Errorf("-users must be from 1 to -listed, and -listed at most %d; got -users %d and -listed %d", fakeapi.DefaultCapacity, sz.users, sz.listed)
		}
		err := measureScenario(ctx, sc, sz, s)
		if errors.Is(err, errOverLimit) {
			over = err
		} else if err != nil {
			return err
		}
	}
	return over
}

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
	fmt.Printf("\n%s: %s\n%s, %d CPUs, %v a request, %s; the highest counts of all runs\n\n", sc.name, sc.describe(sz), version, runtime.NumCPU(), s.delay, times)
	fmt.Print(table(costRows(sc, costs)))
	fmt.Println()
	rows, exceeded := checkLimits(sc.limits(sz), costs)
	fmt.Print(table(rows))
	if violations := b.hub.Violations(); len(violations) > 0 {
		return fmt.Errorf("the provider sent %d invalid requests, such as %s", len(violations), violations[0])
	}
	if exceeded {
		return errOverLimit
	}
	return nil
}
