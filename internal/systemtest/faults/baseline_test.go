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

// baseline is what an operation begins with, and what it comes to without a
// fault.
type baseline struct {
	operation
	form  form
	state faketerraform.State
	// listBefore is the list that the operation begins with.
	listBefore []string
	// after is what comes of it.
	after    outcome
	requests []fakeapi.Request
}

// newBaseline runs an operation without a fault, and checks that it does what the
// operation says: that is what cells are held to.
func newBaseline(t *testing.T, op operation, form form) *baseline {
	t.Helper()
	s := &baseline{operation: op, form: form}
	if len(op.before.Resources) > 0 {
		synctest.Test(t, s.makeState)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newEnv(t, op, form)
		s.begin(w)
		s.listBefore = w.list()
		s.after = op.run(t.Context(), w, s.state)
		s.requests = w.service.Requests()
		if s.after.diags.HasErrors() {
			t.Fatal(s.after.diags)
		}
		if got, want := w.list(), keys(op.want); !slices.Equal(got, want) {
			t.Errorf("the list is\n%s\nwant\n%s", got, want)
		}
		if got, want := keys(w.service.Deleted()), keys(op.unblocked); !slices.Equal(got, want) || !slices.Equal(s.after.removed, want) {
			t.Errorf("unblocked were\n%s\nshown as removed\n%s\nwant\n%s", got, s.after.removed, want)
		}
		if op.query == nil {
			if again := w.tf.Plan(t.Context(), op.config, s.after.state); !again.IsEmpty() {
				t.Errorf("the next plan is not empty:\n%s", again.Diagnostics)
			}
		}
		for _, violation := range w.service.Violations() {
			t.Error(violation)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// makeState applies what there was before.
func (s *baseline) makeState(t *testing.T) {
	w := newEnv(t, s.operation, s.form)
	w.service.Seed(s.listed...)
	w.service.Silent(s.silent...)
	run := w.tf.Apply(t.Context(), s.before, nil)
	if run.All().HasErrors() {
		t.Fatal(run.All())
	}
	s.state = run.State
	for _, address := range s.tainted {
		s.state = s.state.Taint(address)
	}
}

// begin makes the list what the operation begins with.
func (s *baseline) begin(w *env) {
	w.service.Seed(s.listed...)
	for _, resource := range s.before.Resources {
		blocked, _ := acctest.UsersIn(resource.Attributes)
		w.service.Seed(blocked...)
	}
	w.service.Remove(s.silent...)
	if s.since != nil {
		s.since(w.service)
	}
}

// target is which requests of an operation a fault is to hit.
type target struct {
	method string
	// skip is how many pass first, times how many are hit then.
	skip, times int
}

// targets are those for a fault that hits so often: at the first, a middle and the
// last request that it can hit, of each method, and of all where that is not the
// same.
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
	// Once, it is the same request whatever the others are.
	if used > 1 && times != 1 {
		add("")
	}
	return targets
}

// hittable are the requests that a fault can hit, of one method or of all.
func (s *baseline) hittable(f faultCase, method string) []fakeapi.Request {
	var requests []fakeapi.Request
	for i, r := range s.requests {
		if (method == "" || r.Method == method) && shows(f.fault.Kind, s.requests, i) {
			requests = append(requests, r)
		}
	}
	return requests
}

// first is the first request that a fault hits at a target.
func (s *baseline) first(f faultCase, at target) fakeapi.Request {
	return s.hittable(f, at.method)[at.skip]
}

// shows tells whether a fault can hit a request of a run without faults. Where a
// page leads on, there is another request after it.
func shows(kind fakeapi.FaultKind, requests []fakeapi.Request, i int) bool {
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
