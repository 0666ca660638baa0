package faults_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// baseline is an operation without a fault: its state and list before, and its results.
type baseline struct {
	operation
	form  form
	state faketerraform.State
	// listBefore is the list before the operation.
	listBefore []string
	// after is the result.
	after    outcome
	requests []fakeapi.Request
}

// newBaseline runs an operation without a fault, and checks its results. Cells are compared
// with them.
func newBaseline(t *testing.T, op operation, form form) *baseline {
	t.Helper()
	s := &baseline{operation: op, form: form}
	if len(op.before.Resources) > 0 {
		synctest.Test(t, s.makeState)
	}
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, op, form)
		s.begin(e)
		s.listBefore = e.list()
		s.after = op.run(t.Context(), e, s.state)
		s.requests = e.api.Requests()
		if s.after.diags.HasErrors() {
			t.Fatal(s.after.diags)
		}
		if got, want := e.list(), keys(op.want); !slices.Equal(got, want) {
			t.Errorf("the list is\n%s\nwant\n%s", got, want)
		}
		if got, want := keys(e.api.Deleted()), keys(op.unblocked); !slices.Equal(got, want) || !slices.Equal(s.after.removed, want) {
			t.Errorf("unblocked were\n%s\nshown as removed\n%s\nwant\n%s", got, s.after.removed, want)
		}
		if op.query == nil {
			if again := e.tf.Plan(t.Context(), op.config, s.after.state); !again.IsEmpty() {
				t.Errorf("the next plan is not empty:\n%s", again.Diagnostics)
			}
		}
		for _, violation := range e.api.Violations() {
			t.Error(violation)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// makeState applies the configuration before the operation.
func (s *baseline) makeState(t *testing.T) {
	e := newEnv(t, s.operation, s.form)
	e.api.Seed(s.listed...)
	e.api.Silent(s.silent...)
	run := e.tf.Apply(t.Context(), s.before, nil)
	if run.All().HasErrors() {
		t.Fatal(run.All())
	}
	s.state = run.State
	for _, address := range s.tainted {
		s.state = s.state.Taint(address)
	}
}

// begin sets the list to its state before the operation.
func (s *baseline) begin(e *env) {
	e.api.Seed(s.listed...)
	for _, resource := range s.before.Resources {
		blocked, _ := acctest.UsersIn(resource.Attributes)
		e.api.Seed(blocked...)
	}
	e.api.Remove(s.silent...)
	if s.since != nil {
		s.since(e.api)
	}
}

// target says which requests of an operation a fault hits.
type target struct {
	method string
	// skip is how many requests pass first, times how many are hit then.
	skip, times int
}

// targets returns the targets of a fault: the first, a middle and the last request that it
// can hit, of each method, and of all methods if that differs.
func (s *baseline) targets(f faultCase, times int) []target {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodDelete}
	if f.fault.Method != "" {
		methods = []string{f.fault.Method}
	}
	var targets []target
	used := 0
	add := func(method string) {
		n := len(s.hittable(f, method))
		skips := []int{0, n / 2, n - 1}
		if n == 0 {
			return
		}
		used++
		for _, skip := range slices.Compact(skips) {
			targets = append(targets, target{method: method, skip: skip, times: times})
		}
	}
	for _, method := range methods {
		add(method)
	}
	// A fault that hits once hits the same request either way.
	if used > 1 && times != 1 {
		add("")
	}
	return targets
}

// hittable returns the requests that a fault can hit, of one method or of all.
func (s *baseline) hittable(f faultCase, method string) []fakeapi.Request {
	var requests []fakeapi.Request
	for i, r := range s.requests {
		if (method == "" || r.Method == method) && canHit(f.fault.Kind, s.requests, i) {
			requests = append(requests, r)
		}
	}
	return requests
}

// first returns the first request that a fault hits at a target.
func (s *baseline) first(f faultCase, at target) fakeapi.Request {
	return s.hittable(f, at.method)[at.skip]
}

// canHit reports whether a fault can hit a request of a run without faults. A page that
// has a next page is followed by another request.
func canHit(kind fakeapi.FaultKind, requests []fakeapi.Request, i int) bool {
	r := requests[i]
	leadsOn := func(i int) bool { return i+1 < len(requests) && requests[i+1].Query.Has("after") }
	switch kind {
	case fakeapi.FaultCursorLoop, fakeapi.FaultCursorRestart, fakeapi.FaultRepeatPage:
		return r.Query.Has("after")
	case fakeapi.FaultEmptyPage, fakeapi.FaultUnnamedEntry:
		return leadsOn(i)
	case fakeapi.FaultSkipPage:
		return leadsOn(i) && leadsOn(i+1)
	case fakeapi.FaultPartialResponse:
		return len(r.Users) > 1 && r.Status == http.StatusOK
	default:
		return true
	}
}
