package random_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// scenario has all random values of a test, because a synctest bubble must not draw any.
type scenario struct {
	options fakeapi.Options
	users   knownUsers
	// isPlain is set if every user has one name and does not hide it. Then the test knows the
	// final list.
	isPlain bool
	retries int
	// parallelism is mostly 1, because rapid cannot shrink a failure that depends on the
	// order of goroutines.
	parallelism int
	// pool has the addresses that configurations use.
	pool      []string
	teamCount int
	// seed is for the order in which Terraform visits instances.
	seed  uint64
	steps []step
}

// pools has addresses of resources that are used together. The last pool mixes all types.
var pools = [][]string{
	{"d360_blocked_user.a", "d360_blocked_user.b", `d360_blocked_user.each["x"]`, `d360_blocked_user.each["y"]`},
	{"d360_blocked_users.m", "d360_blocked_users.n"},
	{"d360_blocked_user.a", "d360_blocked_users.m", "d360_blocked_user.b", "d360_blocked_users.n"},
	{"d360_blocklist_exclusive.only"},
	{"d360_blocklist_exclusive.only", "d360_blocked_users.m", "d360_blocked_user.a"},
}

// step is one step of a scenario. Its action decides which other fields it uses.
type step struct {
	act   action
	team  int
	edits []edit
	// taint and replace are indexes of instances in the state, or negative for none.
	taint, replace int
	changes        []outOfBandChange
	// between has changes by others between plan and apply.
	between      []outOfBandChange
	faults       []faultCase
	interruption interruption
}

type action int

const (
	actApply action = iota
	actPlan
	actRefresh
	actNothing
	actReadList
	actDestroy
	actApplyBoth
)

// outOfBandChange is a change by others.
type outOfBandChange struct {
	kind changeKind
	id   string
}

type changeKind int

const (
	changeBlock changeKind = iota
	changeUnblock
	changeSilent
	changeHeard
	changeReject
	changeRejectUnblock
	changeAllow
	changeHide
	changeShow
	changeKinds
)

// changesList reports whether the change blocks or unblocks a user.
func (c outOfBandChange) changesList() bool { return c.kind == changeBlock || c.kind == changeUnblock }

// faultCase is a fault of a plan or of an apply.
type faultCase struct {
	fakeapi.Fault
	inApply bool
	// isUndetectable is set if the response looks like a shorter list.
	isUndetectable bool
	// change is a change by others during the request.
	change *outOfBandChange
}

// interruption interrupts a run at a request.
type interruption struct {
	kind interruptionKind
	at   int
	late bool
}

type interruptionKind int

const (
	interruptNone interruptionKind = iota
	// cancelPlan cancels the plan, cancelApply the apply.
	cancelPlan
	cancelApply
	// killProvider ends the provider in the middle of an apply. killTerraform also ends
	// Terraform, before it has saved the state.
	killProvider
	killTerraform
)

func drawScenario(t *rapid.T) scenario {
	format := rapid.SampledFrom(fakeapi.Variants()).Draw(t, "format")
	format.MaxLimit = rapid.SampledFrom([]int{format.MaxLimit, 3}).Draw(t, "page")
	isPlain := rapid.SampledFrom([]bool{false, false, true}).Draw(t, "plain")
	names := allNames
	if isPlain {
		names = plainNames
	}
	s := scenario{
		users:       newKnownUsers(names, rapid.Bool().Draw(t, "alternate forms are one user")),
		isPlain:     isPlain,
		seed:        rapid.Uint64().Draw(t, "seed"),
		retries:     rapid.SampledFrom([]int{2, 0, 5}).Draw(t, "retries"),
		parallelism: rapid.SampledFrom([]int{1, 1, 1, 4}).Draw(t, "parallelism"),
		pool:        rapid.SampledFrom(pools).Draw(t, "pool"),
		teamCount:   rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "teams"),
	}
	noOps := []fakeapi.NoOp{fakeapi.NoOpAccept, fakeapi.NoOpReject, fakeapi.NoOpIgnore}
	s.options = fakeapi.Options{
		ResponseFormat: format,
		WaIDs:          s.users.waIDs, UserIDs: s.users.userIDs,
		Delay: rapid.SampledFrom([]time.Duration{0, 30 * time.Millisecond}).Draw(t, "delay"),
		Rules: fakeapi.Rules{
			AlreadyBlocked: rapid.SampledFrom(noOps).Draw(t, "already blocked"),
			NotBlocked:     rapid.SampledFrom(noOps).Draw(t, "not blocked"),
			Capacity:       rapid.SampledFrom([]int{0, 0, 0, 4}).Draw(t, "capacity"),
			Full:           rapid.SampledFrom([]fakeapi.FullResponse{fakeapi.FullPerUser, fakeapi.FullWholeRequest}).Draw(t, "full"),
			MaxBatch:       rapid.SampledFrom([]int{0, 2}).Draw(t, "batch"),
			HiddenUnblock:  rapid.SampledFrom([]fakeapi.HiddenUnblock{fakeapi.HiddenUnblockWorks, fakeapi.HiddenUnblockReject}).Draw(t, "hidden unblock"),
			RejectOverlap:  rapid.SampledFrom([]int{0, 139102, 139103}).Draw(t, "overlap"),
		},
	}
	s.steps = rapid.SliceOfN(rapid.Custom(s.drawStep), 1, 7).Draw(t, "steps")
	return s
}

// faultEmptyList is a response that looks like an empty list.
const faultEmptyList fakeapi.FaultKind = -1

func (s scenario) drawStep(t *rapid.T) step {
	acts := []action{actApply, actApply, actApply, actApply, actApply, actNothing, actPlan, actRefresh, actReadList, actDestroy}
	if s.teamCount > 1 {
		acts = append(acts, actApplyBoth, actApplyBoth)
	}
	change := rapid.Custom(s.drawChange)
	next := step{
		act:     rapid.SampledFrom(acts).Draw(t, "act"),
		team:    rapid.IntRange(0, s.teamCount-1).Draw(t, "team"),
		taint:   -1,
		replace: -1,
	}
	next.changes = rapid.SliceOfN(change, 0, 3).Draw(t, "changes")
	if next.act == actNothing {
		return next
	}
	next.edits = rapid.SliceOfN(rapid.Custom(s.drawEdit), 0, 4).Draw(t, "edits")
	next.faults = rapid.SliceOfN(rapid.Custom(s.drawFault), 0, 2).Draw(t, "faults")
	// Two undetectable faults in a run could make two scans miss the same users.
	undetectable := 0
	next.faults = slices.DeleteFunc(next.faults, func(f faultCase) bool {
		if f.isUndetectable {
			undetectable++
		}
		return f.isUndetectable && undetectable > 1
	})
	if next.act != actApply && next.act != actApplyBoth {
		return next
	}
	switch rapid.IntRange(0, 5).Draw(t, "force") {
	case 1:
		next.taint = rapid.IntRange(0, 3).Draw(t, "taint")
	case 2:
		next.replace = rapid.IntRange(0, 3).Draw(t, "replace")
	case 3:
		next.between = rapid.SliceOfN(change, 1, 2).Draw(t, "between")
	}
	next.interruption = interruption{
		kind: rapid.SampledFrom([]interruptionKind{interruptNone, interruptNone, interruptNone, interruptNone, cancelApply, killProvider, killTerraform, cancelPlan}).Draw(t, "interruption"),
		at:   rapid.IntRange(0, 4).Draw(t, "at"),
		late: rapid.Bool().Draw(t, "late"),
	}
	return next
}

func (s scenario) drawChange(t *rapid.T) outOfBandChange {
	kinds := changeKinds
	if s.isPlain {
		kinds = changeHide
	}
	return outOfBandChange{
		kind: changeKind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind")),
		id:   rapid.SampledFrom(s.users.names).Draw(t, "name").id,
	}
}

func (s scenario) drawEdit(t *rapid.T) edit {
	kinds := slices.Repeat([]editKind{editSet}, 6)
	for kind := range editKinds {
		kinds = append(kinds, kind)
	}
	return edit{
		kind:     rapid.SampledFrom(kinds).Draw(t, "kind"),
		from:     rapid.IntRange(0, 3).Draw(t, "from"),
		to:       rapid.IntRange(0, 3).Draw(t, "to"),
		entry:    rapid.IntRange(0, 3).Draw(t, "entry"),
		name:     rapid.IntRange(0, len(s.users.names)-1).Draw(t, "name"),
		spelling: rapid.IntRange(0, 2).Draw(t, "spelling"),
		tag:      rapid.IntRange(0, 2).Draw(t, "tag"),
	}
}

// drawFault does not draw the endless response, because it takes 16 MiB. The tests of the
// client cover it.
func (s scenario) drawFault(t *rapid.T) faultCase {
	kinds := []fakeapi.FaultKind{
		fakeapi.FaultStatus, fakeapi.FaultStatusAfter, fakeapi.FaultCode, fakeapi.FaultDropBefore, fakeapi.FaultDropAfter,
		fakeapi.FaultTruncate, fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter, fakeapi.FaultSlow, fakeapi.FaultSlowAfter,
		fakeapi.FaultRedirect, fakeapi.FaultGzip, fakeapi.FaultHook, fakeapi.FaultCursorLoop, fakeapi.FaultCursorRestart, fakeapi.FaultRepeatPage,
		fakeapi.FaultUnnamedEntry, fakeapi.FaultPartialResponse,
	}
	// One response that looks like the end of the list must not make a user absent.
	kinds = append(kinds, faultEmptyList, fakeapi.FaultEmptyPage)
	f := faultCase{
		Fault: fakeapi.Fault{
			Kind:   rapid.SampledFrom(kinds).Draw(t, "fault"),
			Method: rapid.SampledFrom([]string{"", http.MethodGet, http.MethodPost, http.MethodDelete}).Draw(t, "method"),
			Skip:   rapid.IntRange(0, 4).Draw(t, "skip"),
			Times:  rapid.SampledFrom([]int{1, 2, 3, 7, fakeapi.Forever}).Draw(t, "times"),
			Delay:  rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "slow"),
		},
		inApply: rapid.Bool().Draw(t, "in apply"),
	}
	switch f.Kind {
	case fakeapi.FaultStatus:
		f.Status = rapid.SampledFrom([]int{500, 502, 503, 504, 555, 429, 403}).Draw(t, "status")
	case fakeapi.FaultStatusAfter:
		f.Status = rapid.SampledFrom([]int{500, 502, 503, 504, 555}).Draw(t, "status")
	case fakeapi.FaultCode:
		f.Code = rapid.SampledFrom([]int{1, 4, 10, 33, 100, 190, 130429, 131000, 131047, 139100, 139101, 139102, 139103}).Draw(t, "code")
	case fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter:
		f.Body = rapid.SampledFrom([]string{"", "null", "<html>", `{"ok":true}`, `{"data":`}).Draw(t, "body")
		f.Status = rapid.SampledFrom([]int{200, 502}).Draw(t, "with status")
		f.ContentType = "application/json"
	case faultEmptyList:
		f.Kind, f.Body, f.Status, f.ContentType = fakeapi.FaultRawBody, `{"data":[]}`, 200, "application/json"
		f.Method, f.Times, f.isUndetectable = http.MethodGet, 1, true
	case fakeapi.FaultEmptyPage, fakeapi.FaultRepeatPage, fakeapi.FaultCursorRestart:
		if s.options.ResponseFormat.LastPage == fakeapi.LastPageNextNever {
			// In this format, the provider takes such a page for the last one.
			f.Times, f.isUndetectable = 1, true
		}
	case fakeapi.FaultHook:
		change := s.drawChange(t)
		f.change = &change
		f.Times = 1
	}
	return f
}

// GoString formats a step for rapid.
func (s step) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of team %d", [...]string{"apply", "plan", "refresh", "no run", "read of the list", "destroy", "apply of both, first"}[s.act], s.team)
	for _, c := range s.changes {
		fmt.Fprintf(&b, "; before, %s", c)
	}
	if len(s.edits) > 0 {
		fmt.Fprintf(&b, "; %d edits", len(s.edits))
	}
	if s.taint >= 0 {
		fmt.Fprintf(&b, "; taint %d", s.taint)
	}
	if s.replace >= 0 {
		fmt.Fprintf(&b, "; replace %d", s.replace)
	}
	for _, c := range s.between {
		fmt.Fprintf(&b, "; between plan and apply, %s", c)
	}
	for _, f := range s.faults {
		fmt.Fprintf(&b, "; fault %s", f)
	}
	if s.interruption.kind != interruptNone {
		fmt.Fprintf(&b, "; %s", s.interruption)
	}
	return b.String()
}

func (c outOfBandChange) String() string {
	return [...]string{"block", "unblock", "reject as silent", "accept a message of", "reject blocks of", "reject unblocks of", "allow", "hide the number of", "show the number of"}[c.kind] + " " + c.id
}

func (f faultCase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %q, after %d, %d times", f.Kind, f.Method, f.Skip, f.Times)
	if f.inApply {
		b.WriteString(", in the apply")
	}
	switch f.Kind {
	case fakeapi.FaultStatus, fakeapi.FaultStatusAfter:
		fmt.Fprintf(&b, ", %d", f.Status)
	case fakeapi.FaultCode:
		fmt.Fprintf(&b, ", code %d", f.Code)
	case fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter:
		fmt.Fprintf(&b, ", %d %q", f.Status, f.Body)
	case fakeapi.FaultSlow, fakeapi.FaultSlowAfter:
		fmt.Fprintf(&b, ", %s", f.Delay)
	case fakeapi.FaultHook:
		fmt.Fprintf(&b, ", %s", f.change)
	}
	return b.String()
}

func (c interruption) String() string {
	when := "before"
	if c.late {
		when = "after"
	}
	return fmt.Sprintf("%s %s request %d", [...]string{"", "plan cancelled", "apply cancelled", "provider killed", "Terraform killed"}[c.kind], when, c.at)
}
