package provider_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

var matrixFile = flag.String("fault-matrix", "", "try all cells of the fault matrix, put its tables into the guide, and write them to this `file` too")

// howOften is how many requests a fault hits.
var howOften = [...]int{1, 2, sandbox.Forever}

// matrix is every fault in every operation.
type matrix struct {
	groups []faultGroup
	// tables are the operations, as they stand together in the guide.
	tables    [][]operation
	standards map[string]*standard

	mu sync.Mutex
	// worst is what a fault came to at worst, by operation and fault and in the
	// order of howOften.
	worst map[[2]string]*[len(howOften)]verdict
	tried map[verdict]int
}

// Every fault that the sandbox knows, at the first, a middle and the last request
// of each method of each operation, once, twice and for ever: the right result or
// an error that names the fault, nobody unblocked whom no plan removed, no state
// that claims what is not so, and with the next apply all is as it should be.
//
// Without the flag, one request is drawn for each fault in each operation, always
// the same one, and what comes of it must be what the guide says.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{
		groups:    faultGroups(),
		tables:    [][]operation{readingOperations(), writingOperations()},
		standards: map[string]*standard{},
		worst:     map[[2]string]*[len(howOften)]verdict{},
		tried:     map[verdict]int{},
	}
	for _, op := range slices.Concat(m.tables...) {
		for _, last := range []sandbox.LastPage{sandbox.LastPageAfterOnly, sandbox.LastPageNextNever} {
			m.standards[op.name+last.String()] = newStandard(t, op, last)
		}
	}
	t.Run("faults", func(t *testing.T) {
		for _, group := range m.groups {
			for _, f := range group.faults {
				t.Run(f.name, func(t *testing.T) {
					t.Parallel()
					for _, op := range slices.Concat(m.tables...) {
						m.try(t, m.standards[op.name+f.lastPage.String()], f)
					}
				})
			}
		}
	})
	if t.Failed() {
		return
	}
	if *matrixFile == "" {
		m.compare(t, readGuide(t))
		return
	}
	tables, complete := m.render()
	if !complete {
		t.Fatal("some faults were not tried, as -run says: nothing is written")
	}
	writeGuide(t, tables)
	if err := os.WriteFile(*matrixFile, []byte(tables+"\n"+m.summary()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// try tries the cells of one fault in one operation.
func (m *matrix) try(t *testing.T, s *standard, f trouble) {
	t.Helper()
	worst := &[len(howOften)]verdict{}
	for i, times := range howOften {
		targets := s.targets(f, times)
		if len(targets) > 1 && *matrixFile == "" {
			targets = targets[draw(s.name, f.name, times, len(targets)):][:1]
		}
		for _, at := range targets {
			v := m.hit(t, s, f, at)
			worst[i] = max(worst[i], v)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.worst[[2]string{s.name, f.name}] = worst
}

// hit tries one cell. Which requests travel together is not quite certain, and
// hence not how many there are: where the fault comes too late, the request
// before is hit.
func (m *matrix) hit(t *testing.T, s *standard, f trouble, at target) verdict {
	t.Helper()
	v := missed
	for ; v == missed && at.skip >= 0; at.skip-- {
		c := &cell{standard: s, trouble: f, target: at}
		v = c.try(t)
		if len(c.problems) > 0 {
			t.Errorf("%s, %s:\n%s", s.name, at, strings.Join(c.problems, "\n"))
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

// String tells at which requests a fault is aimed.
func (at target) String() string {
	method := at.method
	if method == "" {
		method = "request"
	}
	if at.times == sandbox.Forever {
		return fmt.Sprintf("from %s %d on", method, at.skip+1)
	}
	return fmt.Sprintf("%d times from %s %d on", at.times, method, at.skip+1)
}
