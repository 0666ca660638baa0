package faketerraform

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// core_test.go compares the calls with those of a real Terraform. These tests are about
// invalid responses and about several instances.

// hookedServer is a provider server whose responses a test changes.
type hookedServer struct {
	tfprotov6.ProviderServer
	plan  func(*tfprotov6.PlanResourceChangeRequest, *tfprotov6.PlanResourceChangeResponse) error
	apply func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error
}

func (c hookedServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := c.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil && c.plan != nil {
		err = c.plan(req, resp)
	}
	return resp, err
}

func (c hookedServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := c.ProviderServer.ApplyResourceChange(ctx, req)
	if err == nil && c.apply != nil {
		err = c.apply(req, resp)
	}
	return resp, err
}

// newStub is a Terraform with the stub provider.
func newStub(t *testing.T, hooks hookedServer) *Terraform {
	t.Helper()
	tf, err := New(t.Context(), func() (tfprotov6.ProviderServer, error) {
		server, err := providerserver.NewProtocol6WithError(stubProvider{})()
		if hooks.plan == nil && hooks.apply == nil {
			return server, err
		}
		hooked := hooks
		hooked.ProviderServer = server
		return hooked, err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tf
}

func oneThing(note string) Configuration {
	return Configuration{Resources: map[string]Resource{coreAddress: *thing("one", note)}}
}

var thingType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"name": tftypes.String, "note": tftypes.String, "id": tftypes.String,
}}

// thingValue is encoded as in a response.
func thingValue(t *testing.T, attributes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	value, err := valueOf(thingType, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return encode(value)
}

func TestInvalidResponses(t *testing.T) {
	t.Parallel()
	null := encode(tftypes.NewValue(thingType, nil))
	one := map[string]any{"name": "one", "note": nil, "id": "id of one"}
	other := thingValue(t, map[string]any{"name": "other", "id": "id of other"})
	planOther := func(_ *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) error {
		resp.PlannedState = other
		return nil
	}
	returns := func(state func(*tfprotov6.ApplyResourceChangeRequest) *tfprotov6.DynamicValue) hookedServer {
		return hookedServer{apply: func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) error {
			resp.NewState = state(req)
			return nil
		}}
	}
	tests := map[string]struct {
		hooks hookedServer
		// config is applied to a thing called one.
		config Configuration
		want   string
		// state is the attributes of that thing afterwards; nil means unchanged.
		state map[string]any
	}{
		"a plan against the configuration":        {hooks: hookedServer{plan: planOther}, config: oneThing(""), want: "Provider produced invalid plan"},
		"a plan to destroy that leaves an object": {hooks: hookedServer{plan: planOther}, want: "Provider produced invalid plan"},
		"another plan in the apply":               {hooks: hookedServer{plan: plansIDOnce(t)}, config: oneThing("new"), want: "Provider produced inconsistent final plan"},
		"a result that was not planned": {
			hooks:  returns(func(*tfprotov6.ApplyResourceChangeRequest) *tfprotov6.DynamicValue { return other }),
			config: oneThing("new"),
			want:   "Provider produced inconsistent result after apply",
			state:  map[string]any{"name": "other", "note": nil, "id": "id of other"},
		},
		"an unknown result": {
			hooks:  returns(func(req *tfprotov6.ApplyResourceChangeRequest) *tfprotov6.DynamicValue { return req.PlannedState }),
			config: oneThing("new"),
			want:   "Provider returned invalid result object after apply",
		},
		"a null result after an update": {
			hooks:  returns(func(*tfprotov6.ApplyResourceChangeRequest) *tfprotov6.DynamicValue { return null }),
			config: oneThing("new"),
			want:   "Provider returned invalid result object after apply",
		},
		"an object after a destroy": {
			hooks: returns(func(req *tfprotov6.ApplyResourceChangeRequest) *tfprotov6.DynamicValue { return req.PriorState }),
			want:  "Provider returned invalid result object after apply",
		},
		"a crash": {
			hooks: hookedServer{apply: func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error {
				return errors.New("the connection is closed")
			}},
			config: oneThing("new"),
			want:   "Plugin did not respond",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := newStub(t, hookedServer{}).Apply(t.Context(), oneThing(""), nil)
			if before.All().HasErrors() {
				t.Fatal(before.All())
			}
			run := newStub(t, test.hooks).Apply(t.Context(), test.config, before.State)
			errs := run.All().Errors()
			if len(errs) != 1 || errs[0].Summary != test.want || errs[0].Address != coreAddress {
				t.Errorf("errors:\n%s\nwant %q", errs, test.want)
			}
			want := test.state
			if want == nil {
				want = one
			}
			if current := run.State[coreAddress].Current; current == nil || !reflect.DeepEqual(current.Attributes(), want) {
				t.Errorf("the state is %v, want %v", run.State, want)
			}
		})
	}
}

// plansIDOnce plans an ID in the plan, but not in the apply.
func plansIDOnce(t *testing.T) func(*tfprotov6.PlanResourceChangeRequest, *tfprotov6.PlanResourceChangeResponse) error {
	t.Helper()
	planned := thingValue(t, map[string]any{"name": "one", "note": "new", "id": "id of one"})
	return func(_ *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) error {
		if planned != nil {
			resp.PlannedState, planned = planned, nil
		}
		return nil
	}
}

func manyThings(n int) Configuration {
	config := Configuration{Resources: map[string]Resource{}}
	for i := range n {
		config.Resources[fmt.Sprintf("stub_thing.t%02d", i)] = *thing(fmt.Sprint(i), "")
	}
	return config
}

func TestParallelism(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		busy, most := 0, 0
		tf := newStub(t, hookedServer{apply: func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			busy--
			mu.Unlock()
			return nil
		}})
		tf.Parallelism = 3
		began := time.Now()
		if run := tf.Apply(t.Context(), manyThings(7), nil); run.All().HasErrors() || len(run.State) != 7 {
			t.Errorf("%d things\n%s", len(run.State), run.All())
		}
		if took := time.Since(began); most != 3 || took != 3*time.Second {
			t.Errorf("%d at once, %s in all; want 3, and 3s", most, took)
		}
	})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var planned []string
	tf := newStub(t, hookedServer{plan: func(req *tfprotov6.PlanResourceChangeRequest, _ *tfprotov6.PlanResourceChangeResponse) error {
		value, err := req.Config.Unmarshal(thingType)
		planned = append(planned, fmt.Sprint(plain(value).(map[string]any)["name"]))
		return err
	}})
	tf.Parallelism = 1
	tf.Order = slices.Reverse[[]string]
	if plan := tf.Plan(t.Context(), manyThings(3), nil); plan.Count(Create) != 3 {
		t.Error(plan.Diagnostics)
	}
	if want := []string{"2", "1", "0"}; !slices.Equal(planned, want) {
		t.Errorf("planned were %s, want %s", planned, want)
	}
}

// TestInterrupt interrupts the second of three creations, so that Terraform does not start
// the third.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	applied := 0
	tf := newStub(t, hookedServer{apply: func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error {
		if applied++; applied == 2 {
			interrupt()
		}
		return nil
	}})
	tf.Parallelism = 1
	run := tf.Apply(ctx, manyThings(3), nil)
	errs := run.All().Errors()
	if len(errs) != 1 || errs[0].Summary != "execution halted" || errs[0].Address != "stub_thing.t02" {
		t.Errorf("errors:\n%s", errs)
	}
	if want := []string{"stub_thing.t00", "stub_thing.t01"}; !slices.Equal(run.State.Addresses(), want) {
		t.Errorf("the state has %s, want %s", run.State.Addresses(), want)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	const address = "stub_item.a"
	tf := newStub(t, hookedServer{})
	config := Configuration{
		Resources: map[string]Resource{address: *thing("one", "")},
		Imports:   []Import{{To: address, Identity: Attributes{"name": "one"}}},
	}
	plan := tf.Plan(t.Context(), config, nil)
	if change := plan.Change(address); change == nil || !change.Importing || change.Action != NoOp || plan.IsEmpty() {
		t.Fatalf("%+v\n%s", change, plan.Diagnostics)
	}
	state, diags := tf.ApplyPlan(t.Context(), plan)
	if diags.HasErrors() || state[address].Current.Identity()["name"] != "one" {
		t.Errorf("%v\n%s", state, diags)
	}
	if again := tf.Plan(t.Context(), config, state); !again.IsEmpty() {
		t.Errorf("the import is planned again:\n%s", again.Diagnostics)
	}
}

func TestMoveBetweenTypes(t *testing.T) {
	t.Parallel()
	tf := newStub(t, hookedServer{})
	before := tf.Apply(t.Context(), oneThing(""), nil)
	config := Configuration{
		Resources: map[string]Resource{"stub_item.a": *thing("one", "")},
		Moved:     []Move{{From: coreAddress, To: "stub_item.a"}},
	}
	run := tf.Apply(t.Context(), config, before.State)
	if run.All().HasErrors() || !run.Plan.IsEmpty() || !slices.Equal(run.State.Addresses(), []string{"stub_item.a"}) {
		t.Fatalf("%v\n%s", run.State, run.All())
	}
	// Created, moved, read.
	if private := string(run.State["stub_item.a"].Current.Private()); !strings.Contains(private, "IkNNUiI=") {
		t.Errorf("the private state is %s", private)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	tf := newStub(t, hookedServer{})
	plan := tf.Plan(t.Context(), Configuration{Data: map[string]Attributes{"stub_item.a": {"name": "one"}}}, nil)
	want := map[string]any{"name": "one", "names": map[string]any{"one": "echo"}}
	if !plan.IsEmpty() || !reflect.DeepEqual(plan.Data["stub_item.a"], want) {
		t.Errorf("%v, want %v\n%s", plan.Data, want, plan.Diagnostics)
	}
	failed := tf.Plan(t.Context(), Configuration{Data: map[string]Attributes{"stub_item.a": {"name": "fails"}}}, nil)
	if errs := failed.Diagnostics.Errors(); len(errs) != 1 || errs[0].Address != "stub_item.a" || len(failed.Data) > 0 {
		t.Errorf("%v\n%s", failed.Data, failed.Diagnostics)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query        Query
		names        []string
		withResource bool
		summary      string
		failed       bool
	}{
		"all":             {query: Query{Type: "stub_item"}, names: []string{"a", "b", "c"}, summary: "End of list"},
		"two":             {query: Query{Type: "stub_item", Limit: 2}, names: []string{"a", "b"}},
		"with a prefix":   {query: Query{Type: "stub_item", Config: Attributes{"prefix": "x"}, Limit: 1}, names: []string{"xa"}},
		"with resources":  {query: Query{Type: "stub_item", IncludeResource: true, Limit: 1}, names: []string{"a"}, withResource: true},
		"with an error":   {query: Query{Type: "stub_item", Config: Attributes{"prefix": "fails "}}, names: []string{"fails a", "fails b", "fails c"}, summary: "List failed", failed: true},
		"of another type": {query: Query{Type: "stub_thing"}, summary: "Invalid list resource", failed: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listed, diags := newStub(t, hookedServer{}).Query(t.Context(), test.query)
			var names []string
			for _, l := range listed {
				names = append(names, fmt.Sprint(l.Identity["name"]))
				if l.DisplayName != "item "+names[len(names)-1] || (l.Resource != nil) != test.withResource {
					t.Errorf("%+v", l)
				}
			}
			if !slices.Equal(names, test.names) || diags.HasErrors() != test.failed || (test.summary != "") != (len(diags) == 1) {
				t.Errorf("%s, want %s\n%s", names, test.names, diags)
			}
			if test.summary != "" && diags[0].Summary != test.summary {
				t.Errorf("summary %q, want %q", diags[0].Summary, test.summary)
			}
		})
	}
}
