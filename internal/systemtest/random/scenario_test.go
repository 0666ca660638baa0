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

// scenario is everything that is drawn of a run, so that it can be played
// in a bubble, where nothing may be drawn.
type scenario struct {
	options fakeapi.Options
	people  people
	// isPlain is set where every user has one name and nothing hides it: then the
	// end of the scenario is known.
	isPlain bool
	retries int
	// parallelism is mostly 1: a failure that depends on who comes first shrinks
	// badly.
	parallelism int
	// pool are the addresses that configurations may use.
	pool  []string
	teams int
	// seed is that of the order in which Terraform walks.
	seed  uint64
	steps []step
}

// pools keep kinds of resources together that people would use together,
// and have the last one mix all.
var pools = [][]string{
	{"d360_blocked_user.a", "d360_blocked_user.b", `d360_blocked_user.each["x"]`, `d360_blocked_user.each["y"]`},
	{"d360_blocked_users.m", "d360_blocked_users.n"},
	{"d360_blocked_user.a", "d360_blocked_users.m", "d360_blocked_user.b", "d360_blocked_users.n"},
	{"d360_blocklist_exclusive.only"},
	{"d360_blocklist_exclusive.only", "d360_blocked_users.m", "d360_blocked_user.a"},
}

// step is one thing that happens. Which of its fields count depends on
// its act.
type step struct {
	act   action
	team  int
	edits []edit
	// taint and replace choose an instance of the state; none if negative.
	taint, replace int
	changes        []outOfBandChange
	// between are done between plan and apply, as where someone reviews the plan.
	between []outOfBandChange
	faults  []faultCase
	cut     interruption
}

// action is what a step does.
type action int

const (
	actApply action = iota
	actPlan
	actRefresh
	actNothing
	actLook
	actDestroy
	actBoth
)

// outOfBandChange is something that others do.
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

// changesList reports whether it is about who is on the list.
func (c outOfBandChange) changesList() bool { return c.kind == changeBlock || c.kind == changeUnblock }

// faultCase is a fault, and whether it waits until the plan is made.
type faultCase struct {
	fakeapi.Fault
	inApply bool
	// isLie is set where the response reads as a list that is empty, or ends there.
	isLie bool
	// change is what others do in the middle of the request.
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
	cutNone interruptionKind = iota
	// cutPlan cancels the plan, cutApply the apply.
	cutPlan
	cutApply
	// cutCrash ends the provider in the middle of an apply; cutKill takes
	// Terraform along, before it has saved anything.
	cutCrash
	cutKill
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
		people:      newPeople(names, rapid.Bool().Draw(t, "alternates are one")),
		isPlain:     isPlain,
		seed:        rapid.Uint64().Draw(t, "seed"),
		retries:     rapid.SampledFrom([]int{2, 0, 5}).Draw(t, "retries"),
		parallelism: rapid.SampledFrom([]int{1, 1, 1, 4}).Draw(t, "parallelism"),
		pool:        rapid.SampledFrom(pools).Draw(t, "pool"),
		teams:       rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "teams"),
	}
	noOps := []fakeapi.NoOp{fakeapi.NoOpAccept, fakeapi.NoOpReject, fakeapi.NoOpIgnore}
	s.options = fakeapi.Options{
		ResponseFormat: format,
		WaIDs:          s.people.waIDs, UserIDs: s.people.userIDs,
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

// faultEmptyList stands for a body that reads as an empty list.
const faultEmptyList fakeapi.FaultKind = -1

func (s scenario) drawStep(t *rapid.T) step {
	acts := []action{actApply, actApply, actApply, actApply, actApply, actNothing, actPlan, actRefresh, actLook, actDestroy}
	if s.teams > 1 {
		acts = append(acts, actBoth, actBoth)
	}
	change := rapid.Custom(s.drawChange)
	next := step{
		act:     rapid.SampledFrom(acts).Draw(t, "act"),
		team:    rapid.IntRange(0, s.teams-1).Draw(t, "team"),
		taint:   -1,
		replace: -1,
	}
	next.changes = rapid.SliceOfN(change, 0, 3).Draw(t, "changes")
	if next.act == actNothing {
		return next
	}
	next.edits = rapid.SliceOfN(rapid.Custom(s.drawEdit), 0, 4).Draw(t, "edits")
	next.faults = rapid.SliceOfN(rapid.Custom(s.drawFault), 0, 2).Draw(t, "faults")
	// Two lies in a run are two scans that agree.
	lies := 0
	next.faults = slices.DeleteFunc(next.faults, func(f faultCase) bool {
		if f.isLie {
			lies++
		}
		return f.isLie && lies > 1
	})
	if next.act != actApply && next.act != actBoth {
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
	next.cut = interruption{
		kind: rapid.SampledFrom([]interruptionKind{cutNone, cutNone, cutNone, cutNone, cutApply, cutCrash, cutKill, cutPlan}).Draw(t, "cut"),
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
		id:   rapid.SampledFrom(s.people.names).Draw(t, "name").id,
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
		name:     rapid.IntRange(0, len(s.people.names)-1).Draw(t, "name"),
		spelling: rapid.IntRange(0, 2).Draw(t, "spelling"),
		tag:      rapid.IntRange(0, 2).Draw(t, "tag"),
	}
}

// drawFault leaves out the endless response, which is for the tests of the client,
// where it costs its 16 MiB once.
func (s scenario) drawFault(t *rapid.T) faultCase {
	kinds := []fakeapi.FaultKind{
		fakeapi.FaultStatus, fakeapi.FaultStatusAfter, fakeapi.FaultCode, fakeapi.FaultDropBefore, fakeapi.FaultDropAfter,
		fakeapi.FaultTruncate, fakeapi.FaultRawBody, fakeapi.FaultRawBodyAfter, fakeapi.FaultSlow, fakeapi.FaultSlowAfter,
		fakeapi.FaultRedirect, fakeapi.FaultGzip, fakeapi.FaultHook, fakeapi.FaultCursorLoop, fakeapi.FaultCursorRestart, fakeapi.FaultRepeatPage,
		fakeapi.FaultUnnamedEntry, fakeapi.FaultPartialResponse,
	}
	// One body in a scan that reads as the whole list must not make a user absent.
	kinds = append(kinds, faultEmptyList, fakeapi.FaultEmptyPage)
	f := faultCase{
		Fault: fakeapi.Fault{
			Kind:   rapid.SampledFrom(kinds).Draw(t, "fault"),
			Method: rapid.SampledFrom([]string{"", http.MethodGet, http.MethodPost, http.MethodDelete}).Draw(t, "of"),
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
		f.Status = rapid.SampledFrom([]int{200, 502}).Draw(t, "with")
		f.ContentType = "application/json"
	case faultEmptyList:
		f.Kind, f.Body, f.Status, f.ContentType = fakeapi.FaultRawBody, `{"data":[]}`, 200, "application/json"
		f.Method, f.Times, f.isLie = http.MethodGet, 1, true
	case fakeapi.FaultEmptyPage, fakeapi.FaultRepeatPage, fakeapi.FaultCursorRestart:
		if s.options.ResponseFormat.LastPage == fakeapi.LastPageNextNever {
			// Without a next page to promise, this is the end.
			f.Times, f.isLie = 1, true
		}
	case fakeapi.FaultHook:
		change := s.drawChange(t)
		f.change = &change
		f.Times = 1
	}
	return f
}

// GoString tells what happens, for rapid to show.
func (s step) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of team %d", [...]string{"apply", "plan", "refresh", "nothing", "look", "destroy", "apply of both, first"}[s.act], s.team)
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
	if s.cut.kind != cutNone {
		fmt.Fprintf(&b, "; %s", s.cut)
	}
	return b.String()
}

// String tells it.
func (c outOfBandChange) String() string {
	return [...]string{"block by hand", "unblock by hand", "silent", "heard", "reject blocks of", "reject unblocks of", "allow", "hide", "show"}[c.kind] + " " + c.id
}

// String tells it.
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

// String tells it.
func (c interruption) String() string {
	when := "before"
	if c.late {
		when = "after"
	}
	return fmt.Sprintf("%s %s request %d", [...]string{"", "plan cancelled", "apply cancelled", "provider dies", "terraform is killed"}[c.kind], when, c.at)
}
