package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// scenario is one way to block users, and what it may cost.
type scenario struct {
	name string
	// size is what is measured unless flags say otherwise.
	size size
	// blocked and baseline are the two that are compared.
	blocked, baseline side
	// phases are measured in this order. Of each, the baseline goes first.
	phases []phase
	// describe says in words what is measured.
	describe func(size) string
	// bars say what the blocked side may cost.
	bars func(size) []bar
}

// size says how many users take part.
type size struct {
	// users are blocked and unblocked.
	users int
	// listed is how long the list is while they are blocked. The others on it were
	// there before.
	listed int
	// channels is how many channels the same users are blocked on; 0 means one, which
	// has no name.
	channels int
}

// pages is how many pages the whole list has.
func (s size) pages() int { return ceilDiv(s.listed, fakeapi.DefaultMaxLimit) }

// side is one of two configurations for the same users. The name is a directory
// too.
type side struct {
	name, config string
	// users is what comes before: [fromJSON] unless it says otherwise.
	users string
}

// Where the configurations have the users from. With fromJSON, local.users maps each
// user to a note, and local.channels lists the channels. The file of fromCSV has the columns number and reason.
const (
	fromJSON = `
locals {
  users    = jsondecode(file("${path.module}/../users.json"))
  channels = jsondecode(file("${path.module}/../channels.json"))
}
`
	fromCSV = requirement + `
locals {
  text = file("${path.module}/../users.csv")
}
`
)

// phase is a command that is measured.
type phase struct {
	name string
	args []string
	// blocked says whether the users are on the list after it.
	blocked bool
}

// The phases in a resource's life.
var (
	create  = phase{"create", []string{"apply", "-auto-approve"}, true}
	plan    = phase{"plan", []string{"plan", "-detailed-exitcode"}, true}
	destroy = phase{"destroy", []string{"destroy", "-auto-approve"}, false}
)

// scenarios are all there are.
var scenarios = []scenario{
	{
		name: "single",
		size: size{users: 1000, listed: 5000},
		blocked: side{name: "d360_blocked_user", users: requirement + fromJSON, config: `
			resource "d360_blocked_user" "user" {
			  for_each = local.users
			  user     = each.key
			  note     = each.value
			}`},
		baseline: side{name: "terraform_data", config: `
			resource "terraform_data" "user" {
			  for_each = local.users
			  input    = { user = each.key, note = each.value }
			}`},
		phases: []phase{create, plan, destroy},
		describe: func(s size) string {
			return fmt.Sprintf("%d d360_blocked_user on a list of %d, against as many terraform_data", s.users, s.listed)
		},
		bars: func(s size) []bar {
			// As many travel together as Terraform has under way at once, and no one knows
			// when it starts the next.
			const parallelism, slack = 10, 15
			writes := float64(ceilDiv(s.users, parallelism) + slack)
			return slices.Concat(
				atMost(writes, writeRequests, create, destroy),
				atMost(float64(s.pages()+2), allRequests, plan),
				atMost(1, inFlight, create, destroy),
				atMost(1.5, timeRatio, create, plan, destroy),
			)
		},
	},
	{
		name: "bulk",
		size: size{users: 64_000, listed: 64_000},
		blocked: side{name: "d360_blocked_users", users: requirement + fromJSON, config: `
			resource "d360_blocked_users" "users" {
			  users = local.users
			}`},
		baseline: side{name: "terraform_data", config: `
			resource "terraform_data" "users" {
			  input = local.users
			}`},
		phases: []phase{create, plan, destroy},
		describe: func(s size) string {
			return fmt.Sprintf("one d360_blocked_users of %d on a list of %d, against one terraform_data with the same map", s.users, s.listed)
		},
		bars: func(s size) []bar {
			return slices.Concat(
				atMost(float64(ceilDiv(s.users, d360.MaxUsersPerRequest)), writeRequests, create, destroy),
				atMost(float64(s.pages()+2), allRequests, plan),
				atMost(1, inFlight, create, destroy),
				atMost(400, memoryPeak, create, plan, destroy),
				atMost(1.2, timeRatio, plan),
				atMost(1.8, timeRatio, create, destroy),
			)
		},
	},
	{
		name: "channels",
		size: size{users: 1000, listed: 1000, channels: 100},
		blocked: side{name: "d360_blocked_users", users: requirement + fromJSON, config: `
			resource "d360_blocked_users" "users" {
			  for_each = toset(local.channels)
			  channel  = each.key
			  users    = local.users
			}`},
		baseline: side{name: "terraform_data", config: `
			resource "terraform_data" "users" {
			  for_each = toset(local.channels)
			  input    = { channel = each.key, users = local.users }
			}`},
		phases: []phase{create, plan, destroy},
		describe: func(s size) string {
			return fmt.Sprintf("%d d360_blocked_users of %d, each on a channel of its own, against as many terraform_data", s.channels, s.users)
		},
		bars: func(s size) []bar {
			// As 100 runs with one channel each: a request for the channel, the list, and
			// the users.
			writes := s.channels * ceilDiv(s.users, d360.MaxUsersPerRequest)
			return slices.Concat(
				atMost(float64(writes), writeRequests, create, destroy),
				atMost(float64(s.channels*(s.pages()+3)), allRequests, plan),
				atMost(1, inFlight, create, destroy),
				atMost(1.5, timeRatio, create, plan, destroy),
			)
		},
	},
	{
		name: "csv",
		size: size{users: 64_000, listed: 64_000},
		blocked: side{name: "read_csv", users: fromCSV, config: `
			resource "d360_blocked_users" "users" {
			  users = provider::d360::read_csv(local.text)
			}`},
		baseline: side{name: "csvdecode", users: fromCSV, config: `
			resource "d360_blocked_users" "users" {
			  users = { for row in csvdecode(local.text) : row.number => row.reason }
			}`},
		// Who is blocked by the baseline is adopted.
		phases: []phase{create, plan},
		describe: func(s size) string {
			return fmt.Sprintf("one d360_blocked_users of %d from a CSV file, read by read_csv, against csvdecode and a for expression", s.users)
		},
		bars: func(size) []bar { return atMost(1.2, timeRatio, plan) },
	},
}

// names are the names of the channels, none where there is one without a name.
func (s size) names() []string {
	names := make([]string, s.channels)
	for i := range names {
		names[i] = fmt.Sprintf("channel-%03d", i+1)
	}
	return names
}

func ceilDiv(n, by int) int { return (n + by - 1) / by }

// choose returns the scenario of a name, or all where there is none.
func choose(all []scenario, name string) ([]scenario, error) {
	if name == "" {
		return all, nil
	}
	for _, sc := range all {
		if sc.name == name {
			return []scenario{sc}, nil
		}
	}
	return nil, fmt.Errorf("no scenario %q: there is %s", name, strings.Join(names(all), ", "))
}

func names(all []scenario) []string {
	names := make([]string, len(all))
	for i, sc := range all {
		names[i] = sc.name
	}
	return names
}
