package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/sandbox"
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
}

// pages is how many pages the whole list has.
func (s size) pages() int { return ceilDiv(s.listed, sandbox.DefaultMaxLimit) }

// side is one of two configurations for the same users. The name is a directory
// too; local.users maps each user to a note.
type side struct {
	name, config string
}

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
		blocked: side{"d360_blocked_user", `
			resource "d360_blocked_user" "user" {
			  for_each = local.users
			  user     = each.key
			  note     = each.value
			}`},
		baseline: side{"terraform_data", `
			resource "terraform_data" "user" {
			  for_each = local.users
			  input    = { user = each.key, note = each.value }
			}`},
		phases: []phase{create, plan, destroy},
		describe: func(s size) string {
			return fmt.Sprintf("%d d360_blocked_user on a list of %d, against as many terraform_data", s.users, s.listed)
		},
		bars: func(s size) []bar {
			// As many travel together as Terraform has under way at once, and nobody knows
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
		blocked: side{"d360_blocked_users", `
			resource "d360_blocked_users" "users" {
			  users = local.users
			}`},
		baseline: side{"terraform_data", `
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
				atMost(1.5, timeRatio, create, plan, destroy),
			)
		},
	},
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
