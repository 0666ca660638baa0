package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// twoChannels are two channels at one address: the key of a request decides which of
// them it is for.
type twoChannels struct {
	t              *testing.T
	sales, support *fakeapi.Server
	hub            *fakeapi.Hub
}

func newTwoChannels(t *testing.T, health fakeapi.HealthShape) *twoChannels {
	channel := func(key string, channel fakeapi.Channel) *fakeapi.Server {
		return fakeapi.New(fakeapi.Options{Key: key, ResponseFormat: fakeapi.ResponseFormat{Health: health, UserIDs: fakeapi.UserIDsAlways}, Channel: channel})
	}
	c := &twoChannels{
		t:     t,
		sales: channel(salesKey, fakeapi.Channel{ID: "1001", Number: "4930111111", Name: "Sales"}), support: channel(supportKey, fakeapi.Channel{ID: "1002", Number: "4930222222", Name: "Support"}),
	}
	c.hub = fakeapi.NewHub(c.sales, c.support)
	return c
}

func onTwoChannels(t *testing.T, health fakeapi.HealthShape, test func(t *testing.T, c *twoChannels)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newTwoChannels(t, health)) })
}

// eachKindOnTwoChannels runs a parallel subtest for each kind of resource.
func eachKindOnTwoChannels(t *testing.T, test func(t *testing.T, c *twoChannels, config configOf)) {
	t.Helper()
	eachKind(t, func(t *testing.T, _ string, config configOf) {
		onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) { test(t, c, config) })
	})
}

// channelsWithKeys are the channels of a provider block with these keys, by name.
func channelsWithKeys(byName map[string]any) map[string]any {
	channels := map[string]any{}
	for name, key := range byName {
		channels[name] = map[string]any{"api_key": key}
	}
	return channels
}

// terraform is a Terraform whose provider has these channels.
func (c *twoChannels) terraform(channels map[string]any) *faketerraform.Terraform {
	return acctest.InMemoryTerraform(c.t, c.hub, faketerraform.Attributes{"api_key": nil, "channels": channels})
}

// terraformWithKey is a Terraform whose provider has one channel without a name.
func (c *twoChannels) terraformWithKey(key string) *faketerraform.Terraform {
	return acctest.InMemoryTerraform(c.t, c.hub, faketerraform.Attributes{"api_key": key})
}

func (c *twoChannels) both() *faketerraform.Terraform {
	return c.terraform(channelsWithKeys(map[string]any{"sales": salesKey, "support": supportKey}))
}

// onChannel puts all resources of a configuration on a channel.
func onChannel(config faketerraform.Configuration, name any) faketerraform.Configuration {
	resources := map[string]faketerraform.Resource{}
	for address, resource := range config.Resources {
		attributes := faketerraform.Attributes{"channel": name}
		maps.Copy(attributes, resource.Attributes)
		resource.Attributes = attributes
		resources[address] = resource
	}
	config.Resources = resources
	return config
}

// onBoth has the same users on both channels, one instance for each.
func onBoth(kind string, users ...string) faketerraform.Configuration {
	all := map[string]faketerraform.Resource{}
	for _, name := range []string{"sales", "support"} {
		for address, resource := range onChannel(kinds[kind](users...), name).Resources {
			_, instance, _ := strings.Cut(address, ".")
			all[kind+"."+name+strings.TrimPrefix(strings.TrimPrefix(instance, "each"), "all")] = resource
		}
	}
	return faketerraform.Configuration{Resources: all}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind string, _ configOf) {
		onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
			tf := c.both()
			users := phoneNumbers(4)
			state := apply(t, tf, onBoth(kind, users...), nil)
			expectBlocked(t, c.sales, canonical(users)...)
			expectBlocked(t, c.support, canonical(users)...)
			expectNoChanges(t, tf, onBoth(kind, users...), state)

			c.sales.Remove(users[0])
			c.sales.ResetStats()
			c.support.ResetStats()
			state = apply(t, tf, onBoth(kind, users...), state)
			expectBlocked(t, c.sales, canonical(users)...)
			expectNoWrites(t, c.support)
			if posts := c.sales.Stats().UsersPosted; posts != 1 {
				t.Errorf("%d users were blocked on the channel that drifted, want 1", posts)
			}
			// One channel leaves the configuration: its users are unblocked there.
			left := onBoth(kind, users...)
			for address, resource := range left.Resources {
				if resource.Attributes["channel"] == "support" {
					delete(left.Resources, address)
				}
			}
			state = apply(t, tf, left, state)
			expectBlocked(t, c.sales, canonical(users)...)
			expectBlocked(t, c.support)
			apply(t, tf, faketerraform.Configuration{}, state)
			expectBlocked(t, c.sales)
		})
	})
}

// A channel is identified by its ID. Its name is a label, so a new name sends nothing.
func TestChannels_renamed(t *testing.T) {
	t.Parallel()
	eachKindOnTwoChannels(t, func(t *testing.T, c *twoChannels, config configOf) {
		users := phoneNumbers(3)
		state := apply(t, c.both(), onChannel(config(users...), "sales"), nil)
		c.sales.SetAllSilent(true)
		c.sales.ResetStats()
		renamed := c.terraform(channelsWithKeys(map[string]any{"hamburg": salesKey, "support": supportKey}))
		plan := renamed.Plan(t.Context(), onChannel(config(users...), "hamburg"), state)
		if plan.Failed() || plan.Count(faketerraform.Update) != len(state) || plan.Count(faketerraform.NoOp, faketerraform.Update) != len(state) {
			t.Errorf("the plan is not an update in place:\n%s", plan.Diagnostics)
		}
		state = apply(t, renamed, onChannel(config(users...), "hamburg"), state)
		// To the channel without a name, and back.
		only := c.terraformWithKey(salesKey)
		state = apply(t, only, config(users...), state)
		state = apply(t, renamed, onChannel(config(users...), "hamburg"), state)
		expectNoChanges(t, renamed, onChannel(config(users...), "hamburg"), state)
		expectNoWrites(t, c.sales)
		expectNoWrites(t, c.support)
		expectBlocked(t, c.sales, canonical(users)...)
	})
}

// Another channel replaces the resource, and the plan shows the unblocks on the old one.
func TestChannels_moved(t *testing.T) {
	t.Parallel()
	eachKindOnTwoChannels(t, func(t *testing.T, c *twoChannels, config configOf) {
		users := phoneNumbers(3)
		tf := c.both()
		state := apply(t, tf, onChannel(config(users...), "sales"), nil)
		plan := tf.Plan(t.Context(), onChannel(config(users...), "support"), state)
		expectDiagnostic(t, plan.Diagnostics, false, "This plan unblocks users", "3 users", "on sales (+4930111111)", users[0])
		state = apply(t, tf, onChannel(config(users...), "support"), state)
		expectBlocked(t, c.sales)
		expectBlocked(t, c.support, canonical(users)...)
		expectNoChanges(t, tf, onChannel(config(users...), "support"), state)
	})
}

// Without IDs nothing proves which channel it is.
func TestChannels_movedWithoutIDs(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, _ string, config configOf) {
		for _, health := range []fakeapi.HealthShape{fakeapi.HealthNotFound, fakeapi.HealthForbidden} {
			onTwoChannels(t, health, func(t *testing.T, c *twoChannels) {
				users := phoneNumbers(3)
				tf := c.both()
				state := apply(t, tf, onChannel(config(users...), "sales"), nil)
				expectRejected(t, c.sales, tf, onChannel(config(users...), "support"), state, `Cannot tell whether the channel "sales" is the channel "support"`, "Nothing was sent")
				expectNoWrites(t, c.support)
			})
		}
	})
}

func TestChannels_nameOfAnotherNumber(t *testing.T) {
	t.Parallel()
	eachKindOnTwoChannels(t, func(t *testing.T, c *twoChannels, config configOf) {
		users := phoneNumbers(3)
		state := apply(t, c.both(), onChannel(config(users...), "sales"), nil)
		for _, wrong := range []*faketerraform.Terraform{
			c.terraform(channelsWithKeys(map[string]any{"sales": supportKey})),
			c.terraform(channelsWithKeys(map[string]any{"sales": supportKey, "support": salesKey})),
		} {
			expectRejected(t, c.sales, wrong, onChannel(config(users[1:]...), "sales"), state, anotherNumber, "+4930111111 (ID 1001)", "+4930222222 (ID 1002)", "Channel: sales")
			expectNoWrites(t, c.support)
		}
	})
}

func TestChannels_names(t *testing.T) {
	t.Parallel()
	eachKindOnTwoChannels(t, func(t *testing.T, c *twoChannels, config configOf) {
		tf := c.both()
		expectRejected(t, c.sales, tf, config(phoneNumbers(1)...), nil, "Missing channel", "one of: sales, support")
		expectRejected(t, c.sales, tf, onChannel(config(phoneNumbers(1)...), "slaes"), nil, `Unknown channel "slaes"`, "one of: sales, support")
		one := c.terraformWithKey(salesKey)
		expectRejected(t, c.sales, one, onChannel(config(phoneNumbers(1)...), "sales"), nil, `Unknown channel "sales"`, "leave channel out")
	})
}

// The users of a channel that is no longer configured stay in the state.
func TestChannels_removed(t *testing.T) {
	t.Parallel()
	eachKindOnTwoChannels(t, func(t *testing.T, c *twoChannels, config configOf) {
		users := phoneNumbers(2)
		state := apply(t, c.both(), onChannel(config(users...), "support"), nil)
		without := c.terraform(channelsWithKeys(map[string]any{"sales": salesKey}))
		expectRejected(t, c.support, without, faketerraform.Configuration{}, state, `Cannot destroy this resource: the channel "support" is not configured`, "destroy = false")
		expectRejected(t, c.support, without, onChannel(config(users...), "support"), state, `Unknown channel "support"`)
		expectRejected(t, c.support, without, onChannel(config(users...), "sales"), state, `Cannot change the channel "support" to the channel "sales"`, "cannot tell whether the two names mean the same channel")
		expectNoWrites(t, c.sales)
		plan := without.Plan(t.Context(), onChannel(config(users...), "support"), state)
		expectDiagnostic(t, plan.Diagnostics, false, `Cannot look up the users of the channel "support"`, "the state is kept as it is")
		apply(t, without, faketerraform.Configuration{Removed: state.Addresses()}, state)
		expectBlocked(t, c.support, canonical(users)...)
	})
}

func TestChannels_import(t *testing.T) {
	t.Parallel()
	onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
		users := phoneNumbers(2)
		c.support.Seed(users...)
		tf := c.both()
		for name, test := range map[string]struct {
			config faketerraform.Configuration
			to, id string
		}{
			"single":    {acctest.Resources(acctest.At("d360_blocked_user.one", acctest.Single(users[0]))), "d360_blocked_user.one", "support/" + users[0]},
			"some":      {kinds[acctest.BulkType](users...), "d360_blocked_users.all", "support/" + users[0] + "," + users[1]},
			"everyone":  {kinds[acctest.BulkType](users...), "d360_blocked_users.all", "support/*"},
			"exclusive": {kinds[acctest.ExclusiveType](users...), "d360_blocklist_exclusive.all", "support/blocklist"},
		} {
			config := onChannel(test.config, "support")
			config.Imports = []faketerraform.Import{{To: test.to, ID: test.id}}
			state := apply(t, tf, config, nil)
			if got := state[test.to].Current.Attributes()["channel"]; got != "support" {
				t.Errorf("%s: the channel is %v", name, got)
			}
			expectNoChanges(t, tf, config, state)
		}
		expectNoWrites(t, c.support)
		// A number with a slash is no channel.
		only := c.terraformWithKey(supportKey)
		config := acctest.Resources(acctest.At("d360_blocked_user.one", acctest.Single(users[0])))
		config.Imports = []faketerraform.Import{{To: "d360_blocked_user.one", ID: "+49 1512/0000001"}}
		apply(t, only, config, nil)
	})
}

// A failure on one channel does not undo or stop the others.
func TestChannels_independent(t *testing.T) {
	t.Parallel()
	onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
		tf := c.both()
		users := phoneNumbers(3)
		c.support.SetAllSilent(true)
		run := tf.Apply(t.Context(), onBoth(acctest.BulkType, users...), nil)
		expectDiagnostic(t, run.Diagnostics, true, "Cannot block 3 of 3 users", "code 131047", "Channel: support")
		expectBlocked(t, c.sales, canonical(users)...)
		if addresses := run.State.Addresses(); !slices.Equal(addresses, []string{"d360_blocked_users.sales"}) {
			t.Errorf("the state has %v", addresses)
		}
	})
}

// max_unblocks counts over all channels.
func TestChannels_unblockLimit(t *testing.T) {
	t.Parallel()
	onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
		tf := acctest.InMemoryTerraform(t, c.hub, faketerraform.Attributes{"api_key": nil, "max_unblocks": 3, "channels": channelsWithKeys(map[string]any{"sales": salesKey, "support": supportKey})})
		users := phoneNumbers(4)
		state := apply(t, tf, onBoth(acctest.BulkType, users...), nil)
		expectRejected(t, c.sales, tf, onBoth(acctest.BulkType, users[2:]...), state, "This plan unblocks 4 users, and the limit is 3", "on sales (+4930111111), support (+4930222222)")
		apply(t, tf, onBoth(acctest.BulkType, users[1:]...), state)
		expectBlocked(t, c.sales, canonical(users[1:])...)
		expectBlocked(t, c.support, canonical(users[1:])...)
	})
}

func TestChannels_read(t *testing.T) {
	t.Parallel()
	onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
		tf := c.both()
		c.support.Seed("4915120000001")
		config := faketerraform.Configuration{Data: map[string]faketerraform.Attributes{
			"d360_blocked_users.sales":   {"channel": "sales"},
			"d360_blocked_users.support": {"channel": "support"},
			"d360_blocked_user.sales":    {"channel": "sales", "user": "+4915120000001"},
			"d360_blocked_user.support":  {"channel": "support", "user": "+4915120000001"},
			"d360_channel.support":       {"channel": "support"},
		}}
		plan := tf.Plan(t.Context(), config, nil)
		if plan.Failed() {
			t.Fatal(plan.Diagnostics)
		}
		if got := len(plan.Data["d360_blocked_users.sales"]["users"].(map[string]any)); got != 0 {
			t.Errorf("%d users on sales, want none", got)
		}
		if got := len(plan.Data["d360_blocked_users.support"]["users"].(map[string]any)); got != 1 {
			t.Errorf("%d users on support, want 1", got)
		}
		if got := fmt.Sprint(plan.Data["d360_blocked_user.sales"]["blocked"], plan.Data["d360_blocked_user.support"]["blocked"]); got != "false true" {
			t.Errorf("the user is %v and %v", plan.Data["d360_blocked_user.sales"], plan.Data["d360_blocked_user.support"])
		}
		if got := plan.Data["d360_channel.support"]["number"]; got != "4930222222" {
			t.Errorf("the number is %v", got)
		}
		listed, diags := tf.Query(t.Context(), faketerraform.Query{Type: acctest.SingleType, IncludeResource: true, Config: faketerraform.Attributes{"channel": "support"}})
		if diags.HasErrors() || len(listed) != 1 || listed[0].Identity["channel"] != "support" || listed[0].Resource["channel"] != "support" {
			t.Errorf("the query finds %+v, %s", listed, diags)
		}
	})
}
