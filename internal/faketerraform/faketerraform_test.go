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

// Whose calls are compared with those of a real Terraform is in core_test.go. Here
// is what Terraform does with answers, and what takes more than one instance.

// crooked is a provider server whose answers a test bends.
type crooked struct {
	tfprotov6.ProviderServer
	plan  func(*tfprotov6.PlanResourceChangeRequest, *tfprotov6.PlanResourceChangeResponse) error
	apply func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error
}

func (c crooked) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := c.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil && c.plan != nil {
		err = c.plan(req, resp)
	}
	return resp, err
}

func (c crooked) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := c.ProviderServer.ApplyResourceChange(ctx, req)
	if err == nil && c.apply != nil {
		err = c.apply(req, resp)
	}
	return resp, err
}

// newStub is a Terraform with the stub provider, bent as a test wants it.
func newStub(t *testing.T, bend crooked) *Terraform {
	t.Helper()
	tf, err := New(t.Context(), func() (tfprotov6.ProviderServer, error) {
		server, err := providerserver.NewProtocol6WithError(stubProvider{})()
		if bend.plan == nil && bend.apply == nil {
			return server, err
		}
		bent := bend
		bent.ProviderServer = server
		return bent, err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tf
}

// oneThing is called one.
func oneThing(note string) Configuration {
	return Configuration{Resources: map[string]Resource{coreAddress: *thing("one", note)}}
}

var thingType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"name": tftypes.String, "note": tftypes.String, "id": tftypes.String,
}}

// thingValue is a thing as a response has it.
func thingValue(t *testing.T, attributes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	value, err := valueOf(thingType, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return encode(value)
}

func TestWhatAProviderMayNotAnswer(t *testing.T) {
	t.Parallel()
	null := encode(tftypes.NewValue(thingType, nil))
	other := thingValue(t, map[string]any{"name": "other", "id": "id of other"})
	tests := map[string]struct {
		bend crooked
		// config is applied to a thing called one.
		config Configuration
		want   string
		// left is what the state has then.
		left map[string]any
	}{
		"a plan against the configuration": {
			bend: crooked{plan: func(_ *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) error {
				resp.PlannedState = other
				return nil
			}},
			config: oneThing(""),
			want:   "Provider produced invalid plan",
			left:   map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
		"a plan to destroy that leaves something": {
			bend: crooked{plan: func(_ *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) error {
				resp.PlannedState = other
				return nil
			}},
			want: "Provider produced invalid plan",
			left: map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
		"another plan in the apply": {
			bend:   crooked{plan: promisesOnce(t)},
			config: oneThing("new"),
			want:   "Provider produced inconsistent final plan",
			left:   map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
		"a result that was not planned": {
			bend: crooked{apply: func(_ *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) error {
				resp.NewState = other
				return nil
			}},
			config: oneThing("new"),
			want:   "Provider produced inconsistent result after apply",
			left:   map[string]any{"name": "other", "note": nil, "id": "id of other"},
		},
		"a result that is not known": {
			bend: crooked{apply: func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) error {
				resp.NewState = req.PlannedState
				return nil
			}},
			config: oneThing("new"),
			want:   "Provider returned invalid result object after apply",
			left:   map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
		"nothing after an update": {
			bend: crooked{apply: func(_ *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) error {
				resp.NewState = null
				return nil
			}},
			config: oneThing("new"),
			want:   "Provider returned invalid result object after apply",
			left:   map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
		"something after a destroy": {
			bend: crooked{apply: func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) error {
				resp.NewState = req.PriorState
				return nil
			}},
			want: "Provider returned invalid result object after apply",
			left: map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
		"a crash": {
			bend: crooked{apply: func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error {
				return errors.New("the connection is gone")
			}},
			config: oneThing("new"),
			want:   "Plugin did not respond",
			left:   map[string]any{"name": "one", "note": nil, "id": "id of one"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := newStub(t, crooked{}).Apply(t.Context(), oneThing(""), nil)
			if before.All().HasErrors() {
				t.Fatal(before.All())
			}
			run := newStub(t, test.bend).Apply(t.Context(), test.config, before.State)
			errs := run.All().Errors()
			if len(errs) != 1 || errs[0].Summary != test.want || errs[0].Address != coreAddress {
				t.Errorf("errors:\n%s\nwant %q", errs, test.want)
			}
			if current := run.State[coreAddress].Current; current == nil || !reflect.DeepEqual(current.Attributes(), test.left) {
				t.Errorf("the state is %v, want %v", run.State, test.left)
			}
		})
	}
}

// promisesOnce plans an ID in the plan, and not in the apply.
func promisesOnce(t *testing.T) func(*tfprotov6.PlanResourceChangeRequest, *tfprotov6.PlanResourceChangeResponse) error {
	t.Helper()
	promised := thingValue(t, map[string]any{"name": "one", "note": "new", "id": "id of one"})
	return func(_ *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) error {
		if promised != nil {
			resp.PlannedState, promised = promised, nil
		}
		return nil
	}
}

// manyThings are numbered.
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
		tf := newStub(t, crooked{apply: func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error {
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
	tf := newStub(t, crooked{plan: func(req *tfprotov6.PlanResourceChangeRequest, _ *tfprotov6.PlanResourceChangeResponse) error {
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

// Of three, one at a time, the second is interrupted: the third is not begun, and
// what was done is in the state.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	applied := 0
	tf := newStub(t, crooked{apply: func(*tfprotov6.ApplyResourceChangeRequest, *tfprotov6.ApplyResourceChangeResponse) error {
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
	const address = "stub_twin.a"
	tf := newStub(t, crooked{})
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
		t.Errorf("the import is planned once more:\n%s", again.Diagnostics)
	}
}

func TestMoveBetweenTypes(t *testing.T) {
	t.Parallel()
	tf := newStub(t, crooked{})
	before := tf.Apply(t.Context(), oneThing(""), nil)
	config := Configuration{
		Resources: map[string]Resource{"stub_twin.a": *thing("one", "")},
		Moved:     []Move{{From: coreAddress, To: "stub_twin.a"}},
	}
	run := tf.Apply(t.Context(), config, before.State)
	if run.All().HasErrors() || !run.Plan.IsEmpty() || !slices.Equal(run.State.Addresses(), []string{"stub_twin.a"}) {
		t.Fatalf("%v\n%s", run.State, run.All())
	}
	// Created, moved, read.
	if private := string(run.State["stub_twin.a"].Current.Private()); !strings.Contains(private, "IkNNUiI=") {
		t.Errorf("the private state is %s", private)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	tf := newStub(t, crooked{})
	plan := tf.Plan(t.Context(), Configuration{Data: map[string]Attributes{"stub_twin.a": {"name": "one"}}}, nil)
	want := map[string]any{"name": "one", "names": map[string]any{"one": "echo"}}
	if !plan.IsEmpty() || !reflect.DeepEqual(plan.Data["stub_twin.a"], want) {
		t.Errorf("%v, want %v\n%s", plan.Data, want, plan.Diagnostics)
	}
	failed := tf.Plan(t.Context(), Configuration{Data: map[string]Attributes{"stub_twin.a": {"name": "fails"}}}, nil)
	if errs := failed.Diagnostics.Errors(); len(errs) != 1 || errs[0].Address != "stub_twin.a" || len(failed.Data) > 0 {
		t.Errorf("%v\n%s", failed.Data, failed.Diagnostics)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query  Query
		names  []string
		reads  bool
		says   string
		failed bool
	}{
		"all":             {query: Query{Type: "stub_twin"}, names: []string{"a", "b", "c"}, says: "That was all"},
		"two":             {query: Query{Type: "stub_twin", Limit: 2}, names: []string{"a", "b"}},
		"with a prefix":   {query: Query{Type: "stub_twin", Config: Attributes{"prefix": "x"}, Limit: 1}, names: []string{"xa"}},
		"with resources":  {query: Query{Type: "stub_twin", IncludeResource: true, Limit: 1}, names: []string{"a"}, reads: true},
		"broken off":      {query: Query{Type: "stub_twin", Config: Attributes{"prefix": "breaks off "}}, names: []string{"breaks off a", "breaks off b", "breaks off c"}, says: "Broken off", failed: true},
		"of another type": {query: Query{Type: "stub_thing"}, says: "Invalid list resource", failed: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listed, diags := newStub(t, crooked{}).Query(t.Context(), test.query)
			var names []string
			for _, l := range listed {
				names = append(names, fmt.Sprint(l.Identity["name"]))
				if l.DisplayName != "twin "+names[len(names)-1] || (l.Resource != nil) != test.reads {
					t.Errorf("%+v", l)
				}
			}
			if !slices.Equal(names, test.names) || diags.HasErrors() != test.failed || (test.says != "") != (len(diags) == 1) {
				t.Errorf("%s, want %s\n%s", names, test.names, diags)
			}
			if test.says != "" && diags[0].Summary != test.says {
				t.Errorf("it says %q, want %q", diags[0].Summary, test.says)
			}
		})
	}
}
