package blocklist

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

const (
	german, stranger = "4915112345678", "4915112345679"
	long, short      = "5511987654321", "551187654321"
)

// a makes a user of a written name; further ones are the WhatsApp ID or the user ID.
func a(written string, names ...string) userid.User {
	var u userid.User
	if written != "" {
		u = userid.Of(written, parsed(written))
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

// listOf is a list of which the last scan, that began now, saw entries.
func listOf(entries ...userid.User) *List {
	l := New(nil, time.Second)
	l.scanned(0, 0, entries...)
	return l
}

// scanned puts a scan that is over in place, which came after the request seq.
func (l *List) scanned(which int, seq uint64, entries ...userid.User) *snapshot {
	s, _ := newSnapshot(seq, time.Now(), entries, nil)
	l.scans[which] = &sharedScan{done: make(chan struct{}), snapshot: s}
	close(l.scans[which].done)
	return s
}

// Each condition of the gate, alone.
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
		"listed, proven by mark":             {user: a(german), presence: Listed, proof: ProvenByMark, send: true},
		"listed, proven by count":            {user: a(german), presence: Listed, proof: ProvenByCount, send: true},
		"listed, not proven":                 {user: a(german), presence: Listed, err: ErrNotShown},
		"listed, others are wanted":          {user: a(german), presence: Listed, proof: ProvenByMark, wanted: []userid.User{a(stranger), a("DE.1")}, send: true},
		"wanted by number":                   {user: a(german), presence: Listed, proof: ProvenByMark, wanted: []userid.User{a(german)}},
		"wanted by WhatsApp ID":              {user: a(long, short), presence: Listed, proof: ProvenByMark, wanted: []userid.User{a(short)}},
		"wanted by user ID":                  {user: a(german, "DE.1"), presence: Listed, proof: ProvenByMark, wanted: []userid.User{a("DE.1")}},
		"wanted, not proven":                 {user: a(german), presence: Listed, wanted: []userid.User{a(german)}},
		"alternate form is wanted":           {user: a(long), presence: Listed, proof: ProvenByMark, wanted: []userid.User{a(short)}, err: ErrAlternateForm},
		"alternate form is another person":   {user: a(long, long), presence: Listed, proof: ProvenByMark, wanted: []userid.User{a(short, short)}, send: true},
		"alternate form is wanted, absent":   {user: a(long), presence: Absent, proof: ProvenByMark, wanted: []userid.User{a(short)}, err: ErrAlternateForm},
		"may be a newcomer":                  {user: a("DE.1"), presence: Listed, proof: ProvenByMark, unlisted: kindCount{numberOnly: 1}, err: ErrOtherName},
		"may be a newcomer, not proven":      {user: a(german), presence: Listed, unlisted: kindCount{userIDOnly: 1}, err: ErrOtherName},
		"no newcomer, by number":             {user: a(german), presence: Listed, proof: ProvenByMark, unlisted: kindCount{numberOnly: 1}, send: true},
		"no newcomer, by both":               {user: a(german, "DE.1"), presence: Listed, proof: ProvenByMark, unlisted: kindCount{numberOnly: 1, userIDOnly: 1}, send: true},
		"absent, but for a newcomer":         {user: a(german), presence: Absent, proof: ProvenByMark, unlisted: kindCount{userIDOnly: 1}},
		"a moment after, may be a newcomer":  {user: a(german), presence: Absent, recent: true, proof: ProvenByMark, unlisted: kindCount{userIDOnly: 1}, err: ErrOtherName},
		"absent":                             {user: a(german), presence: Absent, proof: ProvenByMark},
		"absent, not proven":                 {user: a(german), presence: Absent},
		"absent, a moment after the write":   {user: a(german), presence: Absent, recent: true, proof: ProvenByMark, send: true},
		"absent, a moment after, not proven": {user: a(german), presence: Absent, recent: true, err: ErrNotShown},
		"uncertain":                          {user: a(german), presence: Uncertain, proof: ProvenByMark, err: ErrMayBeListed},
		"uncertain, not proven":              {user: a(german), presence: Uncertain, err: ErrMayBeListed},
		"uncertain, a moment after":          {user: a(german), presence: Uncertain, recent: true, proof: ProvenByCount, send: true},
		"wanted, a moment after the write":   {user: a(german), presence: Absent, recent: true, proof: ProvenByMark, wanted: []userid.User{a(german)}},
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
		"nobody":                              {user: a(long)},
		"somebody else":                       {user: a(long), wanted: []userid.User{a(german)}},
		"the alternate form":                  {user: a(long), wanted: []userid.User{a(short)}, want: true},
		"the same, no scan yet":               {noScan: true, user: a(long), wanted: []userid.User{a(short)}, want: true},
		"the list shows one of the two":       {entries: []userid.User{a(short)}, user: a(long), wanted: []userid.User{a(short)}, want: true},
		"the list shows the other one":        {entries: []userid.User{a(long)}, user: a(long), wanted: []userid.User{a(short)}, want: true},
		"the list shows two entries":          {entries: []userid.User{a(short), a(long)}, user: a(long), wanted: []userid.User{a(short)}},
		"one entry that both names lead to":   {entries: []userid.User{a(long, short)}, user: a(long), wanted: []userid.User{a(short)}, want: true},
		"two WhatsApp IDs":                    {user: a(long, long), wanted: []userid.User{a(short, short)}},
		"one WhatsApp ID":                     {user: a(long, long), wanted: []userid.User{a(short)}, want: true},
		"one of several, one of them unknown": {entries: []userid.User{a("", short), a("", long)}, user: a(long), wanted: []userid.User{a(german), a(short)}},
		"an alternate form with user IDs":     {user: a(long, "BR.1"), wanted: []userid.User{a(short, "BR.2")}},
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
	s := listOf(a(german, "DE.1"), a(stranger)).lastSnapshot()
	for _, test := range []struct {
		one, other userid.User
		want       bool
	}{
		{a(german), a(stranger), true},
		{a("DE.1"), a(stranger), true},
		{a(german), a("DE.1"), false},
		{a(german), a(german), false},
		{a(german), a(long), false},
		{a(stranger), a(long), false},
		{a(short), a(long), false},
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
		"the number that the list shows":            {user: a(german, "DE.1"), shown: a(stranger, "DE.1"), want: stranger},
		"the WhatsApp ID that the list shows":       {user: a(long), shown: a("", short, "BR.1"), want: short},
		"the number as written before the ID":       {user: a(long), shown: a(long, short), want: long},
		"the user ID where the list hides a number": {user: a(german, "DE.1"), shown: a("", "DE.1"), want: "DE.1"},
		"the user ID, the number rejected":          {user: a(german, "DE.1"), shown: a("", german, "DE.2"), rejected: []string{german}, want: "DE.2"},
		"another number, the shown ones rejected":   {user: a(german, "DE.1"), shown: a("", stranger, "DE.1"), rejected: []string{stranger, "DE.1"}, want: german},
		"a known user ID, the others rejected":      {user: a(german, "DE.1"), shown: a("", stranger, "DE.2"), rejected: []string{stranger, "DE.2", german}, want: "DE.1"},
		"not on the list: the number":               {user: a(german, "DE.1"), want: german},
		"not on the list: the user ID":              {user: a("DE.1"), want: "DE.1"},
		"none left":                                 {user: a(german, "DE.1"), shown: a("", german, "DE.1"), rejected: []string{german, "DE.1"}},
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
		// written is when the last write was, from the start of the run; after is how long
		// the run has been going on.
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
