package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// randomTap is between the provider of one team and the service. It sees what
// one run sends, and interrupts the run at a request.
type randomTap struct {
	service http.RoundTripper

	mu sync.Mutex
	randomTraffic
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

// randomTraffic is what was sent, in canonical form.
type randomTraffic struct {
	posted, deleted []string
	mostInFlight    int
}

var errProcessGone = errors.New("the process is gone")

// begin starts to count anew, and returns what was sent until now.
func (t *randomTap) begin() randomTraffic {
	t.mu.Lock()
	defer t.mu.Unlock()
	traffic := t.randomTraffic
	t.randomTraffic, t.cut, t.dead = randomTraffic{}, nil, false
	return traffic
}

// interrupt has cut called at a request.
func (t *randomTap) interrupt(at int, late bool, cut func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.late, t.cut = at, late, cut
}

// kill ends the process: nothing is sent from now on, nor answered.
func (t *randomTap) kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dead = true
}

func (t *randomTap) isDead() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dead
}

// RoundTrip implements http.RoundTripper.
func (t *randomTap) RoundTrip(r *http.Request) (*http.Response, error) {
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
func (t *randomTap) count() (before, after func()) {
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

// sends notes a write and whom it names.
func (t *randomTap) sends(r *http.Request) {
	var body struct {
		BlockUsers []struct {
			User string `json:"user"`
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
		id := strings.TrimPrefix(u.User, "+")
		if r.Method == http.MethodPost {
			t.posted = append(t.posted, id)
		} else {
			t.deleted = append(t.deleted, id)
		}
	}
	t.inFlight++
	t.mostInFlight = max(t.mostInFlight, t.inFlight)
}

func (t *randomTap) ends() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
}

// randomServer is the provider's protocol server. Once its process is gone, it
// answers nothing.
type randomServer struct {
	listServer
	tap *randomTap
}

// guarded calls the server, and keeps a panic from ending the test with nothing
// said of how it came about.
func guarded[Q, A any](ctx context.Context, s *randomServer, call func(context.Context, Q) (*A, error), request Q) (answer *A, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			s.tap.mu.Lock()
			defer s.tap.mu.Unlock()
			s.tap.panics = append(s.tap.panics, fmt.Sprint(reason))
			answer, err = nil, fmt.Errorf("panic: %v", reason)
		}
	}()
	if s.tap.isDead() {
		return nil, errProcessGone
	}
	answer, err = call(ctx, request)
	if s.tap.isDead() {
		return nil, errProcessGone
	}
	return answer, err
}

// ReadResource implements tfprotov6.ProviderServer.
func (s *randomServer) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return guarded(ctx, s, s.listServer.ReadResource, r)
}

// PlanResourceChange implements tfprotov6.ProviderServer.
func (s *randomServer) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return guarded(ctx, s, s.listServer.PlanResourceChange, r)
}

// ApplyResourceChange implements tfprotov6.ProviderServer.
func (s *randomServer) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return guarded(ctx, s, s.listServer.ApplyResourceChange, r)
}
