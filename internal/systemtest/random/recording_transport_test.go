package random_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/d360/terraform-provider-d360/internal/provider"
)

// recordingTransport records the requests of one run, and can interrupt the run at a
// request.
type recordingTransport struct {
	api http.RoundTripper

	mu sync.Mutex
	traffic
	inFlight int
	// interruptRun is called at the at-th request, counted from 0.
	interruptRun func()
	at           int
	// late makes the API serve that request first.
	late bool
	// isKilled is set once the provider's process has ended.
	isKilled bool
	// panics has the messages of the provider's panics.
	panics []string
}

// traffic has the users of the requests, in canonical form.
type traffic struct {
	posted, deleted []string
	maxInFlight     int
}

var errProcessEnded = errors.New("the process has ended")

// begin starts a new record, and returns the last one.
func (t *recordingTransport) begin() traffic {
	t.mu.Lock()
	defer t.mu.Unlock()
	sent := t.traffic
	t.traffic, t.interruptRun, t.isKilled = traffic{}, nil, false
	return sent
}

// interrupt makes the at-th request from now on call interruptRun.
func (t *recordingTransport) interrupt(at int, late bool, interruptRun func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.late, t.interruptRun = at, late, interruptRun
}

// kill ends the process: it sends no further request and gets no response.
func (t *recordingTransport) kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.isKilled = true
}

func (t *recordingTransport) hasEnded() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.isKilled
}

// RoundTrip implements http.RoundTripper.
func (t *recordingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.hasEnded() {
		return nil, errProcessEnded
	}
	before, after := t.count()
	before()
	if t.hasEnded() {
		return nil, errProcessEnded
	}
	if r.Method != http.MethodGet {
		t.recordWrite(r)
		defer t.endWrite()
	}
	response, err := t.api.RoundTrip(r)
	after()
	if t.hasEnded() && err == nil {
		return nil, errors.Join(errProcessEnded, response.Body.Close())
	}
	return response, err
}

// count counts a request, and returns what to do before and after it.
func (t *recordingTransport) count() (before, after func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, after = func() {}, func() {}
	if t.interruptRun != nil {
		if t.at == 0 {
			before = t.interruptRun
			if t.late {
				before, after = after, before
			}
			t.interruptRun = nil
		}
		t.at--
	}
	return before, after
}

// recordWrite records a write and its users.
func (t *recordingTransport) recordWrite(r *http.Request) {
	var body struct {
		BlockUsers []struct {
			User   string `json:"user"`
			UserID string `json:"user_id"`
		} `json:"block_users"`
	}
	reader, err := r.GetBody()
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(reader)
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil {
		panic(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range body.BlockUsers {
		id := strings.TrimPrefix(cmp.Or(u.User, u.UserID), "+")
		if r.Method == http.MethodPost {
			t.posted = append(t.posted, id)
		} else {
			t.deleted = append(t.deleted, id)
		}
	}
	t.inFlight++
	t.maxInFlight = max(t.maxInFlight, t.inFlight)
}

func (t *recordingTransport) endWrite() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
}

// guardedServer is the provider's protocol server. Once its process has ended, it returns
// no responses.
type guardedServer struct {
	*provider.Server
	transport *recordingTransport
}

// guarded calls the server. It records a panic, so that the test can show what led to it.
func guarded[Q, A any](ctx context.Context, s *guardedServer, call func(context.Context, Q) (*A, error), request Q) (response *A, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			s.transport.mu.Lock()
			defer s.transport.mu.Unlock()
			s.transport.panics = append(s.transport.panics, fmt.Sprint(reason))
			response, err = nil, fmt.Errorf("panic: %v", reason)
		}
	}()
	if s.transport.hasEnded() {
		return nil, errProcessEnded
	}
	response, err = call(ctx, request)
	if s.transport.hasEnded() {
		return nil, errProcessEnded
	}
	return response, err
}

// ReadResource implements tfprotov6.ProviderServer.
func (s *guardedServer) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return guarded(ctx, s, s.Server.ReadResource, r)
}

// PlanResourceChange implements tfprotov6.ProviderServer.
func (s *guardedServer) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return guarded(ctx, s, s.Server.PlanResourceChange, r)
}

// ApplyResourceChange implements tfprotov6.ProviderServer.
func (s *guardedServer) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return guarded(ctx, s, s.Server.ApplyResourceChange, r)
}
