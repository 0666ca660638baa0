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

// recordingTransport is between the provider of one team and the API. It sees what
// one run sends, and interrupts the run at a request.
type recordingTransport struct {
	service http.RoundTripper

	mu sync.Mutex
	traffic
	inFlight int
	// cut is called at the at-th request from now, counted from 0.
	cut func()
	at  int
	// late has that request served first.
	late bool
	// dead is set once the provider's process is gone.
	dead bool
	// panics are those of the provider.
	panics []string
}

// traffic is what was sent, in canonical form.
type traffic struct {
	posted, deleted []string
	mostInFlight    int
}

var errProcessGone = errors.New("the process is gone")

// begin starts to count anew, and returns what was sent until now.
func (t *recordingTransport) begin() traffic {
	t.mu.Lock()
	defer t.mu.Unlock()
	sent := t.traffic
	t.traffic, t.cut, t.dead = traffic{}, nil, false
	return sent
}

// interrupt has cut called at a request.
func (t *recordingTransport) interrupt(at int, late bool, cut func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.late, t.cut = at, late, cut
}

// kill ends the process: nothing is sent from now on, nor answered.
func (t *recordingTransport) kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dead = true
}

func (t *recordingTransport) isDead() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dead
}

// RoundTrip implements http.RoundTripper.
func (t *recordingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.isDead() {
		return nil, errProcessGone
	}
	before, after := t.count()
	before()
	if t.isDead() {
		return nil, errProcessGone
	}
	if r.Method != http.MethodGet {
		t.sends(r)
		defer t.ends()
	}
	answer, err := t.service.RoundTrip(r)
	after()
	if t.isDead() && err == nil {
		return nil, errors.Join(errProcessGone, answer.Body.Close())
	}
	return answer, err
}

// count counts a request, and returns what to do before and after it.
func (t *recordingTransport) count() (before, after func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, after = func() {}, func() {}
	if t.cut != nil {
		if t.at == 0 {
			before = t.cut
			if t.late {
				before, after = after, before
			}
			t.cut = nil
		}
		t.at--
	}
	return before, after
}

// sends records a write and the users that it names.
func (t *recordingTransport) sends(r *http.Request) {
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
	t.mostInFlight = max(t.mostInFlight, t.inFlight)
}

func (t *recordingTransport) ends() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
}

// guardedServer is the provider's protocol server. Once its process is gone, it
// answers nothing.
type guardedServer struct {
	*provider.Server
	transport *recordingTransport
}

// guarded calls the server, and keeps a panic from ending the test with nothing
// said of how it came about.
func guarded[Q, A any](ctx context.Context, s *guardedServer, call func(context.Context, Q) (*A, error), request Q) (answer *A, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			s.transport.mu.Lock()
			defer s.transport.mu.Unlock()
			s.transport.panics = append(s.transport.panics, fmt.Sprint(reason))
			answer, err = nil, fmt.Errorf("panic: %v", reason)
		}
	}()
	if s.transport.isDead() {
		return nil, errProcessGone
	}
	answer, err = call(ctx, request)
	if s.transport.isDead() {
		return nil, errProcessGone
	}
	return answer, err
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
