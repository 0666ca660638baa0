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

// baseline has an operation without a fault: the state and the list before, and the results.
type baseline struct {
	operation
	format     fakeapi.ResponseFormat
	state      faketerraform.State
	listBefore []string
	after      outcome
	requests   []fakeapi.Request
}

// newBaseline runs an operation without a fault, and checks its results. Cells are compared
// with them.
func newBaseline(t *testing.T, op operation, format fakeapi.ResponseFormat) *baseline {
	t.Helper()
	b := &baseline{operation: op, format: format}
	if len(op.before.Resources) > 0 {
		synctest.Test(t, b.makeState)
	}
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, op, format)
		b.prepareList(e)
		b.listBefore = e.list()
		b.after = op.run(t.Context(), e, b.state)
		b.requests = e.api.Requests()
		if b.after.diags.HasErrors() {
			t.Fatal(b.after.diags)
		}
		if got, want := e.list(), keys(op.want); !slices.Equal(got, want) {
			t.Errorf("the users on the list are\n%s\nwant\n%s", got, want)
		}
		if got, want := keys(e.api.Deleted()), keys(op.unblocked); !slices.Equal(got, want) || !slices.Equal(b.after.removed, want) {
			t.Errorf("the unblocked users are\n%s\nthe plan removes\n%s\nwant\n%s", got, b.after.removed, want)
		}
		if op.query == nil {
			if again := e.tf.Plan(t.Context(), op.config, b.after.state); !again.IsEmpty() {
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
	return b
}

// makeState applies the configuration before the operation.
func (b *baseline) makeState(t *testing.T) {
	e := newEnv(t, b.operation, b.format)
	e.api.Seed(b.listed...)
	e.api.Silent(b.silent...)
	run := e.tf.Apply(t.Context(), b.before, nil)
	if run.All().HasErrors() {
		t.Fatal(run.All())
	}
	b.state = run.State
	for _, address := range b.tainted {
		b.state = b.state.Taint(address)
	}
}

// prepareList sets the list to its state before the operation.
func (b *baseline) prepareList(e *env) {
	e.api.Seed(b.listed...)
	for _, resource := range b.before.Resources {
		blocked, _ := acctest.UsersIn(resource.Attributes)
		e.api.Seed(blocked...)
	}
	e.api.Remove(b.silent...)
	if b.outOfBand != nil {
		b.outOfBand(e.api)
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
func (b *baseline) targets(f faultCase, times int) []target {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodDelete}
	if f.fault.Method != "" {
		methods = []string{f.fault.Method}
	}
	var targets []target
	hitMethods := 0
	add := func(method string) {
		n := len(b.hittableRequests(f, method))
		if n == 0 {
			return
		}
		hitMethods++
		for _, skip := range slices.Compact([]int{0, n / 2, n - 1}) {
			targets = append(targets, target{method: method, skip: skip, times: times})
		}
	}
	for _, method := range methods {
		add(method)
	}
	// A fault that hits one request would hit one of those above again.
	if hitMethods > 1 && times != 1 {
		add("")
	}
	return targets
}

// hittableRequests returns the requests that a fault can hit, of one method or of all.
func (b *baseline) hittableRequests(f faultCase, method string) []fakeapi.Request {
	var requests []fakeapi.Request
	for i, r := range b.requests {
		if (method == "" || r.Method == method) && canHit(f.fault.Kind, b.requests, i) {
			requests = append(requests, r)
		}
	}
	return requests
}

// firstHit returns the first request that a fault hits at a target.
func (b *baseline) firstHit(f faultCase, at target) fakeapi.Request {
	return b.hittableRequests(f, at.method)[at.skip]
}

// canHit reports whether a fault can hit a request of a run without faults. After a page with
// a next page, the provider sends another request.
func canHit(kind fakeapi.FaultKind, requests []fakeapi.Request, i int) bool {
	r := requests[i]
	hasNextPage := func(i int) bool { return i+1 < len(requests) && requests[i+1].Query.Has("after") }
	switch kind {
	case fakeapi.FaultCursorLoop, fakeapi.FaultCursorRestart, fakeapi.FaultRepeatPage:
		return r.Query.Has("after")
	case fakeapi.FaultEmptyPage, fakeapi.FaultUnnamedEntry:
		return hasNextPage(i)
	case fakeapi.FaultSkipPage:
		return hasNextPage(i) && hasNextPage(i+1)
	case fakeapi.FaultPartialResponse:
		return len(r.Users) > 1 && r.Status == http.StatusOK
	default:
		return true
	}
}
