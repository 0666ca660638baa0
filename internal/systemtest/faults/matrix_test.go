package faults_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

var (
	matrixFile = flag.String("fault-matrix", "", "try all cells of the fault matrix, and write the tables and a summary to this `file`")
	update     = flag.Bool("update", false, "with -fault-matrix, update the golden file instead of comparing with it")
)

// hitCounts has the numbers of requests that a fault hits.
var hitCounts = [...]int{1, 2, fakeapi.Forever}

// matrix has the results of every fault in every operation.
type matrix struct {
	groups []faultGroup
	// tables has the operations of each table of the golden file.
	tables    [][]operation
	baselines map[baselineKey]*baseline

	mu sync.Mutex
	// worst has the worst result by operation and fault, in the order of hitCounts.
	worst map[[2]string]*[len(hitCounts)]result
	tried map[result]int
}

type baselineKey struct {
	operation string
	format    fakeapi.ResponseFormat
}

// Every fault of the fake API hits the first, a middle and the last request of each method of
// each operation, once, twice and forever. The result is right or an error names the fault. The
// provider unblocks only users that a plan removed, the state has only blocked users, and the
// next apply finishes the work.
//
// Without the flag, each fault hits one request of each operation, always the same one.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{
		groups:    faultGroups(),
		tables:    [][]operation{readingOperations(), writingOperations()},
		baselines: map[baselineKey]*baseline{},
		worst:     map[[2]string]*[len(hitCounts)]result{},
		tried:     map[result]int{},
	}
	for _, op := range slices.Concat(m.tables...) {
		for _, last := range []fakeapi.LastPage{fakeapi.LastPageAfterOnly, fakeapi.LastPageNextNever} {
			for _, withUserIDs := range [...]bool{false, true} {
				format := responseFormat(last, withUserIDs)
				m.baselines[baselineKey{op.name, format}] = newBaseline(t, op, format)
			}
		}
	}
	t.Run("faults", func(t *testing.T) {
		for _, group := range m.groups {
			for _, f := range group.faults {
				t.Run(f.name, func(t *testing.T) {
					t.Parallel()
					for _, op := range slices.Concat(m.tables...) {
						m.try(t, op, f)
					}
				})
			}
		}
	})
	if t.Failed() {
		return
	}
	if !*update {
		_, golden := readGolden(t)
		m.compare(t, golden)
	}
	if *matrixFile == "" {
		return
	}
	tables, complete := m.render()
	if !complete {
		t.Fatal("some faults were not tried, as -run messages: nothing is written")
	}
	if *update {
		writeGolden(t, tables)
	}
	if err := os.WriteFile(*matrixFile, []byte(tables+"\n"+m.summary()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// try tries the cells of one fault in one operation, with and without user IDs in
// the responses.
func (m *matrix) try(t *testing.T, op operation, f faultCase) {
	t.Helper()
	worst := &[len(hitCounts)]result{}
	for _, withUserIDs := range [...]bool{false, true} {
		s := m.baselines[baselineKey{op.name, responseFormat(f.lastPage, withUserIDs)}]
		for i, times := range hitCounts {
			targets := s.targets(f, times)
			if len(targets) > 1 && *matrixFile == "" {
				targets = targets[pick(fmt.Sprint(op.name, withUserIDs), f.name, times, len(targets)):][:1]
			}
			for _, at := range targets {
				v := m.tryTarget(t, s, f, at)
				worst[i] = max(worst[i], v)
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.worst[[2]string{op.name, f.name}] = worst
}

// tryTarget tries one cell. The number of requests varies a little, because the scheduler decides
// which users share one. If the fault hits no request, tryTarget tries an earlier one.
func (m *matrix) tryTarget(t *testing.T, s *baseline, f faultCase, at target) result {
	t.Helper()
	v := notHit
	for ; v == notHit && at.skip >= 0; at.skip-- {
		c := &cell{baseline: s, faultCase: f, target: at}
		v = c.try(t)
		if len(c.problems) > 0 {
			t.Errorf("%s, %s, format %s:\n%s", s.name, at, s.format, strings.Join(c.problems, "\n"))
		}
	}
	if v == notHit {
		t.Errorf("%s, %s: the fault hit no request", s.name, at)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tried[v]++
	return v
}

// pick returns a number below n, always the same one for the same cell.
func pick(operation, fault string, times, n int) int {
	hash := fnv.New32a()
	fmt.Fprint(hash, operation, fault, times)
	return int(hash.Sum32() % uint32(n))
}

// String names the requests of a target.
func (at target) String() string {
	method := at.method
	if method == "" {
		method = "request"
	}
	if at.times == fakeapi.Forever {
		return fmt.Sprintf("from %s %d on", method, at.skip+1)
	}
	return fmt.Sprintf("%d times from %s %d on", at.times, method, at.skip+1)
}
