package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// With the key of another number, plan, apply and destroy are errors that name both
// numbers, and nothing is sent.
func TestChannelGuard(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, _ string, config configOf) {
		for _, format := range fakeapi.HealthVariants() {
			health := format.Health
			t.Run(health.String(), func(t *testing.T) {
				t.Parallel()
				onTwoChannels(t, health, func(t *testing.T, c *twoChannels) {
					right, wrong := c.terraformWithKey(salesKey), c.terraformWithKey(supportKey)
					users := phoneNumbers(3)
					state := apply(t, right, config(users...), nil)
					c.support.Seed(users...)
					c.support.ResetStats()
					checked := health != fakeapi.HealthNotFound && health != fakeapi.HealthForbidden && health != fakeapi.HealthAccountProblem
					for name, destroy := range map[string]bool{"plan": false, "destroy": true} {
						for _, noRefresh := range []bool{false, true} {
							plan := wrong.PlanWith(t.Context(), config(users[:2]...), state, faketerraform.PlanOptions{Destroy: destroy, NoRefresh: noRefresh})
							if !checked {
								continue
							}
							says := []string{anotherNumber, "1001", "1002", "Nothing was sent", "destroy = false"}
							if health != fakeapi.HealthIDOnly && health != fakeapi.HealthEntities && health != fakeapi.HealthEntitiesNoID && health != fakeapi.HealthNoNumber {
								says = []string{anotherNumber, "+4930111111", "+4930222222", "Support"}
							}
							expectDiagnostic(t, plan.Diagnostics, true, says...)
							if errors := plan.Diagnostics.Errors(); len(errors) != 1 {
								t.Errorf("%s: %d errors, want one for all:\n%s", name, len(errors), errors)
							}
						}
					}
					if checked {
						plan := right.Plan(t.Context(), config(users[:2]...), state)
						_, diags := wrong.ApplyPlan(t.Context(), plan)
						expectDiagnostic(t, diags, true, anotherNumber)
					}
					expectNoWrites(t, c.support)
					if gets := c.support.Stats().Gets; checked && gets > 0 {
						t.Errorf("%d requests read the list of the wrong number", gets)
					}
					state = apply(t, right, config(users[:2]...), state)
					expectBlocked(t, c.sales, canonical(users[:2])...)
					expectNoChanges(t, right, config(users[:2]...), state)
				})
			})
		}
	})
}

const anotherNumber = "The API key belongs to another number than the state"

// With the key of another number in the apply, Terraform reports no bug of the provider
// ("Provider produced inconsistent result").
func TestChannelGuard_apply(t *testing.T) {
	t.Parallel()
	onTwoChannels(t, fakeapi.HealthFull, func(t *testing.T, c *twoChannels) {
		config := func(users ...string) faketerraform.Configuration {
			return acctest.Resources(
				acctest.At("d360_blocked_users.a", acctest.Many(users...)),
				acctest.At("d360_blocked_users.b", acctest.Many("+16505550100")),
				acctest.At("d360_blocked_user.c", acctest.Single("+16505550101", faketerraform.Attributes{"note": users[0]})),
				acctest.At(`d360_blocked_user.d["`+users[0]+`"]`, acctest.Single("+165055502"+users[0][10:])),
			)
		}
		users := phoneNumbers(3)
		right, wrong := c.terraformWithKey(salesKey), c.terraformWithKey(supportKey)
		state := apply(t, right, config(users[:2]...), nil)
		plan := right.Plan(t.Context(), config(users[2]), state)
		wrong.Parallelism = 1
		_, diags := wrong.ApplyPlan(t.Context(), plan)
		expectDiagnostic(t, diags, true, anotherNumber)
		for _, d := range diags.Errors() {
			if strings.HasPrefix(d.Summary, "Provider produced") {
				t.Error(d)
			}
		}
		expectNoWrites(t, c.support)
	})
}

// A state without a channel ID takes the one of the key. A changed ID with the same
// number is the same channel.
func TestChannelGuard_adopts(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, _ string, config configOf) {
		synctest.Test(t, func(t *testing.T) {
			users := phoneNumbers(2)
			terraform := func(id, number string, health fakeapi.HealthShape) *faketerraform.Terraform {
				api := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: health}, Channel: fakeapi.Channel{ID: id, Number: number}})
				api.Seed(users...)
				return acctest.InMemoryTerraform(t, api, nil)
			}
			state := apply(t, terraform("1001", "4930111111", fakeapi.HealthNotFound), config(users...), nil)
			state = refresh(t, terraform("1001", "4930111111", fakeapi.HealthFull), config(users...), state)
			state = refresh(t, terraform("1009", "4930111111", fakeapi.HealthFull), config(users...), state)
			plan := terraform("1002", "4930222222", fakeapi.HealthFull).Plan(t.Context(), config(users...), state)
			expectDiagnostic(t, plan.Diagnostics, true, anotherNumber, "+4930111111 (ID 1009)", "+4930222222 (ID 1002)")
		})
	})
}

// The guard stays on where the API does not say which number the key belongs to.
func TestChannelGuard_faults(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusBadRequest} {
		inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
			config := kinds[acctest.BulkType]
			state := apply(t, tf, config(phoneNumbers(2)...), nil)
			api.Inject(fakeapi.Fault{Path: fakeapi.HealthPath, Kind: fakeapi.FaultStatus, Status: status, Times: fakeapi.Forever})
			api.ResetStats()
			plan := tf.Plan(t.Context(), config(phoneNumbers(1)...), state)
			expectDiagnostic(t, plan.Diagnostics, true, "Cannot verify which number the API key belongs to", "HTTP", "nothing was sent")
			expectNoWrites(t, api)
		})
	}
	inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		config := kinds[acctest.BulkType]
		state := apply(t, tf, config(phoneNumbers(2)...), nil)
		api.ResetStats()
		api.Inject(fakeapi.Fault{Path: fakeapi.HealthPath, Kind: fakeapi.FaultStatus, Status: http.StatusServiceUnavailable, Times: 1})
		expectNoChanges(t, tf, config(phoneNumbers(2)...), state)
		if n := api.Stats().HealthStatus; n != 2 {
			t.Errorf("%d requests for the number, want one and a retry", n)
		}
	})
}

// A state that holds only the number of its channel is guarded like one with an ID.
func TestChannelGuard_numberOnly(t *testing.T) {
	t.Parallel()
	for name, health := range map[string]fakeapi.Fault{
		"cannot be read": {Kind: fakeapi.FaultStatus, Status: http.StatusServiceUnavailable},
		"another number": {Kind: fakeapi.FaultRawBody, Status: http.StatusOK, Body: `{"display_phone_number":"+49 30 2222222"}`, ContentType: "application/json"},
		"rejected":       {Kind: fakeapi.FaultStatus, Status: http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(t *testing.T, _ string, config configOf) {
				inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
					setHealth := func(f fakeapi.Fault) {
						f.Path, f.Times = fakeapi.HealthPath, fakeapi.Forever
						api.ClearFaults()
						api.Inject(f)
					}
					setHealth(fakeapi.Fault{Kind: fakeapi.FaultRawBody, Status: http.StatusOK, Body: `{"display_phone_number":"+49 30 1111111"}`, ContentType: "application/json"})
					state := apply(t, tf, config(phoneNumbers(2)...), nil)
					setHealth(health)
					api.ResetStats()
					run := tf.Apply(t.Context(), config(phoneNumbers(1)...), state)
					if run.Applied {
						t.Error("the plan was applied")
					}
					expectDiagnostic(t, run.All(), true, "API key", "othing was sent")
					expectNoWrites(t, api)
				})
			})
		})
	}
}

// A rejected key has a message of its own: the number is not the problem.
func TestChannelGuard_rejectedKey(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]faketerraform.Attributes{
		"a number in the state": nil,
		"a configured number":   {"business_number": "+49 30 23125000"},
	} {
		inMemoryWith(t, fakeapi.Options{}, settings, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
			config := kinds[acctest.BulkType]
			state := apply(t, tf, config(phoneNumbers(2)...), nil)
			api.Inject(fakeapi.Fault{Path: fakeapi.HealthPath, Kind: fakeapi.FaultStatus, Status: http.StatusUnauthorized, Times: fakeapi.Forever})
			plan := tf.Plan(t.Context(), config(phoneNumbers(1)...), state)
			expectDiagnostic(t, plan.Diagnostics, true, "The API rejects the API key", "HTTP 401", "The API key was taken from", "Nothing was sent")
			if errs := plan.Diagnostics.Errors(); len(errs) != 1 {
				t.Errorf("%s: %d errors, want one:\n%s", name, len(errs), plan.Diagnostics)
			}
			if settings != nil {
				plan = tf.Plan(t.Context(), config(phoneNumbers(1)...), nil)
				expectDiagnostic(t, plan.Diagnostics, true, "The API rejects the API key")
			}
		})
	}
}

// If business_number is not the number of the key, no request reads or changes the list.
func TestBusinessNumber(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		health fakeapi.HealthShape
		number string
		says   []string
	}{
		"right":          {fakeapi.HealthFull, "+49 (30) 111111", nil},
		"right, digits":  {fakeapi.HealthDigits, "0049 30 111111", nil},
		"wrong":          {fakeapi.HealthFull, "+49 30 999999", []string{"The API key belongs to another number than business_number", "+4930999999", "+4930111111", "Nothing was sent"}},
		"not told":       {fakeapi.HealthNoNumber, "+49 30 111111", []string{"Cannot verify business_number", "does not return the number"}},
		"not found":      {fakeapi.HealthNotFound, "+49 30 111111", []string{"Cannot verify business_number", "HTTP 404"}},
		"forbidden":      {fakeapi.HealthForbidden, "+49 30 111111", []string{"Cannot verify business_number", "HTTP 403"}},
		"no number":      {fakeapi.HealthFull, "support", []string{"Invalid business_number"}},
		"user ID":        {fakeapi.HealthFull, "US.13491208655302741918", []string{"Invalid business_number", "phone number"}},
		"without a code": {fakeapi.HealthFull, "030 111111", []string{"Invalid business_number"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: test.health}, Channel: fakeapi.Channel{Number: "4930111111"}})
				tf := acctest.InMemoryTerraform(t, api, faketerraform.Attributes{"business_number": test.number})
				config := kinds[acctest.SingleType]("+4915120000001", "+4915120000002")
				if test.says == nil {
					apply(t, tf, config, nil)
					return
				}
				plan := tf.Plan(t.Context(), config, nil)
				expectDiagnostic(t, plan.Diagnostics, true, test.says...)
				if stats := api.Stats(); stats.Gets > 0 || stats.Posts > 0 {
					t.Errorf("requests were made: %+v", stats)
				}
			})
		})
	}
}

func TestChannelDataSource(t *testing.T) {
	t.Parallel()
	config := faketerraform.Configuration{Data: map[string]faketerraform.Attributes{"d360_channel.this": {}}}
	for name, test := range map[string]struct {
		health               fakeapi.HealthShape
		id, number, verified any
	}{
		"full":     {fakeapi.HealthFull, "1001", "4930111111", "Sales"},
		"entities": {fakeapi.HealthEntitiesNoID, "1001", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: test.health}, Channel: fakeapi.Channel{ID: "1001", Number: "4930111111", Name: "Sales"}}
			inMemory(t, opts, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
				plan := tf.Plan(t.Context(), config, nil)
				if plan.Failed() {
					t.Fatal(plan.Diagnostics)
				}
				this := plan.Data["d360_channel.this"]
				if this["id"] != test.id || this["number"] != test.number || this["name"] != test.verified {
					t.Errorf("the channel is %v, want %v, %v and %v", this, test.id, test.number, test.verified)
				}
				if n := api.Stats().HealthStatus; n != 1 {
					t.Errorf("%d requests to the health endpoint, want one", n)
				}
			})
		})
	}
	inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: fakeapi.HealthNotFound}}, func(t *testing.T, _ *fakeapi.Server, tf *faketerraform.Terraform) {
		plan := tf.Plan(t.Context(), config, nil)
		expectDiagnostic(t, plan.Diagnostics, true, "Cannot find out which number the API key belongs to", "HTTP 404")
	})
}

func TestChannelGuard_requests(t *testing.T) {
	t.Parallel()
	inMemory(t, fakeapi.Options{}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
		config := kinds[acctest.SingleType](phoneNumbers(30)...)
		apply(t, tf, config, nil)
		if n := api.Stats().HealthStatus; n != 2 {
			t.Errorf("%d requests, want one for the plan and one for the apply", n)
		}
		withNumber := 0
		for _, r := range api.Requests() {
			if r.Path == fakeapi.HealthPath && strings.Contains(r.Query.Encode(), "display_phone_number") {
				withNumber++
			}
		}
		if withNumber != 2 {
			t.Errorf("%d of them ask for the number, want 2", withNumber)
		}
	})
}
