package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/provider"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// requirement opens the configuration of a side that uses the provider.
const requirement = `
terraform {
  required_providers {
    d360 = {
      source = "` + provider.Source + `"
    }
  }
}
`

// bench is a scenario that is being measured.
type bench struct {
	scenario scenario
	size     size
	// services are the channels, and hub serves them all.
	services []*fakeapi.Server
	hub      *fakeapi.Hub
	work     *workspace.Workspace

	stopService func()
}

// newBench starts an API whose lists hold the others, and writes the
// configurations of both sides.
func newBench(ctx context.Context, sc scenario, sz size, delay time.Duration) (_ *bench, err error) {
	b := &bench{scenario: sc, size: sz}
	settings := b.channels(delay)
	b.hub = fakeapi.NewHub(b.services...)
	baseURL, stop, err := b.hub.Start()
	if err != nil {
		return nil, err
	}
	b.stopService = stop
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	b.work, err = workspace.New(ctx, "", "D360_BASE_URL="+baseURL, settings, fmt.Sprintf("D360_MAX_UNBLOCKS=%d", max(1, sz.channels)*sz.users))
	if err != nil {
		return nil, err
	}

	// Another service makes up the numbers, so that none is there twice.
	numbers := fakeapi.New(fakeapi.Options{}).SeedN(sz.listed)
	for _, service := range b.services {
		service.Seed(numbers[sz.users:]...)
	}
	return b, errors.Join(
		b.writeJSON("users.json", notes(numbers[:sz.users])),
		b.writeJSON("channels.json", sz.names()),
		b.work.Write("users.csv", csvOf(numbers[:sz.users])),
		b.configure(sc.blocked),
		b.configure(sc.baseline),
	)
}

// channels makes the services of the channels, and returns the variable that tells the
// provider their keys.
func (b *bench) channels(delay time.Duration) (variable string) {
	names := b.size.names()
	if len(names) == 0 {
		b.services = []*fakeapi.Server{fakeapi.New(fakeapi.Options{Delay: delay})}
		return "D360_API_KEY=" + fakeapi.DefaultKey
	}
	keys := make(map[string]map[string]string, len(names))
	for i, name := range names {
		key := fmt.Sprintf("%s-%03d", fakeapi.DefaultKey, i+1)
		channel := fakeapi.Channel{ID: fmt.Sprint(100_000 + i), Number: fmt.Sprint(4_930_000_000 + i)}
		b.services = append(b.services, fakeapi.New(fakeapi.Options{Delay: delay, Key: key, Channel: channel}))
		keys[name] = map[string]string{"api_key": key}
	}
	text, _ := json.Marshal(keys)
	return "D360_CHANNELS=" + string(text)
}

// writeJSON writes a file into the workspace.
func (b *bench) writeJSON(name string, content any) error {
	text, err := json.Marshal(content)
	return errors.Join(err, b.work.Write(name, string(text)))
}

// notes gives every user a reason.
func notes(users []string) map[string]string {
	notes := make(map[string]string, len(users))
	for i, user := range users {
		notes["+"+user] = fmt.Sprintf("ticket %d", i+1)
	}
	return notes
}

// csvOf is the same as notes, as a CSV file.
func csvOf(users []string) string {
	var b strings.Builder
	b.WriteString("number,reason\n")
	for i, user := range users {
		fmt.Fprintf(&b, "+%s,ticket %d\n", user, i+1)
	}
	return b.String()
}

// configure makes the directory of a side.
func (b *bench) configure(s side) error {
	return errors.Join(
		os.Mkdir(filepath.Join(b.work.Dir, s.name), 0o755),
		b.work.Write(filepath.Join(s.name, "main.tf"), cmp.Or(s.users, fromJSON)+s.config+"\n"),
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
	for _, service := range b.services {
		service.ResetStats()
	}
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
	var all fakeapi.Stats
	for _, service := range b.services {
		if got := len(service.Blocked()); got != want {
			return measured{}, fmt.Errorf("after %s a list holds %d users, want %d", p.name, got, want)
		}
		all = sum(all, service.Stats())
	}
	return measured{blocked: blocked, baseline: baseline, stats: all, peak: peak}, nil
}

// sum is the counts of two channels together. Of writes in flight it is the larger
// count, because channels do not wait for one another.
func sum(a, b fakeapi.Stats) fakeapi.Stats {
	return fakeapi.Stats{
		Gets:              a.Gets + b.Gets,
		Posts:             a.Posts + b.Posts,
		Deletes:           a.Deletes + b.Deletes,
		UsersPosted:       a.UsersPosted + b.UsersPosted,
		UsersDeleted:      a.UsersDeleted + b.UsersDeleted,
		HealthStatus:      a.HealthStatus + b.HealthStatus,
		MaxWritesInFlight: max(a.MaxWritesInFlight, b.MaxWritesInFlight),
	}
}

// run runs the CLI in the directory of a side and returns how long it took.
func (b *bench) run(ctx context.Context, s side, args ...string) (time.Duration, error) {
	args = append([]string{"-chdir=" + s.name, args[0], "-no-color"}, args[1:]...)
	begin := time.Now()
	_, err := b.work.Run(ctx, args...)
	return time.Since(begin), err
}

// close stops the API and removes the workspace.
func (b *bench) close() error {
	b.stopService()
	if b.work == nil {
		return nil
	}
	return b.work.Close()
}
