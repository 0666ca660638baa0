package provider_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/blocklist"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
	"github.com/d360/terraform-provider-d360/internal/provider"
)

// withLag is inMemory with a provider that expects the list to lag, as a release does.
func withLag(t *testing.T, opts fakeapi.Options, test func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform)) {
	t.Helper()
	inMemoryWith(t, opts, nil, test, provider.WithLag(blocklist.DefaultLag))
}

// lag hides users from the list for a time, as a lagging replica does.
func lag(api *fakeapi.Server, d time.Duration, users ...string) {
	api.Remove(users...)
	time.AfterFunc(d, func() { api.Seed(users...) })
}

// If the list does not show a new user yet, the refresh waits, once for all users, and
// keeps them in the state.
func TestLaggingList_refresh(t *testing.T) {
	t.Parallel()
	users := acctest.SomeUsers(0, 50)
	for shape, config := range kinds {
		for name, test := range map[string]struct {
			// after is how long after the apply the plan begins, and lasts how long after
			// the apply the list lags.
			after, lasts time.Duration
			// waits is how long the plan takes, and leave is set where users leave the state.
			waits time.Duration
			leave bool
		}{
			"at once":                 {0, 8 * time.Second, 10 * time.Second, false},
			"a moment later":          {6 * time.Second, 8 * time.Second, 4 * time.Second, false},
			"no lag":                  {0, 0, 0, false},
			"unblocked by hand":       {time.Second, time.Hour, 9 * time.Second, true},
			"unblocked by hand later": {10 * time.Second, time.Hour, 0, true},
		} {
			t.Run(shape+"/"+name, func(t *testing.T) {
				t.Parallel()
				withLag(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					config := config(users...)
					state := apply(t, tf, config, nil)
					lag(api, test.lasts, users[:20]...)
					time.Sleep(test.after) //nolint:forbidigo // takes no time in a bubble
					synctest.Wait()
					api.ResetStats()
					began := time.Now()
					plan := tf.Plan(t.Context(), config, state)
					if plan.Failed() || plan.IsEmpty() == test.leave {
						t.Errorf("the plan is empty: %t\n%s", plan.IsEmpty(), plan.Diagnostics)
					}
					// The review of a plan waits for a moment.
					if waited := time.Since(began); waited < test.waits-20*time.Millisecond || waited > test.waits+2*time.Second {
						t.Errorf("the plan waited for %s, want %s", waited, test.waits)
					}
					if scans := api.Stats().Scans; scans > 4 {
						t.Errorf("%d scans, want two before the wait and two after it", scans)
					}
				})
			})
		}
	}
}

// One wait serves all users, although they were written one after the other.
func TestLaggingList_refreshOfManyWrites(t *testing.T) {
	t.Parallel()
	// The writes take some seconds, and the refresh comes in another order.
	withLag(t, fakeapi.Options{Delay: 200 * time.Millisecond}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		users := acctest.SomeUsers(0, 200)
		config := kinds[acctest.SingleType](users...)
		state := apply(t, tf, config, nil)
		lag(api, 5*time.Second, users...)
		tf.Order = func(addresses []string) {
			rand.New(rand.NewPCG(4, 7)).Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
		}
		api.ResetStats()
		began := time.Now()
		expectNoChanges(t, tf, config, state)
		if waited := time.Since(began); waited > 12*time.Second {
			t.Errorf("the plan waited for %s", waited)
		}
		if scans := api.Stats().Scans; scans > 4 {
			t.Errorf("%d scans, want two before the wait and two after it", scans)
		}
	})
}

// Within a minute of a write, the DELETE is sent although the list does not show the
// user.
func TestLaggingList_unblock(t *testing.T) {
	t.Parallel()
	for shape, config := range kinds {
		for name, test := range map[string]struct {
			after time.Duration
			sent  bool
		}{
			"at once":            {0, true},
			"half a minute":      {30 * time.Second, true},
			"almost a minute":    {59 * time.Second, true},
			"more than a minute": {61 * time.Second, false},
		} {
			for how, after := range map[string]func() faketerraform.Configuration{
				"removed": func() faketerraform.Configuration { return faketerraform.Configuration{} },
				"left":    func() faketerraform.Configuration { return config(ann) },
			} {
				t.Run(shape+"/"+name+"/"+how, func(t *testing.T) {
					t.Parallel()
					withLag(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						state := apply(t, tf, config(ann, bob), nil)
						time.Sleep(test.after) //nolint:forbidigo // takes no time in a bubble
						plan := tf.Plan(t.Context(), after(), state)
						api.Remove(bob)
						if _, diags := tf.ApplyPlan(t.Context(), plan); diags.HasErrors() {
							t.Error(diags)
						}
						sent := false
						for _, user := range api.Deleted() {
							sent = sent || user == "4915120000002"
						}
						if sent != test.sent {
							t.Errorf("a DELETE was sent: %t, want %t", sent, test.sent)
						}
					})
				})
			}
		}
	}
}

func TestLaggingList_afterUpdate(t *testing.T) {
	t.Parallel()
	pending := faketerraform.Attributes{"allow_pending": true}
	for name, test := range map[string]struct{ before, after faketerraform.Configuration }{
		"a map with one more": {kinds[acctest.BulkType](ann), kinds[acctest.BulkType](ann, bob)},
		"the whole list":      {kinds[acctest.ExclusiveType](ann), kinds[acctest.ExclusiveType](ann, bob)},
		"one who was pending": {
			acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(bob, pending))),
			acctest.Resources(acctest.At("d360_blocked_user.a", acctest.Single(bob, pending))),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withLag(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				api.Silent(bob)
				state := apply(t, tf, test.before, nil)
				time.Sleep(time.Hour) //nolint:forbidigo // takes no time in a bubble
				api.Heard(bob)
				state = apply(t, tf, test.after, state)
				lag(api, 8*time.Second, bob)
				expectNoChanges(t, tf, test.after, state)
			})
		})
	}
}
