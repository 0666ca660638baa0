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

// howOften is how many requests a fault hits.
var howOften = [...]int{1, 2, fakeapi.Forever}

// matrix is every fault in every operation.
type matrix struct {
	groups []faultGroup
	// tables has the operations of each table of the golden file.
	tables    [][]operation
	baselines map[baselineKey]*baseline

	mu sync.Mutex
	// worst has the worst verdict by operation and fault, in the order of howOften.
	worst map[[2]string]*[len(howOften)]verdict
	tried map[verdict]int
}

// baselineKey is an operation and the format of responses.
type baselineKey struct {
	operation string
	form      form
}

// Each fault of the fake API, at the first, a middle and the last request of each method of
// each operation, once, twice and forever: the result is right or an error names the fault.
// No user is unblocked that no plan removed, the state claims no block that does not exist,
// and the next apply finishes the work.
//
// Without the flag, each fault hits one request of each operation, always the same one. The
// verdict must be that of the golden file.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{
		groups:    faultGroups(),
		tables:    [][]operation{readingOperations(), writingOperations()},
		baselines: map[baselineKey]*baseline{},
		worst:     map[[2]string]*[len(howOften)]verdict{},
		tried:     map[verdict]int{},
	}
	for _, op := range slices.Concat(m.tables...) {
		for _, last := range []fakeapi.LastPage{fakeapi.LastPageAfterOnly, fakeapi.LastPageNextNever} {
			for _, userIDs := range [...]bool{false, true} {
				form := form{lastPage: last, userIDs: userIDs}
				m.baselines[baselineKey{op.name, form}] = newBaseline(t, op, form)
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
		t.Fatal("some faults were not tried, as -run says: nothing is written")
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
	worst := &[len(howOften)]verdict{}
	for _, userIDs := range [...]bool{false, true} {
		s := m.baselines[baselineKey{op.name, form{lastPage: f.lastPage, userIDs: userIDs}}]
		for i, times := range howOften {
			targets := s.targets(f, times)
			if len(targets) > 1 && *matrixFile == "" {
				targets = targets[draw(fmt.Sprint(op.name, userIDs), f.name, times, len(targets)):][:1]
			}
			for _, at := range targets {
				v := m.hit(t, s, f, at)
				worst[i] = max(worst[i], v)
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.worst[[2]string{op.name, f.name}] = worst
}

// hit tries one cell. The number of requests varies a little, because the scheduler decides
// which users share one. If the fault comes too late, the request before is hit.
func (m *matrix) hit(t *testing.T, s *baseline, f faultCase, at target) verdict {
	t.Helper()
	v := missed
	for ; v == missed && at.skip >= 0; at.skip-- {
		c := &cell{baseline: s, faultCase: f, target: at}
		v = c.try(t)
		if len(c.problems) > 0 {
			t.Errorf("%s, %s, user IDs shown: %t:\n%s", s.name, at, s.form.userIDs, strings.Join(c.problems, "\n"))
		}
	}
	if v == missed {
		t.Errorf("%s, %s: nothing was hit", s.name, at)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tried[v]++
	return v
}

// draw picks one of n, always the same one for the same cell.
func draw(operation, fault string, times, n int) int {
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
