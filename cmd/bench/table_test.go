package main

import (
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestTable(t *testing.T) {
	got := table([][]string{
		{"", "count", "verdict"},
		{"größer", "5", "ok"},
		{"b", "-", "too much"},
		{"c", "1234567", ""},
	})
	want := "" +
		"            count  verdict\n" +
		"  größer        5  ok\n" +
		"  b             -  too much\n" +
		"  c       1234567\n"
	if got != want {
		t.Errorf("the table is\n%swant\n%s", got, want)
	}
}

func TestCostRows(t *testing.T) {
	sc := scenario{blocked: side{name: "ours"}, baseline: side{name: "theirs"}, phases: []phase{create, plan}}
	got := table(costRows(sc, map[string]cost{
		"create": {
			blocked:  []time.Duration{12 * time.Second},
			baseline: []time.Duration{8 * time.Second},
			stats:    fakeapi.Stats{Posts: 101, UsersPosted: 1000, MaxWritesInFlight: 1},
			peak:     45 << 20,
		},
		"plan": {
			blocked:  []time.Duration{2250 * time.Millisecond},
			baseline: []time.Duration{2 * time.Second},
			stats:    fakeapi.Stats{Gets: 5},
		},
	}))
	want := "" +
		"             ours  theirs  ratio  GET  POST  DELETE  users/write  in flight  memory\n" +
		"  create  12.00 s  8.00 s   1.50    0   101       0          9.9          1  45 MiB\n" +
		"  plan     2.25 s  2.00 s   1.12    5     0       0            -          0       -\n"
	if got != want {
		t.Errorf("the table is\n%swant\n%s", got, want)
	}
}
