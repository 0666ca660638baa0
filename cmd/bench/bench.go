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

const requirement = `
terraform {
  required_providers {
    d360 = {
      source = "` + provider.Source + `"
    }
  }
}
`

type bench struct {
	scenario scenario
	size     size
	// apis has one fake API for each channel.
	apis []*fakeapi.Server
	hub  *fakeapi.Hub
	work *workspace.Workspace

	stopAPI func()
}

// newBench starts an API with users who stay on the list, and writes both configurations.
func newBench(ctx context.Context, sc scenario, sz size, delay time.Duration) (_ *bench, err error) {
	b := &bench{scenario: sc, size: sz}
	settings := b.channels(delay)
	b.hub = fakeapi.NewHub(b.apis...)
	baseURL, stop, err := b.hub.Start()
	if err != nil {
		return nil, err
	}
	b.stopAPI = stop
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	b.work, err = workspace.New(ctx, "", "D360_BASE_URL="+baseURL, settings, fmt.Sprintf("D360_MAX_UNBLOCKS=%d", max(1, sz.channels)*sz.users))
	if err != nil {
		return nil, err
	}

	// One fake API makes up all numbers, so that none occurs twice.
	numbers := fakeapi.New(fakeapi.Options{}).SeedN(sz.listed)
	for _, api := range b.apis {
		api.Seed(numbers[sz.users:]...)
	}
	return b, errors.Join(
		b.writeJSON("users.json", notes(numbers[:sz.users])),
		b.writeJSON("channels.json", sz.names()),
		b.work.Write("users.csv", csvOf(numbers[:sz.users])),
		b.configure(sc.blocked),
		b.configure(sc.baseline),
	)
}

// channels returns the environment variable with the keys.
func (b *bench) channels(delay time.Duration) (variable string) {
	names := b.size.names()
	if len(names) == 0 {
		b.apis = []*fakeapi.Server{fakeapi.New(fakeapi.Options{Delay: delay})}
		return "D360_API_KEY=" + fakeapi.DefaultKey
	}
	keys := make(map[string]map[string]string, len(names))
	for i, name := range names {
		key := fmt.Sprintf("%s-%03d", fakeapi.DefaultKey, i+1)
		channel := fakeapi.Channel{ID: fmt.Sprint(100_000 + i), Number: fmt.Sprint(4_930_000_000 + i)}
		b.apis = append(b.apis, fakeapi.New(fakeapi.Options{Delay: delay, Key: key, Channel: channel}))
		keys[name] = map[string]string{"api_key": key}
	}
	text, _ := json.Marshal(keys)
	return "D360_CHANNELS=" + string(text)
}

func (b *bench) writeJSON(name string, content any) error {
	text, err := json.Marshal(content)
	return errors.Join(err, b.work.Write(name, string(text)))
}

func notes(users []string) map[string]string {
	reasons := make(map[string]string, len(users))
	for i, user := range users {
		reasons["+"+user] = fmt.Sprintf("ticket %d", i+1)
	}
	return reasons
}

// csvOf has the same content as notes.
func csvOf(users []string) string {
	var b strings.Builder
	b.WriteString("number,reason\n")
	for i, user := range users {
		fmt.Fprintf(&b, "+%s,ticket %d\n", user, i+1)
	}
	return b.String()
}

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

// measure runs a phase of the baseline and then of the provider.
func (b *bench) measure(ctx context.Context, p phase) (measured, error) {
	baseline, err := b.run(ctx, b.scenario.baseline, p.args...)
	if err != nil {
		return measured{}, err
	}
	for _, api := range b.apis {
		api.ResetStats()
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
	for _, api := range b.apis {
		if got := len(api.Blocked()); got != want {
			return measured{}, fmt.Errorf("after %s a list holds %d users, want %d", p.name, got, want)
		}
		all = sum(all, api.Stats())
	}
	return measured{blocked: blocked, baseline: baseline, stats: all, peak: peak}, nil
}

// sum adds the counts of two channels. It takes the larger count of writes in flight, because
// channels may write at the same time.
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

// run returns how long the CLI took in the directory of a side.
func (b *bench) run(ctx context.Context, s side, args ...string) (time.Duration, error) {
	args = append([]string{"-chdir=" + s.name, args[0], "-no-color"}, args[1:]...)
	begin := time.Now()
	_, err := b.work.Run(ctx, args...)
	return time.Since(begin), err
}

func (b *bench) close() error {
	b.stopAPI()
	if b.work == nil {
		return nil
	}
	return b.work.Close()
}
