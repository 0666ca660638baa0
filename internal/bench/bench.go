package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// header opens the configuration of both sides. The address with its host is
// the same for Terraform and OpenTofu.
const header = `
locals {
  users = jsondecode(file("${path.module}/../users.json"))
}
`

// requirement comes before it on the side of the provider.
const requirement = `
terraform {
  required_providers {
    d360 = {
      source = "registry.terraform.io/d360/d360"
    }
  }
}
`

// bench is a scenario that is being measured.
type bench struct {
	scenario scenario
	size     size
	service  *sandbox.Server
	work     *workspace.Workspace

	stopService func()
}

// newBench starts a service whose list holds the others, and writes the
// configurations of both sides.
func newBench(ctx context.Context, sc scenario, sz size, delay time.Duration) (_ *bench, err error) {
	b := &bench{scenario: sc, size: sz, service: sandbox.New(sandbox.Options{Delay: delay})}
	baseURL, stop, err := b.service.Start()
	if err != nil {
		return nil, err
	}
	b.stopService = stop
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	b.work, err = workspace.New(ctx, "", "D360_BASE_URL="+baseURL, "D360_API_KEY="+sandbox.DefaultKey)
	if err != nil {
		return nil, err
	}

	// Another service makes up the numbers, so that none is there twice.
	numbers := sandbox.New(sandbox.Options{}).SeedN(sz.listed)
	b.service.Seed(numbers[sz.users:]...)
	users, err := json.Marshal(notes(numbers[:sz.users]))
	if err != nil {
		return nil, err
	}
	return b, errors.Join(
		b.work.Write("users.json", string(users)),
		b.configure(sc.blocked, requirement),
		b.configure(sc.baseline, ""),
	)
}

// notes gives every user a reason.
func notes(users []string) map[string]string {
	notes := make(map[string]string, len(users))
	for i, user := range users {
		notes["+"+user] = fmt.Sprintf("ticket %d", i+1)
	}
	return notes
}

// configure makes the directory of a side.
func (b *bench) configure(s side, requirement string) error {
	return errors.Join(
		os.Mkdir(filepath.Join(b.work.Dir, s.name), 0o755),
		b.work.Write(filepath.Join(s.name, "main.tf"), requirement+header+s.config+"\n"),
	)
}

// prepare initializes both directories, and returns the version of the CLI.
func (b *bench) prepare(ctx context.Context) (string, error) {
	version, err := b.work.Run(ctx, "version")
	if err != nil {
		return "", err
	}
	for _, s := range []side{b.scenario.baseline, b.scenario.blocked} {
		if _, err := b.run(ctx, s, "init"); err != nil {
			return "", err
		}
	}
	version, _, _ = strings.Cut(version, "\n")
	return version, nil
}

// measure runs a phase of the baseline and then the same one of the provider,
// and returns what they cost.
func (b *bench) measure(ctx context.Context, p phase) (measured, error) {
	baseline, err := b.run(ctx, b.scenario.baseline, p.args...)
	if err != nil {
		return measured{}, err
	}
	b.service.ResetStats()
	stopWatching := watchPeak(b.work.Provider)
	blocked, err := b.run(ctx, b.scenario.blocked, p.args...)
	peak := stopWatching()
	if err != nil {
		return measured{}, err
	}
	want := b.size.listed
	if !p.blocked {
		want -= b.size.users
	}
	if got := len(b.service.Blocked()); got != want {
		return measured{}, fmt.Errorf("after %s the list holds %d users, want %d", p.name, got, want)
	}
	return measured{blocked: blocked, baseline: baseline, stats: b.service.Stats(), peak: peak}, nil
}

// run runs the CLI in the directory of a side and returns how long it took.
func (b *bench) run(ctx context.Context, s side, args ...string) (time.Duration, error) {
	args = append([]string{"-chdir=" + s.name, args[0], "-no-color"}, args[1:]...)
	begin := time.Now()
	_, err := b.work.Run(ctx, args...)
	return time.Since(begin), err
}

// close stops the service and removes the workspace.
func (b *bench) close() error {
	b.stopService()
	if b.work == nil {
		return nil
	}
	return b.work.Close()
}
