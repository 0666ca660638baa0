package blocklist

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	someNumber, otherNumber = "4915112345678", "4915112345679"
	long, short             = "5511987654321", "551187654321"
)

// userOf returns a user with this spelling. Further names are the WhatsApp ID or the user
// ID.
func userOf(spelling string, names ...string) userid.User {
	var u userid.User
	if spelling != "" {
		u = userid.Of(spelling, parsed(spelling))
	}
	for _, name := range names {
		if id := parsed(name); id.IsNumber() {
			u.WaID = id
		} else {
			u.UserID = id
		}
	}
	return u
}

func parsed(name string) userid.ID {
	id, err := userid.Parse(name)
	if err != nil {
		panic(err)
	}
	return id
}

// listOf returns a list whose last scan, which began now, has these entries.
func listOf(entries ...userid.User) *List {
	l := New(nil, time.Second)
	l.scanned(0, 0, entries...)
	return l
}

// scanned adds a finished scan that came after the write seq.
func (l *List) scanned(which int, seq uint64, entries ...userid.User) *snapshot {
	s, _ := newSnapshot(seq, time.Now(), entries, nil)
	l.scans[which] = &sharedScan{done: make(chan struct{}), snapshot: s}
	close(l.scans[which].done)
	return s
}

// Each condition of the gate decides alone.
func TestGate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user     userid.User
		presence Presence
		recent   bool
		proof    Proof
		wanted   []userid.User
		unlisted kindCount
		send     bool
		err      error
	}{
		"listed, proven by run":                   {user: userOf(someNumber), presence: Listed, proof: ProvenByRun, send: true},
		"listed, proven by count":                 {user: userOf(someNumber), presence: Listed, proof: ProvenByCount, send: true},
		"listed, not proven":                      {user: userOf(someNumber), presence: Listed, err: ErrNotShown},
		"listed, others are wanted":               {user: userOf(someNumber), presence: Listed, proof: ProvenByRun, wanted: []userid.User{userOf(otherNumber), userOf("DE.1")}, send: true},
		"wanted by number":                        {user: userOf(someNumber), presence: Listed, proof: ProvenByRun, wanted: []userid.User{userOf(someNumber)}},
		"wanted by WhatsApp ID":                   {user: userOf(long, short), presence: Listed, proof: ProvenByRun, wanted: []userid.User{userOf(short)}},
		"wanted by user ID":                       {user: userOf(someNumber, "DE.1"), presence: Listed, proof: ProvenByRun, wanted: []userid.User{userOf("DE.1")}},
		"wanted, not proven":                      {user: userOf(someNumber), presence: Listed, wanted: []userid.User{userOf(someNumber)}},
		"alternate form is wanted":                {user: userOf(long), presence: Listed, proof: ProvenByRun, wanted: []userid.User{userOf(short)}, err: ErrAlternateForm},
		"alternate form is another person":        {user: userOf(long, long), presence: Listed, proof: ProvenByRun, wanted: []userid.User{userOf(short, short)}, send: true},
		"alternate form is wanted, absent":        {user: userOf(long), presence: Absent, proof: ProvenByRun, wanted: []userid.User{userOf(short)}, err: ErrAlternateForm},
		"may be an unlisted user":                 {user: userOf("DE.1"), presence: Listed, proof: ProvenByRun, unlisted: kindCount{numberOnly: 1}, err: ErrOtherName},
		"may be an unlisted user, not proven":     {user: userOf(someNumber), presence: Listed, unlisted: kindCount{userIDOnly: 1}, err: ErrOtherName},
		"no unlisted user, by number":             {user: userOf(someNumber), presence: Listed, proof: ProvenByRun, unlisted: kindCount{numberOnly: 1}, send: true},
		"no unlisted user, by both":               {user: userOf(someNumber, "DE.1"), presence: Listed, proof: ProvenByRun, unlisted: kindCount{numberOnly: 1, userIDOnly: 1}, send: true},
		"absent, an unlisted user":                {user: userOf(someNumber), presence: Absent, proof: ProvenByRun, unlisted: kindCount{userIDOnly: 1}},
		"a moment after, may be an unlisted user": {user: userOf(someNumber), presence: Absent, recent: true, proof: ProvenByRun, unlisted: kindCount{userIDOnly: 1}, err: ErrOtherName},
		"absent":                             {user: userOf(someNumber), presence: Absent, proof: ProvenByRun},
		"absent, not proven":                 {user: userOf(someNumber), presence: Absent},
		"absent, a moment after the write":   {user: userOf(someNumber), presence: Absent, recent: true, proof: ProvenByRun, send: true},
		"absent, a moment after, not proven": {user: userOf(someNumber), presence: Absent, recent: true, err: ErrNotShown},
		"uncertain":                          {user: userOf(someNumber), presence: Uncertain, proof: ProvenByRun, err: ErrMayBeListed},
		"uncertain, not proven":              {user: userOf(someNumber), presence: Uncertain, err: ErrMayBeListed},
		"uncertain, a moment after":          {user: userOf(someNumber), presence: Uncertain, recent: true, proof: ProvenByCount, send: true},
		"wanted, a moment after the write":   {user: userOf(someNumber), presence: Absent, recent: true, proof: ProvenByRun, wanted: []userid.User{userOf(someNumber)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listOf()
			for _, u := range test.wanted {
				l.want(u)
			}
			i := &item{user: test.user, removal: Removal{Proof: test.proof}}
			if test.recent {
				i.removal.LastWrite = time.Now()
			}
			if send, err := l.gate(i, test.presence, test.unlisted); send != test.send || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Errorf("send %t, %v; want %t, %v", send, err, test.send, test.err)
			}
		})
	}
}

func TestMayBeWanted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []userid.User
		noScan  bool
		user    userid.User
		wanted  []userid.User
		want    bool
	}{
		"no one is wanted":                    {user: userOf(long)},
		"another user":                        {user: userOf(long), wanted: []userid.User{userOf(someNumber)}},
		"the alternate form":                  {user: userOf(long), wanted: []userid.User{userOf(short)}, want: true},
		"the same, no scan yet":               {noScan: true, user: userOf(long), wanted: []userid.User{userOf(short)}, want: true},
		"the list shows one of the two":       {entries: []userid.User{userOf(short)}, user: userOf(long), wanted: []userid.User{userOf(short)}, want: true},
		"the list shows the other one":        {entries: []userid.User{userOf(long)}, user: userOf(long), wanted: []userid.User{userOf(short)}, want: true},
		"the list shows two entries":          {entries: []userid.User{userOf(short), userOf(long)}, user: userOf(long), wanted: []userid.User{userOf(short)}},
		"one entry that both names lead to":   {entries: []userid.User{userOf(long, short)}, user: userOf(long), wanted: []userid.User{userOf(short)}, want: true},
		"two WhatsApp IDs":                    {user: userOf(long, long), wanted: []userid.User{userOf(short, short)}},
		"one WhatsApp ID":                     {user: userOf(long, long), wanted: []userid.User{userOf(short)}, want: true},
		"one of several, one of them unknown": {entries: []userid.User{userOf("", short), userOf("", long)}, user: userOf(long), wanted: []userid.User{userOf(someNumber), userOf(short)}},
		"an alternate form with user IDs":     {user: userOf(long, "BR.1"), wanted: []userid.User{userOf(short, "BR.2")}},
	} {
		l := listOf(test.entries...)
		if test.noScan {
			l.invalidate()
		}
		for _, u := range test.wanted {
			l.want(u)
		}
		if got := l.mayBeWanted(test.user); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestShowsBoth(t *testing.T) {
	t.Parallel()
	s := listOf(userOf(someNumber, "DE.1"), userOf(otherNumber)).lastSnapshot()
	for _, test := range []struct {
		one, other userid.User
		want       bool
	}{
		{userOf(someNumber), userOf(otherNumber), true},
		{userOf("DE.1"), userOf(otherNumber), true},
		{userOf(someNumber), userOf("DE.1"), false},
		{userOf(someNumber), userOf(someNumber), false},
		{userOf(someNumber), userOf(long), false},
		{userOf(otherNumber), userOf(long), false},
		{userOf(short), userOf(long), false},
	} {
		if got, reverse := s.showsBoth(test.one, test.other), s.showsBoth(test.other, test.one); got != test.want || reverse != test.want {
			t.Errorf("%v and %v are two entries: %t, %t the other way round, want %t", test.one, test.other, got, reverse, test.want)
		}
	}
}

func TestNextName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user, shown userid.User
		rejected    []string
		want        string
	}{
		"the number that the list shows":            {user: userOf(someNumber, "DE.1"), shown: userOf(otherNumber, "DE.1"), want: otherNumber},
		"the WhatsApp ID that the list shows":       {user: userOf(long), shown: userOf("", short, "BR.1"), want: short},
		"the number as written before the ID":       {user: userOf(long), shown: userOf(long, short), want: long},
		"the user ID where the list hides a number": {user: userOf(someNumber, "DE.1"), shown: userOf("", "DE.1"), want: "DE.1"},
		"the user ID, the number rejected":          {user: userOf(someNumber, "DE.1"), shown: userOf("", someNumber, "DE.2"), rejected: []string{someNumber}, want: "DE.2"},
		"another number, the shown ones rejected":   {user: userOf(someNumber, "DE.1"), shown: userOf("", otherNumber, "DE.1"), rejected: []string{otherNumber, "DE.1"}, want: someNumber},
		"a known user ID, the others rejected":      {user: userOf(someNumber, "DE.1"), shown: userOf("", otherNumber, "DE.2"), rejected: []string{otherNumber, "DE.2", someNumber}, want: "DE.1"},
		"not on the list: the number":               {user: userOf(someNumber, "DE.1"), want: someNumber},
		"not on the list: the user ID":              {user: userOf("DE.1"), want: "DE.1"},
		"none left":                                 {user: userOf(someNumber, "DE.1"), shown: userOf("", someNumber, "DE.1"), rejected: []string{someNumber, "DE.1"}},
	} {
		i := &item{user: test.user}
		for _, name := range test.rejected {
			i.rejectedBy = append(i.rejectedBy, parsed(name))
		}
		if got := nextName(i, test.shown).String(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestIsRecent(t *testing.T) {
	t.Parallel()
	const lag, minute = 10 * time.Second, time.Minute
	for name, test := range map[string]struct {
		// written is the time of the last write, after the time of the unblock, both from the
		// start of the run.
		written, after time.Duration
		never          bool
		want           bool
	}{
		"a moment ago":                         {written: -time.Second, want: true},
		"just within a minute":                 {written: -minute + 1, want: true},
		"a minute ago":                         {written: -minute},
		"within a minute, at another time":     {written: -30 * time.Second, after: 30*time.Second - 1, want: true},
		"a minute ago, of which half in a run": {written: -30 * time.Second, after: 30 * time.Second},
		"in the future: as the run began":      {written: time.Hour, after: minute - 1, want: true},
		"in the future, a minute into the run": {written: time.Hour, after: minute},
		"never":                                {never: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := New(nil, lag)
			written := l.created.Add(test.written)
			if test.never {
				written = time.Time{}
			}
			time.Sleep(test.after)
			if got := l.isRecent(written); got != test.want {
				t.Errorf("%s: %t, want %t", name, got, test.want)
			}
		})
	}
}
