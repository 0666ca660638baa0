package blocklist

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// A recent scan confirms a rejection.
func TestIsConfirmed(t *testing.T) {
	t.Parallel()
	rejection400, forbidden := &d360.Error{Kind: d360.Rejected, Status: 400}, &d360.Error{Kind: d360.Forbidden}
	for name, test := range map[string]struct {
		kind    kind
		user    userid.User
		name    string
		err     *d360.Error
		entries []userid.User
		// seq is the number of the last write before the scan, age the time since its start.
		seq    uint64
		age    time.Duration
		noScan bool
		want   bool
	}{
		"block, not on the list":                     {kind: block, user: UserOf(SomeNumber), err: rejection400, seq: 1, want: true},
		"block, on the list":                         {kind: block, user: UserOf(SomeNumber), err: rejection400, seq: 1, entries: []userid.User{UserOf("", SomeNumber)}},
		"unblock, on the list":                       {kind: unblock, user: UserOf(SomeNumber), name: SomeNumber, err: rejection400, seq: 1, entries: []userid.User{UserOf("", SomeNumber)}, want: true},
		"unblock, not on the list":                   {kind: unblock, user: UserOf(SomeNumber), name: SomeNumber, err: rejection400, seq: 1},
		"unblock, on the list under another name":    {kind: unblock, user: UserOf(SomeNumber), name: SomeNumber, err: rejection400, seq: 1, entries: []userid.User{UserOf("", SomeNumber, "DE.1")}},
		"unblock, another name, forbidden":           {kind: unblock, user: UserOf(SomeNumber), name: SomeNumber, err: forbidden, seq: 1, entries: []userid.User{UserOf("", SomeNumber, "DE.1")}, want: true},
		"no scan yet":                                {kind: block, user: UserOf(SomeNumber), err: rejection400, noScan: true},
		"a scan from before the first write":         {kind: block, user: UserOf(SomeNumber), err: rejection400},
		"a scan of half a minute ago":                {kind: block, user: UserOf(SomeNumber), err: rejection400, seq: 1, age: confirmFor, want: true},
		"a scan of more than half a minute ago":      {kind: block, user: UserOf(SomeNumber), err: rejection400, seq: 1, age: confirmFor + 1},
		"unblock, a scan of more than half a minute": {kind: unblock, user: UserOf(SomeNumber), name: SomeNumber, err: rejection400, seq: 1, age: confirmFor + 1, entries: []userid.User{UserOf("", SomeNumber)}},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := New(nil, 0)
			if !test.noScan {
				l.scanned(0, test.seq, test.entries...)
			}
			time.Sleep(test.age)
			w := &batchWriter{list: l, kind: test.kind}
			r := rejection{item: &item{user: test.user}, err: test.err}
			if test.name != "" {
				r.name = IDOf(test.name)
			}
			if got := w.isConfirmed(r); got != test.want {
				t.Errorf("%s: %t, want %t", name, got, test.want)
			}
			if len(r.rejectedNames) > 0 {
				t.Errorf("%s: isConfirmed changed the rejected names to %v", name, r.rejectedNames)
			}
		})
	}
}

// lastSnapshot returns the later of the two scans.
func TestLastSnapshot(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		synctest.Test(t, func(t *testing.T) {
			l := New(nil, 0)
			if l.lastSnapshot() != nil {
				t.Error("a snapshot before any scan")
			}
			l.scanned(order[0], 1)
			time.Sleep(time.Second)
			later := l.scanned(order[1], 1)
			if l.lastSnapshot() != later {
				t.Errorf("scans in the order %v: got the earlier one", order)
			}
			// A running scan has no snapshot yet.
			l.scans[order[1]] = &sharedScan{done: make(chan struct{})}
			if s := l.lastSnapshot(); s == nil || s == later {
				t.Errorf("scans in the order %v: got %v", order, s)
			}
		})
	}
}

func TestMayRename(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind        kind
		err         d360.Kind
		user, shown userid.User
		want        bool
	}{
		"another name":       {kind: unblock, err: d360.NoRecentMessage, user: UserOf(SomeNumber), shown: UserOf("", SomeNumber, "DE.1"), want: true},
		"another known name": {kind: unblock, err: d360.NoRecentMessage, user: UserOf(SomeNumber, "DE.1"), shown: UserOf("", SomeNumber), want: true},
		"no other name":      {kind: unblock, err: d360.NoRecentMessage, user: UserOf(SomeNumber), shown: UserOf("", SomeNumber)},
		"not on the list":    {kind: unblock, err: d360.NoRecentMessage, user: UserOf(SomeNumber, "DE.1")},
		"another reason":     {kind: unblock, err: d360.ListFull, user: UserOf(SomeNumber), shown: UserOf("", SomeNumber, "DE.1")},
		"a block":            {kind: block, err: d360.NoRecentMessage, user: UserOf(SomeNumber), shown: UserOf("", SomeNumber, "DE.1")},
	} {
		w := &batchWriter{list: New(nil, 0), kind: test.kind}
		r := rejection{item: &item{user: test.user, name: IDOf(SomeNumber)}, err: &d360.Error{Kind: test.err}}
		if got := w.mayRename(r, test.shown); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
