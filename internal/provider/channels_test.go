package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// team is a business with two channels on one address.
type team struct {
	t              *testing.T
	sales, support *fakeapi.Server
	hub            *fakeapi.Hub
}

func inTeam(t *testing.T, health fakeapi.HealthShape, test func(t *testing.T, s *team)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		channel := func(key, id, number string) *fakeapi.Server {
			return fakeapi.New(fakeapi.Options{Key: key, ResponseFormat: fakeapi.ResponseFormat{Health: health, UserIDs: fakeapi.UserIDsAlways}, Channel: fakeapi.Channel{ID: id, Number: number}})
		}
		s := &team{t: t, sales: channel("key-of-sales", "1001", "4930111111"), support: channel("key-of-support", "1002", "4930222222")}
		s.hub = fakeapi.NewHub(s.sales, s.support)
		test(t, s)
		for _, violation := range s.hub.Violations() {
			t.Errorf("the fake API was sent: %s", violation)
		}
	})
}

// with is a Terraform whose provider has channels of these names and keys. The key of
// the name "" is that of the default channel.
func (s *team) with(keys map[string]string) *faketerraform.Terraform {
	settings := faketerraform.Attributes{"api_key": nil}
	channels := map[string]any{}
	for name, key := range keys {
		if name == "" {
			settings["api_key"] = key
			continue
		}
		channels[name] = map[string]any{"api_key": key}
	}
	if len(channels) > 0 {
		settings["channels"] = channels
	}
	return acctest.InMemoryTerraform(s.t, s.hub, settings)
}

func (s *team) both() *faketerraform.Terraform {
	return s.with(map[string]string{"sales": "key-of-sales", "support": "key-of-support"})
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
			all[address+"_"+name] = resource
		}
	}
	if kind == acctest.SingleType {
		all = map[string]faketerraform.Resource{}
		for _, name := range []string{"sales", "support"} {
			for _, user := range users {
				all["d360_blocked_user."+name+"_"+user[1:]] = acctest.Single(user, faketerraform.Attributes{"channel": name})
			}
		}
	}
	return faketerraform.Configuration{Resources: all}
}

// Each channel has a list of its own, and drift on one is seen there alone.
func TestChannels(t *testing.T) {
	t.Parallel()
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
				tf := s.both()
				users := inARow(4)
				state := apply(t, tf, onBoth(kind, users...), nil)
				expectBlocked(t, s.sales, canonical(users)...)
				expectBlocked(t, s.support, canonical(users)...)
				expectNoChanges(t, tf, onBoth(kind, users...), state)

				s.sales.Remove(users[0])
				s.sales.ResetStats()
				s.support.ResetStats()
				state = apply(t, tf, onBoth(kind, users...), state)
				expectBlocked(t, s.sales, canonical(users)...)
				expectNoWrites(t, s.support)
				if posts := s.sales.Stats().UsersPosted; posts != 1 {
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
				expectBlocked(t, s.sales, canonical(users)...)
				expectBlocked(t, s.support)
				apply(t, tf, faketerraform.Configuration{}, state)
				expectBlocked(t, s.sales)
			})
		})
	}
}

// A channel is its ID, and its name a label: another name sends nothing.
func TestChannels_renamed(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
				users := inARow(3)
				state := apply(t, s.both(), onChannel(config(users...), "sales"), nil)
				s.sales.SetAllSilent(true)
				s.sales.ResetStats()
				renamed := s.with(map[string]string{"hamburg": "key-of-sales", "support": "key-of-support"})
				plan := renamed.Plan(t.Context(), onChannel(config(users...), "hamburg"), state)
				if plan.Failed() || plan.Count(faketerraform.Update) != len(state) || plan.Count(faketerraform.NoOp, faketerraform.Update) != len(state) {
					t.Errorf("the plan is not an update in place:\n%s", plan.Diagnostics)
				}
				state = apply(t, renamed, onChannel(config(users...), "hamburg"), state)
				// To the channel without a name, and back.
				only := s.with(map[string]string{"": "key-of-sales"})
				state = apply(t, only, config(users...), state)
				state = apply(t, renamed, onChannel(config(users...), "hamburg"), state)
				expectNoChanges(t, renamed, onChannel(config(users...), "hamburg"), state)
				expectNoWrites(t, s.sales)
				expectNoWrites(t, s.support)
				expectBlocked(t, s.sales, canonical(users)...)
			})
		})
	}
}

// Another channel replaces the resource: the plan shows the unblocks on the old one,
// and the limit holds for them.
func TestChannels_moved(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
				users := inARow(3)
				tf := s.both()
				state := apply(t, tf, onChannel(config(users...), "sales"), nil)
				plan := tf.Plan(t.Context(), onChannel(config(users...), "support"), state)
				expectDiagnostic(t, plan.Diagnostics, false, "This plan unblocks users", "3 users", "on sales (+4930111111)", users[0])
				state = apply(t, tf, onChannel(config(users...), "support"), state)
				expectBlocked(t, s.sales)
				expectBlocked(t, s.support, canonical(users)...)
				expectNoChanges(t, tf, onChannel(config(users...), "support"), state)
			})
			// Without IDs nothing proves which channel it is.
			for _, health := range []fakeapi.HealthShape{fakeapi.HealthNotFound, fakeapi.HealthForbidden} {
				inTeam(t, health, func(t *testing.T, s *team) {
					users := inARow(3)
					tf := s.both()
					state := apply(t, tf, onChannel(config(users...), "sales"), nil)
					expectRejected(t, s.sales, tf, onChannel(config(users...), "support"), state, `Cannot tell whether the channel "sales" is the channel "support"`, "Nothing was sent")
					expectNoWrites(t, s.support)
				})
			}
		})
	}
}

// A name that now has the key of another number is the guard's error.
func TestChannels_nameOfAnotherNumber(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
				users := inARow(3)
				state := apply(t, s.both(), onChannel(config(users...), "sales"), nil)
				for _, wrong := range []*faketerraform.Terraform{
					s.with(map[string]string{"sales": "key-of-support"}),
					s.with(map[string]string{"sales": "key-of-support", "support": "key-of-sales"}),
				} {
					expectRejected(t, s.sales, wrong, onChannel(config(users[1:]...), "sales"), state, "The API key belongs to another number than the state", "+4930111111 (ID 1001)", "+4930222222 (ID 1002)", "Channel: sales")
					expectNoWrites(t, s.support)
				}
			})
		})
	}
}

// A resource has to name a channel that the provider has.
func TestChannels_names(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
				tf := s.both()
				expectRejected(t, s.sales, tf, config(inARow(1)...), nil, "Missing channel", "the channels sales, support")
				expectRejected(t, s.sales, tf, onChannel(config(inARow(1)...), "slaes"), nil, `Unknown channel "slaes"`, "the channels sales, support")
				one := s.with(map[string]string{"": "key-of-sales"})
				expectRejected(t, s.sales, one, onChannel(config(inARow(1)...), "sales"), nil, `Unknown channel "sales"`, "leave channel out")
			})
		})
	}
}

// A channel that is no longer configured keeps its users in the state. Destroying them
// is an error at plan.
func TestChannels_gone(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
				users := inARow(2)
				state := apply(t, s.both(), onChannel(config(users...), "support"), nil)
				without := s.with(map[string]string{"sales": "key-of-sales"})
				expectRejected(t, s.support, without, faketerraform.Configuration{}, state, `Cannot destroy this resource: the channel "support" is not configured`, "destroy = false")
				expectRejected(t, s.support, without, onChannel(config(users...), "support"), state, `Unknown channel "support"`)
				expectRejected(t, s.support, without, onChannel(config(users...), "sales"), state, `Cannot change the channel "support" to the channel "sales"`, "nothing proves")
				expectNoWrites(t, s.sales)
				plan := without.Plan(t.Context(), onChannel(config(users...), "support"), state)
				expectDiagnostic(t, plan.Diagnostics, false, `Cannot look up the users of the channel "support"`, "the state is kept as it is")
				forget := faketerraform.Configuration{Removed: state.Addresses()}
				apply(t, without, forget, state)
				expectBlocked(t, s.support, canonical(users)...)
			})
		})
	}
}

// An import ID can name a channel in front of a slash, which only counts if it is one.
func TestChannels_import(t *testing.T) {
	t.Parallel()
	inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
		users := inARow(2)
		s.support.Seed(users...)
		tf := s.both()
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
		expectNoWrites(t, s.support)
		// A number with a slash is no channel.
		only := s.with(map[string]string{"": "key-of-support"})
		config := acctest.Resources(acctest.At("d360_blocked_user.one", acctest.Single(users[0])))
		config.Imports = []faketerraform.Import{{To: "d360_blocked_user.one", ID: "+49 1512/0000001"}}
		apply(t, only, config, nil)
	})
}

// One channel's failure leaves the work of the others done.
func TestChannels_independent(t *testing.T) {
	t.Parallel()
	inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
		tf := s.both()
		users := inARow(3)
		s.support.SetAllSilent(true)
		run := tf.Apply(t.Context(), onBoth(acctest.BulkType, users...), nil)
		expectDiagnostic(t, run.Diagnostics, true, "Cannot block 3 of 3 users", "code 131047", "Channel: support")
		expectBlocked(t, s.sales, canonical(users)...)
		if addresses := run.State.Addresses(); !slices.Equal(addresses, []string{"d360_blocked_users.all_sales"}) {
			t.Errorf("the state has %v", addresses)
		}
	})
}

// The limit counts over all channels.
func TestChannels_unblockLimit(t *testing.T) {
	t.Parallel()
	inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
		settings := faketerraform.Attributes{
			"api_key": nil, "max_unblocks": 3,
			"channels": map[string]any{"sales": map[string]any{"api_key": "key-of-sales"}, "support": map[string]any{"api_key": "key-of-support"}},
		}
		tf := acctest.InMemoryTerraform(t, s.hub, settings)
		users := inARow(4)
		state := apply(t, tf, onBoth(acctest.BulkType, users...), nil)
		expectRejected(t, s.sales, tf, onBoth(acctest.BulkType, users[2:]...), state, "This plan unblocks 4 users, and the limit is 3", "on sales (+4930111111), support (+4930222222)")
		apply(t, tf, onBoth(acctest.BulkType, users[1:]...), state)
		expectBlocked(t, s.sales, canonical(users[1:])...)
		expectBlocked(t, s.support, canonical(users[1:])...)
	})
}

// Data sources and the list resource ask the channel that they name.
func TestChannels_read(t *testing.T) {
	t.Parallel()
	inTeam(t, fakeapi.HealthFull, func(t *testing.T, s *team) {
		tf := s.both()
		s.support.Seed("4915120000001")
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
			t.Errorf("%d users on the one channel, want none", got)
		}
		if got := len(plan.Data["d360_blocked_users.support"]["users"].(map[string]any)); got != 1 {
			t.Errorf("%d users on the other channel, want 1", got)
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
