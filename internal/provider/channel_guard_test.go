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

// twoChannels runs a test with two channels on one address, and a Terraform with the
// key of each.
func twoChannels(t *testing.T, health fakeapi.HealthShape, test func(t *testing.T, right, wrong *fakeapi.Server, byRight, byWrong *faketerraform.Terraform)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		channel := func(key, id, number, name string) *fakeapi.Server {
			return fakeapi.New(fakeapi.Options{
				Key: key, ResponseFormat: fakeapi.ResponseFormat{Health: health, UserIDs: fakeapi.UserIDsAlways},
				Channel: fakeapi.Channel{ID: id, Number: number, Name: name},
			})
		}
		right := channel("key-of-sales", "1001", "4930111111", "Sales")
		wrong := channel("key-of-support", "1002", "4930222222", "Support")
		hub := fakeapi.NewHub(right, wrong)
		with := func(key string) *faketerraform.Terraform {
			return acctest.InMemoryTerraform(t, hub, faketerraform.Attributes{"api_key": key})
		}
		test(t, right, wrong, with("key-of-sales"), with("key-of-support"))
		for _, violation := range hub.Violations() {
			t.Errorf("the fake API was sent: %s", violation)
		}
	})
}

// With the key of another number, plan, apply and destroy are errors that name both
// numbers, and nothing is sent.
func TestChannelGuard(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		for _, format := range fakeapi.HealthVariants() {
			health := format.Health
			t.Run(kind+"/"+health.String(), func(t *testing.T) {
				t.Parallel()
				twoChannels(t, health, func(t *testing.T, right, wrong *fakeapi.Server, byRight, byWrong *faketerraform.Terraform) {
					users := inARow(3)
					state := apply(t, byRight, config(users...), nil)
					wrong.Seed(users...)
					wrong.ResetStats()
					checked := health != fakeapi.HealthNotFound && health != fakeapi.HealthForbidden && health != fakeapi.HealthAccountProblem
					for name, destroy := range map[string]bool{"plan": false, "destroy": true} {
						for _, noRefresh := range []bool{false, true} {
							plan := byWrong.PlanWith(t.Context(), config(users[:2]...), state, faketerraform.PlanOptions{Destroy: destroy, NoRefresh: noRefresh})
							if !checked {
								continue
							}
							says := []string{"The API key belongs to another number than the state", "1001", "1002", "Nothing was sent", "destroy = false"}
							if health != fakeapi.HealthIDOnly && health != fakeapi.HealthEntities && health != fakeapi.HealthEntitiesNoID && health != fakeapi.HealthNoNumber {
								says = []string{"The API key belongs to another number than the state", "+4930111111", "+4930222222", "Support"}
							}
							expectDiagnostic(t, plan.Diagnostics, true, says...)
							if errors := plan.Diagnostics.Errors(); len(errors) != 1 {
								t.Errorf("%s: %d errors, want one for all:\n%s", name, len(errors), errors)
							}
						}
					}
					if checked {
						// An apply of what the right key planned.
						plan := byRight.Plan(t.Context(), config(users[:2]...), state)
						_, diags := byWrong.ApplyPlan(t.Context(), plan)
						expectDiagnostic(t, diags, true, "The API key belongs to another number than the state")
					}
					expectNoWrites(t, wrong)
					if gets := wrong.Stats().Gets; checked && gets > 0 {
						t.Errorf("%d requests read the list of the wrong number", gets)
					}
					// And back again.
					state = apply(t, byRight, config(users[:2]...), state)
					expectBlocked(t, right, canonical(users[:2])...)
					expectNoChanges(t, byRight, config(users[:2]...), state)
				})
			})
		}
	}
}

// With the key of another number in the apply, one resource gets the whole error and the
// others a line, and Terraform finds no fault with the provider.
func TestChannelGuard_apply(t *testing.T) {
	t.Parallel()
	twoChannels(t, fakeapi.HealthFull, func(t *testing.T, _, wrong *fakeapi.Server, byRight, byWrong *faketerraform.Terraform) {
		config := func(users ...string) faketerraform.Configuration {
			return acctest.Resources(
				acctest.At("d360_blocked_users.a", acctest.Many(users...)),
				acctest.At("d360_blocked_users.b", acctest.Many("+16505550100")),
				acctest.At("d360_blocked_user.c", acctest.Single("+16505550101", faketerraform.Attributes{"note": users[0]})),
				acctest.At(`d360_blocked_user.d["`+users[0]+`"]`, acctest.Single("+165055502"+users[0][10:])),
			)
		}
		users := inARow(3)
		state := apply(t, byRight, config(users[:2]...), nil)
		plan := byRight.Plan(t.Context(), config(users[2]), state)
		byWrong.Parallelism = 1
		_, diags := byWrong.ApplyPlan(t.Context(), plan)
		expectDiagnostic(t, diags, true, "The API key belongs to another number than the state")
		for _, d := range diags.Errors() {
			if strings.HasPrefix(d.Summary, "Provider produced") {
				t.Error(d)
			}
		}
		expectNoWrites(t, wrong)
	})
}

// A state without an ID adopts the one of the key, and an ID that changed with the
// same number is the same channel.
func TestChannelGuard_adopts(t *testing.T) {
	t.Parallel()
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := func(id, number string, health fakeapi.HealthShape) *faketerraform.Terraform {
					s := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: health}, Channel: fakeapi.Channel{ID: id, Number: number}})
					s.Seed(inARow(2)...)
					return acctest.InMemoryTerraform(t, s, nil)
				}
				users := inARow(2)
				silent := service("1001", "4930111111", fakeapi.HealthNotFound)
				state := apply(t, silent, config(users...), nil)
				telling := service("1001", "4930111111", fakeapi.HealthFull)
				state = refresh(t, telling, config(users...), state)
				moved := service("1009", "4930111111", fakeapi.HealthFull)
				state = refresh(t, moved, config(users...), state)
				other := service("1002", "4930222222", fakeapi.HealthFull)
				plan := other.Plan(t.Context(), config(users...), state)
				expectDiagnostic(t, plan.Diagnostics, true, "The API key belongs to another number than the state", "+4930111111 (ID 1009)", "+4930222222 (ID 1002)")
			})
		})
	}
}

// A service that does not answer does not switch the guard off.
func TestChannelGuard_faults(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusBadRequest} {
		inMemory(t, fakeapi.Options{}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
			config := kinds[acctest.BulkType]
			state := apply(t, tf, config(inARow(2)...), nil)
			service.Inject(fakeapi.Fault{Path: fakeapi.HealthPath, Kind: fakeapi.FaultStatus, Status: status, Times: fakeapi.Forever})
			service.ResetStats()
			plan := tf.Plan(t.Context(), config(inARow(1)...), state)
			expectDiagnostic(t, plan.Diagnostics, true, "Cannot verify which number the API key belongs to", "HTTP", "nothing was sent")
			expectNoWrites(t, service)
		})
	}
	// One that passes is survived.
	inMemory(t, fakeapi.Options{}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
		config := kinds[acctest.BulkType]
		state := apply(t, tf, config(inARow(2)...), nil)
		service.ResetStats()
		service.Inject(fakeapi.Fault{Path: fakeapi.HealthPath, Kind: fakeapi.FaultStatus, Status: http.StatusServiceUnavailable, Times: 1})
		expectNoChanges(t, tf, config(inARow(2)...), state)
		if n := service.Stats().HealthStatus; n != 2 {
			t.Errorf("%d requests for the number, want one and a retry", n)
		}
	})
}

// business_number has to be the number of the key, or nothing is requested.
func TestBusinessNumber(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		health fakeapi.HealthShape
		number string
		says   []string
	}{
		"right":          {fakeapi.HealthFull, "+49 (30) 111111", nil},
		"right, digits":  {fakeapi.HealthDigits, "0049 30 111111", nil},
		"wrong":          {fakeapi.HealthFull, "+49 30 999999", []string{"The API key belongs to another number than business_number", "+4930999999", "+4930111111", "Nothing was requested"}},
		"not told":       {fakeapi.HealthNoNumber, "+49 30 111111", []string{"Cannot verify business_number", "does not tell the number"}},
		"not found":      {fakeapi.HealthNotFound, "+49 30 111111", []string{"Cannot verify business_number", "HTTP 404"}},
		"forbidden":      {fakeapi.HealthForbidden, "+49 30 111111", []string{"Cannot verify business_number", "HTTP 403"}},
		"no number":      {fakeapi.HealthFull, "support", []string{"Invalid business_number"}},
		"user ID":        {fakeapi.HealthFull, "US.13491208655302741918", []string{"Invalid business_number", "phone number"}},
		"without a code": {fakeapi.HealthFull, "030 111111", []string{"Invalid business_number"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: test.health}, Channel: fakeapi.Channel{Number: "4930111111"}})
				tf := acctest.InMemoryTerraform(t, service, faketerraform.Attributes{"business_number": test.number})
				config := kinds[acctest.SingleType]("+4915120000001", "+4915120000002")
				if test.says == nil {
					apply(t, tf, config, nil)
					return
				}
				plan := tf.Plan(t.Context(), config, nil)
				expectDiagnostic(t, plan.Diagnostics, true, test.says...)
				if stats := service.Stats(); stats.Gets > 0 || stats.Posts > 0 {
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
			inMemory(t, opts, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
				plan := tf.Plan(t.Context(), config, nil)
				if plan.Failed() {
					t.Fatal(plan.Diagnostics)
				}
				this := plan.Data["d360_channel.this"]
				if this["id"] != test.id || this["number"] != test.number || this["name"] != test.verified {
					t.Errorf("the channel is %v, want %v, %v and %v", this, test.id, test.number, test.verified)
				}
				if n := service.Stats().HealthStatus; n != 1 {
					t.Errorf("%d requests, want one", n)
				}
			})
		})
	}
	inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{Health: fakeapi.HealthNotFound}}, func(t *testing.T, _ *fakeapi.Server, tf *faketerraform.Terraform) {
		plan := tf.Plan(t.Context(), config, nil)
		expectDiagnostic(t, plan.Diagnostics, true, "Cannot find out which number the API key belongs to", "HTTP 404")
	})
}

// The API is asked which number the key belongs to once a run.
func TestChannelGuard_oneRequest(t *testing.T) {
	t.Parallel()
	inMemory(t, fakeapi.Options{}, func(t *testing.T, service *fakeapi.Server, tf *faketerraform.Terraform) {
		config := kinds[acctest.SingleType](inARow(30)...)
		apply(t, tf, config, nil)
		// A plan and an apply are two runs.
		if n := service.Stats().HealthStatus; n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
		keys := 0
		for _, r := range service.Requests() {
			if r.Path == fakeapi.HealthPath && strings.Contains(r.Query.Encode(), "display_phone_number") {
				keys++
			}
		}
		if keys != 2 {
			t.Errorf("%d of them ask for the number", keys)
		}
	})
}
