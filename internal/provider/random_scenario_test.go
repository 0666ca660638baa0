package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// randomScenario is everything that is drawn of a run, so that it can be played
// in a bubble, where nothing may be drawn.
type randomScenario struct {
	options sandbox.Options
	people  randomPeople
	retries int
	// parallelism is mostly 1: a failure that depends on who comes first shrinks
	// badly.
	parallelism int
	// pool are the addresses that configurations may use.
	pool  []string
	teams int
	steps []randomStep
}

// randomPools keep kinds of resources together that people would use together,
// and have the last one mix all.
var randomPools = [][]string{
	{"d360_blocked_user.a", "d360_blocked_user.b", `d360_blocked_user.each["x"]`, `d360_blocked_user.each["y"]`},
	{"d360_blocked_users.m", "d360_blocked_users.n"},
	{"d360_blocked_user.a", "d360_blocked_users.m", "d360_blocked_user.b", "d360_blocked_users.n"},
	{"d360_blocklist_exclusive.only"},
	{"d360_blocklist_exclusive.only", "d360_blocked_users.m", "d360_blocked_user.a"},
}

// randomStep is one thing that happens. Which of its fields count depends on
// its act.
type randomStep struct {
	act   randomAct
	team  int
	edits []randomEdit
	// taint and replace choose an instance of the state; none if negative.
	taint, replace int
	hands          []randomHand
	// between are done between plan and apply, as where somebody reviews the plan.
	between []randomHand
	faults  []randomFault
	cut     randomCut
}

// randomAct is what a step does.
type randomAct int

const (
	actApply randomAct = iota
	actPlan
	actRefresh
	actHands
	actLook
	actDestroy
	actBoth
)

// randomHand is something that others do.
type randomHand struct {
	kind handKind
	name int
}

type handKind int

const (
	handBlocks handKind = iota
	handUnblocks
	handSilent
	handHeard
	handRefuse
	handRefuseUnblock
	handAllow
	handKinds
)

// changesList reports whether it is about who is on the list.
func (h randomHand) changesList() bool { return h.kind == handBlocks || h.kind == handUnblocks }

// randomFault is a fault, and whether it waits until the plan is made.
type randomFault struct {
	sandbox.Fault
	inApply bool
	// hand is what others do in the middle of the request.
	hand *randomHand
}

// randomCut interrupts a run at a request.
type randomCut struct {
	kind cutKind
	at   int
	late bool
}

type cutKind int

const (
	cutNone cutKind = iota
	// cutPlan cancels the plan, cutApply the apply.
	cutPlan
	cutApply
	// cutCrash ends the provider in the middle of an apply; cutKill takes
	// Terraform along, before it has saved anything.
	cutCrash
	cutKill
)

func drawScenario(t *rapid.T) randomScenario {
	wire := rapid.SampledFrom(sandbox.Variants()).Draw(t, "wire")
	wire.MaxLimit = rapid.SampledFrom([]int{wire.MaxLimit, 3}).Draw(t, "page")
	s := randomScenario{
		people:      newRandomPeople(wire),
		retries:     rapid.SampledFrom([]int{2, 0, 5}).Draw(t, "retries"),
		parallelism: rapid.SampledFrom([]int{1, 1, 1, 4}).Draw(t, "parallelism"),
		pool:        rapid.SampledFrom(randomPools).Draw(t, "pool"),
		teams:       rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "teams"),
	}
	noOps := []sandbox.NoOp{sandbox.NoOpAccept, sandbox.NoOpRefuse, sandbox.NoOpIgnore}
	s.options = sandbox.Options{
		Wire:  wire,
		WaIDs: s.people.waIDs,
		Delay: rapid.SampledFrom([]time.Duration{0, 30 * time.Millisecond}).Draw(t, "delay"),
		Rules: sandbox.Rules{
			AlreadyBlocked: rapid.SampledFrom(noOps).Draw(t, "already blocked"),
			NotBlocked:     rapid.SampledFrom(noOps).Draw(t, "not blocked"),
			Capacity:       rapid.SampledFrom([]int{0, 0, 0, 4}).Draw(t, "capacity"),
			Full:           rapid.SampledFrom([]sandbox.FullAnswer{sandbox.FullPerUser, sandbox.FullWholeRequest}).Draw(t, "full"),
			MaxBatch:       rapid.SampledFrom([]int{0, 2}).Draw(t, "batch"),
			RefuseOverlap:  rapid.SampledFrom([]int{0, 139102, 139103}).Draw(t, "overlap"),
		},
	}
	s.steps = rapid.SliceOfN(rapid.Custom(s.drawStep), 1, 7).Draw(t, "steps")
	return s
}

func (s randomScenario) drawStep(t *rapid.T) randomStep {
	acts := []randomAct{actApply, actApply, actApply, actApply, actApply, actHands, actPlan, actRefresh, actLook, actDestroy}
	if s.teams > 1 {
		acts = append(acts, actBoth, actBoth)
	}
	hand := rapid.Custom(drawHand)
	step := randomStep{
		act:     rapid.SampledFrom(acts).Draw(t, "act"),
		team:    rapid.IntRange(0, s.teams-1).Draw(t, "team"),
		taint:   -1,
		replace: -1,
	}
	step.hands = rapid.SliceOfN(hand, 0, 3).Draw(t, "hands")
	if step.act == actHands {
		return step
	}
	step.edits = rapid.SliceOfN(rapid.Custom(drawEdit), 0, 4).Draw(t, "edits")
	step.faults = rapid.SliceOfN(rapid.Custom(s.drawFault), 0, 2).Draw(t, "faults")
	if step.act != actApply && step.act != actBoth {
		return step
	}
	switch rapid.IntRange(0, 5).Draw(t, "force") {
	case 1:
		step.taint = rapid.IntRange(0, 3).Draw(t, "taint")
	case 2:
		step.replace = rapid.IntRange(0, 3).Draw(t, "replace")
	case 3:
		step.between = rapid.SliceOfN(hand, 1, 2).Draw(t, "between")
	}
	step.cut = randomCut{
		kind: rapid.SampledFrom([]cutKind{cutNone, cutNone, cutNone, cutNone, cutApply, cutCrash, cutKill, cutPlan}).Draw(t, "cut"),
		at:   rapid.IntRange(0, 4).Draw(t, "at"),
		late: rapid.Bool().Draw(t, "late"),
	}
	return step
}

func drawHand(t *rapid.T) randomHand {
	return randomHand{
		kind: handKind(rapid.IntRange(0, int(handKinds)-1).Draw(t, "kind")),
		name: rapid.IntRange(0, len(randomNames)-1).Draw(t, "name"),
	}
}

func drawEdit(t *rapid.T) randomEdit {
	kinds := slices.Repeat([]randomEditKind{editSet}, 6)
	for kind := range randomEditKinds {
		kinds = append(kinds, kind)
	}
	return randomEdit{
		kind:     rapid.SampledFrom(kinds).Draw(t, "kind"),
		from:     rapid.IntRange(0, 3).Draw(t, "from"),
		to:       rapid.IntRange(0, 3).Draw(t, "to"),
		entry:    rapid.IntRange(0, 3).Draw(t, "entry"),
		name:     rapid.IntRange(0, len(randomNames)-1).Draw(t, "name"),
		spelling: rapid.IntRange(0, 2).Draw(t, "spelling"),
		tag:      rapid.IntRange(0, 2).Draw(t, "tag"),
	}
}

// drawFault leaves out the faults by which a list lies without a trace: who is
// not shown by a page that looks whole cannot be missed by anybody. The endless
// answer is left to the tests of the client, where it costs its 16 MiB once.
func (s randomScenario) drawFault(t *rapid.T) randomFault {
	kinds := []sandbox.FaultKind{
		sandbox.FaultStatus, sandbox.FaultStatusAfter, sandbox.FaultCode, sandbox.FaultDropBefore, sandbox.FaultDropAfter,
		sandbox.FaultTruncate, sandbox.FaultRawBody, sandbox.FaultRawBodyAfter, sandbox.FaultSlow, sandbox.FaultSlowAfter,
		sandbox.FaultRedirect, sandbox.FaultGzip, sandbox.FaultHook, sandbox.FaultCursorLoop, sandbox.FaultCursorRestart, sandbox.FaultRepeatPage,
		sandbox.FaultSenselessEntry, sandbox.FaultPartialAnswer,
	}
	if s.options.Wire.LastPage != sandbox.LastPageNextNever {
		// Without a next page to promise, an empty one is the end.
		kinds = append(kinds, sandbox.FaultEmptyPage)
	}
	f := randomFault{
		Fault: sandbox.Fault{
			Kind:   rapid.SampledFrom(kinds).Draw(t, "fault"),
			Method: rapid.SampledFrom([]string{"", http.MethodGet, http.MethodPost, http.MethodDelete}).Draw(t, "of"),
			Skip:   rapid.IntRange(0, 4).Draw(t, "skip"),
			Times:  rapid.SampledFrom([]int{1, 2, 3, 7, sandbox.Forever}).Draw(t, "times"),
			Delay:  rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "slow"),
		},
		inApply: rapid.Bool().Draw(t, "in apply"),
	}
	switch f.Kind {
	case sandbox.FaultStatus:
		f.Status = rapid.SampledFrom([]int{500, 502, 503, 504, 555, 429, 403}).Draw(t, "status")
	case sandbox.FaultStatusAfter:
		f.Status = rapid.SampledFrom([]int{500, 502, 503, 504, 555}).Draw(t, "status")
	case sandbox.FaultCode:
		f.Code = rapid.SampledFrom([]int{1, 4, 10, 33, 100, 190, 130429, 131000, 131047, 139100, 139101, 139102, 139103}).Draw(t, "code")
	case sandbox.FaultRawBody, sandbox.FaultRawBodyAfter:
		f.Body = rapid.SampledFrom([]string{"", "null", "<html>", `{"ok":true}`, `{"data":`}).Draw(t, "body")
		f.Status = rapid.SampledFrom([]int{200, 502}).Draw(t, "with")
		f.ContentType = "application/json"
	case sandbox.FaultHook:
		hand := drawHand(t)
		f.hand = &hand
		f.Times = 1
	}
	return f
}

// GoString tells what happens, for rapid to show.
func (s randomStep) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of team %d", [...]string{"apply", "plan", "refresh", "hands", "look", "destroy", "apply of both, first"}[s.act], s.team)
	for _, h := range s.hands {
		fmt.Fprintf(&b, "; before, %s", h)
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
	for _, h := range s.between {
		fmt.Fprintf(&b, "; between plan and apply, %s", h)
	}
	for _, f := range s.faults {
		fmt.Fprintf(&b, "; fault %s", f)
	}
	if s.cut.kind != cutNone {
		fmt.Fprintf(&b, "; %s", s.cut)
	}
	return b.String()
}

// String tells it.
func (h randomHand) String() string {
	return [...]string{"block by hand", "unblock by hand", "silent", "heard", "refuse blocks of", "refuse unblocks of", "allow"}[h.kind] + " " + randomNames[h.name].id
}

// String tells it.
func (f randomFault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %q, after %d, %d times", f.Kind, f.Method, f.Skip, f.Times)
	if f.inApply {
		b.WriteString(", in the apply")
	}
	switch f.Kind {
	case sandbox.FaultStatus, sandbox.FaultStatusAfter:
		fmt.Fprintf(&b, ", %d", f.Status)
	case sandbox.FaultCode:
		fmt.Fprintf(&b, ", code %d", f.Code)
	case sandbox.FaultRawBody, sandbox.FaultRawBodyAfter:
		fmt.Fprintf(&b, ", %d %q", f.Status, f.Body)
	case sandbox.FaultSlow, sandbox.FaultSlowAfter:
		fmt.Fprintf(&b, ", %s", f.Delay)
	case sandbox.FaultHook:
		fmt.Fprintf(&b, ", %s", f.hand)
	}
	return b.String()
}

// String tells it.
func (c randomCut) String() string {
	when := "before"
	if c.late {
		when = "after"
	}
	return fmt.Sprintf("%s %s request %d", [...]string{"", "plan cancelled", "apply cancelled", "provider dies", "terraform is killed"}[c.kind], when, c.at)
}
