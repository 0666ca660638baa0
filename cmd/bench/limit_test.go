package main

import (
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestCheckLimits(t *testing.T) {
	costs := map[string]cost{"create": {
		blocked:  []time.Duration{3 * time.Second},
		baseline: []time.Duration{2 * time.Second},
		stats:    fakeapi.Stats{Gets: 2, Posts: 114, Deletes: 1, MaxWritesInFlight: 2},
		peak:     300 << 20,
	}}
	for _, test := range []struct {
		name     string
		limit    []limit
		figure   string
		verdict  string
		exceeded bool
	}{
		{"reached", atMost(115, writeRequests, create), "115", "ok", false},
		{"exceeded", atMost(114, writeRequests, create), "115", "over the limit", true},
		{"all requests", atMost(116, allRequests, create), "117", "over the limit", true},
		{"in flight", atMost(1, inFlight, create), "2", "over the limit", true},
		{"ratio reached", atMost(1.5, timeRatio, create), "1.50", "ok", false},
		{"ratio exceeded", atMost(1.4, timeRatio, create), "1.50", "over the limit (only a warning)", false},
		{"memory", atMost(299, memoryPeak, create), "300", "over the limit", true},
		{"memory unknown", atMost(299, memoryPeak, plan), "-", "unknown here", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows, exceeded := checkLimits(test.limit, costs)
			if len(rows) != 1 || exceeded != test.exceeded {
				t.Fatalf("rows %q and exceeded %v, want one row and %v", rows, exceeded, test.exceeded)
			}
			if row := rows[0]; row[2] != test.figure || row[4] != test.verdict {
				t.Errorf("row %q, want %s: %s", row, test.figure, test.verdict)
			}
		})
	}

	t.Run("one of several", func(t *testing.T) {
		if _, exceeded := checkLimits(append(atMost(1, writeRequests, create), atMost(1000, writeRequests, create)...), costs); !exceeded {
			t.Error("a later limit hides an exceeded one")
		}
	})
}

// TestScenarios checks that each limit is for a measured phase and that the default sizes are valid.
func TestScenarios(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			phases := map[string]bool{}
			for _, p := range sc.phases {
				phases[p.name] = true
			}
			for _, b := range sc.limits(sc.size) {
				if !phases[b.phase] {
					t.Errorf("the limit is for %s, which is not measured", b.phase)
				}
			}
			if sc.size.users < 1 || sc.size.listed < sc.size.users || sc.size.listed > fakeapi.DefaultCapacity {
				t.Errorf("%+v is not a valid size", sc.size)
			}
		})
	}
}

func TestSingleLimits(t *testing.T) {
	chosen, err := choose(scenarios, "single")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"create write requests": 115, "destroy write requests": 115, "plan requests": 7}
	for _, b := range chosen[0].limits(chosen[0].size) {
		name := b.phase + " " + b.measure.name
		if most, ok := want[name]; ok && b.most != most {
			t.Errorf("%s: the limit is %v, want %v", name, b.most, most)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("no limit for %v", want)
	}
}

func TestChoose(t *testing.T) {
	all := []scenario{{name: "a"}, {name: "b"}}
	if got, err := choose(all, ""); err != nil || len(got) != 2 {
		t.Errorf("without a name: %d scenarios and error %v, want both", len(got), err)
	}
	if got, err := choose(all, "b"); err != nil || len(got) != 1 || got[0].name != "b" {
		t.Errorf("b: %v, %v", names(got), err)
	}
	if _, err := choose(all, "c"); err == nil || err.Error() != `no scenario "c": there is a, b` {
		t.Errorf("c: error %v, want one that names the scenarios", err)
	}
}
