package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// scenario is one way to block users, with limits for its cost.
type scenario struct {
	name string
	// size is the default.
	size              size
	blocked, baseline side
	// phases are in order. The baseline of each is measured first.
	phases   []phase
	describe func(size) string
	// limits are for the blocked side.
	limits func(size) []limit
}

type size struct {
	// users are blocked and unblocked.
	users int
	// listed is the length of the list while they are blocked.
	listed int
	// channels is on how many channels the users are blocked; 0 means one without a name.
	channels int
}

func (s size) pages() int { return ceilDiv(s.listed, fakeapi.DefaultMaxLimit) }

// side is one of two configurations for the same users. The name is also a directory.
type side struct {
	name, config string
	// users comes before config; empty means [fromJSON].
	users string
}

// The sources of the users. In fromJSON, local.users maps each user to a note, and local.channels
// lists the channels. The CSV file has the columns number and reason.
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

type phase struct {
	name string
	args []string
	// blocked is whether the users are on the list afterwards.
	blocked bool
}

var (
	create  = phase{"create", []string{"apply", "-auto-approve"}, true}
	plan    = phase{"plan", []string{"plan", "-detailed-exitcode"}, true}
	destroy = phase{"destroy", []string{"destroy", "-auto-approve"}, false}
)

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
		limits: func(s size) []limit {
			// A request has as many users as Terraform applies at once. slack is for requests
			// that leave before Terraform starts the next resource.
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
		limits: func(s size) []limit {
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
		limits: func(s size) []limit {
			// As many requests as 100 runs with one channel: for the channel, the list and the
			// users.
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
		// The provider adopts the users that the baseline has blocked.
		phases: []phase{create, plan},
		describe: func(s size) string {
			return fmt.Sprintf("one d360_blocked_users of %d from a CSV file, read by read_csv, against csvdecode and a for expression", s.users)
		},
		limits: func(size) []limit { return atMost(1.2, timeRatio, plan) },
	},
}

// names are the names of the channels.
func (s size) names() []string {
	channels := make([]string, s.channels)
	for i := range channels {
		channels[i] = fmt.Sprintf("channel-%03d", i+1)
	}
	return channels
}

func ceilDiv(n, by int) int { return (n + by - 1) / by }

// choose returns the scenario with a name, or all without a name.
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
	texts := make([]string, len(all))
	for i, sc := range all {
		texts[i] = sc.name
	}
	return texts
}
